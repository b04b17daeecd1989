/** A disk that is full under load: orders wait outside, reads go on, nothing acknowledged is lost. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { mountSmallDisk } from '../../lab/service/small-disk.ts';
import { loadOrderKeySecret, OrderKeySecretError } from '../../src/storage/sqlite/order-key-file.ts';
import { countOrders, until } from '../journeys/behind-the-service.ts';
import type { Shop } from '../journeys/open-shop.ts';
import { anOrder, get, jsonOf, place, postOrder } from '../journeys/shop-client.ts';
import { describeOnSmallDisk, onSmallDisk } from './on-small-disk.ts';
import { openLedger, seededRandom } from './outside-ledger.ts';
import { assertPagesGoOn } from './pages-go-on.ts';

const diskMegabytes = 16;
const buyers = 8;

describeOnSmallDisk('a full disk', 'test/drills/disk-full.test.ts', () => {
  it('turns orders away while reads go on, and is over by itself once there is room', () => drill(false));
  it('does the same when the log file is on that disk too', () => drill(true));
  it('loses nothing when the process is killed meanwhile', killDrill);
  it('leaves no half of a secret behind when it is full at the first start', secretDrill);
});

async function drill(isLogOnIt: boolean): Promise<void> {
  const settingsFor = (folder: string) => ({ LOG_FILE: isLogOnIt ? join(folder, 'app.log') : '' });
  await onSmallDisk(diskMegabytes, settingsFor, async (shop, disk) => {
    const { pid } = shop.service;
    const known = await place(shop.url, { customer_name: 'Arthur' });
    const ledger = openLedger({ skus: ['awning-mug', 'tent-4p', 'wool-throw'], random: seededRandom(7) });
    let isOver = false;
    const buying = Array.from({ length: buyers }, () => ledger.buyUntil(shop.url, () => isOver));
    try {
      await until(() => ledger.acknowledgedCount() > 50, 'load');
      disk.fill();
      await until(() => ledger.otherAnswers.length >= 5, 'the first order that could not be stored');
      for (let i = 0; i < 3; i += 1) await assertTurnsOrdersAway(shop, known);
    } finally {
      isOver = true;
      await Promise.all(buying);
    }
    const { status, headers } = ledger.otherAnswers[0] ?? assert.fail('no refusal');
    assert.equal(status, 503);
    assert.match(headers.get('retry-after') ?? '', /^\d+$/);
    // Longer than the service waits between two tries of its own, which must fail too.
    await sleep(700);
    await assertTurnsOrdersAway(shop, known);

    disk.empty();
    await until(async () => (await get(`${shop.url}/readyz`)).status === 200, 'readiness', 5_000);
    await ledger.settle(shop.url);
    assert.equal(ledger.openCount(), 0);
    assert.equal(countOrders(shop.file), ledger.acknowledgedCount() + 1);
    await place(shop.url);
    assert.equal(shop.service.pid, pid, 'it never restarted');
    if (isLogOnIt) await assertLogGoesOn(shop);
    const { code, output } = await shop.verify();
    assert.equal(code, 0, output);
    assert.equal((await shop.stop()).code, 0);
  });
}

async function killDrill(): Promise<void> {
  await onSmallDisk(
    diskMegabytes,
    () => ({}),
    async (shop, disk) => {
      const ledger = openLedger({ skus: ['awning-mug', 'tent-4p'], random: seededRandom(8) });
      let isOver = false;
      const buying = Array.from({ length: buyers }, () => ledger.buyUntil(shop.url, () => isOver));
      await until(() => ledger.acknowledgedCount() > 50, 'load');
      disk.fill();
      await until(() => ledger.otherAnswers.length > 0, 'a refusal');
      await shop.kill();
      isOver = true;
      await Promise.all(buying);
      disk.empty();
      await shop.start();
      await ledger.settle(shop.url);
      assert.equal(countOrders(shop.file), ledger.acknowledgedCount());
      const { code, output } = await shop.verify();
      assert.equal(code, 0, output);
    },
  );
}

function secretDrill(): void {
  const disk = mountSmallDisk(1);
  try {
    const path = join(disk.folder, 'nozama.db.order-key');
    disk.fill();
    assert.throws(() => loadOrderKeySecret(path), OrderKeySecretError);
    disk.empty();
    assert.deepEqual(readdirSync(disk.folder), []);
    assert.equal(loadOrderKeySecret(path).length, 32);
  } finally {
    disk.remove();
  }
}

async function assertTurnsOrdersAway(
  shop: Shop,
  known: { order_id: string; confirmation_url: string },
): Promise<void> {
  const refused = await postOrder(shop.url, anOrder());
  assert.equal(refused.status, 503, refused.text);
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
  const problem = jsonOf(refused);
  assert.equal(problem.code, 'store_unavailable');
  assert.doesNotMatch(refused.text, /sqlite|disk|full|\/tmp/i, 'nothing of our insides');
  const ready = await get(`${shop.url}/readyz`);
  assert.equal(ready.status, 503);
  assert.equal(jsonOf(ready).checks.store, 'not_writable');
  await assertPagesGoOn(shop, known);
}

/** Lines are written again by themselves. If some were lost, the log says so. */
async function assertLogGoesOn(shop: Shop): Promise<void> {
  const { order_id } = await place(shop.url);
  const logFile = join(shop.folder, 'app.log');
  await until(() => readFileSync(logFile, 'utf8').includes(order_id), 'the new order in the log file', 5_000);
  const { text } = await get(`${shop.url}/metrics`);
  const lost = Number(/^nozama_log_lines_lost (\d+)/m.exec(text)?.[1] ?? assert.fail('no such metric'));
  const lines = readFileSync(logFile, 'utf8').trim().split('\n');
  const isWhole = (line: string) =>
    line.startsWith('{') && line.endsWith('}') && line.indexOf('{"level"', 1) === -1;
  const torn = lines.filter((line) => !isWhole(line));
  assert.ok(
    torn.every((line) => line.indexOf('{"level"', 1) === -1),
    'a line the disk cut off stays alone',
  );
  const told = lines.filter(isWhole).flatMap((line) => JSON.parse(line).lines_lost ?? []);
  const toldSum = told.reduce((sum, count) => sum + count, 0);
  assert.equal(toldSum, lost, 'each lost line is counted in the file');
}
