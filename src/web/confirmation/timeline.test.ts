import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asPlaced, type Order } from '../../domain/order.ts';
import { type EventContent, type OrderEvent, orderAt } from '../../domain/order-event.ts';
import { statusWordsOf } from './status-words.ts';
import { renderTimeline, stepsShownMax } from './timeline.ts';

const placed: Order = {
  orderId: '0199a7b2-6c1e-7d40-9c51-3f2b8a6d4e10',
  number: 1047,
  ...asPlaced,
  placedAtMs: Date.UTC(2026, 9, 3, 4, 5),
  customerName: 'Ada',
  streetAddress: '12 Row',
  city: null,
  state: 'TX',
  zipCode: '78701',
  email: null,
  lines: [
    { sku: 'tent', name: 'Tent <b>', quantity: 1, unitPriceCents: 1, lineTotalCents: 1 },
    { sku: 'mug', name: 'Mug', quantity: 1_200, unitPriceCents: 1, lineTotalCents: 1_200 },
  ],
  totalCents: 1_201,
};

const all = [
  { sku: 'tent', quantity: 1 },
  { sku: 'mug', quantity: 1_200 },
];
const parcel = { carrier: 'UPS', trackingNumber: '1Z', trackingUrl: 'https://ups.example/t?n=1&x=2' };

/** A minute after each other. */
function eventsOf(...contents: readonly EventContent[]): readonly OrderEvent[] {
  return contents.map((content, index) => ({
    ...content,
    eventId: String(index),
    revision: index + 2,
    atMs: placed.placedAtMs + (index + 1) * 60_000,
    actor: 'key:erp',
  }));
}

function timelineOf(contents: readonly EventContent[], showPersonalData = true) {
  const events = eventsOf(...contents);
  const order = orderAt({ placed, events });
  return { page: renderTimeline({ order, events, showPersonalData }), words: statusWordsOf(order) };
}

const packed = { type: 'order_packed', data: {} } as const;
const shippedWith = (lines: typeof all, shipment = 1): EventContent => ({
  type: 'order_shipped',
  data: { shipment, lines, ...parcel },
});
const namesIn = (page: string) => Array.from(page.matchAll(/<strong>([^<]+)<\/strong>/g), ([, name]) => name);

describe('the timeline of an order', () => {
  test('tells its steps with their times, and those to come', () => {
    const { page, words } = timelineOf([packed, shippedWith(all)]);
    assert.deepEqual(namesIn(page), ['Placed', 'Packed', 'Shipped', 'Delivered']);
    assert.equal(page.match(/class="to-come"/g)?.length, 1);
    assert.ok(
      page.includes(
        '<strong>Packed</strong><time datetime="2026-10-03T04:06:00.000Z" title="Oct 3, 2026, 04:06 UTC">',
      ),
    );
    assert.ok(!page.includes('&times;'), 'a shipment of everything lists nothing');
    assert.equal(words.name, 'Shipped');
    assert.ok(!page.includes('erp'), 'a shopper does not learn the names of keys');
  });

  test('lists the lines of a part, and what is still to ship', () => {
    const { page, words } = timelineOf([packed, shippedWith([{ sku: 'mug', quantity: 1_100 }])]);
    assert.deepEqual(namesIn(page), ['Placed', 'Packed', 'Parcel 1 shipped', 'Still to ship', 'Delivered']);
    assert.match(
      page,
      /Parcel 1 shipped.*1,100 &times; <bdi>Mug<.*Still to ship.*1 &times; <bdi>Tent &lt;b&gt;<.*100 &times;/,
    );
    assert.equal(words.name, 'Partly shipped');
  });

  test('tells what came back, and when all of it has', () => {
    const back = (lines: typeof all): EventContent => ({
      type: 'order_returned',
      data: { lines, restock: true, reason: 'too <small>' },
    });
    const shipped = [packed, shippedWith(all), { type: 'order_delivered', data: { shipment: 1 } }] as const;
    const part = timelineOf([...shipped, back([{ sku: 'tent', quantity: 1 }])]);
    assert.deepEqual(namesIn(part.page).slice(-2), ['Delivered', 'Came back to us']);
    assert.ok(part.page.includes('<q>too &lt;small&gt;</q>'));
    assert.equal(part.words.name, 'Partly returned');
    const whole = timelineOf([...shipped, back(all)]);
    assert.deepEqual(namesIn(whole.page).at(-1), 'Returned');
    assert.equal(whole.words.name, 'Returned');
    assert.ok(!whole.page.includes('to-come'));
  });

  test('links to the carrier by name, safely, and only for the order’s holder', () => {
    const { page } = timelineOf([packed, shippedWith(all)]);
    assert.ok(
      page.includes(
        'href="https://ups.example/t?n=1&amp;x=2" rel="noopener noreferrer">Follow it at ups.example</a>',
      ),
    );
    assert.ok(page.includes('<span class="tracking-number">1Z</span>'));
    const stranger = timelineOf([packed, shippedWith(all)], false).page;
    assert.ok(stranger.includes('With UPS'));
    assert.ok(!/1Z|ups\.example/.test(stranger));
  });

  test('links to an address that stands where the number belongs', () => {
    const address = { carrier: 'UPS', trackingNumber: 'https://ups.example/1Z', trackingUrl: null };
    const { page } = timelineOf([
      packed,
      { type: 'order_shipped', data: { shipment: 1, lines: all, ...address } },
    ]);
    assert.ok(
      page.includes('href="https://ups.example/1Z" rel="noopener noreferrer">Follow it at ups.example</a>'),
    );
  });

  test('never links to what is no web address', () => {
    for (const trackingUrl of [
      'javascript:alert(1)',
      'data:text/html,x',
      ' ',
      'ups.example/1',
      'vbscript:x',
    ]) {
      const { page } = timelineOf([
        packed,
        {
          type: 'order_shipped',
          data: { shipment: 1, lines: all, carrier: 'UPS', trackingNumber: trackingUrl, trackingUrl },
        },
      ]);
      assert.ok(!page.includes('<a'), trackingUrl);
    }
  });

  test('ends where an order is cancelled, with the reason for its holder', () => {
    const contents = [packed, { type: 'order_cancelled', data: { reason: 'Ordered twice' } }] as const;
    const { page, words } = timelineOf(contents);
    assert.deepEqual(namesIn(page), ['Placed', 'Packed', 'Cancelled']);
    assert.ok(page.includes('<q>Ordered twice</q>'));
    assert.ok(!timelineOf(contents, false).page.includes('twice'));
    assert.equal(words.tone, 'danger');
  });

  test('of very many steps shows the newest', () => {
    const many = Array.from({ length: stepsShownMax }, (_, index) =>
      shippedWith([{ sku: 'mug', quantity: 1 }], index + 1),
    );
    assert.ok(!timelineOf(many).page.includes('earlier'));
    const { page } = timelineOf([packed, packed, ...many]);
    assert.ok(page.includes('<li class="to-come">2 earlier steps</li>'));
    assert.ok(!page.includes('<strong>Packed'));
    assert.ok(page.includes(`Parcel ${stepsShownMax} shipped`));
  });
});
