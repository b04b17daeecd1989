import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { comparePopularity, type Popularity } from './top-products.ts';

function aPopularity(given: Partial<Popularity> = {}): Popularity {
  return { state: 'TX', sku: 'tent-4p', name: 'Tent', orders: 10, units: 20, ...given };
}

/** The ranking as SKUs. */
function ranked(...popularities: readonly Popularity[]): readonly string[] {
  return popularities.toSorted(comparePopularity).map(({ sku }) => sku);
}

/** Few values each, so that ties of every depth come up. */
const popularity: fc.Arbitrary<Popularity> = fc.record(
  {
    state: fc.constant('TX' as const),
    sku: fc.constantFrom('a', 'a-b', 'ab', 'b', 'mug', 'z9'),
    name: fc.oneof(
      fc.constantFrom('', 'A', 'Ab', 'a', 'B', 'Z', 'é', '\uffff', '\u{10000}', '😀', '😀a', '\ufb01'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    orders: fc.integer({ min: 1, max: 3 }),
    units: fc.integer({ min: 1, max: 3 }),
  },
  { noNullPrototype: true },
);

describe('comparePopularity', () => {
  test('puts more orders first, however many units the others sold', () => {
    const often = aPopularity({ sku: 'often', orders: 11, units: 11 });
    const bulk = aPopularity({ sku: 'bulk', orders: 10, units: 99_999 });
    assert.deepEqual(ranked(bulk, often), ['often', 'bulk']);
  });

  test('then more units', () => {
    const few = aPopularity({ sku: 'few', name: 'A', units: 20 });
    const many = aPopularity({ sku: 'many', name: 'B', units: 21 });
    assert.deepEqual(ranked(few, many), ['many', 'few']);
  });

  test('then the name', () => {
    const lamp = aPopularity({ sku: 'z', name: 'Lamp' });
    const mug = aPopularity({ sku: 'a', name: 'Mug' });
    assert.deepEqual(ranked(mug, lamp), ['z', 'a']);
  });

  test('then the SKU', () => {
    assert.deepEqual(ranked(aPopularity({ sku: 'b' }), aPopularity({ sku: 'a' })), ['a', 'b']);
  });

  test('compares names by code point: upper case first, longer after its beginning, accents after z', () => {
    const names = ['', 'Tent', 'Tent 2', 'Zelt', 'tent', 'zelt', 'Äxte', 'é', '山', '\uffff', '😀', '😀a'];
    const shuffled = names.toReversed().map((name) => aPopularity({ name }));
    assert.deepEqual(
      shuffled.toSorted(comparePopularity).map(({ name }) => name),
      names,
    );
  });

  test('ties only with itself', () => {
    assert.equal(comparePopularity(aPopularity(), aPopularity()), 0);
    fc.assert(
      fc.property(popularity, popularity, (a, b) => {
        const same = a.orders === b.orders && a.units === b.units && a.name === b.name && a.sku === b.sku;
        assert.equal(comparePopularity(a, b) === 0, same);
      }),
    );
  });

  test('is a total order: antisymmetric and transitive', () => {
    fc.assert(
      fc.property(popularity, popularity, popularity, (a, b, c) => {
        // + 0 because −0 is not 0 to deepStrictEqual
        assert.equal(Math.sign(comparePopularity(a, b)) + 0, -Math.sign(comparePopularity(b, a)) + 0);
        if (comparePopularity(a, b) <= 0 && comparePopularity(b, c) <= 0) {
          assert.ok(comparePopularity(a, c) <= 0);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('settles names as databases do: by the bytes of their UTF-8', () => {
    fc.assert(
      fc.property(popularity, popularity, (a, b) => {
        const byName = comparePopularity(aPopularity({ name: a.name }), aPopularity({ name: b.name }));
        assert.equal(Math.sign(byName), Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
      }),
      { numRuns: 1000 },
    );
  });

  test('gives one ranking, in whatever order the counters come', () => {
    fc.assert(
      fc.property(fc.array(popularity, { maxLength: 12 }), (counters) => {
        const ranking = counters.toSorted(comparePopularity);
        assert.deepEqual(counters.toReversed().toSorted(comparePopularity), ranking);
      }),
    );
  });
});
