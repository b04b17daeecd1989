/**
 * No input gives a 5xx or ends the process. First inputs that are known to hurt services, each with the
 * answer it must get; then whatever a seeded generator comes up with.
 *
 * `SEED=…` replays a run, `RUNS=…` makes more of them.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { anything, apiFields, mutations, originalWish } from './hostile-input/anything.ts';
import { hostileBodies, withQuantity } from './hostile-input/bodies.ts';
import {
  headersWeRead,
  hostilePaths,
  hostileRequestLines,
  hostileValues,
  sendBytes,
} from './hostile-input/requests.ts';
import { openShop, type Shop } from './journeys/open-shop.ts';
import {
  anOrder,
  get,
  type Json,
  jsonOf,
  keyIn,
  place,
  postJson,
  postOrder,
  send,
} from './journeys/shop-client.ts';
import { runtimeUnderTest } from './service.ts';

const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
const numRuns = Number(process.env['RUNS'] || 400);

let shop: Shop;
before(async () => {
  shop = await openShop();
});
after(() => shop?.close());

describe('bodies that hurt', () => {
  for (const [what, body, status, pointer] of hostileBodies) {
    it(`${what}: ${status}`, async () => {
      const answer = await send(`${shop.url}/api/v1/orders`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      assert.equal(answer.status, status, answer.text.slice(0, 500));
      const json = jsonOf(answer);
      if (pointer !== undefined) assert.ok(pointersOf(json).includes(pointer), answer.text.slice(0, 500));
      assert.ok(answer.text.length < 40_000, 'an answer stays short');
    });
  }

  it('a field twice counts once, whichever it is', async () => {
    const answer = await postOrder(shop.url, withQuantity('1,"quantity":2'));
    assert.ok([201, 400, 422].includes(answer.status));
    if (answer.status === 201)
      assert.deepEqual(jsonOf(answer).total.amount, jsonOf(answer).lines[0].quantity * 19_999);
  });

  it('names every wrong field at once', async () => {
    const answer = await postOrder(shop.url, {
      customer_name: '',
      street_address: 7,
      state: 'ZZ',
      zip_code: 'x',
      email: '@',
      lines: [{ sku: '', quantity: 0 }, {}],
    });
    assert.equal(answer.status, 422);
    assert.deepEqual(pointersOf(jsonOf(answer)).toSorted(), [
      '/customer_name',
      '/email',
      '/lines/0/quantity',
      '/lines/0/sku',
      '/lines/1/quantity',
      '/lines/1/sku',
      '/state',
      '/street_address',
      '/zip_code',
    ]);
  });

  it('pollutes no prototype', async () => {
    await postJson(`${shop.url}/`, '{"__proto__":{"quantity":1,"polluted":true},"product_name":"x"}');
    await send(`${shop.url}/`, {
      method: 'POST',
      body: new URLSearchParams('__proto__=x&constructor[prototype][y]=1&product_name=x'),
    });
    const { shipping } = await place(shop.url);
    assert.ok(!('polluted' in shipping));
  });

  it('a name that is a script never runs on a page', async () => {
    const order = await place(shop.url, {
      customer_name: '<img src=x onerror=alert(1)>',
      street_address: `"'><svg/onload=a()>`,
      city: '</address><u>',
    });
    const { text } = await get(`${shop.url}${order.confirmation_url}`, { accept: 'text/html' });
    assert.doesNotMatch(text, /<img src=x|<svg\/onload|<u>/);
  });
});

describe('addresses and headers that hurt', () => {
  it('get an answer below 500, and no file of ours', async () => {
    for (const path of hostilePaths) {
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
        const { status, text } = await sendBytes(
          shop.url,
          `${method} ${path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
        );
        assert.ok(status >= 200 && status < 500, `${method} ${path.slice(0, 80)}: ${status}`);
        assert.doesNotMatch(text, /"dependencies"|startService/);
      }
    }
  });

  it('as raw bytes too: the answer is below 500, or none', async () => {
    for (const line of hostileRequestLines) {
      const { status } = await sendBytes(shop.url, `${line}\r\nhost: shop\r\nconnection: close\r\n\r\n`);
      const isBunsOwn = status === 505 && runtimeUnderTest() === 'bun';
      assert.ok(status < 500 || isBunsOwn, `${JSON.stringify(line)}: ${status}`);
    }
  });

  it('in every header we read', async () => {
    const order = await place(shop.url);
    const path = `/orders/${order.order_id}`;
    for (const header of headersWeRead) {
      for (const value of hostileValues) {
        const host = header === 'host' ? '' : 'host: shop\r\n';
        const { status } = await sendBytes(
          shop.url,
          `GET ${path} HTTP/1.1\r\n${host}connection: close\r\n${header}: ${value}\r\n\r\n`,
        );
        assert.ok(status < 500, `${header}: ${value.slice(0, 40)}: ${status}`);
      }
    }
  });

  it('cookies and keys of every length open nothing', async () => {
    const order = await place(shop.url, { customer_name: 'Trillian' });
    const key = keyIn(order.confirmation_url);
    for (const wrong of [
      '',
      key.slice(0, 42),
      `${key}x`,
      'A'.repeat(43),
      key.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      '='.repeat(43),
      key.split('').reverse().join(''),
    ]) {
      for (const header of [
        `cookie: order_key=${wrong}`,
        `cookie: a=b; order_key=${wrong}; order_key=`,
        `order-key: ${wrong}`,
        `cookie: x_order_key=${key}`,
        `cookie: order_key="${key}"`,
      ]) {
        const { status, text } = await sendBytes(
          shop.url,
          `GET /orders/${order.order_id} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n${header}\r\n\r\n`,
        );
        assert.equal(status, 200);
        assert.doesNotMatch(text, /Trillian/, header);
      }
    }
  });

  it('two Idempotency-Keys are none', async () => {
    const body = JSON.stringify(anOrder());
    const { status } = await sendBytes(
      shop.url,
      `POST /api/v1/orders HTTP/1.1\r\nhost: shop\r\nconnection: close\r\ncontent-type: application/json\r\nidempotency-key: a\r\nidempotency-key: b\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    assert.equal(status, 400);
  });
});

describe(`anything else (SEED=${seed} RUNS=${numRuns})`, () => {
  const options = { seed, numRuns, interruptAfterTimeLimit: 25_000 };

  it('as an order of the API', { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(
        mutations(apiFields),
        fc.array(fc.record({ sku: anything, quantity: anything }), { maxLength: 3 }),
        async (changes, lines) => {
          const order: Record<string, unknown> = { ...anOrder(), ...(lines.length > 0 ? { lines } : {}) };
          for (const [field, value] of changes)
            Object.defineProperty(order, field, { value, enumerable: true, configurable: true });
          await assertSaneAnswer(await postOrder(shop.url, order));
        },
      ),
      options,
    ),
  );

  it('as an order of the original contract, as JSON and as a form', { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(mutations(Object.keys(originalWish)), fc.boolean(), async (changes, isForm) => {
        const wish: Record<string, unknown> = { ...originalWish, ...Object.fromEntries(changes) };
        const answer = isForm
          ? await send(`${shop.url}/`, {
              method: 'POST',
              body: new URLSearchParams(
                Object.entries(wish).map(([field, value]): [string, string] => [
                  field,
                  String(typeof value === 'object' ? JSON.stringify(value) : value),
                ]),
              ),
            })
          : await postJson(`${shop.url}/`, wish);
        assert.ok(
          [201, 303, 409, 413, 422].includes(answer.status),
          `${answer.status} ${answer.text.slice(0, 300)}`,
        );
      }),
      options,
    ),
  );

  it('as bytes of a body', { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain'),
        fc.constantFrom('/', '/api/v1/orders'),
        async (bytes, type, path) => {
          const answer = await send(`${shop.url}${path}`, {
            method: 'POST',
            body: new Uint8Array(bytes),
            headers: { 'content-type': type },
          });
          assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
        },
      ),
      options,
    ),
  );

  it('as a path, a query and a header', { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          '',
          'orders/',
          'api/v1/orders/',
          'api/v1/products/',
          'api/v1/states/',
          'get_product',
          'images/',
          'assets/',
        ),
        fc.webPath({ size: 'large' }),
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom(
          'accept',
          'cookie',
          'order-key',
          'if-none-match',
          'traceparent',
          'x-request-id',
          'accept-encoding',
        ),
        fc.string({ unit: 'binary-ascii', maxLength: 60 }),
        async (room, path, query, header, value) => {
          const field = value.replaceAll(/[^\x20-\x7e]/g, '?');
          const answer = await get(
            // Bun's fetch asks for / when a path is slashes alone; hostilePaths has those as bytes.
            `${shop.url}/${room}${path.replace(/^\/+/, '')}?${encodeURIComponent(query.toWellFormed())}=%`,
            { [header]: field },
          );
          assert.ok(answer.status < 500, `${answer.status}`);
        },
      ),
      options,
    ),
  );
});

describe('after all of this', () => {
  it('the shop is open, has seen no fault, and its books agree', async () => {
    assert.equal((await get(`${shop.url}/readyz`)).status, 200);
    assert.doesNotMatch(shop.service.logs(), /"level":"(error|fatal)"/);
    const { code, output } = await shop.verify();
    assert.equal(code, 0, output);
    const { text } = await get(`${shop.url}/metrics`);
    assert.doesNotMatch(text, /status="5\d\d"/);
    assert.equal((await shop.stop()).code, 0);
  });
});

/** A refusal that names the field, or an order with the content that was sent. */
async function assertSaneAnswer(answer: { status: number; text: string; headers: Headers }): Promise<void> {
  assert.ok([201, 409, 413, 422].includes(answer.status), `${answer.status} ${answer.text.slice(0, 300)}`);
  const body = jsonOf(answer);
  if (answer.status !== 201) return;
  const { order_id, confirmation_url } = body;
  const read = await get(`${shop.url}/api/v1/orders/${order_id}?key=${keyIn(confirmation_url)}`);
  assert.equal(read.text, answer.text);
  assert.equal((await get(`${shop.url}${confirmation_url}`, { accept: 'text/html' })).status, 200);
}

function pointersOf({ errors = [] }: Json): readonly string[] {
  return errors.map(({ pointer }: { pointer: string }) => pointer);
}
