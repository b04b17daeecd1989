import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aProduct, aSubmission, keyed } from '../../test/builders.ts';
import { play, worldWith } from '../../test/shop-world.ts';
import { type Decision, decideBatch } from './decide-batch.ts';
import { centsMax } from './money.ts';
import { orderNumberFirst, quantityMax } from './order.ts';

const nothingStepped = { events: [], changedOrders: [], erasedOrders: [], popularityTaken: [] };

function assertNothingWritten({ writeSet }: Decision): void {
  assert.deepEqual(writeSet, {
    orders: [],
    keys: [],
    log: [],
    stockTaken: new Map(),
    popularityAdded: [],
    ...nothingStepped,
  });
}

function kindsOf({ outcomes }: Pick<Decision, 'outcomes'>): readonly string[] {
  return outcomes.map(({ kind }) => kind);
}

const tent = aProduct({ sku: 'tent-4p', name: 'Tent', priceCents: 19_999, onHand: 10 });
const mug = aProduct({ sku: 'mug', name: 'Mug', priceCents: 1_250, onHand: 5 });

describe('a placed order', () => {
  const submission = aSubmission({
    state: 'CA',
    city: null,
    email: null,
    lines: [
      { sku: 'mug', quantity: 4 },
      { sku: 'tent-4p', quantity: 2 },
    ],
  });
  const decision = decideBatch(worldWith(tent, mug), [submission]);

  test('has the prices and names of the catalogue, line by line and in total', () => {
    const { lines: _, idempotency: __, ...asAsked } = submission;
    assert.deepEqual(decision.outcomes, [
      {
        kind: 'placed',
        order: {
          ...asAsked,
          number: orderNumberFirst,
          status: 'placed',
          revision: 1,
          shipments: [],
          returns: [],
          lines: [
            { sku: 'mug', name: 'Mug', quantity: 4, unitPriceCents: 1_250, lineTotalCents: 5_000 },
            { sku: 'tent-4p', name: 'Tent', quantity: 2, unitPriceCents: 19_999, lineTotalCents: 39_998 },
          ],
          totalCents: 44_998,
        },
      },
    ]);
  });

  test('is written with its log entry, the stock it takes and what it adds to the counters', () => {
    const outcome = decision.outcomes[0];
    assert.ok(outcome?.kind === 'placed');
    assert.deepEqual(decision.writeSet, {
      orders: [outcome.order],
      keys: [],
      log: [
        {
          orderId: submission.orderId,
          orderNumber: orderNumberFirst,
          revision: 1,
          type: 'order_placed',
          atMs: submission.placedAtMs,
        },
      ],
      ...nothingStepped,
      stockTaken: new Map([
        ['mug', 4],
        ['tent-4p', 2],
      ]),
      popularityAdded: [
        { state: 'CA', sku: 'mug', name: 'Mug', orders: 1, units: 4 },
        { state: 'CA', sku: 'tent-4p', name: 'Tent', orders: 1, units: 2 },
      ],
    });
  });

  test('may be free of charge and may ask for the most units a line can', () => {
    const gift = aProduct({ sku: 'gift', priceCents: 0, onHand: quantityMax });
    const { outcomes, writeSet } = decideBatch(worldWith(gift), [
      aSubmission({ lines: [{ sku: 'gift', quantity: quantityMax }] }),
    ]);
    assert.ok(outcomes[0]?.kind === 'placed');
    assert.equal(outcomes[0].order.totalCents, 0);
    assert.deepEqual(writeSet.stockTaken, new Map([['gift', quantityMax]]));
  });
});

describe('an expected total', () => {
  const lines = [
    { sku: 'mug', quantity: 2 },
    { sku: 'tent-4p', quantity: 1 },
  ];
  const totalCents = 2 * mug.priceCents + tent.priceCents;

  test('that is the total changes nothing', () => {
    const asked = aSubmission({ lines });
    const plain = decideBatch(worldWith(tent, mug), [asked]);
    assert.deepEqual(
      decideBatch(worldWith(tent, mug), [{ ...asked, expectedTotalCents: totalCents }]),
      plain,
    );
    const gift = aProduct({ sku: 'gift', priceCents: 0 });
    const free = aSubmission({ lines: [{ sku: 'gift', quantity: 1 }], expectedTotalCents: 0 });
    assert.deepEqual(kindsOf(decideBatch(worldWith(gift), [free])), ['placed']);
  });

  test('that is another places nothing, in either direction, and tells the prices of now', () => {
    for (const expectedTotalCents of [totalCents - 1, totalCents + 1, 0, centsMax]) {
      const decision = decideBatch(worldWith(tent, mug), [aSubmission({ lines, expectedTotalCents })]);
      assert.deepEqual(decision.outcomes, [
        {
          kind: 'price_changed',
          totalCents,
          lines: [
            { sku: 'mug', name: 'Mug', quantity: 2, unitPriceCents: 1_250, lineTotalCents: 2_500 },
            { sku: 'tent-4p', name: 'Tent', quantity: 1, unitPriceCents: 19_999, lineTotalCents: 19_999 },
          ],
        },
      ]);
      assertNothingWritten(decision);
    }
  });

  test('gives way to what can’t be ordered at all', () => {
    const short = aSubmission({ lines: [{ sku: 'mug', quantity: 6 }], expectedTotalCents: 1 });
    const unknown = aSubmission({ lines: [{ sku: 'ghost', quantity: 1 }], expectedTotalCents: 1 });
    const decision = decideBatch(worldWith(mug), [short, unknown]);
    assert.deepEqual(kindsOf(decision), ['out_of_stock', 'rejected']);
  });

  test('takes no stock from the others of its batch', () => {
    const refused = aSubmission({ lines: [{ sku: 'mug', quantity: 5 }], expectedTotalCents: 1 });
    const other = aSubmission({ lines: [{ sku: 'mug', quantity: 5 }] });
    assert.deepEqual(kindsOf(decideBatch(worldWith(mug), [refused, other])), ['price_changed', 'placed']);
  });
});

