/**
 * Backups under load, each restored and compared with the shop and against what the world outside knows: an
 * exact prefix of the order log, with every order that was acknowledged before the backup began.
 *
 * In turn the backup goes undisturbed, is killed meanwhile, or sees the service killed beside it.
 * `DRILL_ROUNDS` rounds, 3 unless told and 20 at most; `SEED=…` repeats the orders and moments, not the kernel's.
 */
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fillEngine } from '../../lab/engine/fill-engine.ts';
import { inFolder, openShop, type Shop } from '../journeys/open-shop.ts';
import { get, jsonOf } from '../journeys/shop-client.ts';
import { runCli, spawnCli } from '../service.ts';
import { openLedger, seededRandom } from './outside-ledger.ts';

const rounds = Math.min(20, Number(process.env['DRILL_ROUNDS'] || 3));
const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);

/** There before, so that a backup takes a while. */
const ordersBefore = 20_000;
const buyers = 8;
const leadMs = 100;
/** After the start of a backup; it takes about as long. */
const blowMsMax = 900;

const blows = ['none', 'on the backup', 'on the service'] as const;

describe('backups under load', () => {
  it(`are exact prefixes in ${rounds} rounds (SEED=${seed})`, {
    timeout: 60_000 + rounds * 15_000,
  }, async () => {
    const random = seededRandom(seed);
    await inFolder(async (folder) => {
      await fillEngine(`sqlite:${join(folder, 'nozama.db')}`, ordersBefore, () => undefined);
      const shop = await openShop({ folder });
      try {
        await drill(shop, random);
      } finally {
        await shop.close();
      }
    });
  });
});

async function drill(shop: Shop, random: () => number): Promise<void> {
  const { products } = jsonOf(await get(`${shop.url}/api/v1/products?limit=100`));
  const ledger = openLedger({ skus: products.map(({ sku }: { sku: string }) => sku), random });
  const backups = join(shop.folder, 'backups');
  const run = {
    dir: shop.folder,
    env: { DATABASE_URL: `sqlite:${shop.file}` },
  };
  const backup = ['backup', '--to', backups, '--keep', '3'];
  for (let round = 0; round < rounds; round += 1) {
    const blow = blows[round % blows.length] ?? 'none';
    let isOver = false;
    const buying = Array.from({ length: buyers }, () => ledger.buyUntil(shop.url, () => isOver));
    await sleep(leadMs);
    const before = ledger.acknowledged();
    const taken = spawnCli(backup, run);
    if (blow !== 'none') {
      await sleep(random() * blowMsMax);
      if (blow === 'on the backup') taken.kill('SIGKILL');
      else await shop.kill();
    }
    const { code } = await taken.exited;
    const during = ledger.acknowledgedCount() - before.length;
    if (blow === 'on the service') await shop.start();
    // Files that a killed backup has left do no harm, and a backup that it had finished counts.
    if (blow !== 'on the backup') assert.equal(code, 0, taken.output());
    else if (code !== 0) await must(backup);
    isOver = true;
    await Promise.all(buying);
    const restored = join(shop.folder, `restored-${round}.db`);
    await must(['restore', 'latest', '--from', backups, '--to', `sqlite:${restored}`]);
    const orders = assertPrefix(shop.file, restored);
    const ids = orderIds(restored);
    for (const { order_id } of before) assert.ok(ids.has(order_id), `${order_id} was acknowledged before`);
    await ledger.settle(shop.url);
    process.stdout.write(
      `round ${round + 1}: ${orders} orders, ${before.length} of them acknowledged before by this drill, ${during} while it was taken; blow: ${blow}\n`,
    );
    rmSync(restored);
  }
  assert.equal(ledger.openCount(), 0);
  assert.ok(readdirSync(backups).filter((name) => name.startsWith('nozama-')).length <= 3);
  const { code, output } = await shop.verify();
  assert.equal(code, 0, output);

  async function must(args: readonly string[]): Promise<void> {
    const ended = await runCli(args, run);
    assert.equal(ended.code, 0, ended.output);
  }
}

/** Both ways: nothing is missing up to the last position, nothing is different, nothing is there beside it. */
function assertPrefix(live: string, restored: string): number {
  const db = new DatabaseSync(restored);
  try {
    const count = (sql: string) => Number(Object.values(db.prepare(sql).get() ?? {})[0]);
    db.exec(`ATTACH '${live}' AS live`);
    const last = count('SELECT max(position) FROM main.order_log');
    assert.equal(count('SELECT count(*) FROM main.order_log'), last, 'no gap');
    assert.equal(count('SELECT count(*) FROM main.orders'), last, 'an order for each position');
    const prefix = `SELECT order_number FROM live.order_log WHERE position <= ${last}`;
    const parts = [
      ['order_log', `position <= ${last}`],
      ['orders', `number IN (${prefix})`],
      ['order_lines', `order_number IN (${prefix})`],
      ['idempotency_keys', `order_number IN (${prefix})`],
    ];
    for (const [table, isInPrefix] of parts) {
      const there = `SELECT * FROM main.${table}`;
      const expected = `SELECT * FROM live.${table} WHERE ${isInPrefix}`;
      assert.equal(
        count(`SELECT count(*) FROM (${there} EXCEPT ${expected})`),
        0,
        `${table}: something else`,
      );
      assert.equal(
        count(`SELECT count(*) FROM (${expected} EXCEPT ${there})`),
        0,
        `${table}: something missing`,
      );
    }
    return last;
  } finally {
    db.close();
  }
}

function orderIds(file: string): ReadonlySet<unknown> {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return new Set(
      db
        .prepare('SELECT order_id FROM orders')
        .all()
        .map((row) => row['order_id']),
    );
  } finally {
    db.close();
  }
}
