import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { orderNumberFirst } from './order.ts';
import {
  askedTexts,
  costlyWalkedMax,
  everyOrder,
  indexedStatus,
  isCustomerAskedFor,
  nextNumber,
  ordersWalkedMax,
  walkedMaxOf,
  walkFrom,
} from './order-filter.ts';

const hasTexts = (customer: typeof ada | { email: null }, texts: readonly string[]) =>
  isCustomerAskedFor({ ...ada, ...customer }, { ...everyOrder, texts });
const ada = { customerName: 'Ada Lovelace', streetAddress: '12 Straße\nApt 4', email: 'ADA@example.com' };

describe('the text of a question', () => {
  it('is found anywhere in name, street and email, whatever its capitals, accents and order', () => {
    for (const found of ['', 'ada', 'love ADA', 'ÁDÀ', 'example.com', 'apt', 'ｌｏｖｅ'])
      assert.ok(hasTexts(ada, askedTexts(found)), found);
    for (const lost of ['adam', 'ada lovelace qu', 'lace12', 'com ada z', '%', '_da'])
      assert.ok(!hasTexts(ada, askedTexts(lost)), lost);
  });

  it('is held against an order that has no email', () => {
    assert.ok(!hasTexts({ ...ada, email: null }, askedTexts('null')));
  });

  it('counts 8 words, each once', () => {
    assert.deepEqual(askedTexts(' b  a b\ta\u00a0c '), ['b', 'a', 'c']);
    assert.equal(askedTexts('1 2 3 4 5 6 7 8 9').length, 8);
  });
});

describe('the email of a filter', () => {
  const hasEmail = (own: string | null, email: string, texts: readonly string[] = []) =>
    isCustomerAskedFor({ ...ada, email: own }, { ...everyOrder, email, texts });

  it('is the whole address, in any case, and nothing else', () => {
    for (const [own, asked] of [
      ['ada@example.com', 'ada@example.com'],
      ['ADA@example.com', 'ada@EXAMPLE.com'],
      ['ÀDA@例え.jp', 'àda@例え.jp'],
    ] as const)
      assert.ok(hasEmail(own, asked), asked);
    for (const asked of ['da@example.com', 'ada@example.co', 'ada@example.com.au', 'áda@example.com', '%'])
      assert.ok(!hasEmail('ada@example.com', asked), asked);
    assert.ok(!hasEmail(null, ''), 'an order without an email has none');
  });

  it('and the texts are both asked for', () => {
    assert.ok(hasEmail('ada@example.com', 'ada@example.com', ['lovelace']));
    assert.ok(!hasEmail('ada@example.com', 'ada@example.com', ['babbage']));
  });
});

describe('a walk along the numbers of orders', () => {
  const from = (top: number | null) => ({ top, lowest: null });

  it('looks at a bounded part, and goes on below it until the first number', () => {
    const top = 2 * ordersWalkedMax + 10;
    const first = walkFrom(from(top), everyOrder) ?? assert.fail();
    assert.deepEqual(first, { before: top + 1, lowest: top + 1 - ordersWalkedMax });
    const texts = walkFrom(from(top), { ...everyOrder, texts: ['a'] });
    assert.equal(texts?.lowest, top + 1 - costlyWalkedMax);
    assert.equal(walkFrom(from(top), { ...everyOrder, email: 'a@b.example' })?.lowest, texts?.lowest);
    assert.equal(walkFrom(from(top), { ...everyOrder, sku: 'a' })?.lowest, top + 1 - costlyWalkedMax);
    assert.equal(nextNumber(undefined, false, first, everyOrder), first.lowest);
    assert.equal(nextNumber(77, false, first, everyOrder), first.lowest);
    assert.equal(nextNumber(77, true, first, everyOrder), 77);
    const last = walkFrom(from(orderNumberFirst + 9), everyOrder) ?? assert.fail();
    assert.deepEqual(last, { before: orderNumberFirst + 10, lowest: orderNumberFirst });
    assert.equal(nextNumber(undefined, false, last, everyOrder), null);
  });

  it('looks at one number when one is asked for', () => {
    const filter = { ...everyOrder, number: 1_001 };
    const walk = walkFrom(from(9_000), filter) ?? assert.fail();
    assert.deepEqual(walk, { before: 1_002, lowest: 1_001 });
    assert.equal(nextNumber(1_001, false, walk, filter), null);
    assert.equal(walkFrom(from(1_000), filter), null);
    assert.equal(walkFrom(from(null), filter), null);
  });

  it('goes along the orders of an indexed status alone, so that it looks at as many of these', () => {
    const packed = { ...everyOrder, status: 'packed' } as const;
    assert.deepEqual(walkFrom({ top: 9_000, lowest: 1_234 }, packed), { before: 9_001, lowest: 1_234 });
    assert.deepEqual(walkFrom({ top: 9_000, lowest: null }, packed), {
      before: 9_001,
      lowest: orderNumberFirst,
    });
    assert.equal(walkFrom(from(null), packed), null);
    assert.deepEqual(walkFrom({ top: 9_000, lowest: null }, { ...packed, number: 1_001 })?.before, 1_002);
    assert.equal(indexedStatus(packed), 'packed');
    assert.equal(indexedStatus({ ...packed, number: 1_001 }), null);
    assert.equal(indexedStatus({ ...everyOrder, status: 'placed' }), null);
    assert.deepEqual(
      [walkedMaxOf(packed), walkedMaxOf({ ...packed, sku: 'a' })],
      [ordersWalkedMax, costlyWalkedMax],
    );
  });
});