describe('an empty batch', () => {
  test('decides and writes nothing', () => {
    const decision = decideBatch(worldWith(tent), []);
    assert.deepEqual(decision.outcomes, []);
    assertNothingWritten(decision);
  });
});

describe('stock', () => {
  test('can be sold to the last unit and not beyond', () => {
    const lastOne = aSubmission({ lines: [{ sku: 'mug', quantity: 5 }] });
    assert.deepEqual(kindsOf(decideBatch(worldWith(mug), [lastOne])), ['placed']);
    const oneMore = aSubmission({ lines: [{ sku: 'mug', quantity: 6 }] });
    const decision = decideBatch(worldWith(mug), [oneMore]);
    assert.deepEqual(decision.outcomes, [
      { kind: 'out_of_stock', shortages: [{ sku: 'mug', name: 'Mug', requested: 6, available: 5 }] },
    ]);
    assertNothingWritten(decision);
  });

  test('is all or nothing: one short line leaves the others untouched, and every short line is named', () => {
    const gone = aProduct({ sku: 'gone', name: 'Gone', onHand: 0 });
    const short = aSubmission({
      lines: [
        { sku: 'mug', quantity: 6 },
        { sku: 'tent-4p', quantity: 1 },
        { sku: 'gone', quantity: 1 },
      ],
    });
    const decision = decideBatch(worldWith(tent, mug, gone), [short]);
    assert.deepEqual(decision.outcomes, [
      {
        kind: 'out_of_stock',
        shortages: [
          { sku: 'mug', name: 'Mug', requested: 6, available: 5 },
          { sku: 'gone', name: 'Gone', requested: 1, available: 0 },
        ],
      },
    ]);
    assertNothingWritten(decision);
  });

  test('seen by an order is what its neighbours before it have left', () => {
    const buyThree = () => aSubmission({ lines: [{ sku: 'mug', quantity: 3 }] });
    const buyTwo = () => aSubmission({ lines: [{ sku: 'mug', quantity: 2 }] });
    const { outcomes, writeSet } = decideBatch(worldWith(mug), [buyThree(), buyThree(), buyTwo(), buyTwo()]);
    assert.deepEqual(kindsOf({ outcomes }), ['placed', 'out_of_stock', 'placed', 'out_of_stock']);
    assert.deepEqual(outcomes[1], {
      kind: 'out_of_stock',
      shortages: [{ sku: 'mug', name: 'Mug', requested: 3, available: 2 }],
    });
    assert.deepEqual(outcomes[3], {
      kind: 'out_of_stock',
      shortages: [{ sku: 'mug', name: 'Mug', requested: 2, available: 0 }],
    });
    assert.deepEqual(writeSet.stockTaken, new Map([['mug', 5]]));
  });
});

describe('a rejected order', () => {
  const retired = aProduct({ sku: 'retired', active: false });

  test('names every line that cannot be sold, and only those', () => {
    const submission = aSubmission({
      lines: [
        { sku: 'ghost', quantity: 1 },
        { sku: 'mug', quantity: 99 },
        { sku: 'retired', quantity: 1 },
        { sku: 'phantom', quantity: 1 },
      ],
    });
    const decision = decideBatch(worldWith(mug, retired), [submission]);
    assert.deepEqual(decision.outcomes, [
      {
        kind: 'rejected',
        problems: [
          { lineIndex: 0, sku: 'ghost', code: 'unknown_product' },
          { lineIndex: 2, sku: 'retired', code: 'product_unavailable' },
          { lineIndex: 3, sku: 'phantom', code: 'unknown_product' },
        ],
      },
    ]);
    assertNothingWritten(decision);
  });

  test('is not decided by stock: an inactive product is unavailable, however much is on hand', () => {
    const submission = aSubmission({ lines: [{ sku: 'retired', quantity: 1 }] });
    assert.deepEqual(kindsOf(decideBatch(worldWith(retired), [submission])), ['rejected']);
  });

  test('leaves its neighbours in the batch alone', () => {
    const batch = [
      aSubmission({ lines: [{ sku: 'mug', quantity: 1 }] }),
      aSubmission({ lines: [{ sku: 'ghost', quantity: 1 }] }),
      aSubmission({ lines: [{ sku: 'mug', quantity: 99 }] }),
      aSubmission({ lines: [{ sku: 'tent-4p', quantity: 1 }] }),
    ];
    const { outcomes, writeSet } = decideBatch(worldWith(tent, mug), batch);
    assert.deepEqual(kindsOf({ outcomes }), ['placed', 'rejected', 'out_of_stock', 'placed']);
    assert.deepEqual(
      writeSet.orders.map(({ number, orderId }) => ({ number, orderId })),
      [
        { number: orderNumberFirst, orderId: batch[0]?.orderId },
        { number: orderNumberFirst + 1, orderId: batch[3]?.orderId },
      ],
    );
  });
});

