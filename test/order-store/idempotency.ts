import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Submission } from '../../src/domain/submission.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { aMovement, aProduct, aRetryOf, aSubmission, keyed } from '../builders.ts';
import { handIn, kindsOf, type OpenStore, onHandOf, place, readWholeLog, withStore } from './opened-store.ts';

const tent = aProduct({ sku: 'tent-4p', onHand: 3 });
const buy = (quantity: number) => aSubmission({ lines: [{ sku: 'tent-4p', quantity }] });

/** The product leaves the catalogue: from here on it can't be ordered. */
async function retire(store: OrderStore, sku: string): Promise<void> {
  const product = await store.findProduct(sku);
  assert.ok(product);
  const { onHand: _, ...catalogued } = product;
  await store.saveProducts([{ ...catalogued, active: false }]);
}

export function describeIdempotency(openStore: OpenStore): void {
  describe('an idempotency key', () => {
    test('answers a retry with the very order it made', () =>
      withStore(openStore, [tent], async (store) => {
        const first = keyed('key-1', buy(1));
        const order = await place(store, first);
        assert.deepEqual(await handIn(store, aRetryOf(first)), { kind: 'replayed', order });
        assert.equal(await onHandOf(store, 'tent-4p'), 2);
        assert.equal((await readWholeLog(store)).length, 1);
      }));

    test('holds across a restart', () =>
      withStore(openStore, [tent], async (store, reopen) => {
        const first = keyed('key-1', buy(1));
        const order = await place(store, first);
        const reopened = await reopen();
        assert.deepEqual(await handIn(reopened, aRetryOf(first)), { kind: 'replayed', order });
        assert.deepEqual(await handIn(reopened, keyed('key-1', buy(2))), { kind: 'conflict' });
      }));

    test('leads to its order and the fingerprint of what was asked for', () =>
      withStore(openStore, [tent], async (store, reopen) => {
        const first = keyed('key-1', buy(1));
        const order = await place(store, first);
        const kept = { fingerprint: first.idempotency?.fingerprint, order };
        assert.deepEqual(await store.findOrderByKey({ scope: 'web', key: 'key-1' }), kept);
        const reopened = await reopen();
        assert.deepEqual(await reopened.findOrderByKey({ scope: 'web', key: 'key-1' }), kept);
        assert.equal(await reopened.findOrderByKey({ scope: 'web', key: 'key-2' }), null);
        assert.equal(await reopened.findOrderByKey({ scope: 'other', key: 'key-1' }), null);
      }));

    test('used twice in one batch makes one order', () =>
      withStore(openStore, [tent], async (store) => {
        const first = keyed('key-1', buy(1));
        const outcomes = await store.commitBatch([
          first,
          aRetryOf(first),
          keyed('key-1', buy(2)),
          aRetryOf(first),
        ]);
        assert.deepEqual(kindsOf(outcomes), ['placed', 'replayed', 'conflict', 'replayed']);
        assert.equal(await onHandOf(store, 'tent-4p'), 2);
        const order = await store.findOrder(first.orderId);
        for (const outcome of outcomes) {
          if ('order' in outcome) assert.deepEqual(outcome.order, order);
        }
      }));

    test('with another payload is a conflict, whatever that payload is', () =>
      withStore(openStore, [tent], async (store) => {
        await place(store, keyed('key-1', buy(1)));
        const ghost = aSubmission({ lines: [{ sku: 'ghost', quantity: 1 }] });
        for (const other of [buy(2), buy(99), ghost]) {
          assert.deepEqual(await handIn(store, keyed('key-1', other)), { kind: 'conflict' });
        }
        assert.equal(await onHandOf(store, 'tent-4p'), 2);
      }));

    test('replays its order whatever total a retry expects, and after its price has changed', () =>
      withStore(openStore, [tent], async (store) => {
        const first = keyed('key-1', { ...buy(1), expectedTotalCents: tent.priceCents });
        const order = await place(store, first);
        const { onHand: _, ...catalogued } = tent;
        await store.saveProducts([{ ...catalogued, priceCents: tent.priceCents + 1 }]);
        const { expectedTotalCents: __, ...withoutTotal } = first;
        for (const retry of [first, { ...first, expectedTotalCents: 1 }, withoutTotal]) {
          assert.deepEqual(await handIn(store, aRetryOf(retry)), { kind: 'replayed', order });
        }
        assert.equal(await onHandOf(store, 'tent-4p'), 2);
      }));

    test('is free again when its order was not placed for its price', () =>
      withStore(openStore, [tent], async (store) => {
        const first = keyed('key-1', { ...buy(1), expectedTotalCents: 1 });
        const outcome = await handIn(store, first);
        assert.deepEqual([outcome.kind, await readWholeLog(store)], ['price_changed', []]);
        await place(store, aRetryOf({ ...first, expectedTotalCents: tent.priceCents }));
      }));

    test('belongs to its scope', () =>
      withStore(openStore, [tent], async (store) => {
        const outcomes = await store.commitBatch([
          keyed('key-1', buy(1), 'ann'),
          keyed('key-1', buy(2), 'bob'),
        ]);
        assert.deepEqual(kindsOf(outcomes), ['placed', 'placed']);
      }));

    test('is compared letter by letter', () =>
      withStore(openStore, [tent], async (store) => {
        const keys = ['key', 'KEY', 'key!', `'"\\%_`, 'k'.repeat(255)];
        const none = aSubmission({ lines: [{ sku: 'tent-4p', quantity: 4 }] });
        assert.deepEqual(kindsOf(await store.commitBatch(keys.map((key) => keyed(key, none)))), [
          ...keys.map(() => 'out_of_stock'),
        ]);
        await store.moveStock([aMovement({ sku: 'tent-4p', units: 10 })]);
        assert.deepEqual(kindsOf(await store.commitBatch(keys.map((key) => keyed(key, buy(1))))), [
          ...keys.map(() => 'placed'),
        ]);
        for (const key of keys) assert.equal((await handIn(store, keyed(key, buy(1)))).kind, 'replayed');
      }));

    test('stays free when its order was not placed', () =>
      withStore(openStore, [tent], async (store, reopen) => {
        const ghost = aSubmission({ lines: [{ sku: 'ghost', quantity: 1 }] });
        assert.equal((await handIn(store, keyed('key-1', buy(4)))).kind, 'out_of_stock');
        assert.equal((await handIn(store, keyed('key-1', ghost))).kind, 'rejected');
        await place(await reopen(), keyed('key-1', buy(3)));
      }));

    test('replays also when the product is sold out and retired by now', () =>
      withStore(openStore, [tent], async (store) => {
        const first = keyed('key-1', buy(3));
        const order = await place(store, first);
        await retire(store, 'tent-4p');
        assert.deepEqual(await handIn(store, aRetryOf(first)), { kind: 'replayed', order });
      }));
  });

  describe('the same submission handed in again', () => {
    /** As a batcher does that got no answer: every submission it had, in one batch with newer ones. */
    const again = (submission: Submission) => [buy(1), submission, buy(1)];

    test('is the order it was, with a key or without, across a restart', () =>
      withStore(openStore, [tent], async (store, reopen) => {
        for (const submission of [buy(1), keyed('key-1', buy(1))]) {
          const order = await place(store, submission);
          assert.deepEqual(await handIn(store, submission), { kind: 'replayed', order });
          const reopened = await reopen();
          assert.deepEqual(await handIn(reopened, submission), { kind: 'replayed', order });
          store = reopened;
        }
        assert.equal(await onHandOf(store, 'tent-4p'), 1);
        assert.equal((await readWholeLog(store)).length, 2);
      }));

    test('twice in one batch is one order', () =>
      withStore(openStore, [tent], async (store) => {
        const submission = buy(2);
        const outcomes = await store.commitBatch([submission, submission]);
        assert.deepEqual(kindsOf(outcomes), ['placed', 'replayed']);
        assert.equal(await onHandOf(store, 'tent-4p'), 1);
      }));

    test('leaves its neighbours in the batch alone', () =>
      withStore(openStore, [tent], async (store) => {
        const submission = buy(1);
        await place(store, submission);
        assert.deepEqual(kindsOf(await store.commitBatch(again(submission))), [
          'placed',
          'replayed',
          'placed',
        ]);
        assert.equal(await onHandOf(store, 'tent-4p'), 0);
        assert.equal((await readWholeLog(store)).length, 3);
      }));

    test('is still its order when it took the last units itself', () =>
      withStore(openStore, [tent], async (store) => {
        const submission = buy(3);
        const order = await place(store, submission);
        assert.deepEqual(await handIn(store, submission), { kind: 'replayed', order });
        assert.deepEqual(kindsOf(await store.commitBatch(again(submission))), [
          'out_of_stock',
          'replayed',
          'out_of_stock',
        ]);
      }));

    test('is still its order when the product is retired by now', () =>
      withStore(openStore, [tent], async (store) => {
        const submission = buy(1);
        const order = await place(store, submission);
        await retire(store, 'tent-4p');
        assert.deepEqual(await handIn(store, submission), { kind: 'replayed', order });
      }));

    test('as a whole batch is the same orders', () =>
      withStore(openStore, [tent], async (store) => {
        const batch = [keyed('key-1', buy(1)), buy(1), buy(99), buy(1), buy(1)];
        const first = await store.commitBatch(batch);
        assert.deepEqual(kindsOf(first), ['placed', 'placed', 'out_of_stock', 'placed', 'out_of_stock']);
        const second = await store.commitBatch(batch);
        assert.deepEqual(
          second,
          first.map((outcome, index) => {
            if (outcome.kind === 'placed') return { kind: 'replayed', order: outcome.order };
            const requested = batch[index]?.lines[0]?.quantity;
            return {
              kind: 'out_of_stock',
              shortages: [{ sku: 'tent-4p', name: tent.name, requested, available: 0 }],
            };
          }),
        );
        assert.equal((await readWholeLog(store)).length, 3);
      }));
  });
}
