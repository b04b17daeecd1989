import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aProduct, aRetryOf, aSubmission, keyed } from '../../test/builders.ts';
import { ordersOf, play, worldWith } from '../../test/shop-world.ts';
import { decideBatch } from './decide-batch.ts';
import type { Outcome } from './outcome.ts';
import type { Submission } from './submission.ts';
import { idempotencyId } from './submission.ts';

const tent = aProduct({ sku: 'tent-4p', onHand: 3 });
const buy = (quantity: number) => aSubmission({ lines: [{ sku: 'tent-4p', quantity }] });

function orderOf(outcome: Outcome | undefined) {
  assert.ok(outcome?.kind === 'placed' || outcome?.kind === 'replayed', `got ${outcome?.kind}`);
  return outcome.order;
}

/** Every rule holds within one batch and between two, so each test runs both ways. */
const ways = [
  { where: 'in one batch', cut: (submissions: readonly Submission[]) => [submissions] },
  { where: 'in two batches', cut: (submissions: readonly Submission[]) => submissions.map((each) => [each]) },
];

for (const { where, cut } of ways) {
  describe(`an idempotency key used again ${where}`, () => {
    test('with the same payload replays the first order and writes nothing more', () => {
      const first = keyed('key-1', buy(2));
      const { outcomes, world } = play(worldWith(tent), cut([first, aRetryOf(first), aRetryOf(first)]));
      assert.deepEqual(
        outcomes.map(({ kind }) => kind),
        ['placed', 'replayed', 'replayed'],
      );
      assert.deepEqual(orderOf(outcomes[1]), orderOf(outcomes[0]));
      assert.equal(orderOf(outcomes[2]).orderId, first.orderId);
      assert.equal(ordersOf(world).length, 1);
      assert.equal(world.products.get('tent-4p')?.onHand, 1);
    });

    test('replays although the product is sold out by now', () => {
      const first = keyed('key-1', buy(3));
      const { outcomes } = play(worldWith(tent), cut([first, aRetryOf(first)]));
      assert.equal(outcomes[1]?.kind, 'replayed');
    });

    test('with another payload is a conflict', () => {
      const first = keyed('key-1', buy(1));
      const { outcomes, world } = play(worldWith(tent), cut([first, keyed('key-1', buy(2))]));
      assert.deepEqual(outcomes[1], { kind: 'conflict' });
      assert.equal(ordersOf(world).length, 1);
    });

    test('is a conflict even for a payload that could not be placed', () => {
      const ghost = aSubmission({ lines: [{ sku: 'ghost', quantity: 1 }] });
      const { outcomes } = play(
        worldWith(tent),
        cut([keyed('key-1', buy(1)), keyed('key-1', ghost), keyed('key-1', buy(99))]),
      );
      assert.deepEqual(outcomes.slice(1), [{ kind: 'conflict' }, { kind: 'conflict' }]);
    });

    test('by another caller is another key', () => {
      const { outcomes } = play(
        worldWith(tent),
        cut([keyed('key-1', buy(1), 'ann'), keyed('key-1', buy(2), 'bob')]),
      );
      assert.deepEqual(
        outcomes.map(({ kind }) => kind),
        ['placed', 'placed'],
      );
    });

    test('is still free when the first order was out of stock', () => {
      const { outcomes, world } = play(
        worldWith(tent),
        cut([keyed('key-1', buy(4)), keyed('key-1', buy(3))]),
      );
      assert.deepEqual(
        outcomes.map(({ kind }) => kind),
        ['out_of_stock', 'placed'],
      );
      assert.equal(world.ordersByKey.size, 1);
    });

    test('is still free when the first order was rejected', () => {
      const ghost = aSubmission({ lines: [{ sku: 'ghost', quantity: 1 }] });
      const { outcomes } = play(worldWith(tent), cut([keyed('key-1', ghost), keyed('key-1', buy(1))]));
      assert.deepEqual(
        outcomes.map(({ kind }) => kind),
        ['rejected', 'placed'],
      );
    });
  });

  describe(`a submission handed in twice ${where}`, () => {
    test('is one order, with a key or without', () => {
      for (const submission of [buy(1), keyed('key-1', buy(1))]) {
        const { outcomes, world } = play(worldWith(tent), cut([submission, submission]));
        assert.deepEqual(outcomes[1], { kind: 'replayed', order: orderOf(outcomes[0]) });
        assert.equal(ordersOf(world).length, 1);
        assert.equal(world.products.get('tent-4p')?.onHand, 2);
        assert.equal(world.popularity.get('TX tent-4p')?.orders, 1);
        assert.equal(world.log.length, 1);
      }
    });

    test('is answered with its order although it took the last unit', () => {
      const submission = buy(3);
      const { outcomes } = play(worldWith(tent), cut([submission, submission]));
      assert.equal(outcomes[1]?.kind, 'replayed');
    });

    test('is decided anew when it was not placed the first time', () => {
      const submission = buy(3);
      const { outcomes } = play(worldWith(tent), cut([buy(1), submission, submission]));
      assert.deepEqual(outcomes[1], outcomes[2]);
      assert.equal(outcomes[2]?.kind, 'out_of_stock');
    });
  });
}

describe('the key record', () => {
  test('holds scope, key, fingerprint and the order it made', () => {
    const submission = keyed('key-1', buy(1), 'ann');
    const { outcomes, writeSet } = decideBatch(worldWith(tent), [submission]);
    assert.deepEqual(writeSet.keys, [
      {
        ...submission.idempotency,
        orderId: submission.orderId,
        orderNumber: orderOf(outcomes[0]).number,
        revision: 1,
      },
    ]);
  });
});

describe('idempotencyId', () => {
  test('tells any two pairs of scope and key apart, as keys hold no white space', () => {
    const scope = fc.string({ unit: fc.constantFrom('a', 'b', ' ', ':') });
    const key = fc.string({ unit: fc.constantFrom('a', 'b', ':', '!'), minLength: 1, maxLength: 4 });
    const pair = fc.record({ scope, key });
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        const same = a.scope === b.scope && a.key === b.key;
        assert.equal(idempotencyId(a) === idempotencyId(b), same);
      }),
      { numRuns: 1000 },
    );
  });
});
