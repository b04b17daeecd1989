import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addCents, centsMax, formatCents, groupThousands, multiplyCents } from './money.ts';

const cents = fc.oneof(
  fc.integer({ min: 0, max: 100_000 }),
  fc.maxSafeNat(),
  fc.integer({ min: centsMax - 1000, max: centsMax }),
);

/** The exact answer by big integers, or null beyond the bound. */
function withinBound(exact: bigint): number | null {
  return exact <= BigInt(centsMax) ? Number(exact) : null;
}

describe('multiplyCents', () => {
  test('is price times quantity', () => {
    assert.equal(multiplyCents(19_999, 3), 59_997);
    assert.equal(multiplyCents(0, 10_000), 0);
    assert.equal(multiplyCents(1, 1), 1);
  });

  test('reaches the bound and refuses what is beyond it', () => {
    assert.equal(multiplyCents(centsMax, 1), centsMax);
    assert.equal(multiplyCents(centsMax, 2), null);
    // 2^53 − 1 = 6361 × 69431 × 20394401
    assert.equal(multiplyCents(centsMax / 6361, 6361), centsMax);
    // 2^53 is a number, but one that 2^53 + 1 rounds to.
    assert.equal(multiplyCents(2 ** 52, 2), null);
    assert.equal(multiplyCents(2 ** 40, 2 ** 13), null);
    assert.equal(multiplyCents(2 ** 40 - 1, 2 ** 13), (2 ** 40 - 1) * 2 ** 13);
  });

  test('is exact or null for any price and quantity', () => {
    fc.assert(
      fc.property(cents, fc.integer({ min: 1, max: 10_000 }), (price, quantity) => {
        assert.equal(multiplyCents(price, quantity), withinBound(BigInt(price) * BigInt(quantity)));
      }),
    );
  });

  test('is exact or null where the product is close to the bound', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: -3, max: 3 }),
        (quantity, distance) => {
          const price = Math.floor(centsMax / quantity) + distance;
          fc.pre(price <= centsMax);
          assert.equal(multiplyCents(price, quantity), withinBound(BigInt(price) * BigInt(quantity)));
        },
      ),
    );
  });
});

describe('addCents', () => {
  test('reaches the bound and refuses the next cent', () => {
    assert.equal(addCents(1, 2), 3);
    assert.equal(addCents(0, 0), 0);
    assert.equal(addCents(centsMax, 0), centsMax);
    assert.equal(addCents(centsMax - 1, 1), centsMax);
    assert.equal(addCents(centsMax, 1), null);
    assert.equal(addCents(centsMax, centsMax), null);
  });

  test('is exact or null for any two amounts', () => {
    fc.assert(
      fc.property(cents, cents, (a, b) => {
        assert.equal(addCents(a, b), withinBound(BigInt(a) + BigInt(b)));
        assert.equal(addCents(a, b), addCents(b, a));
      }),
    );
  });
});

describe('formatCents', () => {
  for (const [amount, shown] of [
    [0, '$0.00'],
    [5, '$0.05'],
    [99, '$0.99'],
    [100, '$1.00'],
    [19_999, '$199.99'],
    [99_999, '$999.99'],
    [100_000, '$1,000.00'],
    [123_450, '$1,234.50'],
    [100_000_000, '$1,000,000.00'],
    [centsMax, '$90,071,992,547,409.91'],
  ] as const) {
    test(`${amount} is ${shown}`, () => assert.equal(formatCents(amount), shown));
  }

  test('shows every cent of any amount', () => {
    fc.assert(
      fc.property(cents, (amount) => {
        const shown = formatCents(amount);
        assert.match(shown, /^\$\d{1,3}(,\d{3})*\.\d{2}$/);
        assert.equal(Number(shown.replace(/[$,.]/g, '')), amount);
      }),
    );
  });
});

describe('groupThousands', () => {
  for (const [count, shown] of [
    [0, '0'],
    [7, '7'],
    [999, '999'],
    [1_000, '1,000'],
    [12_345, '12,345'],
    [999_999, '999,999'],
    [1_000_000, '1,000,000'],
  ] as const) {
    test(`${count} is ${shown}`, () => assert.equal(groupThousands(count), shown));
  }
});
