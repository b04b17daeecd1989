/** Each change of catalogue and stock and each step of an order is in the audit log: who has made it, what it was and is, and nothing else is. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from './behind-the-service.ts';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { get, type Json, jsonOf, keyIn, place, send } from './shop-client.ts';

const engine = engineOf(import.meta.url);

describe(`the audit of changes (${engine})`, () => {
  let shop: Shop;
  let key: string;
  before(async () => {
    shop = await openShop({ engine, settings: { TRUST_PROXY: 'true' } });
    const scopes = 'catalog:write,stock:write,audit:read,orders:write,customers:read';
    key = (await shop.run(['keys', 'create', '--name', 'erp', '--scopes', scopes])).stdout.trim();
  });
  after(() => shop?.close());

  const ask = (method: string, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    send(`${shop.url}/api/v1${path}`, {
      method,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    });

  /** The entries that `work` adds, oldest first. */
  async function added(work: () => Promise<unknown>): Promise<readonly Json[]> {
    const read = async () =>
      jsonOf(await get(`${shop.url}/api/v1/audit?limit=100`, { authorization: `Bearer ${key}` }));
    const { head } = await read();
    await work();
    return (await read()).entries.filter(({ position }: Json) => position > head.position).reverse();
  }

  const whatOf = ({ actor, action, subject, detail }: Json) => [actor, action, subject, detail];

  it('tells of a product that is added and changed, and not of a change that changes nothing', async () => {
    const hat = { name: 'Hat', price: { amount: 1_000, currency: 'USD' } };
    const entries = await added(async () => {
      assert.equal((await ask('PUT', '/products/hat', hat)).status, 201);
      const dearer = { price: { amount: 1_200, currency: 'USD' } };
      for (let i = 0; i < 2; i += 1)
        assert.equal((await ask('PATCH', '/products/hat', dearer, { 'if-match': '*' })).status, 200);
      assert.equal((await ask('PATCH', '/products/hat', dearer, { 'if-match': '"9"' })).status, 412);
      assert.equal((await ask('PATCH', '/products/ghost', dearer, { 'if-match': '*' })).status, 404);
    });
    assert.deepEqual(
      entries.map(({ action, subject }) => [action, subject]),
      [
        ['product.add', 'product:hat'],
        ['product.change', 'product:hat'],
      ],
    );
    assert.deepEqual(whatOf(entries[1]), [
      'key:erp',
      'product.change',
      'product:hat',
      { revision: 2, price_cents: [1_000, 1_200] },
    ]);
    assert.equal(entries[1]?.address, '127.0.0.1');
    assert.ok(entries[1]?.request_id);
  });

  it('tells of stock that is received, once for each reference, by the API and on the command line', async () => {
    const entries = await added(async () => {
      const receipt = { reference: 'PO 1', lines: [{ sku: 'hat', units: 5 }] };
      assert.equal((await ask('POST', '/stock/receipts', receipt)).status, 201);
      assert.equal((await ask('POST', '/stock/receipts', receipt)).status, 200);
      assert.equal(
        (await ask('POST', '/stock/receipts', { lines: [{ sku: 'ghost', units: 5 }] })).status,
        422,
      );
      assert.equal((await shop.run(['stock', 'receive', 'hat', '7'])).code, 0);
    });
    assert.deepEqual(whatOf(entries[0]), [
      'key:erp',
      'stock.move',
      'product:hat',
      { units: 5, reason: 'receipt', reference: 'PO 1' },
    ]);
    const { user, host, ...detail } = entries[1]?.detail ?? {};
    assert.deepEqual([entries[1]?.actor, detail], ['cli', { units: 7, reason: 'receipt', reference: null }]);
    assert.ok(user && host);
    assert.equal(entries.length, 2);
  });

  it('tells of an import in a line, and of a dry run and of an order nothing', async () => {
    const list = ['sku,name,price', ...Array.from({ length: 30 }, (_, i) => `peg-${10 + i},Peg ${i},1.50`)];
    const entries = await added(async () => {
      for (const query of ['?dry_run=true', '', '']) {
        const answer = await ask('POST', `/products/import${query}`, list.join('\n'), {
          'content-type': 'text/csv',
        });
        assert.equal(answer.status, 200, answer.text);
      }
      await place(shop.url, { lines: [{ sku: 'hat', quantity: 1 }] });
    });
    assert.deepEqual(entries.map(whatOf), [
      [
        'key:erp',
        'catalog.change',
        'catalog',
        { added: 30, changed: 0, first_sku: 'peg-10', last_sku: 'peg-39' },
      ],
    ]);
    const dearer = list.map((line) => line.replace('1.50', '1.75')).join('\n');
    const changes = await added(() =>
      ask('POST', '/products/import', dearer, { 'content-type': 'text/csv' }),
    );
    const prices = list.slice(1).map((_, i) => [`peg-${10 + i}`, 150, 175]);
    assert.deepEqual(changes.map(whatOf), [
      [
        'key:erp',
        'catalog.change',
        'catalog',
        { added: 0, changed: 30, first_sku: 'peg-10', last_sku: 'peg-39', price_cents: prices.slice(0, 25) },
      ],
      ['key:erp', 'catalog.change', 'catalog', { price_cents: prices.slice(25) }],
    ]);
    const { code, output } = await shop.verify();
    assert.equal(code, 0, output);
  });

  const takeStep = (orderId: string, name: string, headers: Readonly<Record<string, string>>) =>
    send(`${shop.url}/api/v1/orders/${orderId}/${name}`, {
      method: 'POST',
      headers: { 'if-match': '*', ...headers },
    });
  const byKey = (address: string, requestId: string) => ({
    authorization: `Bearer ${key}`,
    'x-forwarded-for': address,
    'x-request-id': requestId,
  });

  it('tells of each step of an order, by whom and from where, and not of replays and refused steps', async () => {
    const order = await place(shop.url, { lines: [{ sku: 'hat', quantity: 1 }] });
    const orderKey = keyIn(order.confirmation_url);
    const entries = await added(async () => {
      const packing = { ...byKey('203.0.113.1', 'req-pack'), 'idempotency-key': 'pack-1' };
      for (let i = 0; i < 2; i += 1)
        assert.equal((await takeStep(order.order_id, 'pack', packing)).status, 200);
      const again = await takeStep(order.order_id, 'pack', byKey('203.0.113.1', 'req-again'));
      assert.equal(again.status, 409, again.text);
      const byHolder = {
        'order-key': orderKey,
        'x-forwarded-for': '203.0.113.2',
        'x-request-id': 'req-cancel',
      };
      assert.equal((await takeStep(order.order_id, 'cancel', byHolder)).status, 200);
    });
    const subject = `order:${order.order_id}`;
    const detail = (revision: number, status: string) => ({ number: order.number, revision, status });
    assert.deepEqual(entries.map(whatOf), [
      ['key:erp', 'order.pack', subject, detail(2, 'packed')],
      ['shopper', 'order.cancel', subject, detail(3, 'cancelled')],
    ]);
    assert.deepEqual(
      entries.map(({ address, request_id }) => [address, request_id]),
      [
        ['203.0.113.1', 'req-pack'],
        ['203.0.113.2', 'req-cancel'],
      ],
    );

    const metrics = (await get(`${shop.url}/metrics`)).text;
    for (const [name, outcome, count] of [
      ['pack', 'stepped', 1],
      ['pack', 'replayed', 1],
      ['pack', 'not_allowed_now', 1],
      ['cancel', 'stepped', 1],
      ['erase', 'overloaded', 0],
    ])
      assert.match(
        metrics,
        new RegExp(`^nozama_order_steps_total\\{step="${name}",outcome="${outcome}"\\} ${count}$`, 'm'),
      );
    await until(() => shop.service.logs().includes('"req-cancel"'), 'the line of the last step');
    const lines = shop.service
      .logs()
      .split('\n')
      .filter((line) => line.includes('"order step taken"'))
      .map((line): Json => JSON.parse(line))
      .map(({ level, msg, time, ...fields }) => fields);
    const told = { order_id: order.order_id, number: order.number };
    assert.deepEqual(lines, [
      { ...told, step: 'pack', status: 'packed', revision: 2, actor: 'key:erp', request_id: 'req-pack' },
      {
        ...told,
        step: 'cancel',
        status: 'cancelled',
        revision: 3,
        actor: 'shopper',
        request_id: 'req-cancel',
      },
    ]);
  });

  it('forgets the address of an erased order’s holder, and the chain still verifies', async () => {
    const order = await place(shop.url, { lines: [{ sku: 'hat', quantity: 1 }] });
    const orderKey = keyIn(order.confirmation_url);
    const entries = await added(async () => {
      const byHolder = { 'order-key': orderKey, 'x-forwarded-for': '203.0.113.3' };
      assert.equal((await takeStep(order.order_id, 'cancel', byHolder)).status, 200);
      const erased = await takeStep(order.order_id, 'erase', byKey('203.0.113.4', 'req-erase'));
      assert.equal(erased.status, 200, erased.text);
    });
    assert.deepEqual(
      entries.map(({ action, address }) => [action, address]),
      [
        ['order.cancel', null],
        ['order.erase', '203.0.113.4'],
      ],
    );
    const { code, output } = await shop.verify();
    assert.equal(code, 0, output);
  });
});
