import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { boundsOf, joinBounds } from './column-bounds.ts';

/** Around what a JavaScript number holds exactly, where the halves of an integer are compared in another way. */
const edges = [0n, 1n, -1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n].flatMap((edge) =>
  [edge, -edge].flatMap((near) => [near - 1n, near, near + 1n]).map((value) => BigInt.asIntN(64, value)),
);
const longs = fc.oneof(
  fc.constantFrom(...edges),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.maxSafeInteger().map(BigInt),
);

describe('the bounds of 64-bit integers', () => {
  it('are the least and the greatest of the values in the range', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(longs, fc.boolean()), { minLength: 1 }), fc.nat(5), (cells, from) => {
        const values = BigInt64Array.from(cells, ([value]) => value);
        const nulls = Uint8Array.from(cells, ([, isNull]) => (isNull ? 1 : 0));
        const range = { from: Math.min(from, cells.length), to: cells.length };
        const there = cells.slice(range.from).flatMap(([value, isNull]) => (isNull ? [] : [value]));
        const sorted = there.toSorted((a, b) => (a < b ? -1 : Number(a > b)));
        const wanted = {
          min: sorted.at(0) ?? null,
          max: sorted.at(-1) ?? null,
          nullCount: cells.length - range.from - there.length,
        };
        assert.deepEqual(boundsOf({ kind: 'long', values, nulls }, range), wanted);
      }),
    );
  });
});

describe('the bounds of two integers', () => {
  it('are they, also where a number holds neither exactly', () => {
    for (const one of edges)
      for (const other of edges) {
        const values = BigInt64Array.from([one, other]);
        const [min, max] = one < other ? [one, other] : [other, one];
        const bounds = boundsOf({ kind: 'long', values, nulls: null }, { from: 0, to: 2 });
        assert.deepEqual(bounds, { min, max, nullCount: 0 }, `${one} and ${other}`);
      }
  });
});

describe('the bounds of two parts', () => {
  const none = { min: null, max: null, nullCount: 2 };

  it('hold both, and count the nulls of both', () => {
    assert.deepEqual(joinBounds({ min: 3, max: 5, nullCount: 1 }, { min: 4, max: 9, nullCount: 2 }), {
      min: 3,
      max: 9,
      nullCount: 3,
    });
    assert.deepEqual(
      joinBounds({ min: 'b', max: '\uffff', nullCount: 0 }, { min: 'a', max: '\u{10000}', nullCount: 0 }),
      { min: 'a', max: '\u{10000}', nullCount: 0 },
    );
  });

  it('are those of one part when the other has nulls alone', () => {
    assert.deepEqual(joinBounds(none, { min: 1n, max: 2n, nullCount: 0 }), {
      min: 1n,
      max: 2n,
      nullCount: 2,
    });
    assert.deepEqual(joinBounds({ min: 1n, max: 2n, nullCount: 0 }, none), {
      min: 1n,
      max: 2n,
      nullCount: 2,
    });
    assert.deepEqual(joinBounds(none, none), { min: null, max: null, nullCount: 4 });
  });
});
