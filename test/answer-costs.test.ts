/**
 * The cost of an answer for the serving thread, in processor time as Linux counts it: an order that comes meanwhile waits
 * for so long. One of several tries has to be fast enough, since a machine that does other things makes everything slower;
 * the tries end with that one.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { makeApiKey } from '../src/access/api-key.ts';
import { partsMax } from '../src/bulk/picture-parts.ts';
import { shipmentsMax } from '../src/domain/order-lifecycle.ts';
import type { Step } from '../src/domain/order-step.ts';
import { databaseAt } from '../src/storage/engines.ts';
import { aStep } from './builders.ts';
import { createKey } from './journeys/behind-the-service.ts';
import { openShop, type Shop } from './journeys/open-shop.ts';
import { get, jsonOf, keyIn, place, postForm, type RequestHeaders, send } from './journeys/shop-client.ts';
import { openLargeShopWithOrder } from './large-catalogue.ts';
import { jpegSegment, jpegWith } from './pictures.ts';

const triesMax = 5;
const answersEach = 40;
/** The aim is 1 ms. On 2 cores Node takes 0.9 ms for the metrics, which a busy machine makes more. */
const isBun = process.versions['bun'] !== undefined;
const answerMsMax = isBun ? 1 : 2;
/** A search walks an index that is not always in the processor's cache: 0.7 to 1.04 ms on 2 busy cores. */
const searchMsMax = isBun ? 1.5 : 2;
/** Of two words that many products have and none has both, an engine looks at every product, in turns of 1 ms. */
const walkMsMax = 20;

const crowdedMsMax = 2;

/** Of an order with some 3,000 steps, which are read, applied one after the other, and shown or sent. */
const longLifeMsMax = 20;

/** Within the 16 KiB of a request's head. */
const longFields: readonly (readonly [name: string, path: string, header: string, field: string])[] = [
  ['any type', '/nothing', 'accept', '*/*,'.repeat(3_500)],
  ['unknown types', '/nothing', 'accept', 'a/b;q=0.1,'.repeat(1_400)],
  ['one encoding', '/docs', 'accept-encoding', 'gzip,'.repeat(2_800)],
  ['encodings', '/docs', 'accept-encoding', 'a,'.repeat(7_000)],
];

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';
/** Sorting them takes a time that grows with the square of their number. */
const marks = '\u0316\u0300'.repeat(7_000);
const numbered = (count: number, write: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => write(i)).join(',');