describe('a total beyond the safe integers', () => {
  const half = aProduct({ sku: 'half', priceCents: (centsMax - 1) / 2 });
  const cent = aProduct({ sku: 'cent', priceCents: 1 });

  test('is refused, and the bound itself is not', () => {
    const atBound = aSubmission({
      lines: [
        { sku: 'half', quantity: 2 },
        { sku: 'cent', quantity: 1 },
      ],
    });
    const placed = decideBatch(worldWith(half, cent), [atBound]).outcomes[0];
    assert.ok(placed?.kind === 'placed');
    assert.equal(placed.order.totalCents, centsMax);

    const oneCentMore = aSubmission({
      lines: [
        { sku: 'half', quantity: 2 },
        { sku: 'cent', quantity: 2 },
      ],
    });
    const decision = decideBatch(worldWith(half, cent), [oneCentMore]);
    assert.deepEqual(decision.outcomes, [
      { kind: 'rejected', problems: [{ lineIndex: 1, sku: 'cent', code: 'total_too_large' }] },
    ]);
    assertNothingWritten(decision);
  });

  test('is named at the line where the sum leaves the range, and at those after it', () => {
    const submission = aSubmission({
      lines: [
        { sku: 'cent', quantity: 1 },
        { sku: 'half', quantity: 3 },
        { sku: 'ghost', quantity: 1 },
        { sku: 'mug', quantity: 1 },
      ],
    });
    assert.deepEqual(decideBatch(worldWith(half, cent, mug), [submission]).outcomes, [
      {
        kind: 'rejected',
        problems: [
          { lineIndex: 1, sku: 'half', code: 'total_too_large' },
          { lineIndex: 2, sku: 'ghost', code: 'unknown_product' },
          { lineIndex: 3, sku: 'mug', code: 'total_too_large' },
        ],
      },
    ]);
  });
});

describe('counters', () => {
  test('count an order once for each product and add up its units, by state', () => {
    const buy = (state: 'TX' | 'CA', quantity: number) =>
      aSubmission({ state, lines: [{ sku: 'tent-4p', quantity }] });
    const { writeSet } = decideBatch(worldWith(tent), [
      buy('TX', 3),
      buy('CA', 1),
      buy('TX', 2),
      buy('TX', 9),
    ]);
    assert.deepEqual(writeSet.popularityAdded, [
      { state: 'TX', sku: 'tent-4p', name: 'Tent', orders: 2, units: 5 },
      { state: 'CA', sku: 'tent-4p', name: 'Tent', orders: 1, units: 1 },
    ]);
  });

  test('do not count a replay', () => {
    const order = keyed('key-1', aSubmission());
    const { writeSet } = decideBatch(worldWith(tent), [order, order]);
    assert.deepEqual(writeSet.popularityAdded, [
      { state: 'TX', sku: 'tent-4p', name: 'Tent', orders: 1, units: 1 },
    ]);
  });
});

describe('numbers', () => {
  test('are consecutive, go to placed orders only, and go on from the batch before', () => {
    const good = () => aSubmission({ lines: [{ sku: 'tent-4p', quantity: 1 }] });
    const bad = () => aSubmission({ lines: [{ sku: 'ghost', quantity: 1 }] });
    const { outcomes } = play({ ...worldWith(tent), orderNumberNext: 5_000 }, [
      [bad(), good(), bad(), good()],
      [bad()],
      [good()],
    ]);
    const numbers = outcomes.flatMap((outcome) => (outcome.kind === 'placed' ? [outcome.order.number] : []));
    assert.deepEqual(numbers, [5_000, 5_001, 5_002]);
  });
});

describe('a submission that no parser should have let through', () => {
  test('crashes the decision', () => {
    assert.throws(
      () => decideBatch(worldWith(tent), [aSubmission(), aSubmission({ lines: [] })]),
      RangeError,
    );
  });

  test('crashes it also when it names a SKU twice, before more is sold than there is', () => {
    const lines = [
      { sku: 'mug', quantity: 3 },
      { sku: 'mug', quantity: 3 },
    ];
    assert.throws(() => decideBatch(worldWith(mug), [{ ...aSubmission(), lines }]), RangeError);
  });
});
