import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../../src/domain/outcome.ts';
import { onHandMax } from '../../src/domain/product.ts';
import { aMovement, aProduct, aSubmission } from '../builders.ts';
import { handIn, type OpenStore, onHandOf, place, withStore } from './opened-store.ts';

const tent = aProduct({ sku: 'tent-4p', name: 'Tent', onHand: 10 });
const mug = aProduct({ sku: 'mug', name: 'Mug', onHand: 5 });

export function describeStock(openStore: OpenStore): void {
  describe('stock', () => {
    test('is all or nothing, and the loser learns what is left', () =>
      withStore(openStore, [tent, mug], async (store) => {
        await place(store, aSubmission({ lines: [{ sku: 'mug', quantity: 2 }] }));
        const short = aSubmission({
          lines: [
            { sku: 'tent-4p', quantity: 1 },
            { sku: 'mug', quantity: 4 },
          ],
        });
        assert.deepEqual(await handIn(store, short), {
          kind: 'out_of_stock',
          shortages: [{ sku: 'mug', name: 'Mug', requested: 4, available: 3 }],
        });
        assert.equal(await onHandOf(store, 'tent-4p'), 10);
        assert.equal(await onHandOf(store, 'mug'), 3);
      }));

    test('is sold to the last unit, and again after more came in', () =>
      withStore(openStore, [mug], async (store, reopen) => {
        await place(store, aSubmission({ lines: [{ sku: 'mug', quantity: 5 }] }));
        assert.equal(await onHandOf(store, 'mug'), 0);
        const one = aSubmission({ lines: [{ sku: 'mug', quantity: 1 }] });
        assert.equal((await handIn(store, one)).kind, 'out_of_stock');
        const reopened = await reopen();
        assert.equal((await handIn(reopened, one)).kind, 'out_of_stock');
        await reopened.moveStock([aMovement({ sku: 'mug', units: 1 })]);
        await place(reopened, one);
        assert.equal(await onHandOf(reopened, 'mug'), 0);
      }));

    test('sells out exactly, however the buyers race and however many share a batch', async () => {
      const quantities = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 12, maxLength: 40 });
      const cuts = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 40, maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 12 }), quantities, cuts, async (stock, wanted, sizes) => {
          await withStore(openStore, [aProduct({ sku: 'hot', onHand: stock })], async (store) => {
            // The last buyers want one unit each, so that nothing is left over.
            const submissions = [...wanted, ...Array.from({ length: stock }, () => 1)].map((quantity) =>
              aSubmission({ lines: [{ sku: 'hot', quantity }] }),
            );
            const outcomes: Outcome[] = [];
            for (const size of sizes) {
              outcomes.push(
                ...(await store.commitBatch(submissions.slice(outcomes.length, outcomes.length + size))),
              );
            }
            outcomes.push(...(await store.commitBatch(submissions.slice(outcomes.length))));
            assert.equal(outcomes.length, submissions.length);
            let left = stock;
            for (const [index, outcome] of outcomes.entries()) {
              const quantity = submissions[index]?.lines[0]?.quantity ?? 0;
              assert.equal(outcome.kind, quantity <= left ? 'placed' : 'out_of_stock');
              if (outcome.kind === 'placed') left -= quantity;
            }
            assert.equal(left, 0);
            assert.equal(await onHandOf(store, 'hot'), 0);
          });
        }),
        { numRuns: 10 },
      );
    });
  });

  describe('moving stock', () => {
    test('adds up, over calls and within one', () =>
      withStore(openStore, [mug, tent], async (store, reopen) => {
        await store.moveStock([
          aMovement({ sku: 'mug', units: 3 }),
          aMovement({ sku: 'tent-4p', units: 1 }),
          aMovement({ sku: 'mug', units: 4 }),
        ]);
        assert.equal(await onHandOf(store, 'mug'), 12);
        assert.equal(await onHandOf(store, 'tent-4p'), 11);
        assert.equal(await onHandOf(await reopen(), 'mug'), 12);
      }));

    test('goes up to its bound and not beyond', () =>
      withStore(openStore, [mug], async (store) => {
        await store.moveStock([aMovement({ sku: 'mug', units: onHandMax - 5 })]);
        assert.equal(await onHandOf(store, 'mug'), onHandMax);
        await assert.rejects(store.moveStock([aMovement({ sku: 'mug', units: 1 })]));
        assert.equal(await onHandOf(store, 'mug'), onHandMax);
        await place(store, aSubmission({ lines: [{ sku: 'mug', quantity: 1 }] }));
      }));

    test('of nothing changes nothing', () =>
      withStore(openStore, [mug], async (store) => {
        await store.moveStock([]);
        assert.equal(await onHandOf(store, 'mug'), 5);
      }));

    for (const [what, receipt] of [
      ['an unknown SKU', aMovement({ sku: 'ghost', units: 1 })],
      ['no units', aMovement({ sku: 'mug', units: 0 })],
      ['fewer than no units', aMovement({ sku: 'mug', units: -1 })],
      ['half a unit', aMovement({ sku: 'mug', units: 1.5 })],
    ] as const) {
      test(`refuses ${what}, together with everything it came with`, () =>
        withStore(openStore, [mug], async (store) => {
          await assert.rejects(store.moveStock([aMovement({ sku: 'mug', units: 7 }), receipt]));
          assert.equal(await onHandOf(store, 'mug'), 5);
          await store.moveStock([aMovement({ sku: 'mug', units: 1 })]);
          assert.equal(await onHandOf(store, 'mug'), 6);
        }));
    }
  });
}
