/**
 * The connection is cut at every point of a batch's protocol: nobody is told of an order that is not there,
 * none is stored twice, none that was acknowledged is lost.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderStore } from '../../src/storage/order-store.ts';
import type { PostgresSettings } from '../../src/storage/postgres/postgres-settings.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { aProduct, aSubmission, keyed, stockUp } from '../builders.ts';
import { assertVerifiesClean, kindsOf, onHandOf, readWholeLog } from '../order-store/opened-store.ts';
import { type CutPoint, type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import { locationOf, openTestDatabase, postgresMissing, testSettings } from './postgres-databases.ts';

const missing = await postgresMissing();

interface ProxiedStore {
  readonly store: OrderStore;
  readonly proxy: CuttingProxy;
  /** Another instance, whose connections are never cut. */
  readonly other: OrderStore;
}

const stock = 100;

async function withProxiedStore(
  use: (given: ProxiedStore) => Promise<void>,
  settings: Partial<PostgresSettings> = {},
): Promise<void> {
  await using database = await openTestDatabase();
  const url = new URL(database.url);
  await using proxy = await startCuttingProxy(Number(url.port || 5_432));
  const other = await openPostgresStore({ location: locationOf(database.url), settings: testSettings });
  url.host = `127.0.0.1:${proxy.port}`;
  const store = await openPostgresStore({
    location: locationOf(url.href),
    settings: { ...testSettings, ...settings },
  });
  try {
    await stockUp(other, [aProduct({ onHand: stock })]);
    // Opens a connection and prepares its statements, so that a cut meets a batch as most are.
    await store.commitBatch([aSubmission()]);
    await use({ store, proxy, other });
    await assertVerifiesClean(other);
  } finally {
    await store.close();
    await other.close();
  }
}

const commit = 'COMMIT\0';
const points: Readonly<Record<string, CutPoint>> = {
  'before BEGIN arrives': { when: 'before', marker: 'BEGIN' },
  'when BEGIN and the snapshot’s questions are sent': { when: 'sent', marker: 'BEGIN' },
  'before the stock is locked': { when: 'before', marker: 'lock-stock' },
  'when the snapshot has been read': { when: 'answered', marker: 'BEGIN', answer: 'tent-4p' },
  'before the orders are written': { when: 'before', marker: 'insert-orders' },
  'between the orders and the log': { when: 'before', marker: 'insert-log' },
  'before COMMIT arrives': { when: 'before', marker: commit },
  'when COMMIT is sent': { when: 'sent', marker: commit },
  'when COMMIT has taken effect': { when: 'answered', marker: commit, answer: commit },
};

describe('a connection to PostgreSQL that is cut', { skip: missing ?? false }, () => {
  for (const [where, point] of Object.entries(points)) {
    test(`${where}: the batch is placed once, and answered`, () =>
      withProxiedStore(async ({ store, proxy, other }) => {
        for (let round = 0; round < 5; round += 1) {
          const before = await readWholeLog(other);
          proxy.cutAt(point);
          const batch = [aSubmission(), keyed(`key-${round}`, aSubmission()), aSubmission()];
          const outcomes = await store.commitBatch(batch);
          assert.equal(proxy.cuts(), round + 1, 'it was cut');
          assert.deepEqual(kindsOf(outcomes), ['placed', 'placed', 'placed']);
          for (const outcome of outcomes) {
            assert.ok('order' in outcome);
            assert.deepEqual(await other.findOrder(outcome.order.orderId), outcome.order);
          }
          assert.equal((await readWholeLog(other)).length, before.length + 3);
        }
        assert.equal(await onHandOf(other, 'tent-4p'), stock - 1 - 15);
      }));

    test(`${where}, and stays away: nobody is told anything; handed in again it is there once`, () =>
      withProxiedStore(async ({ store, proxy, other }) => {
        const batch = [aSubmission(), keyed('key', aSubmission())];
        const watching = untilCut(proxy).then(() => proxy.setReachable(false));
        proxy.cutAt(point);
        const asked = store.commitBatch(batch);
        // Both at once: the first may be told only after it has looked for its orders for a while.
        await Promise.all([watching, assert.rejects(asked)]);
        proxy.setReachable(true);
        await untilWritable(store);
        const outcomes = await store.commitBatch(batch);
        for (const [index, outcome] of outcomes.entries()) {
          assert.ok('order' in outcome, outcome.kind);
          assert.equal(outcome.order.orderId, batch[index]?.orderId);
        }
        assert.equal((await readWholeLog(other)).length, 1 + 2);
        assert.equal(await onHandOf(other, 'tent-4p'), stock - 3);
      }));
  }

  test('without a word is noticed in bounded time', () =>
    withProxiedStore(
      async ({ store, proxy, other }) => {
        proxy.cutAt({ when: 'silence', marker: commit });
        const outcomes = await store.commitBatch([aSubmission(), aSubmission()]);
        assert.deepEqual(kindsOf(outcomes), ['placed', 'placed']);
        assert.equal((await readWholeLog(other)).length, 3);
      },
      { statementTimeoutMs: 500, lockTimeoutMs: 400 },
    ));

  test('while pages are read fails those reads alone; the next ones are answered', () =>
    withProxiedStore(async ({ store, proxy }) => {
      proxy.setReachable(false);
      await assert.rejects(store.findProduct('tent-4p'));
      await assert.rejects(store.findOrder(aSubmission().orderId));
      proxy.setReachable(true);
      await untilWritable(store);
      const deadline = Date.now() + 10_000;
      while ((await store.findProduct('tent-4p').catch(() => null)) === null) {
        assert.ok(Date.now() < deadline, 'reads come back');
        await sleep(20);
      }
    }));

  test('while another instance goes on selling does not sell anything twice', () =>
    withProxiedStore(async ({ store, proxy, other }) => {
      const answers = [];
      for (let round = 0; round < 20; round += 1) {
        const point = Object.values(points)[round % Object.keys(points).length];
        if (point !== undefined) proxy.cutAt(point);
        const batches = [store, other, store, other].map((one) =>
          one.commitBatch(Array.from({ length: 3 }, () => aSubmission())),
        );
        answers.push(...(await Promise.all(batches)).flat());
      }
      const placed = kindsOf(answers).filter((kind) => kind === 'placed').length;
      assert.equal(placed, stock - 1);
      assert.equal((await readWholeLog(other)).length, stock);
      assert.equal(await onHandOf(other, 'tent-4p'), 0);
    }));
});

async function untilCut(proxy: CuttingProxy): Promise<void> {
  while (proxy.cuts() === 0) await sleep(1);
}

async function untilWritable(store: OrderStore): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      await store.checkWritable();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(20);
    }
  }
}