/** Below the default of BODY_BYTES_MAX. */
const crowdedRequests: readonly (readonly [name: string, path: string, type: string, body: string])[] = [
  ['5,000 unknown names', '/api/v1/orders', json, `{${numbered(5_000, (i) => `"f${i}":1`)}}`],
  ['900 unknown names', '/api/v1/orders', json, `{${numbered(900, (i) => `"f${i}":1`)}}`],
  ['30,000 brackets', '/api/v1/orders', json, `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ['10,000 objects', '/', json, `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ['30,000 lines', '/api/v1/orders', json, `{"lines":[${numbered(30_000, () => '1')}]}`],
  ['a name of slashes', '/api/v1/orders', json, `{"${'/'.repeat(60_000)}":1}`],
  ['a text of colons', '/api/v1/orders', json, `{"state":"${':'.repeat(60_000)}"}`],
  ['a name of marks', '/api/v1/orders', json, `{"customer_name":"a${marks}"}`],
  ['an email of marks', '/api/v1/orders', json, `{"email":"a${marks}"}`],
  ['a product of marks', '/', json, `{"product_name":"a${marks}"}`],
  ['a form of marks', '/', form, `product_name=a${marks}&customer_name=${marks}`],
  ['30,000 fields of a form', '/', form, 'a&'.repeat(30_000)],
  ['10,000 fields in Latin-1', '/', form, 'a=%E9&'.repeat(10_000)],
];

/** The walk over as many parts as a picture may have, and the receipt and the hash of 1 MiB: 1 to 3 ms on Bun. */
const pictureMsMax = 10;

const skipReason = process.platform === 'linux' ? false : 'only Linux counts by thread';
const pageHeaders = { accept: 'text/html', 'accept-encoding': 'gzip' };

describe('an answer', { skip: skipReason }, () => {
  let shop: Shop;
  let orderPath: string;
  before(async () => {
    ({ shop, orderPath } = await openLargeShopWithOrder());
  });
  after(() => shop?.close());

  const askFor = (path: string) => () => get(`${shop.url}${path}`, pageHeaders);
  const askingFor: readonly (readonly [name: string, msMax: number, ask: () => Promise<unknown>])[] = [
    ['the metrics', answerMsMax, askFor('/metrics')],
    ['the reference', answerMsMax, askFor('/docs')],
    ['the OpenAPI document', answerMsMax, askFor('/openapi.json')],
    ['a hundred products', answerMsMax, askFor('/api/v1/products?limit=100')],
    ['a confirmation page', answerMsMax, () => get(`${shop.url}${orderPath}`, pageHeaders)],
    ['a page that is none', answerMsMax, askFor('/nothing')],
    ['the readiness', answerMsMax, askFor('/readyz')],
    ['the shop page of 1,000 products', answerMsMax, askFor('/')],
    ['one of them chosen', answerMsMax, askFor('/?product=goods-0500')],
    ...longFields.map(
      ([name, path, header, field]) =>
        [
          `14 KB of ${header}: ${name}`,
          answerMsMax,
          () => get(`${shop.url}${path}`, { [header]: field }),
        ] as const,
    ),
    ...crowdedRequests.map(
      ([name, path, type, body]) =>
        [
          name,
          crowdedMsMax,
          () => send(`${shop.url}${path}`, { method: 'POST', body, headers: { 'content-type': type } }),
        ] as const,
    ),
    ['a query of 2,300 parameters', crowdedMsMax, askFor(`/api/v1/products?${'a=%E9&'.repeat(2_300)}`)],
    ['a form with mistakes', answerMsMax, () => postForm(`${shop.url}/`, { product_name: 'Nothing' })],
  ];
  for (const [name, msMax, ask] of askingFor) {
    it(`costs at most ${msMax} ms: ${name}`, () => assertCost(shop, msMax, ask));
  }
});

describe('an answer about an order with as many steps as there can be', { skip: skipReason }, () => {
  let shop: Shop;
  let order: { readonly order_id: string; readonly number: number; readonly confirmation_url: string };
  before(async () => {
    shop = await openShop({
      settings: {
        DEMO_STOCK: String(shipmentsMax),
        RATE_LIMIT_TRACKING_ADDRESS_PER_HOUR: '1000000',
        RATE_LIMIT_TRACKING_NUMBER_PER_HOUR: '1000000',
        RATE_LIMIT_TRACKING_NUMBER_PER_DAY: '1000000',
      },
    });
    order = await place(shop.url, { lines: [{ sku: 'awning-mug', quantity: shipmentsMax }] });
    await shop.stop();
    await liveLong(shop, order.order_id);
    await shop.start();
  });
  after(() => shop?.close());

  const api = () => `${shop.url}/api/v1/orders/${order.order_id}`;
  const asHolder = () => ({ 'order-key': keyIn(order.confirmation_url) });
  const tracked = () => ({ number: String(order.number), zip_or_email: '78701' });
  const asks: readonly (readonly [name: string, ask: () => ReturnType<typeof get>, status: number])[] = [
    ['its page', () => get(`${shop.url}${order.confirmation_url}`, pageHeaders), 200],
    ['its JSON', () => get(api(), asHolder()), 200],
    ['its timeline', () => get(`${api()}/events`, asHolder()), 200],
    ['finding it by its number', () => postForm(`${shop.url}/track`, tracked(), pageHeaders), 303],
    [
      'not finding it',
      () => postForm(`${shop.url}/track`, { ...tracked(), zip_or_email: '10001' }, pageHeaders),
      404,
    ],
  ];
  for (const [name, ask, status] of asks) {
    it(`costs at most ${longLifeMsMax} ms: ${name}`, async () => {
      assert.equal((await ask()).status, status);
      await assertCost(shop, longLifeMsMax, ask);
    });
  }

  it('has all steps in its timeline, and the newest on its page', async () => {
    const { events } = jsonOf(await get(`${api()}/events`, asHolder()));
    assert.equal(events.length, 2 + 3 * shipmentsMax, 'placed, packed and three steps for each unit');
    const { text } = await get(`${shop.url}${order.confirmation_url}`, pageHeaders);
    assert.match(text, /2,941 earlier steps/);
    assert.ok(text.length < 40_000, String(text.length));
  });
});

/** Each unit in a parcel of its own, which arrives and comes back. */
async function liveLong({ file }: Shop, orderId: string): Promise<void> {
  const mug = [{ sku: 'awning-mug', quantity: 1 }];
  const parcels = Array.from({ length: shipmentsMax }, (_, index) => index + 1);
  const steps: readonly Step[] = [
    { name: 'pack' },
    ...parcels.map(
      () => ({ name: 'ship', lines: mug, carrier: 'UPS', trackingNumber: '1Z', trackingUrl: null }) as const,
    ),
    ...parcels.map((shipment) => ({ name: 'deliver', shipment }) as const),
    ...parcels.map(() => ({ name: 'return', lines: mug, restock: true, reason: 'broken' }) as const),
  ];
  const store = await databaseAt(`sqlite:${file}`).open();
  for (let at = 0; at < steps.length; at += 100)
    await store.commitBatch(steps.slice(at, at + 100).map((step) => aStep({ orderId, step })));
  await store.close();
}

describe('an answer of a shop of 10,000 products', { skip: skipReason }, () => {
  let shop: Shop;
  before(async () => {
    ({ shop } = await openLargeShopWithOrder('sqlite', 10_000));
  });
  after(() => shop?.close());

  const pages: readonly (readonly [name: string, msMax: number, path: string])[] = [
    ['the shop page', answerMsMax, '/'],
    ['one product chosen', answerMsMax, '/?product=goods-9999'],
    ['a word that all have', searchMsMax, '/?q=product'],
    ['a word that few have', searchMsMax, '/?q=goods-123'],
    ['a word that none has', searchMsMax, '/?q=nothing'],
    ['a category, cheapest first', searchMsMax, '/?category=Indoors&sort=cheapest'],
    ['a list to pick from', searchMsMax, '/api/v1/products?q=pro&limit=20'],
    ['words that never meet', walkMsMax, '/?q=indoors+outdoors'],
  ];
  for (const [name, msMax, path] of pages) {
    it(`costs at most ${msMax} ms: ${name}`, () =>
      assertCost(shop, msMax, () => get(`${shop.url}${path}`, pageHeaders)));
  }

  it('comes within 20 ms for a first view', async () => {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 20; i += 1) {
      const askedAt = performance.now();
      await get(`${shop.url}/`, pageHeaders);
      least = Math.min(least, performance.now() - askedAt);
    }
    assert.ok(least < 20, `${least.toFixed(2)} ms`);
  });
});

