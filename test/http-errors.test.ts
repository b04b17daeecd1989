/** Every error code and status line of the HTTP interface, as a client meets them. */
import assert from 'node:assert/strict';
import { chmodSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { until } from './journeys/behind-the-service.ts';
import { type RunningService, runCli, ServiceStartError, startService } from './service.ts';

let service: RunningService;

before(async () => {
  service = await startService({ env: { DEMO_STOCK: '5', CORS_ORIGINS: 'https://shop.example' } });
});

after(() => service[Symbol.asyncDispose]());

const good = {
  customer_name: 'Ada Lovelace',
  street_address: '12 Analytical Way',
  state: 'TX',
  zip_code: '78701',
  lines: [{ sku: 'tent-4p', quantity: 1 }],
};
const goodOriginal = {
  product_name: 'Sundown Four-Person Tent',
  quantity: 1,
  customer_name: 'Ada Lovelace',
  street_address: '12 Analytical Way',
  state: 'TX',
  zip_code: '78701',
};
const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const goodForm = { ...goodOriginal, quantity: '1' };

interface Problem {
  readonly type: string;
  readonly title: string;
  readonly instance: string;
  readonly code: string;
  readonly status: number;
  readonly request_id: string;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[];
  readonly shortages?: readonly { readonly sku: string; readonly available: number }[];
}

/** Checks everything that all problems have in common (RFC 9457 and our extensions). */
async function problemOf(response: Response, status: number, code: string): Promise<Problem> {
  assert.equal(response.status, status);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  const problem = (await response.json()) as Problem;
  assert.equal(problem.code, code);
  assert.equal(problem.status, status);
  assert.equal(problem.type, `/docs#${code}`);
  assert.equal(problem.request_id, response.headers.get('x-request-id'));
  for (const words of [problem.title, problem.detail, problem.instance]) assert.equal(typeof words, 'string');
  assert.doesNotMatch(JSON.stringify(problem), /node_modules|\.ts:|SQLITE/);
  return problem;
}

interface OrderJson {
  readonly order_id: string;
  readonly confirmation_url: string;
  readonly shipping: { readonly zip_code?: string; readonly customer_name?: string };
}

const orderOf = async (response: Response) => (await response.json()) as OrderJson;

const pointersOf = ({ errors = [] }: Problem) => errors.map(({ pointer, code }) => `${pointer} ${code}`);

describe('bad orders', () => {
  test('malformed JSON: 400', async () => {
    for (const body of ['', '{', '{"lines":', 'nonsense', '{} {}', '\u0000']) {
      await problemOf(await service.post('/api/v1/orders', body), 400, 'malformed_json');
    }
    const notUtf8 = await service.fetch('/api/v1/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from([0x22, 0xff, 0xfe, 0x22]),
    });
    await problemOf(notUtf8, 400, 'malformed_json');
  });

  test('a name that stands twice in the JSON: 400, with a pointer to the second', async () => {
    const twice = JSON.stringify(good).replace('"quantity":1', '"quantity":1,"quantity":10');
    const problem = await problemOf(await service.post('/api/v1/orders', twice), 400, 'malformed_json');
    assert.deepEqual(pointersOf(problem), ['/lines/0/quantity duplicate_name']);
    const original = JSON.stringify(goodOriginal).replace('"quantity":1', '"quantity":1,"quantity":10');
    await problemOf(await service.post('/', original), 400, 'malformed_json');
  });

  test('another type than JSON: 415', async () => {
    for (const type of [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/jsonp',
    ]) {
      const response = await service.post('/api/v1/orders', good, { 'content-type': type });
      await problemOf(response, 415, 'unsupported_media_type');
    }
    await problemOf(
      await service.post('/', good, { 'content-type': 'multipart/form-data; boundary=x' }),
      415,
      'unsupported_media_type',
    );
  });

  test('a compressed body: 415, and told what to do', async () => {
    for (const path of ['/api/v1/orders', '/']) {
      const response = await service.fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
        body: gzipSync(JSON.stringify(good)),
      });
      const { detail } = await problemOf(response, 415, 'unsupported_media_type');
      assert.match(detail, /Content-Encoding/);
    }
  });

  test('a body over the bound: 413', async () => {
    const response = await service.post('/api/v1/orders', JSON.stringify(good) + ' '.repeat(65_536));
    await problemOf(response, 413, 'body_too_large');
  });

  test('every field that is wrong is named at once: 422', async () => {
    const response = await service.post('/api/v1/orders', {
      customer_name: ' ',
      street_address: 'a\nb',
      state: 'ZZ',
      zip_code: '123',
      email: 'nobody',
      city: 'x'.repeat(201),
      lines: [{ sku: 'tent-4p', quantity: 0 }, { sku: 'TENT', quantity: 1.5 }, { quantity: 1e9 }, 7],
      price: 1,
      'a/b~c': 1,
    });
    const problem = await problemOf(response, 422, 'validation_failed');
    assert.deepEqual(pointersOf(problem).sort(), [
      '/a~1b~0c unknown_field',
      '/city too_long',
      '/customer_name required',
      '/email invalid_email',
      '/lines/0/quantity out_of_range',
      '/lines/1/quantity not_an_integer',
      '/lines/1/sku invalid_sku',
      '/lines/2/quantity out_of_range',
      '/lines/2/sku required',
      '/lines/3 wrong_type',
      '/price unknown_field',
      '/state unknown_state',
      '/street_address control_character',
      '/zip_code invalid_zip_code',
    ]);
    for (const { detail } of problem.errors ?? []) assert.ok(detail.length > 10, detail);
  });

  for (const [name, change, expected] of [
    ['nothing at all', null, ' wrong_type'],
    ['a list', [], ' wrong_type'],
    ['no lines', { ...good, lines: [] }, '/lines out_of_range'],
    ['51 lines', { ...good, lines: Array(51).fill(good.lines[0]) }, '/lines out_of_range'],
    ['a quantity in quotes', withQuantity('2'), '/lines/0/quantity wrong_type'],
    ['a quantity of null', withQuantity(null), '/lines/0/quantity wrong_type'],
    ['a negative quantity', withQuantity(-1), '/lines/0/quantity out_of_range'],
    ['a quantity over the bound', withQuantity(10_001), '/lines/0/quantity out_of_range'],
    ['a ZIP code as a number', { ...good, zip_code: 78701 }, '/zip_code wrong_type'],
    ['a name of emptiness', { ...good, customer_name: '\u00a0\u2003' }, '/customer_name required'],
    [
      'a name with a control character',
      { ...good, customer_name: 'A\u0007' },
      '/customer_name control_character',
    ],
    ['a name too long', { ...good, customer_name: 'x'.repeat(201) }, '/customer_name too_long'],
    ['a state by its name', { ...good, state: 'Texas' }, '/state unknown_state'],
    ['an unknown product', withLines([{ sku: 'no-such', quantity: 1 }]), '/lines/0/sku unknown_product'],
    [
      'one product in lines that add up to too many',
      withLines([
        { sku: 'awning-mug', quantity: 1 },
        { sku: 'tent-4p', quantity: 6_000 },
        { sku: 'tent-4p', quantity: 6_000 },
      ]),
      '/lines/1/quantity out_of_range',
    ],
  ] as const) {
    test(`${name}: 422`, async () => {
      const problem = await problemOf(await service.post('/api/v1/orders', change), 422, 'validation_failed');
      assert.deepEqual(pointersOf(problem), [expected]);
    });
  }

  test('an own field called __proto__ is an unknown field like any other', async () => {
    const body = `{"__proto__":{"x":1},${JSON.stringify(good).slice(1)}`;
    const problem = await problemOf(await service.post('/api/v1/orders', body), 422, 'validation_failed');
    assert.deepEqual(pointersOf(problem), ['/__proto__ unknown_field']);
  });

  test('more than there is: 409, naming the product and what is left', async () => {
    const lines = [
      { sku: 'awning-mug', quantity: 1 },
      { sku: 'dutch-oven', quantity: 2 },
      { sku: 'dutch-oven', quantity: 4 },
    ];
    const response = await service.post('/api/v1/orders', { ...good, lines });
    const problem = await problemOf(response, 409, 'out_of_stock');
    assert.deepEqual(pointersOf(problem), ['/lines/1/quantity out_of_stock']);
    assert.deepEqual(
      problem.shortages?.map(({ sku, available }) => [sku, available]),
      [['dutch-oven', 5]],
    );
  });

  function withLines(lines: readonly { sku: string; quantity: number }[]) {
    return { ...good, lines };
  }
  function withQuantity(quantity: unknown) {
    return { ...good, lines: [{ sku: 'tent-4p', quantity }] };
  }
});

