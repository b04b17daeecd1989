import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aMovement, aProduct, aSubmission, keyed } from '../builders.ts';
import { handIn, type OpenStore, place, readWholeLog, withStore } from './opened-store.ts';

const tent = aProduct({ sku: 'tent-4p', onHand: 100 });
const ghost = () => aSubmission({ lines: [{ sku: 'ghost', quantity: 1 }] });

export function describeOrderLog(openStore: OpenStore): void {
  describe('the order log', () => {
    test('is empty before the first order, and without an order stays so', () =>
      withStore(openStore, [tent], async (store) => {
        assert.deepEqual(await readWholeLog(store), []);
        await handIn(store, ghost());
        await store.moveStock([aMovement({ sku: 'tent-4p', units: 1 })]);
        assert.deepEqual(await readWholeLog(store), []);
      }));

    test('says what happened, in the order of the submissions, without gaps', () =>
      withStore(openStore, [tent], async (store, reopen) => {
        const first = aSubmission();
        // Times may go back, as clocks do; positions never do.
        const second = keyed('key-1', aSubmission({ placedAtMs: first.placedAtMs - 60_000 }));
        const third = aSubmission();
        const fourth = aSubmission();
        await store.commitBatch([first, ghost(), second, second]);
        await store.commitBatch([ghost()]);
        await store.commitBatch([third]);
        const reopened = await reopen();
        await place(reopened, fourth);
        assert.deepEqual(
          await readWholeLog(reopened),
          [first, second, third, fourth].map(({ orderId, placedAtMs }, index) => ({
            position: 1 + index,
            orderNumber: 1001 + index,
            orderId,
            revision: 1,
            type: 'order_placed',
            atMs: placedAtMs,
          })),
        );
      }));

    test('is read on from any position, as much at a time as asked for', () =>
      withStore(openStore, [tent], async (store) => {
        await store.commitBatch(Array.from({ length: 25 }, () => aSubmission()));
        const whole = await readWholeLog(store);
        assert.equal(whole.length, 25);
        for (const limit of [1, 7, 25, 26]) {
          const read = [];
          for (let after = 0, more = true; more; ) {
            const entries = await store.readOrderLog(after, limit);
            assert.ok(entries.length <= limit);
            assert.ok(read.length <= whole.length, 'the log comes to an end');
            read.push(...entries);
            after = entries.at(-1)?.position ?? after;
            more = entries.length > 0;
          }
          assert.deepEqual(read, whole);
        }
        assert.deepEqual(await store.readOrderLog(24, 10), whole.slice(24));
        assert.deepEqual(await store.readOrderLog(25, 10), []);
        assert.deepEqual(await store.readOrderLog(1_000_000, 10), []);
      }));

    test('never shows an entry before one already seen, while orders come in', () =>
      withStore(openStore, [tent], async (store) => {
        let seen = 0;
        for (let round = 0; round < 12; round += 1) {
          await store.commitBatch(Array.from({ length: round % 4 }, () => aSubmission()));
          for (const { position } of await store.readOrderLog(seen, 100)) {
            assert.equal(position, seen + 1);
            seen = position;
          }
        }
        assert.equal(seen, 18);
      }));
  });
}
