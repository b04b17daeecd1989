/** Products, pictures, stock and lists changed over HTTP, by callers who may. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeApiKey } from '../../src/access/api-key.ts';
import type { Scope } from '../../src/access/scope.ts';
import { anImage } from '../builders.ts';
import { png } from '../pictures.ts';
import { readProductLog, toldOf } from '../read-product-log.ts';
import { createKey } from './behind-the-service.ts';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { type Answer, get, inStock, jsonOf, place, send } from './shop-client.ts';

const engine = engineOf(import.meta.url);

let shop: Shop;
let writer: string;
before(async () => {
  shop = await openShop({ engine });
  writer = await keyWith('erp', ['catalog:write', 'stock:write']);
});
after(() => shop?.close());

async function keyWith(name: string, scopes: readonly Scope[]): Promise<string> {
  const { key, stored } = makeApiKey({ name, scopes, expiresAtMs: null }, Date.now());
  await createKey(shop, stored);
  return key;
}

type Sent = Readonly<Record<string, string>>;

function ask(method: string, path: string, body: unknown, headers: Sent = {}): Promise<Answer> {
  const given = typeof body === 'string' || body instanceof Uint8Array;
  return send(`${shop.url}/api/v1${path}`, {
    method,
    body: given ? (body as string) : JSON.stringify(body),
    headers: {
      authorization: `Bearer ${writer}`,
      ...(given ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  });
}

const codes = (answer: Answer) => `${answer.status} ${jsonOf(answer).code}`;
const usd = (amount: number) => ({ amount, currency: 'USD' });

describe(`changing products (${engine})`, () => {
  it('changes one that others change, too, when any version will do, or asks to try again', async () => {
    await ask('PUT', '/products/beret', { name: 'Beret', price: usd(100) }, { 'if-none-match': '*' });
    const changes = Array.from({ length: 60 }, (_, i) =>
      ask('PATCH', '/products/beret', { price: usd(200 + i) }, { 'if-match': '*' }),
    );
    let changedCount = 0;
    for (const answer of await Promise.all(changes)) {
      if (answer.status === 200) changedCount += 1;
      else {
        assert.equal(codes(answer), '503 busy', answer.text);
        assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
      }
    }
    assert.ok(changedCount >= 1);
    const { headers } = await get(`${shop.url}/api/v1/products/beret`);
    assert.equal(
      headers.get('etag'),
      `"${changedCount + 1}"`,
      'each change that was answered is one version',
    );
  });

  it('adds one by PUT, changes it only with the version that was seen', async () => {
    const added = await ask(
      'PUT',
      '/products/hat',
      { name: 'Hat', price: usd(1_000) },
      { 'if-none-match': '*' },
    );
    assert.equal(added.status, 201, added.text);
    assert.equal(added.headers.get('location'), '/api/v1/products/hat');
    assert.deepEqual([added.headers.get('etag'), jsonOf(added).category], ['"1"', 'Other']);
    assert.equal(jsonOf(added).image_url, '/images/placeholder.svg');

    const dearer = { name: 'Hat', price: usd(1_200), description: 'Warm.\nRed.', category: 'Heads' };
    assert.equal(codes(await ask('PUT', '/products/hat', dearer)), '428 precondition_required');
    assert.equal(
      codes(await ask('PUT', '/products/hat', dearer, { 'if-none-match': '*' })),
      '412 precondition_failed',
    );
    const changed = await ask('PUT', '/products/hat', dearer, { 'if-match': '"1"' });
    assert.deepEqual([changed.status, changed.headers.get('etag')], [200, '"2"']);
    const stale = await ask('PATCH', '/products/hat', { price: usd(1) }, { 'if-match': '"1"' });
    assert.equal(codes(stale), '412 precondition_failed');
    assert.equal(jsonOf(stale).current_etag, '"2"');
    for (const ifMatch of ['W/"2"', '"22"', '"1", "3"'])
      assert.equal(
        (await ask('PATCH', '/products/hat', { price: usd(1) }, { 'if-match': ifMatch })).status,
        412,
      );
    const read = await get(`${shop.url}/api/v1/products/hat`);
    assert.deepEqual([read.headers.get('etag'), jsonOf(read).price.amount], ['"2"', 1_200]);
    const same = await ask('PATCH', '/products/hat', {}, { 'if-match': '"1", "2"' });
    assert.deepEqual([same.status, same.headers.get('etag')], [200, '"2"'], 'nothing has changed');
    assert.equal(
      codes(await ask('PUT', '/products/cap', dearer, { 'if-match': '"1"' })),
      '412 precondition_failed',
    );
    assert.equal((await ask('PUT', '/products/cap', dearer)).status, 201);
  });

  it('says how a SKU is written to a caller who adds one by a wrong SKU', async () => {
    for (const sku of ['Hat', 'a%20b', 'x'.repeat(65), '-']) {
      const refused = await ask('PUT', `/products/${sku}`, { name: 'Hat', price: usd(1_000) });
      assert.equal(codes(refused), '400 invalid_parameter', sku);
      const [error] = jsonOf(refused).errors;
      assert.deepEqual([error.parameter, error.in], ['sku', 'path']);
      assert.match(error.detail, /1 to 64 letters a to z, digits and hyphens/);
    }
    assert.equal((await ask('PUT', `/products/${'x'.repeat(64)}`, { name: 'X', price: usd(1) })).status, 201);
  });

  it('retires one and brings it back; old orders keep their price', async () => {
    const order = await place(shop.url, { lines: [{ sku: 'fig-candle', quantity: 1 }] });
    const patch = (change: unknown) => ask('PATCH', '/products/fig-candle', change, { 'if-match': '*' });
    assert.equal(jsonOf(await patch({ active: false, price: usd(99) })).active, false);
    const refused = await send(`${shop.url}/api/v1/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        customer_name: 'A',
        street_address: 'B',
        state: 'TX',
        zip_code: '78701',
        lines: [{ sku: 'fig-candle', quantity: 1 }],
      }),
    });
    assert.equal(jsonOf(refused).errors[0].code, 'product_unavailable');
    assert.equal(jsonOf(await patch({ active: true })).active, true);
    assert.equal((await place(shop.url, { lines: [{ sku: 'fig-candle', quantity: 1 }] })).total.amount, 99);
    assert.notEqual(order.total.amount, 99);
  });

  it('makes every change that says * of many at once, and one of those that say a version', async () => {
    const to = (amount: number, ifMatch: string) =>
      ask('PATCH', '/products/desk-lamp', { price: usd(amount) }, { 'if-match': ifMatch });
    const any = await Promise.all(Array.from({ length: 5 }, (_, nth) => to(1_000 + nth, '*')));
    assert.deepEqual(new Set(any.map(({ status }) => status)), new Set([200]));
    const etag = (await get(`${shop.url}/api/v1/products/desk-lamp`)).headers.get('etag') ?? '';
    assert.equal(etag, '"6"');
    const one = await Promise.all(Array.from({ length: 5 }, (_, nth) => to(2_000 + nth, etag)));
    assert.deepEqual(one.map(({ status }) => status).sort(), [200, 412, 412, 412, 412]);
  });

  it('names each wrong field', async () => {
    const wrong = { name: 'x'.repeat(201), price: usd(-1), description: 'a\0', colour: 'red', active: 'yes' };
    const answer = await ask('PUT', '/products/wrong', wrong);
    assert.equal(codes(answer), '422 validation_failed');
    assert.deepEqual(
      jsonOf(answer)
        .errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`)
        .sort(),
      [
        '/active wrong_type',
        '/colour unknown_field',
        '/description control_character',
        '/name too_long',
        '/price/amount out_of_range',
      ],
    );
    assert.match(answer.text, /at most 200 characters/);
    assert.equal((await ask('PUT', '/products/Not A SKU', { name: 'x', price: usd(1) })).status, 400);
    assert.equal(
      codes(await ask('PATCH', '/products/ghost', {}, { 'if-match': '*' })),
      '404 product_not_found',
    );
    assert.equal((await ask('PATCH', '/products/hat', {}, { 'if-match': '2' })).status, 400);
    const longest = { name: '😀'.repeat(200), description: 'x'.repeat(5_000), price: usd(100_000_000) };
    assert.equal((await ask('PUT', '/products/longest', longest)).status, 201);
    assert.match(
      (await get(`${shop.url}/?product=longest`, { accept: 'text/html' })).text,
      /\$1,000,000\.00/,
    );
  });

  it('is for callers with catalog:write alone', async () => {
    const reader = { authorization: `Bearer ${await keyWith('reader', ['orders:read', 'stock:write'])}` };
    for (const [method, path] of [
      ['PUT', '/products/hat'],
      ['PATCH', '/products/hat'],
      ['PUT', '/products/hat/image'],
      ['POST', '/products/import'],
    ] as const) {
      assert.equal((await ask(method, path, '', { authorization: '' })).status, 401, path);
      assert.equal((await ask(method, path, '', reader)).status, 403, path);
    }
    const other = { authorization: `Bearer ${await keyWith('catalogue', ['catalog:write'])}` };
    for (const [method, path] of [
      ['POST', '/stock/receipts'],
      ['POST', '/stock/adjustments'],
    ] as const)
      assert.equal((await ask(method, path, {}, other)).status, 403, path);
    assert.equal((await get(`${shop.url}/api/v1/products/hat/stock-movements`, other)).status, 403);
  });
});

describe('a picture', () => {
  const put = (bytes: string | Uint8Array, type: string, headers: Sent = {}) =>
    ask('PUT', '/products/awning-mug/image', bytes, { 'content-type': type, ...headers });

  it('is taken by its content and shown at once', async () => {
    const answer = await put(anImage().bytes, 'image/jpeg');
    assert.equal(answer.status, 200, answer.text);
    const path = `/images/${anImage().hash}.png`;
    assert.equal(jsonOf(answer).image_url, path);
    assert.equal((await get(`${shop.url}${path}`)).headers.get('content-type'), 'image/png');
    assert.equal(answer.headers.get('etag'), '"2"');
    assert.equal((await put(anImage().bytes, 'image/png')).headers.get('etag'), '"2"', 'the same again');
    assert.equal((await put(anImage().bytes, 'image/png', { 'if-match': '"1"' })).status, 412);
  });

  it('is not kept when another version of the product is meant', async () => {
    const picture = png({ width: 7, height: 5 });
    const path = `/images/${anImage(picture).hash}.png`;
    assert.equal(codes(await put(picture, 'image/png', { 'if-match': '"99"' })), '412 precondition_failed');
    assert.equal((await get(`${shop.url}${path}`)).status, 404);
    assert.equal((await put(picture, 'image/png', { 'if-match': '"2"' })).status, 200);
    assert.equal((await get(`${shop.url}${path}`)).status, 200);
  });

  it('that is none, or too large, is refused', async () => {
    for (const bytes of ['<svg xmlns="http://www.w3.org/2000/svg"></svg>', '', 'GIF89a'])
      assert.equal(codes(await put(bytes, 'image/png')), '422 invalid_image');
    assert.equal((await put('<svg/>', 'image/svg+xml')).status, 415);
    assert.equal((await put(new Uint8Array(1024 * 1024 + 1), 'image/png')).status, 413);
    const most = new Uint8Array(1024 * 1024);
    assert.equal(codes(await put(most, 'image/png')), '422 invalid_image', 'read to its end');
    assert.equal(
      (await ask('PUT', '/products/ghost/image', anImage().bytes, { 'content-type': 'image/png' })).status,
      404,
    );
  });
});

describe('the stock ledger', () => {
  const receive = (body: unknown) => ask('POST', '/stock/receipts', body);

  it('receives and adjusts, and says what is on hand', async () => {
    const before = await inStock(shop.url, 'honey-jar');
    const lines = [{ sku: 'honey-jar', units: 5 }];
    const made = await receive({ reference: 'PO 1', note: 'Two boxes.', lines });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual(jsonOf(made).movements, [
      { sku: 'honey-jar', units: 5, repeated: false, num_in_stock: before + 5 },
    ]);
    const again = await receive({ reference: 'PO 1', note: 'Two boxes.', lines });
    assert.deepEqual([again.status, jsonOf(again).movements[0].repeated], [200, true]);
    assert.equal(
      codes(await receive({ reference: 'PO 1', lines: [{ sku: 'honey-jar', units: 6 }] })),
      '422 reference_reused',
    );
    const found = await ask('POST', '/stock/adjustments', { reference: 'PO 1', reason: 'found', lines });
    assert.equal(codes(found), '422 reference_reused');
    assert.match(jsonOf(found).detail, /"PO 1" .*\(receipt, 5 units\).* found, 5 units/);
    const taken = await ask('POST', '/stock/adjustments', {
      reason: 'damage',
      lines: [{ sku: 'honey-jar', units: -2 }],
    });
    assert.equal(jsonOf(taken).movements[0].num_in_stock, before + 3);
    assert.equal(await inStock(shop.url, 'honey-jar'), before + 3);
  });

  it('never goes below zero, and says how many there are', async () => {
    const lines = [
      { sku: 'honey-jar', units: 1 },
      { sku: 'reading-chair', units: -4 },
    ];
    const refused = await ask('POST', '/stock/adjustments', { reason: 'count', lines });
    assert.equal(codes(refused), '409 stock_below_zero');
    const [error] = jsonOf(refused).errors;
    assert.equal(error.pointer, '/lines/1/units');
    assert.match(error.detail, /There are 3 of reading-chair on hand/);
  });

  it('names what is wrong', async () => {
    const sku = 'honey-jar';
    for (const [path, body, pointer] of [
      ['/stock/receipts', { lines: [] }, '/lines'],
      ['/stock/receipts', { lines: [{ sku, units: 0 }] }, '/lines/0/units'],
      ['/stock/receipts', { lines: [{ sku, units: 1.5 }] }, '/lines/0/units'],
      ['/stock/receipts', { lines: [{ sku: 'ghost', units: 1 }] }, '/lines/0/sku'],
      ['/stock/receipts', { reason: 'found', lines: [{ sku, units: 1 }] }, '/reason'],
      ['/stock/receipts', { reference: 'x'.repeat(201), lines: [{ sku, units: 1 }] }, '/reference'],
      [
        '/stock/receipts',
        {
          reference: 'r',
          lines: [
            { sku, units: 1 },
            { sku, units: 1 },
          ],
        },
        '/lines/1/sku',
      ],
      ['/stock/receipts', { lines: Array.from({ length: 101 }, () => ({ sku, units: 1 })) }, '/lines'],
      ['/stock/adjustments', { lines: [{ sku, units: 1 }] }, '/reason'],
      ['/stock/adjustments', { reason: 'count', lines: [{ sku, units: 0 }] }, '/lines/0/units'],
      ['/stock/adjustments', { reason: 'theft', lines: [{ sku, units: 1 }] }, '/lines/0/units'],
      ['/stock/adjustments', { reason: 'found', lines: [{ sku, units: -1 }] }, '/lines/0/units'],
      ['/stock/receipts', { lines: [{ sku, units: 1_000_000_000_000 }] }, '/lines/0/units'],
    ] as const) {
      const answer = await ask('POST', path, body);
      assert.equal(codes(answer), '422 validation_failed', JSON.stringify(body).slice(0, 80));
      assert.equal(jsonOf(answer).errors[0].pointer, pointer);
    }
  });

  it('is listed newest first, in pages, with who and why', async () => {
    const read = async (query = '') => {
      const url = `${shop.url}/api/v1/products/honey-jar/stock-movements${query}`;
      return get(url, { authorization: `Bearer ${writer}` });
    };
    const { movements, num_in_stock: onHand } = jsonOf(await read());
    assert.deepEqual(
      movements
        .slice(0, 2)
        .map(({ units, reason, actor, reference, note }: Record<string, unknown>) => [
          units,
          reason,
          actor,
          reference,
          note,
        ]),
      [
        [-2, 'damage', 'key:erp', null, null],
        [5, 'receipt', 'key:erp', 'PO 1', 'Two boxes.'],
      ],
    );
    assert.equal(movements.at(-1).actor, 'service');
    const sum = movements.reduce((total: number, { units }: { units: number }) => total + units, 0);
    assert.equal(sum, onHand, 'nothing of it was sold');
    const first = await read('?limit=1');
    const { next_cursor: cursor } = jsonOf(first);
    assert.match(first.headers.get('link') ?? '', new RegExp(`limit=1&cursor=${cursor}>; rel="next"`));
    assert.equal(jsonOf(await read(`?limit=1&cursor=${cursor}`)).movements[0].reference, 'PO 1');
    assert.equal((await read('?cursor=x')).status, 400);
    assert.equal((await read('?limit=101')).status, 400);
  });
});

describe('a list', () => {
  const send_ = (query: string, body: string | Uint8Array, type = 'text/csv') =>
    ask('POST', `/products/import${query}`, body, { 'content-type': type });

  it('is tried, then imported, and the second time changes nothing', async () => {
    const csv =
      'sku,name,price,stock,image\nscarf,Scarf,9.50,4,/images/tent-4p.svg\nawning-mug,Mug,15.00,,\n';
    const tried = jsonOf(await send_('?dry_run=true', csv));
    assert.deepEqual([tried.dry_run, tried.added, tried.changed, tried.units_received], [true, 1, 1, 4]);
    assert.deepEqual(tried.changes, [
      { sku: 'scarf', effect: 'added', fields: [] },
      { sku: 'awning-mug', effect: 'changed', fields: ['name', 'price'] },
    ]);
    assert.equal((await get(`${shop.url}/api/v1/products/scarf`)).status, 404);
    assert.equal(jsonOf(await send_('', csv)).added, 1);
    assert.equal(jsonOf(await send_('', csv)).unchanged, 2);
    const corrected = await send_('', csv.replace('9.50', '9.75'));
    assert.equal(jsonOf(corrected).errors[0].code, 'reference_required');
    assert.equal(await inStock(shop.url, 'scarf'), 4);
  });

  it('names line, column and remedy of each mistake, and may skip them', async () => {
    const ndjson =
      '{"sku":"sock","name":"Sock","price":"2"}\n{"sku":"boot","name":"Boot","price":"2,50"}\n{"sku":"shoe","name":"Shoe","price":3,"image":"shoe.png"}\n';
    const refused = await send_('', ndjson, 'application/x-ndjson');
    assert.equal(codes(refused), '422 validation_failed');
    assert.deepEqual(
      jsonOf(refused).errors.map(({ pointer }: { pointer: string }) => pointer),
      ['/2/price', '/3/image'],
    );
    assert.equal((await get(`${shop.url}/api/v1/products/sock`)).status, 404);
    const skipped = jsonOf(await send_('?skip_bad_lines=true', ndjson, 'application/x-ndjson'));
    assert.deepEqual([skipped.added, skipped.mistakes, skipped.skipped[0].line], [1, 2, 2]);
  });

  it('waits for no other: of two at once one is told to come back', async () => {
    const rows = Array.from({ length: 5_000 }, (_, nth) => `row-${nth},Row,1`);
    const long = ['sku,name,price', ...rows].join('\n');
    const answers = await Promise.all([1, 2, 3].map(() => send_('?dry_run=true', long)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 503, 503]);
    const refused = answers.find(({ status }) => status === 503);
    assert.equal(refused === undefined ? '' : codes(refused), '503 busy');
    assert.match(refused?.headers.get('retry-after') ?? '', /^\d+$/);
    assert.match(refused?.text ?? '', /Another list is being imported/);
    assert.equal((await send_('?dry_run=true', 'a,b\n')).status, 422);
    assert.equal((await send_('?dry_run=true', 'sku,name,price\na,A,1\n')).status, 200);
  });

  it('that is no list is told so', async () => {
    for (const [body, words] of [
      ['', /empty/],
      [anImage().bytes, /picture \(PNG\)/],
      ['PK\u0003\u0004', /spreadsheet/],
      ['a,b\n1,2\n', /name the columns/],
    ] as const)
      assert.match((await send_('', body)).text, words);
    assert.equal((await send_('', '{}', 'application/json')).status, 415);
    assert.equal((await send_('?dry_run=maybe', 'x')).status, 400);
  });

  it('brings stock only with the right to', async () => {
    const authorization = `Bearer ${await keyWith('listing', ['catalog:write'])}`;
    const csv = 'sku,name,price,stock\nglove,Glove,5,1\n';
    const refused = await ask('POST', '/products/import', csv, { authorization, 'content-type': 'text/csv' });
    assert.equal(jsonOf(refused).errors[0].code, 'insufficient_scope');
    const bare = await ask('POST', '/products/import', csv.replace(',1\n', ',\n'), {
      authorization,
      'content-type': 'text/csv',
    });
    assert.equal(bare.status, 200, bare.text);
  });

  it('is in the log of products, whether it came over HTTP, in a list or from the command line', async () => {
    await ask('PUT', '/products/bandana', { name: 'Bandana', price: usd(100) }, { 'if-none-match': '*' });
    await ask('PATCH', '/products/bandana', { price: usd(200) }, { 'if-match': '*' });
    assert.equal((await send_('', 'sku,name,price\nbandana,Bandana,3\n')).status, 200);
    await writeFile(join(shop.folder, 'bandana.csv'), 'sku,name,price\nbandana,Bandana,4\n');
    const imported = await shop.run(['catalog', 'import', 'bandana.csv']);
    assert.equal(imported.code, 0, imported.output);
    const { entries } = await readProductLog(shop.postgres?.url ?? `sqlite:${shop.file}`);
    assert.deepEqual(
      toldOf(entries).flatMap(([, sku, ...change]) => (sku === 'bandana' ? [change] : [])),
      [
        [1, 100],
        [2, 200],
        [3, 300],
        [4, 400],
      ],
    );
  });

  it('of all of it verifies clean', async () => {
    const { code, output } = await shop.verify();
    assert.equal(code, 0, output);
  });
});
