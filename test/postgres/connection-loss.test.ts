/**
 * The connection is cut at every point of a batch's protocol: no order is acknowledged that is not stored,
 * none is stored twice, none that was acknowledged is lost.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CutPoint, CuttingProxy } from '../../lab/postgres/cutting-proxy.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { aSubmission, keyed } from '../builders.ts';
import { kindsOf, onHandOf, readWholeLog } from '../order-store/opened-store.ts';
import { postgresMissing } from './postgres-databases.ts';
import { stock, withProxiedStore } from './proxied-store.ts';

const missing = await postgresMissing();

const commit = 'COMMIT\0';

/** The part of the batch that the server has stored when the connection is cut there and stays away. */
type Stored = 'nothing' | 'all' | 'all or nothing';

const points: Readonly<Record<string, CutPoint & { readonly stored: Stored }>> = {
  'before BEGIN arrives': { when: 'before', marker: 'BEGIN', stored: 'nothing' },
  'when BEGIN and the snapshot’s questions are sent': { when: 'sent', marker: 'BEGIN', stored: 'nothing' },
  'before the stock is locked': { when: 'before', marker: 'lock-stock', stored: 'nothing' },
  'when the snapshot has been read': {
    when: 'answered',
    marker: 'BEGIN',
    answer: 'tent-4p',
    stored: 'nothing',
  },
  'before the orders are written': { when: 'before', marker: 'insert-orders', stored: 'nothing' },
  'between the orders and the log': { when: 'before', marker: 'insert-log', stored: 'nothing' },
  'before COMMIT arrives': { when: 'before', marker: commit, stored: 'nothing' },
  'when COMMIT is sent': { when: 'sent', marker: commit, stored: 'all or nothing' },
  'when COMMIT has taken effect': { when: 'answered', marker: commit, answer: commit, stored: 'all' },
};

describe('a connection to PostgreSQL that is cut', { skip: missing ?? false }, () => {
  for (const [where, { stored, ...point }] of Object.entries(points)) {
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
        // So the cut fell where its name says.
        const there = (await readWholeLog(other)).length - 1;
        const possible = { nothing: [0], all: [2], 'all or nothing': [0, 2] }[stored];
        assert.ok(possible.includes(there), `${there} of the batch stored, expected ${stored}`);
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

  for (const [where, marker] of [
    ['at BEGIN', 'BEGIN'],
    ['at COMMIT', commit],
  ] as const) {
    test(`without a word ${where} is noticed in bounded time`, () =>
      withProxiedStore(
        async ({ store, proxy, other }) => {
          proxy.cutAt({ when: 'silence', marker });
          const outcomes = await store.commitBatch([aSubmission(), aSubmission()]);
          assert.deepEqual(kindsOf(outcomes), ['placed', 'placed']);
          assert.equal(proxy.cuts(), 1);
          assert.equal((await readWholeLog(other)).length, 3);
        },
        { statementTimeoutMs: 500, lockTimeoutMs: 400 },
      ));
  }

  test('is not what a slow one is: its batches take as long as they take', () =>
    withProxiedStore(async ({ store, proxy, other }) => {
      proxy.setDelay(150);
      const startedAt = performance.now();
      const batches = [1, 2].map(() => store.commitBatch([aSubmission(), aSubmission()]));
      assert.deepEqual(kindsOf((await Promise.all(batches)).flat()), Array(4).fill('placed'));
      assert.ok(performance.now() - startedAt >= 600, 'two round trips of it');
      assert.ok((await store.findProduct('tent-4p'))?.onHand === stock - 5);
      proxy.setDelay(0);
      assert.equal((await readWholeLog(other)).length, 5);
    }));

  test('is what one is that is too slow: in bounded time nobody is told anything, and it is over by itself', () =>
    withProxiedStore(
      async ({ store, proxy, other }) => {
        proxy.setDelay(5_000);
        const batch = [keyed('slow', aSubmission()), aSubmission()];
        const startedAt = performance.now();
        await Promise.all([
          assert.rejects(store.commitBatch(batch)),
          assert.rejects(store.findProduct('tent-4p')),
        ]);
        assert.ok(performance.now() - startedAt < 20_000, 'in bounded time');
        proxy.setDelay(0);
        await untilWritable(store);
        for (const outcome of await store.commitBatch(batch)) assert.ok('order' in outcome, outcome.kind);
        assert.equal((await readWholeLog(other)).length, 1 + 2);
        assert.equal(await onHandOf(other, 'tent-4p'), stock - 3);
      },
      { statementTimeoutMs: 200, lockTimeoutMs: 200, connectTimeoutMs: 500 },
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
