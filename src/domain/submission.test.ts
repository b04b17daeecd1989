import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { anIdempotency, aSubmission } from '../../test/builders.ts';
import { lineCountMax, quantityMax } from './order.ts';
import { assertSubmission, fingerprintText, mergeLines, type OrderRequest } from './submission.ts';
import { usStates } from './us-state.ts';

const line = fc.record(
  {
    sku: fc.constantFrom('tent-4p', 'stove', 'mug', 'lamp'),
    quantity: fc.integer({ min: 1, max: quantityMax }),
  },
  { noNullPrototype: true },
);

describe('mergeLines', () => {
  test('adds up lines of the same SKU, where it first appears', () => {
    assert.deepEqual(
      mergeLines([
        { sku: 'mug', quantity: 1 },
        { sku: 'tent-4p', quantity: 2 },
        { sku: 'mug', quantity: 3 },
        { sku: 'lamp', quantity: 4 },
        { sku: 'mug', quantity: 5 },
      ]),
      [
        { sku: 'mug', quantity: 9 },
        { sku: 'tent-4p', quantity: 2 },
        { sku: 'lamp', quantity: 4 },
      ],
    );
  });

  test('leaves lines of different SKUs as they are', () => {
    const lines = [
      { sku: 'mug', quantity: 1 },
      { sku: 'lamp', quantity: 2 },
    ];
    assert.deepEqual(mergeLines(lines), lines);
    assert.deepEqual(mergeLines([]), []);
    assert.deepEqual(mergeLines(lines.slice(0, 1)), lines.slice(0, 1));
  });

  test('may pass the bound of a line, which the caller must then refuse', () => {
    const half = { sku: 'mug', quantity: quantityMax };
    assert.deepEqual(mergeLines([half, half]), [{ sku: 'mug', quantity: 2 * quantityMax }]);
    assert.throws(() => assertSubmission(aSubmission({ lines: [half, half] })), RangeError);
  });

  test('keeps every unit, names each SKU once, in order of appearance, and changes no argument', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
        const before = structuredClone(lines);
        const merged = mergeLines(lines);
        assert.deepEqual(lines, before);
        assert.deepEqual(
          merged.map(({ sku }) => sku),
          Array.from(new Set(lines.map(({ sku }) => sku))),
        );
        for (const { sku, quantity } of merged) {
          const asked = lines
            .filter((each) => each.sku === sku)
            .reduce((sum, each) => sum + each.quantity, 0);
          assert.equal(quantity, asked);
        }
        assert.deepEqual(mergeLines(merged), merged);
      }),
    );
  });
});

const text = fc.oneof(
  fc.constantFrom('', 'null', '","', '"', '\\', '[]', 'a', 'Ada'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);

const request: fc.Arbitrary<OrderRequest> = fc.record(
  {
    customerName: text,
    streetAddress: text,
    city: fc.option(text),
    state: fc.constantFrom(...usStates),
    zipCode: fc.constantFrom('78701', '78701-0001'),
    email: fc.option(text),
    lines: fc.array(line, { minLength: 1, maxLength: 4 }).map(mergeLines),
  },
  { noNullPrototype: true },
);

describe('fingerprintText', () => {
  test('leaves out what differs between two tries: id, time and key', () => {
    const first = aSubmission();
    const second = aSubmission({ idempotency: anIdempotency() });
    assert.notEqual(first.orderId, second.orderId);
    assert.equal(fingerprintText(first), fingerprintText(second));
  });

  test('leaves out which total was expected: a retry may expect another', () => {
    const asked = aSubmission();
    assert.equal(fingerprintText({ ...asked, expectedTotalCents: 1 }), fingerprintText(asked));
  });

  test('is what it always was: a key is replayed across versions', () => {
    const asked = aSubmission({ lines: [{ sku: 'mug', quantity: 2 }] });
    assert.equal(
      fingerprintText(asked),
      '["Ada Lovelace","12 Analytical Way","Austin","TX","78701","ada@example.com",[["mug",2]]]',
    );
    assert.equal(
      fingerprintText({ ...asked, streetAddress: '12 Analytical Way\nApt 4', city: null, email: null }),
      '["Ada Lovelace","12 Analytical Way\\nApt 4",null,"TX","78701",null,[["mug",2]]]',
    );
  });

  test('changes with each field of the request', () => {
    const plain = aSubmission({ lines: [{ sku: 'mug', quantity: 1 }] });
    const others = [
      { ...plain, customerName: 'Ada' },
      { ...plain, streetAddress: '12 Analytical Way ' },
      { ...plain, city: null },
      { ...plain, city: 'null' },
      { ...plain, state: 'CA' as const },
      { ...plain, zipCode: '78701-0001' },
      { ...plain, email: null },
      { ...plain, lines: [{ sku: 'mug', quantity: 2 }] },
      { ...plain, lines: [{ sku: 'lamp', quantity: 1 }] },
      { ...plain, lines: [...plain.lines, { sku: 'lamp', quantity: 1 }] },
    ];
    const texts = [plain, ...others].map(fingerprintText);
    assert.equal(new Set(texts).size, texts.length);
  });

  test('does not depend on the order in which a parser set the fields', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const reversed = Object.fromEntries(Object.entries(asked).toReversed()) as unknown as OrderRequest;
        assert.equal(fingerprintText(reversed), fingerprintText(asked));
      }),
    );
  });

  test('is equal exactly when the requests are equal', () => {
    fc.assert(
      fc.property(request, request, fc.constantFrom(...Object.keys(aSubmission())), (a, b, field) => {
        const almostA = { ...a, ...(field in b ? { [field]: b[field as keyof OrderRequest] } : {}) };
        for (const other of [b, almostA, structuredClone(a)]) {
          const same = deepEquals(a, other);
          assert.equal(fingerprintText(a) === fingerprintText(other), same);
        }
      }),
    );
  });
});

function deepEquals(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

describe('assertSubmission', () => {
  const linesOf = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ sku: `sku-${index}`, quantity: 1 }));

  test('lets 1 to 50 lines of 1 to 10,000 units through', () => {
    assertSubmission(aSubmission({ lines: linesOf(1) }));
    assertSubmission(aSubmission({ lines: linesOf(lineCountMax) }));
    assertSubmission(aSubmission({ lines: [{ sku: 'mug', quantity: quantityMax }] }));
    assert.equal(lineCountMax, 50);
    assert.equal(quantityMax, 10_000);
  });

  test('crashes on no lines and on 51', () => {
    assert.throws(() => assertSubmission(aSubmission({ lines: [] })), RangeError);
    assert.throws(() => assertSubmission(aSubmission({ lines: linesOf(lineCountMax + 1) })), RangeError);
  });

  for (const quantity of [0, -1, 1.5, quantityMax + 1, 1e9, Number.NaN, Number.POSITIVE_INFINITY, '2']) {
    test(`crashes on a quantity of ${JSON.stringify(quantity)}`, () => {
      const odd = { sku: 'mug', quantity: quantity as number };
      assert.throws(() => assertSubmission(aSubmission({ lines: [odd] })), RangeError);
      const second = { sku: 'lamp', quantity: 1 };
      assert.throws(() => assertSubmission(aSubmission({ lines: [second, odd] })), RangeError);
    });
  }

  test('crashes on a SKU named twice, whose stock would be checked line by line', () => {
    const unmerged = [
      { sku: 'mug', quantity: 1 },
      { sku: 'lamp', quantity: 1 },
      { sku: 'mug', quantity: 1 },
    ];
    assert.throws(() => assertSubmission({ ...aSubmission(), lines: unmerged }), RangeError);
  });
});
