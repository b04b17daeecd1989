import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asPlaced, type Order } from './order.ts';
import type { OrderEvent, OrderHistory } from './order-event.ts';
import { isGuessable, provesOrder, readOrderNumber, readOrderProof } from './order-proof.ts';

function historyOf(given: Partial<Order>, events: readonly OrderEvent[] = []): OrderHistory {
  return {
    placed: {
      orderId: '0199a7b2-6c1e-7d40-9c51-3f2b8a6d4e10',
      number: 1047,
      ...asPlaced,
      placedAtMs: 0,
      customerName: 'Ada Lovelace',
      streetAddress: '12 Analytical Row',
      city: null,
      state: 'TX',
      zipCode: '78701',
      email: 'Ada.Löve@Example.com',
      lines: [],
      totalCents: 0,
      ...given,
    },
    events,
  };
}

const proves = (typed: string, history: OrderHistory) => {
  const proof = readOrderProof(typed);
  return proof !== null && provesOrder(proof, history);
};

describe('the proof of an order', () => {
  test('is its email, whatever its capitals', () => {
    for (const typed of ['ada.löve@example.com', ' ADA.LÖVE@EXAMPLE.COM\u200b', 'Ada.Lo\u0308ve@example.com'])
      assert.ok(proves(typed, historyOf({})), typed);
    for (const typed of ['ada@example.com', 'ada.löve@example.co', '@', 'x@ada.löve@example.com'])
      assert.ok(!proves(typed, historyOf({})), typed);
  });

  test('is no email where the order has none', () => {
    for (const typed of ['@', 'null@', ' @ ']) assert.ok(!proves(typed, historyOf({ email: null })), typed);
  });

  test('is its ZIP code, by five digits where one of both has no more', () => {
    for (const typed of ['78701', ' 78701-1234', '７８７０１', '78701 1234'])
      assert.ok(proves(typed, historyOf({ zipCode: '78701-1234' })), typed);
    assert.ok(proves('78701-9999', historyOf({})));
    assert.ok(!proves('78701-1235', historyOf({ zipCode: '78701-1234' })));
    assert.ok(!proves('78702', historyOf({ zipCode: '78701-1234' })));
  });

  test('is nothing else: less than five digits, a name, nothing', () => {
    for (const typed of ['', '7870', '7', 'Ada Lovelace', '78701-', '787011'])
      assert.ok(!proves(typed, historyOf({})), typed);
  });

  test('is guessable where the state has few ZIP codes, in any spelling', () => {
    const isGuessed = (typed: string) => isGuessable(readOrderProof(typed) ?? assert.fail(typed));
    const few = [
      '96799',
      '96799-1234',
      '９６７９９',
      '00801',
      '00851',
      '96910',
      '96939',
      '96941',
      '96950',
      '96970',
    ];
    for (const typed of few) assert.ok(isGuessed(typed), typed);
    for (const typed of [
      '96798',
      '96701',
      '00701',
      '00901',
      '96898',
      '97001',
      '09601',
      '34001',
      'a96799@b.example',
    ])
      assert.ok(!isGuessed(typed), typed);
  });

  test('is none any more once the order is erased, whatever came later', () => {
    const erased = {
      type: 'order_erased',
      data: {},
      eventId: '',
      revision: 2,
      atMs: 0,
      actor: 'cli',
    } as const;
    const packed = { ...erased, type: 'order_packed', revision: 3 } as const;
    for (const typed of ['78701', 'ada.löve@example.com', 'Erased'])
      assert.ok(!proves(typed, historyOf({}, [erased, packed])), typed);
    assert.ok(proves('78701', historyOf({}, [{ ...packed, revision: 2 }])));
  });
});

test('a number is read as people write it', () => {
  for (const typed of [
    '1047',
    ' #1047',
    'Order 1,047',
    'order no. 1047',
    'ORDER #1047',
    '１０４７',
    '1 047',
    '0001047',
  ])
    assert.equal(readOrderNumber(typed), 1047, typed);
  for (const typed of ['', '#', 'Order', '-1047', '1047a', '10e3', '1'.repeat(16), '1'.repeat(1_000), '٣'])
    assert.equal(readOrderNumber(typed), null, typed);
  assert.equal(readOrderNumber('9'.repeat(15)), 999_999_999_999_999);
});