describe('idempotency', () => {
  test('the same key and order: the first answer, byte for byte', async () => {
    const first = await service.post('/api/v1/orders', good, { 'idempotency-key': '"again-1"' });
    assert.equal(first.status, 201);
    assert.equal(first.headers.get('idempotent-replayed'), null);
    // Bare or quoted, and in other words for the same order.
    const sameOrder = { ...good, customer_name: '  Ada Lovelace ', lines: [...good.lines] };
    const second = await service.post('/api/v1/orders', sameOrder, { 'idempotency-key': 'again-1' });
    assert.equal(second.status, 201);
    assert.equal(second.headers.get('idempotent-replayed'), 'true');
    assert.equal(await second.text(), await first.text());
    assert.equal(second.headers.get('location'), first.headers.get('location'));
  });

  test('the same key, another order: 422', async () => {
    await service.post('/api/v1/orders', good, { 'idempotency-key': 'again-2' });
    const other = { ...good, zip_code: '78702' };
    const response = await service.post('/api/v1/orders', other, { 'idempotency-key': 'again-2' });
    await problemOf(response, 422, 'idempotency_key_reused');
  });

  test('a key that is none: 400', async () => {
    for (const key of ['', 'a b', '"', '"abc', 'x'.repeat(256), 'é']) {
      const response = await service.post('/api/v1/orders', good, { 'idempotency-key': key });
      await problemOf(response, 400, 'invalid_idempotency_key');
    }
  });
});

