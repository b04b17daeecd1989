/**
 * Every endpoint, called by everybody there is: without a key, with a key of each scope alone and of all of them, with
 * keys that are none any more, and with the key of an order. Made from the declarations, so that a new endpoint is in it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makeApiKey } from '../../src/access/api-key.ts';
import { type Scope, scopeNames } from '../../src/access/scope.ts';
import type { AccessRule } from '../../src/http/access/access-rule.ts';
import type { Endpoint } from '../../src/http/endpoint.ts';
import { endpoints } from '../../src/http/endpoints.ts';
import { createKey } from './behind-the-service.ts';
import { engineOf, openShop, type Settings, type Shop } from './open-shop.ts';
import { keyIn, place, type RequestHeaders, send } from './shop-client.ts';

const engine = engineOf(import.meta.url);

interface TestCaller {
  readonly name: string;
  readonly headers: RequestHeaders;
  /** Of the API key; null for a key that opens nothing, an empty list without one. */
  readonly scopes: readonly Scope[] | null;
  readonly holdsOrder?: true;
}

type Verdict = 'let in' | 401 | 403;

/** What the rule says in its own words, apart from the code under test. */
function verdictOf(rule: AccessRule, { scopes, holdsOrder }: TestCaller, ordersNeedKey: boolean): Verdict {
  const need = (...needed: readonly Scope[]): Verdict => {
    if (scopes === null || scopes.length === 0) return 401;
    return needed.every((scope) => scopes.includes(scope)) ? 'let in' : 403;
  };
  if (rule === 'public') return 'let in';
  if (typeof rule === 'string') return need(rule);
  if ('all' in rule) return need(...rule.all);
  if ('holder' in rule) return holdsOrder ? 'let in' : need(rule.or);
  if ('places' in rule && ordersNeedKey) return need('orders:write');
  return scopes === null ? 401 : 'let in';
}

function bearer(key: string): RequestHeaders {
  return { authorization: `Bearer ${key}` };
}

async function callersOf(shop: Shop, orderKey: string): Promise<readonly TestCaller[]> {
  const nowMs = Date.now();
  const made = async (name: string, scopes: readonly Scope[], expiresAtMs: number | null = null) => {
    const { key, stored } = makeApiKey({ name, scopes, expiresAtMs }, nowMs);
    await createKey(shop, stored);
    return key;
  };
  const callers: TestCaller[] = [
    { name: 'nobody', headers: {}, scopes: [] },
    { name: 'the holder of the order', headers: { 'order-key': orderKey }, scopes: [], holdsOrder: true },
    { name: 'the holder of another order', headers: { 'order-key': 'x'.repeat(43) }, scopes: [] },
    { name: 'all scopes', headers: bearer(await made('all', scopeNames)), scopes: scopeNames },
    { name: 'an expired key', headers: bearer(await made('expired', scopeNames, nowMs)), scopes: null },
    { name: 'a malformed key', headers: bearer('nzm_abcdefgh_short'), scopes: null },
    {
      name: 'an unknown key',
      headers: bearer(makeApiKey({ name: 'unknown', scopes: scopeNames, expiresAtMs: null }, nowMs).key),
      scopes: null,
    },
  ];
  const revoked = await made('revoked', scopeNames);
  assert.equal((await shop.run(['keys', 'revoke', 'revoked'])).code, 0);
  callers.push({ name: 'a revoked key', headers: bearer(revoked), scopes: null });
  for (const scope of scopeNames)
    callers.push({
      name: scope,
      headers: bearer(await made(scope.replace(':', '-'), [scope])),
      scopes: [scope],
    });
  return callers;
}

/** With an id of an order that exists, and a body that says nothing. */
function request(
  { method, path, request: declared }: Endpoint,
  orderId: string,
): readonly [string, RequestInit] {
  const target = path.replaceAll(/:(\w+)/g, (_, name) => (name === 'order_id' ? orderId : 'x'));
  if (declared.body === undefined) return [target, { method }];
  const [mediaType = ''] = Object.keys(declared.body.content);
  return [target, { method, body: '{}', headers: { 'content-type': mediaType } }];
}

function describeShop(settings: Settings, ordersNeedKey: boolean): void {
  describe(`who may do what (${engine}, ${ordersNeedKey ? 'orders need a key' : 'orders are open'})`, () => {
    let shop: Shop;
    let orderId: string;
    let callers: readonly TestCaller[];
    before(async () => {
      shop = await openShop({ engine });
      const order = await place(shop.url);
      orderId = order.order_id;
      if (Object.keys(settings).length > 0) {
        await shop.stop();
        await shop.start(settings);
      }
      callers = await callersOf(shop, keyIn(order.confirmation_url));
    });
    after(() => shop?.close());

    for (const endpoint of endpoints) {
      it(`${endpoint.method} ${endpoint.path}: ${JSON.stringify(endpoint.scope)}`, async () => {
        const [path, init] = request(endpoint, orderId);
        for (const caller of callers) {
          const headers = { ...init.headers, ...caller.headers, accept: 'application/json' };
          const answer = await send(`${shop.url}${path}`, { ...init, headers });
          const refusal = answer.status === 401 || answer.status === 403 ? answer.status : 'let in';
          const context = `${caller.name}: ${answer.status} ${answer.text}`;
          assert.equal(refusal, verdictOf(endpoint.scope, caller, ordersNeedKey), context);
          assert.equal(answer.headers.has('www-authenticate'), refusal !== 'let in', context);
          assert.ok(answer.status < 500, context);
        }
      });
    }

    it('and nothing that it did is unsound', async () => {
      const { code, output } = await shop.verify();
      assert.equal(code, 0, output);
    });
  });
}

describeShop({}, false);
describeShop({ ORDERS_NEED_KEY: 'true' }, true);

it('no endpoint that takes a body is open to every client, but placing an order and looking for one, which changes nothing', () => {
  const open = endpoints.filter(
    ({ method, scope }) =>
      method !== 'GET' && (scope === 'public' || (typeof scope === 'object' && 'public' in scope)),
  );
  assert.deepEqual(
    open.map(({ id }) => id),
    ['trackOrder'],
  );
});