describe('an answer to a picture of many parts', { skip: skipReason }, () => {
  let shop: Shop;
  let headers: RequestHeaders;
  before(async () => {
    shop = await openShop();
    const draft = { name: 'erp', scopes: ['catalog:write'], expiresAtMs: null } as const;
    const { key, stored } = makeApiKey(draft, Date.now());
    await createKey(shop, stored);
    headers = { authorization: `Bearer ${key}` };
  });
  after(() => shop?.close());

  const crowded = jpegWith(Buffer.concat(Array.from({ length: 260_000 }, () => jpegSegment(0xfe))));
  const empty = Array.from({ length: partsMax - 6 }, () => jpegSegment(0xfe));
  const large = jpegWith(...Array.from({ length: partsMax - 5 }, () => jpegSegment(0xc4, Buffer.alloc(510))));
  let sent = 0;
  /** The parts of the JPEG itself are five. */
  const pictures: readonly (readonly [name: string, status: number, picture: () => Buffer])[] = [
    ['260,000 empty ones', 422, () => crowded],
    [
      'as many as it may have, others each time',
      200,
      () => jpegWith(jpegSegment(0xfe, String(++sent)), ...empty),
    ],
    ['as many in 1 MiB, known', 200, () => large],
  ];
  for (const [name, status, picture] of pictures) {
    it(`costs at most ${pictureMsMax} ms: ${name}`, async () => {
      const ask = async () => {
        const body = new Uint8Array(picture());
        const url = `${shop.url}/api/v1/products/awning-mug/image`;
        const answer = await send(url, {
          method: 'PUT',
          body,
          headers: { ...headers, 'content-type': 'image/jpeg' },
        });
        assert.equal(answer.status, status, answer.text);
      };
      await ask();
      await assertCost(shop, pictureMsMax, ask);
    });
  }
});

async function assertCost(shop: Shop, msMax: number, ask: () => Promise<unknown>): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < triesMax && least >= msMax; i += 1) {
    const before = servingThreadMs(shop.service.pid);
    for (let answers = 0; answers < answersEach; answers += 1) await ask();
    least = Math.min(least, (servingThreadMs(shop.service.pid) - before) / answersEach);
  }
  assert.ok(least < msMax, `${least.toFixed(2)} ms`);
}

/** Processor time of the first thread of a process. */
function servingThreadMs(pid: number): number {
  const [nanoseconds] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}