describe('the original contract', () => {
  test('numbers may come in quotes, and are checked all the same', async () => {
    const placed = await service.post('/', { ...goodOriginal, quantity: '1', zip_code: 1234 });
    assert.equal(placed.status, 201);
    const { message, order_id } = (await placed.json()) as { message: string; order_id: string };
    assert.equal(message, 'Order created');
    const cookie = (placed.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
    const read = await service.get(`/orders/${order_id}`, { accept: 'application/json', cookie });
    assert.equal((await orderOf(read)).shipping.zip_code, '01234');

    const problem = await problemOf(
      await service.post('/', { ...goodOriginal, quantity: '0', zip_code: 'x', foo: 1 }),
      422,
      'validation_failed',
    );
    assert.deepEqual(pointersOf(problem).sort(), [
      '/foo unknown_field',
      '/quantity out_of_range',
      '/zip_code invalid_zip_code',
    ]);
  });

  test('unknown and short products are named by this contract’s fields', async () => {
    const unknown = await service.post('/', { ...goodOriginal, product_name: 'Nothing' });
    assert.deepEqual(pointersOf(await problemOf(unknown, 422, 'validation_failed')), [
      '/product_name unknown_product',
    ]);
    const short = await service.post('/', { ...goodOriginal, quantity: 9_999 });
    assert.deepEqual(pointersOf(await problemOf(short, 409, 'out_of_stock')), ['/quantity out_of_stock']);
  });

  test('an unknown product: 404 with a message', async () => {
    const response = await service.get('/get_product?product_name=Nothing');
    assert.equal(response.status, 404);
    assert.deepEqual(await response.json(), { message: 'Product not found' });
    assert.equal((await service.get('/get_product')).status, 404);
  });

  test('a form that is wrong comes back with what was typed', async () => {
    const form = new URLSearchParams({
      ...goodForm,
      quantity: '0',
      zip_code: '<b>',
      idempotency_key: 'form-1',
    });
    const response = await postForm(form);
    assert.equal(response.status, 422);
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
    const html = await response.text();
    assert.match(html, /&lt;b&gt;/);
    assert.doesNotMatch(html, /<b>/);
    assert.match(html, /value="form-1"/);
    assert.match(html, /id="error-quantity">Enter a whole number from 1 to 10,000\.</);
  });

  test('a form asking for too many: 409; for something else under the same key: 422 and a fresh key', async () => {
    const short = await postForm(new URLSearchParams({ ...goodForm, quantity: '9999' }));
    assert.equal(short.status, 409);
    const first = await postForm(new URLSearchParams({ ...goodForm, idempotency_key: 'form-2' }));
    assert.equal(first.status, 303);
    assert.match(first.headers.get('location') ?? '', /^\/orders\/[0-9a-f-]{36}\?key=[\w-]{43}$/);
    assert.match(
      first.headers.get('set-cookie') ?? '',
      /^order_key=[\w-]{43}; Path=\/orders\/.*HttpOnly; SameSite=Lax/,
    );
    const other = await postForm(
      new URLSearchParams({ ...goodForm, state: 'CA', idempotency_key: 'form-2' }),
    );
    assert.equal(other.status, 422);
    assert.doesNotMatch(await other.text(), /value="form-2"/);
  });

  function postForm(form: URLSearchParams): Promise<Response> {
    return service.fetch('/', { method: 'POST', body: form, headers: browser });
  }
});

describe('addresses and methods', () => {
  const unknownOrder = '01a20abe-a87a-759a-9e6e-e93f1203bf65';

  test('unknown things: 404', async () => {
    for (const [path, code] of [
      ['/nowhere', 'route_not_found'],
      ['/api/v1/nowhere', 'route_not_found'],
      [`/api/v1/orders/${unknownOrder}`, 'order_not_found'],
      [`/api/v1/orders/${unknownOrder.toUpperCase()}`, 'order_not_found'],
      ['/api/v1/orders/7', 'order_not_found'],
      ['/api/v1/products/no-such', 'product_not_found'],
      ['/api/v1/products/%00', 'product_not_found'],
      ['/api/v1/states/ZZ/top-products', 'state_not_found'],
    ] as const) {
      await problemOf(await service.get(path), 404, code);
    }
  });

  test('a browser gets a page, and an API client does not', async () => {
    for (const path of ['/nowhere', `/orders/${unknownOrder}`, '/orders/x']) {
      const page = await service.get(path, browser);
      assert.equal(page.status, 404);
      assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
      assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
      assert.match(await page.text(), new RegExp(page.headers.get('x-request-id') ?? 'none'));
    }
    const json = await service.get(`/orders/${unknownOrder}`, { accept: 'application/json' });
    await problemOf(json, 404, 'order_not_found');
  });

  test('the wrong method: 405 with Allow', async () => {
    for (const [method, path, allow] of [
      ['PUT', '/api/v1/orders', 'POST, GET, HEAD, OPTIONS'],
      ['DELETE', `/api/v1/orders/${unknownOrder}`, 'GET, HEAD, OPTIONS'],
      ['PUT', '/', 'POST, GET, HEAD, OPTIONS'],
      ['POST', '/livez', 'GET, HEAD, OPTIONS'],
    ] as const) {
      const response = await service.fetch(path, { method });
      assert.equal(response.headers.get('allow'), allow);
      await problemOf(response, 405, 'method_not_allowed');
    }
  });

  test('query parameters out of their range: 400', async () => {
    for (const query of [
      'limit=0',
      'limit=101',
      'limit=x',
      'limit=',
      'limit=1.5',
      'cursor=',
      'cursor=%00',
      'cursor=ZZZZ',
    ]) {
      await problemOf(await service.get(`/api/v1/products?${query}`), 400, 'invalid_parameter');
    }
    await problemOf(await service.get('/api/v1/states/TX/top-products?limit=21'), 400, 'invalid_parameter');
  });
});

describe('what every answer has', () => {
  test('a request id: the caller’s when well-formed, else ours', async () => {
    const given = await service.get('/livez', { 'x-request-id': 'abc-123' });
    assert.equal(given.headers.get('x-request-id'), 'abc-123');
    const bad = await service.get('/livez', { 'x-request-id': 'a b"<' });
    assert.match(bad.headers.get('x-request-id') ?? '', /^[0-9a-f]{12}-\d+$/);
  });

  test('the caller’s trace, when it is one', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    assert.equal((await service.get('/livez', { traceparent })).headers.get('traceparent'), traceparent);
    const zeros = `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`;
    assert.equal((await service.get('/livez', { traceparent: zeros })).headers.get('traceparent'), null);
  });

  test('CORS for listed origins alone', async () => {
    const listed = await service.get('/api/v1/products', { origin: 'https://shop.example' });
    assert.equal(listed.headers.get('access-control-allow-origin'), 'https://shop.example');
    assert.match(listed.headers.get('vary') ?? '', /Origin/);
    const other = await service.get('/api/v1/products', { origin: 'https://evil.example' });
    assert.equal(other.headers.get('access-control-allow-origin'), null);
    const preflight = await service.fetch('/api/v1/orders', {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /POST/);
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /Idempotency-Key/);
  });
});

