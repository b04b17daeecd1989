import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aMovement, aProduct, described, testEpochMs } from '../../test/builders.ts';
import {
  type CatalogChange,
  type CatalogSnapshot,
  decideCatalogChange,
  referenceId,
  skusOf,
} from './decide-catalog.ts';
import { onHandMax } from './product.ts';
import { movementReasons, unitsProblem } from './stock-movement.ts';

const { onHand: _stock, ...mug } = aProduct({ sku: 'mug' });

function aSnapshot(given: Partial<CatalogSnapshot> = {}): CatalogSnapshot {
  return {
    isEmpty: false,
    products: new Map([['mug', mug]]),
    onHand: new Map([['mug', 5]]),
    movementsByReference: new Map(),
    ...given,
  };
}

function aChange(given: Partial<CatalogChange>): CatalogChange {
  return {
    atMs: 7,
    products: [],
    movements: [],
    onlyIfEmpty: false,
    isTrial: false,
    movesAddedOnly: false,
    ...given,
  };
}

describe('decideCatalogChange', () => {
  test('adds a product with revision 1, and keeps when it was added', () => {
    const tent = described(aProduct({ sku: 'tent' }));
    const products = [
      { product: tent, expectedRevision: 0 },
      { product: { ...described(aProduct({ sku: 'mug' })), priceCents: 3 }, expectedRevision: null },
    ];
    const { writeSet } = decideCatalogChange(aSnapshot(), aChange({ products }));
    assert.deepEqual(writeSet.products, [
      { ...tent, revision: 1, createdAtMs: 7 },
      { ...mug, priceCents: 3, revision: 2, createdAtMs: testEpochMs },
    ]);
  });

  test('writes the last of two changes of one product, one revision each', () => {
    const change = (priceCents: number, expectedRevision: number) => ({
      product: { ...described(aProduct({ sku: 'mug' })), priceCents },
      expectedRevision,
    });
    const { writeSet } = decideCatalogChange(
      aSnapshot(),
      aChange({ products: [change(1, 1), change(2, 2)] }),
    );
    assert.deepEqual(
      writeSet.products.map(({ priceCents, revision }) => [priceCents, revision]),
      [[2, 3]],
    );
  });

  test('compares names as they are kept, so that another encoding of an accent is no change', () => {
    const cafe = { ...mug, name: 'Caf\u00e9' };
    const snapshot = aSnapshot({ products: new Map([['mug', cafe]]) });
    const product = { ...described(aProduct({ sku: 'mug' })), name: 'Cafe\u0301' };
    const { outcome, writeSet } = decideCatalogChange(
      snapshot,
      aChange({ products: [{ product, expectedRevision: null }] }),
    );
    assert.ok(outcome.kind === 'changed');
    assert.equal(outcome.products[0]?.effect, 'unchanged');
    assert.deepEqual(writeSet.products, []);
  });

  test('fills an empty shop only', () => {
    const change = aChange({ onlyIfEmpty: true, movements: [aMovement({ sku: 'mug' })] });
    const { outcome, writeSet } = decideCatalogChange(aSnapshot(), change);
    assert.deepEqual([outcome.kind, writeSet.movements.length], ['not_empty', 0]);
    assert.equal(decideCatalogChange(aSnapshot({ isEmpty: true }), change).outcome.kind, 'changed');
  });

  test('never leaves fewer than no units, nor more than there may be, nor makes a reference twice', () => {
    const movement = fc.record({
      units: fc.integer({ min: -6, max: 6 }),
      reference: fc.option(fc.constantFrom('a', 'b', 'c')),
      reason: fc.constantFrom(...movementReasons),
    });
    fc.assert(
      fc.property(fc.array(movement, { maxLength: 8 }), fc.nat({ max: 9 }), (given, units) => {
        const movements = given.map((one) => aMovement({ sku: 'mug', ...one }));
        const snapshot = aSnapshot({ onHand: new Map([['mug', units]]) });
        const { outcome, writeSet } = decideCatalogChange(snapshot, aChange({ movements }));
        const made = writeSet.movements.reduce((sum, one) => sum + one.units, 0);
        assert.ok(units + made >= 0 && units + made <= onHandMax);
        assert.equal(made, writeSet.unitsMoved.get('mug') ?? 0);
        const references = writeSet.movements.flatMap(({ reference }) => reference ?? []);
        assert.equal(new Set(references).size, references.length);
        assert.ok(writeSet.movements.every((one) => unitsProblem(one) === null));
        if (outcome.kind === 'refused') assert.deepEqual(writeSet.movements, []);
      }),
    );
  });

  test('takes the last unit, and not one more', () => {
    const taken = (units: number) =>
      aChange({ movements: [aMovement({ sku: 'mug', units, reason: 'damage' })] });
    assert.equal(decideCatalogChange(aSnapshot(), taken(-5)).outcome.kind, 'changed');
    assert.equal(decideCatalogChange(aSnapshot(), taken(-6)).outcome.kind, 'refused');
  });

  test('makes a movement of one reference once, and refuses other units or another reason under it', () => {
    const movements = [2, 2].map((units) => aMovement({ sku: 'mug', units, reference: 'PO' }));
    const { outcome, writeSet } = decideCatalogChange(aSnapshot(), aChange({ movements }));
    assert.ok(outcome.kind === 'changed');
    assert.deepEqual(outcome.movements, [
      { effect: 'moved', onHand: 7 },
      { effect: 'repeated', onHand: 7 },
    ]);
    assert.deepEqual([writeSet.movements.length, writeSet.unitsMoved.get('mug')], [1, 2]);
    for (const earlier of [
      { units: 3, reason: 'receipt' },
      { units: 2, reason: 'found' },
    ] as const) {
      const known = aSnapshot({ movementsByReference: new Map([[referenceId('mug', 'PO'), earlier]]) });
      assert.deepEqual(decideCatalogChange(known, aChange({ movements: movements.slice(1) })).outcome, {
        kind: 'refused',
        problems: [{ of: 'movement', index: 0, code: 'reference_reused', earlier }],
      });
    }
    const found = aMovement({ sku: 'mug', units: 2, reason: 'found', reference: 'PO' });
    const { outcome: both } = decideCatalogChange(
      aSnapshot(),
      aChange({ movements: [...movements.slice(1), found] }),
    );
    assert.ok(both.kind === 'refused' && both.problems[0]?.index === 1);
  });

  test('moves only products that it adds when so asked, and none a second time', () => {
    const tent = { product: described(aProduct({ sku: 'tent' })), expectedRevision: 0 };
    const change = aChange({
      products: [tent],
      movements: ['tent', 'mug'].map((sku) => aMovement({ sku, units: 2, reference: 'list' })),
      movesAddedOnly: true,
    });
    assert.deepEqual(decideCatalogChange(aSnapshot(), change).outcome, {
      kind: 'refused',
      problems: [{ of: 'movement', index: 1, code: 'reference_required' }],
    });
    const movementsByReference = new Map([
      [referenceId('mug', 'list'), { units: 2, reason: 'receipt' as const }],
    ]);
    const { outcome } = decideCatalogChange(aSnapshot({ movementsByReference }), change);
    assert.ok(outcome.kind === 'changed');
    assert.deepEqual(
      outcome.movements.map(({ effect }) => effect),
      ['moved', 'repeated'],
    );
  });

  test('knows each SKU it is about once', () => {
    const products = [{ product: described(aProduct({ sku: 'a' })), expectedRevision: null }];
    const movements = [aMovement({ sku: 'a' }), aMovement({ sku: 'b' })];
    assert.deepEqual(skusOf(aChange({ products, movements })), ['a', 'b']);
  });
});

test('a reason says which sign its units have', () => {
  const problems = (units: number) => movementReasons.map((reason) => unitsProblem({ units, reason }));
  assert.deepEqual(problems(0), ['zero', 'zero', 'zero', 'zero', 'zero']);
  assert.deepEqual(problems(1), [null, null, 'must_be_fewer', 'must_be_fewer', null]);
  assert.deepEqual(problems(-1), ['must_be_more', null, null, null, 'must_be_more']);
  assert.equal(unitsProblem({ units: onHandMax, reason: 'count' }), null);
  assert.equal(unitsProblem({ units: onHandMax + 1, reason: 'count' }), 'too_many');
  assert.equal(unitsProblem({ units: 0.5, reason: 'count' }), 'not_whole');
});
