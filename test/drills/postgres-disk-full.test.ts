/**
 * A PostgreSQL server whose disk is full under load: once the one its tables are on, once the one of its
 * write-ahead log, which takes the server down. Orders wait outside, nothing acknowledged is lost, and it is over
 * by itself once there is room.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PostgresServer, startPostgres } from '../../lab/postgres/postgres-server.ts';
import { mounting, mountSmallDisk, type SmallDisk } from '../../lab/service/small-disk.ts';
import { until } from '../journeys/behind-the-service.ts';
import { type Shop, withShop } from '../journeys/open-shop.ts';
import { anOrder, get, jsonOf, place, postOrder } from '../journeys/shop-client.ts';
import { postgresMissing } from '../postgres/postgres-databases.ts';
import { openLedger, seededRandom } from './outside-ledger.ts';
import { assertPagesGoOn } from './pages-go-on.ts';

const buyers = 8;

/** Until the orders have used up the segments that the server made before: 8 s, and more than 30 on a busy machine. */
const fullMsMax = 75_000;

/** More than the service waits between two tries of its own, which must fail too. */
const triesOfItsOwnMs = 1_200;

type FullDisk = 'tables' | 'write-ahead log';

/** An empty PostgreSQL takes 30 megabytes, and its log ten of these segments of one. */
const megabytes: Readonly<Record<FullDisk, number>> = { tables: 64, 'write-ahead log': 24 };

async function missing(): Promise<string | null> {
  const how = mounting();
  if (how === 'allowed') return await postgresMissing();
  return how === 'allowed in a namespace'
    ? 'only the root of a namespace may mount a small file system here, and PostgreSQL runs as no root'
    : how.refusedBecause;
}

const skip = await missing();
if (skip !== null) process.stderr.write(`skipped: ${skip}\n`);

describe('a full disk of PostgreSQL', { skip: skip ?? false }, () => {
  it('under its tables turns orders away while pages go on, and is over by itself', () =>
    onSmallDisk('tables', async (shop, server, disk) => {
      const serverPid = server.pid;
      const known = await place(shop.url, { customer_name: 'Arthur' });
      await fillUnderLoad(shop, server, disk, async () => {
        await assertStaysUnready(shop);
        await assertTurnsOrdersAway(shop);
        await assertPagesGoOn(shop, known);
        await assertStaysUnready(shop);
      });
      assert.equal(server.pid, serverPid, 'nor did the server restart');
    }));

  it('under its write-ahead log takes it down: nothing acknowledged is lost, and it is over by itself', () =>
    onSmallDisk('write-ahead log', async (shop, server, disk) => {
      const known = await place(shop.url, { customer_name: 'Arthur' });
      await fillUnderLoad(shop, server, disk, async () => {
        await assertStaysUnready(shop);
        await assertTurnsOrdersAway(shop);
        assert.equal((await get(`${shop.url}/livez`)).status, 200);
        const page = await get(`${shop.url}${known.confirmation_url}`, { accept: 'text/html' });
        assert.ok([200, 503].includes(page.status), `${page.status}`);
      });
      await assertPagesGoOn(shop, known);
    }));
});

/** Fills the disk while orders come in, and holds what became of them against the ledger once there is room. */
async function fillUnderLoad(
  shop: Shop,
  server: PostgresServer,
  disk: SmallDisk,
  whileFull: () => Promise<void>,
): Promise<void> {
  const { pid } = shop.service;
  const ledger = openLedger({ skus: ['awning-mug', 'tent-4p', 'wool-throw'], random: seededRandom(7) });
  let isOver = false;
  const buying = Array.from({ length: buyers }, () => ledger.buyUntil(shop.url, () => isOver));
  try {
    await until(() => ledger.acknowledgedCount() > 50, 'load');
    disk.fill();
    await until(() => ledger.otherAnswers.length >= 5, 'the first order that could not be stored', fullMsMax);
  } finally {
    isOver = true;
    await Promise.all(buying);
  }
  for (const { status, headers } of ledger.otherAnswers) {
    assert.equal(status, 503);
    assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  }
  await whileFull();

  disk.empty();
  // What watches over a server would do, if it has ended rather than restarted itself.
  if (!server.isRunning) {
    await server.stop();
    await server.start();
  }
  await until(async () => (await get(`${shop.url}/readyz`)).status === 200, 'readiness', 30_000);
  await ledger.settle(shop.url);
  assert.equal(ledger.openCount(), 0);
  const placed = ledger.acknowledgedCount() + 1;
  assert.deepEqual(
    await server.query(
      'SELECT (SELECT count(*) FROM orders)::int AS orders, (SELECT count(*) FROM order_log)::int AS log',
    ),
    [{ orders: placed, log: placed }],
  );
  await place(shop.url);
  assert.equal(shop.service.pid, pid, 'the service never restarted');
  const { code, output } = await shop.verify();
  assert.equal(code, 0, output);
}

/** While there are no requests, so that only the service's own tries could make it ready. */
async function assertStaysUnready(shop: Shop): Promise<void> {
  for (const endMs = performance.now() + triesOfItsOwnMs; performance.now() < endMs; await sleep(20)) {
    const ready = await get(`${shop.url}/readyz`);
    assert.equal(ready.status, 503);
    assert.equal(jsonOf(ready).checks.store, 'not_writable');
  }
}

async function assertTurnsOrdersAway(shop: Shop): Promise<void> {
  const refused = await postOrder(shop.url, anOrder({ customer_name: 'x'.repeat(80) }));
  assert.equal(refused.status, 503, refused.text);
  assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  assert.equal(jsonOf(refused).code, 'store_unavailable');
  assert.doesNotMatch(refused.text, /postgres|disk|space|full|\/tmp/i, 'nothing of our insides');
}

async function onSmallDisk(
  which: FullDisk,
  use: (shop: Shop, server: PostgresServer, disk: SmallDisk) => Promise<void>,
): Promise<void> {
  const disk = mountSmallDisk(megabytes[which]);
  const elsewhere = mkdtempSync(join(tmpdir(), 'nozama-test-'));
  chmodSync(elsewhere, 0o755);
  try {
    await using server = await startPostgres({
      fsync: true,
      settings: { min_wal_size: '2MB', max_wal_size: '4MB' },
      dataWithin: which === 'tables' ? disk.folder : elsewhere,
      walWithin: which === 'tables' ? elsewhere : disk.folder,
    });
    // For a replica that never comes: no segment can be written over, so the log needs more and more room.
    await server.query("SELECT pg_create_physical_replication_slot('replica', true)");
    const settings = { DATABASE_URL: server.url('postgres'), DEMO_STOCK: '1000000' };
    await withShop({ settings }, (shop) => use(shop, server, disk));
  } finally {
    disk.remove();
    rmSync(elsewhere, { recursive: true, force: true });
  }
}
