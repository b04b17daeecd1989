import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aSubmission } from '../../../test/builders.ts';
import { orderOf } from '../../domain/decide-batch.ts';
import type { OrderRequest } from '../../domain/submission.ts';
import { createRecentOrders, repeatWindowMs } from './recent-order.ts';

const secret = Buffer.alloc(32, 7);
const submission = aSubmission({ streetAddress: '12 Analytical Way\nApt 4' });
const order = orderOf(
  submission,
  1047,
  [{ sku: 'tent-4p', name: 'Tent', quantity: 1, unitPriceCents: 19_999, lineTotalCents: 19_999 }],
  19_999,
);
const request: OrderRequest = submission;
const key = (name: string) => ({ scope: 'anonymous', key: name });

let nowMs = order.placedAtMs + 2 * 60_000;
const recentOrders = createRecentOrders(secret, () => nowMs);

/** The headers of a browser that keeps the cookie. */
function headersWith(cookie: string): Headers {
  return new Headers({ cookie: `theme=dark; ${cookie.split(';', 1)[0]}; order_key=x` });
}

const kept = headersWith(recentOrders.cookieFor('', order, key('first'), false));

test('the same order is known again, by another key or none', () => {
  const expected = {
    orderId: order.orderId,
    number: 1047,
    placedAtMs: order.placedAtMs,
    ageMs: 2 * 60_000,
  };
  assert.deepEqual(recentOrders.repeatedBy(request, key('second'), kept), expected);
  assert.deepEqual(recentOrders.repeatedBy(request, null, kept), expected);
  const elsewhere = createRecentOrders(Buffer.from(secret), () => nowMs);
  assert.deepEqual(elsewhere.repeatedBy(request, null, kept), expected, 'by another instance, too');
});

test('a retry under its own key is no repeat', () => {
  assert.equal(recentOrders.repeatedBy(request, key('first'), kept), null);
  const keyless = headersWith(recentOrders.cookieFor('', order, null, false));
  assert.equal(recentOrders.repeatedBy(request, null, keyless)?.number, 1047);
  assert.equal(recentOrders.repeatedBy(request, key('first'), keyless)?.number, 1047);
});

test('another order is none, whichever field differs; another expected total is the same order', () => {
  for (const other of [
    { customerName: 'Grace' },
    { streetAddress: '12 Analytical Way' },
    { zipCode: '78702' },
    { email: null },
    { lines: [{ sku: 'tent-4p', quantity: 2 }] },
    { lines: [{ sku: 'mug', quantity: 1 }] },
  ]) {
    assert.equal(recentOrders.repeatedBy({ ...request, ...other }, null, kept), null);
  }
  assert.equal(recentOrders.repeatedBy({ ...request, expectedTotalCents: 1 }, null, kept)?.number, 1047);
});

test('is asked about for ten minutes', () => {
  const before = nowMs;
  nowMs = order.placedAtMs + repeatWindowMs;
  assert.equal(recentOrders.repeatedBy(request, null, kept)?.ageMs, repeatWindowMs);
  nowMs += 1;
  assert.equal(recentOrders.repeatedBy(request, null, kept), null);
  nowMs = before;
});

test('a cookie that is changed, cut short or of another shop is none', () => {
  const cookie = kept.get('cookie') ?? '';
  for (const changed of [
    '',
    'recent_order=',
    cookie.replace('1047', '1048'),
    cookie.replace(order.orderId, order.orderId.replace('7000', '7001')),
    cookie.replace(String(order.placedAtMs), String(order.placedAtMs + 1)),
    cookie.slice(0, cookie.indexOf('; order_key') - 4),
    `recent_order=${'9'.repeat(5_000)}`,
  ]) {
    assert.equal(recentOrders.repeatedBy(request, null, new Headers({ cookie: changed })), null, changed);
  }
  const otherShop = createRecentOrders(Buffer.alloc(32, 8), () => nowMs);
  assert.equal(otherShop.repeatedBy(request, null, kept), null);
});

test('the cookie has nothing personal in it, and goes to no script and no other site', () => {
  const cookie = recentOrders.cookieFor('', order, key('first'), true);
  assert.match(
    cookie,
    /^recent_order=1047\.[0-9a-f-]{36}\.\d+\.[\w-]{43}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600; Secure$/,
  );
  assert.match(recentOrders.cookieFor('/shop', order, null, false), /; Path=\/shop\/;/);
  for (const personal of ['Ada', 'Analytical', 'ada@', '78701', 'Austin']) {
    assert.ok(!cookie.includes(personal), personal);
    assert.ok(!Buffer.from(cookie, 'base64').toString('latin1').includes(personal), personal);
  }
});
