import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asPlaced, type Order } from '../../domain/order.ts';
import type { TopProduct } from '../../domain/top-products.ts';
import { renderConfirmationPage } from './confirmation-page.ts';

const order: Order = {
  orderId: '0199a7b2-6c1e-7d40-9c51-3f2b8a6d4e10',
  number: 1047,
  ...asPlaced,
  placedAtMs: Date.UTC(2026, 9, 3, 4, 5, 6),
  customerName: 'Ada Lovelace',
  streetAddress: '12 Analytical Row',
  city: 'Austin',
  state: 'TX',
  zipCode: '78701-1234',
  email: 'ada@example.com',
  lines: [
    { sku: 'tent-4p', name: 'Tent', quantity: 1200, unitPriceCents: 19_999, lineTotalCents: 23_998_800 },
  ],
  totalCents: 23_998_800,
};
const lineImageUrls = ['/pictures/canvas.svg'];
const topProducts: readonly TopProduct[] = [
  { rank: 1, sku: 'mug', name: 'Mug', imageUrl: '/images/mug.svg', orders: 1284, units: 2000 },
  { rank: 2, sku: 'tent-4p', name: 'Tent', imageUrl: '/images/tent-4p.svg', orders: 1, units: 1 },
];

test('the receipt says what, how many, how much and when', () => {
  const page = renderConfirmationPage({
    basePath: '',
    order,
    lineImageUrls,
    events: [],
    isHolder: true,
    keyQuery: '',
    topProducts,
  });
  for (const part of [
    '1047',
    '1,200 &times; $199.99',
    '$239,988.00',
    'Thank you, <bdi>Ada Lovelace</bdi>!',
    '12 Analytical Row',
  ]) {
    assert.ok(page.includes(part), part);
  }
  assert.ok(page.includes('<time datetime="2026-10-03T04:05:06.000Z" title="Oct 3, 2026, 04:05 UTC">'));
  // The catalogue says where a picture is; a SKU says nothing of it.
  assert.ok(page.includes('<img src="/pictures/canvas.svg" alt="" width="48" height="48">'));
  assert.ok(!page.includes('/images/tent-4p.svg" alt="" width="48"'));
});

test('without the right to see it the page has no personal data, but the state', () => {
  const page = renderConfirmationPage({
    basePath: '',
    order,
    lineImageUrls,
    events: [],
    isHolder: false,
    keyQuery: '',
    topProducts,
  });
  for (const part of ['Ada', 'Lovelace', 'Analytical', 'Austin', '78701', 'ada@example.com'])
    assert.ok(!page.includes(part), part);
  assert.ok(page.includes('<address>Texas</address>'));
  assert.ok(page.includes('shown only in the browser that placed this order'));
});

test('the ranking of the state links into the shop', () => {
  const page = renderConfirmationPage({
    basePath: '',
    order,
    lineImageUrls,
    events: [],
    isHolder: false,
    keyQuery: '',
    topProducts,
  });
  assert.ok(page.includes('>Popular products in your area</h2>'));
  assert.ok(page.includes('Ordered most in Texas'));
  assert.ok(page.includes('href="/?product=mug#order"'));
  assert.ok(page.includes('Ordered 1,284 times'));
  assert.ok(page.includes('Ordered once'));
});

test('a state that takes an article has one', () => {
  const page = renderConfirmationPage({
    basePath: '',
    order: { ...order, state: 'MP' },
    lineImageUrls,
    events: [],
    isHolder: false,
    keyQuery: '',
    topProducts,
  });
  assert.ok(page.includes('Ordered most in the Northern Mariana Islands'));
});

test('the holder can cancel an order while that is allowed, and nobody else', () => {
  const view = { basePath: '/shop', order, events: [], lineImageUrls, keyQuery: '?key=k', topProducts };
  const link = `href="/shop/orders/${order.orderId}/cancel?key=k">Cancel order</a>`;
  assert.ok(renderConfirmationPage({ ...view, isHolder: true }).includes(link));
  assert.ok(!renderConfirmationPage({ ...view, isHolder: false }).includes('/cancel'));
  for (const status of ['shipped', 'delivered', 'cancelled', 'returned'] as const) {
    const page = renderConfirmationPage({ ...view, order: { ...order, status }, isHolder: true });
    assert.ok(!page.includes('/cancel'), status);
    assert.ok(!page.includes('Thank you'), status);
  }
});

test('an erased order says so, and calls nobody Erased', () => {
  const erased = { type: 'order_erased', data: {}, eventId: '', revision: 2, atMs: 0, actor: 'cli' } as const;
  for (const isHolder of [true, false]) {
    const page = renderConfirmationPage({
      basePath: '',
      order: {
        ...order,
        customerName: 'Erased',
        streetAddress: 'Erased',
        zipCode: '78701',
        email: null,
        revision: 2,
      },
      events: [erased],
      lineImageUrls,
      isHolder,
      keyQuery: '',
      topProducts,
    });
    assert.match(page, /Name, street and email were erased from this order/);
    assert.doesNotMatch(page, /Erased/);
    assert.doesNotMatch(page, /shown only in the browser/);
    assert.ok(page.includes(`<address>${isHolder ? 'Austin, Texas 78701' : 'Texas'}</address>`));
  }
});

test('hostile text never becomes markup', () => {
  const bad = `"><img src=x onerror='alert(1)'>`;
  const page = renderConfirmationPage({
    basePath: '',
    order: {
      ...order,
      customerName: bad,
      streetAddress: bad,
      city: bad,
      zipCode: bad,
      email: bad,
      lines: [{ sku: bad, name: bad, quantity: 1, unitPriceCents: 1, lineTotalCents: 1 }],
    },
    lineImageUrls: [bad],
    events: [],
    isHolder: true,
    keyQuery: '',
    topProducts: [{ rank: 1, sku: bad, name: bad, imageUrl: bad, orders: 1, units: 1 }],
  });
  assert.ok(!page.includes('<img src=x'));
  assert.ok(!page.includes('"><img src=x'));
});

test('no city and no email leave no gaps', () => {
  const page = renderConfirmationPage({
    basePath: '',
    order: { ...order, city: null, email: null },
    lineImageUrls,
    events: [],
    isHolder: true,
    keyQuery: '',
    topProducts: [],
  });
  assert.ok(page.includes('12 Analytical Row<br>Texas 78701-1234</address>'));
  assert.ok(!page.includes('Popular products'));
});

test('a usual page is at most 6 KB', () => {
  const page = renderConfirmationPage({
    basePath: '',
    order,
    lineImageUrls,
    events: [],
    isHolder: true,
    keyQuery: '',
    topProducts,
  });
  assert.ok(Buffer.byteLength(page) <= 6144, `${Buffer.byteLength(page)} bytes`);
});