describe('personal data', () => {
  test('shown with the order’s key alone', async () => {
    const placed = await service.post('/api/v1/orders', {
      ...good,
      email: 'ada@example.com',
      lines: [{ sku: 'awning-mug', quantity: 1 }],
    });
    const cookie = (placed.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
    const order = await orderOf(placed);
    const key = order.confirmation_url.split('key=')[1] ?? '';
    const path = `/api/v1/orders/${order.order_id}`;
    const bare = await orderOf(await service.get(path));
    assert.deepEqual(Object.keys(bare.shipping), ['state']);
    assert.doesNotMatch(JSON.stringify(bare), /Ada|Analytical|Austin|example\.com|key=/);
    const wrong = key.startsWith('A') ? `B${key.slice(1)}` : `A${key.slice(1)}`;
    const guessed = await orderOf(await service.get(`${path}?key=${wrong}`));
    assert.equal(guessed.shipping.customer_name, undefined);
    for (const response of [
      await service.get(`${path}?key=${key}`),
      await service.get(path, { 'order-key': key }),
    ]) {
      assert.equal(response.headers.get('cache-control'), 'no-store');
      assert.deepEqual(await response.json(), order);
    }
    const page = await service.get(`/orders/${order.order_id}`, { ...browser, cookie });
    assert.match(await page.text(), /Ada Lovelace/);
    const stranger = await service.get(`/orders/${order.order_id}`, browser);
    assert.doesNotMatch(await stranger.text(), /Ada|Analytical|example\.com/);
    const opened = await service.get(order.confirmation_url, browser);
    assert.match(opened.headers.get('set-cookie') ?? '', /^order_key=/);
  });

  test('a strong ETag, other for who sees more, and 304', async () => {
    const placed = await service.post('/', { ...goodOriginal, product_name: 'Market Awning Mug' });
    const path = placed.headers.get('location') ?? '';
    const json = { accept: 'application/json' };
    const etag = (await service.get(path, json)).headers.get('etag') ?? '';
    assert.match(etag, /^"[^"]+"$/);
    assert.equal((await service.get(path, { ...json, 'if-none-match': etag })).status, 304);
    assert.equal((await service.get(path, { ...json, 'if-none-match': '"other"' })).status, 200);
  });

  test('never in the log', async () => {
    const last = await orderOf(await service.post('/api/v1/orders', good));
    // Lines of orders are written together, a few times a second, in the order of the orders.
    await until(() => service.logs().includes(last.order_id), 'the line of the last order');
    assert.doesNotMatch(service.logs(), /Ada|Analytical|ada@example/);
  });
});

describe('the process', () => {
  test('a taken port is one sentence', async () => {
    await assert.rejects(startService({ env: { PORT: String(service.port) } }), (error) => {
      assert.ok(error instanceof ServiceStartError);
      assert.equal(error.exit?.code, 1);
      assert.match(error.output, /Port \d+ on 127\.0\.0\.1 is taken by another program/);
      assert.doesNotMatch(error.output, /\bat .*\.ts:/);
      return true;
    });
  });

  test('mistakes in the configuration are all named, and end it with code 2', async () => {
    await assert.rejects(startService({ env: { PORT: 'x', LOG_LEVEL: 'y' } }), (error) => {
      assert.ok(error instanceof ServiceStartError);
      assert.equal(error.exit?.code, 2);
      assert.match(error.output, /PORT must be[\s\S]*LOG_LEVEL must be/);
      return true;
    });
  });

  test('a key file that others can read is refused, with the remedy', async () => {
    const first = await startService();
    assert.deepEqual(await first.stop(), { code: 0, signal: null });
    chmodSync(join(first.dir, 'data/nozama.db.order-key'), 0o644);
    await assert.rejects(startService({ dir: first.dir }), /chmod 600/);
    rmSync(first.dir, { recursive: true });
  });

  test('SIGTERM: not ready, new connections refused, requests under way finished, exit code 0', async () => {
    await using own = await startService();
    const socket = connect(own.port, '127.0.0.1');
    const body = JSON.stringify(good);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => undefined);
    const isClosed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(
      `POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
    );
    await sleep(100);
    own.kill('SIGTERM');
    await sleep(300);
    await assert.rejects(own.get('/livez'));
    socket.write(body.slice(10));
    assert.deepEqual(await own.exited, { code: 0, signal: null });
    await isClosed;
    assert.match(answer, /^HTTP\/1\.1 201 /);
  });

  test('a second signal ends it at once, and not with 0', async () => {
    await using own = await startService();
    const socket = connect(own.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      'POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    );
    await sleep(100);
    own.kill('SIGTERM');
    // Signals closer together than a fifth of a second are one wish.
    await sleep(400);
    own.kill('SIGINT');
    // Ended by the signal itself, which a shell shows as 130.
    assert.deepEqual(await own.exited, { code: null, signal: 'SIGINT' });
    socket.destroy();
  });

  test('the command line knows its commands', async () => {
    const { dir } = service;
    const help = await runCli(['--help'], { dir });
    assert.equal(help.code, 0);
    assert.match(help.output, /Usage: nozama/);
    assert.match(
      (await runCli(['--version'], { dir })).output,
      /^\d+\.\d+\.\d+(-modified)?( \([0-9a-f]{40}, [-0-9T:]+Z\))?\n$/,
    );
    const unknown = await runCli(['vreify'], { dir });
    assert.equal(unknown.code, 2);
    assert.match(unknown.output, /doesn't know "vreify"/);
    assert.deepEqual(await runCli(['verify', 'now'], { dir }), {
      code: 2,
      signal: null,
      output: 'nozama verify takes no arguments. See nozama verify --help.\n',
      stdout: '',
    });
    const verify = await runCli(['verify'], { dir });
    assert.equal(verify.code, 0, verify.output);
  });
});
