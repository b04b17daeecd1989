import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anyone, type Caller, holder } from '../../access/caller.ts';
import type { Scope } from '../../access/scope.ts';
import { createOrderKeys } from '../orders/order-key.ts';
import { isProblem } from '../problem-details.ts';
import type { RequestContext } from '../request/request-context.ts';
import { accessGate } from './access-gate.ts';
import type { AccessRule } from './access-rule.ts';

const orderId = '01a20abe-a87a-759a-9e6e-e93f1203bf65';
const orderKeys = createOrderKeys(Buffer.alloc(32, 7));
const key = orderKeys.keyOf(orderId);

const keyWith = (...scopes: readonly Scope[]): Caller => ({
  kind: 'key',
  keyId: 'id',
  name: 'erp',
  scopes: new Set(scopes),
  expiresAtMs: null,
  grant: null,
});

/** The tokens that are known, and what they may do. */
const callers: Readonly<Record<string, Caller>> = {
  nzm_writer: keyWith('orders:write'),
  nzm_reader: keyWith('orders:read', 'customers:read'),
  nzm_both: keyWith('orders:write', 'customers:read'),
};

function contextOf(headers: Record<string, string>, path = `/api/v1/orders/${orderId}`): RequestContext {
  const url = `http://shop${path}`;
  const params = { order_id: /\/orders\/([^/?]+)/.exec(path)?.[1] };
  return { request: new Request(url, { headers }), params } as unknown as RequestContext;
}

/** The caller, or the status word of the problem. */
async function admitted(
  rule: AccessRule,
  context: RequestContext,
  ordersNeedKey = false,
): Promise<Caller | string> {
  const authenticate = async (token: string) => callers[token] ?? 'unknown';
  const recallCaller = () => assert.fail('the key is read');
  const deps = { authenticate, recallCaller, orderKeys, ordersNeedKey };
  const gate = accessGate(deps, rule) ?? assert.fail('no gate');
  const found = await gate.admit(context);
  return isProblem(found) ? found.code : found;
}

const bearer = (token: string) => contextOf({ authorization: `Bearer ${token}` });
const { nzm_writer: writer, nzm_reader: reader, nzm_both: both } = callers;

describe('the access gate', () => {
  test('is none where every client may call', () => {
    const authenticate = () => assert.fail('nothing is looked at');
    const deps = { authenticate, recallCaller: authenticate, orderKeys, ordersNeedKey: true };
    assert.equal(accessGate(deps, 'public'), null);
  });

  test('of a scope lets in keys that have it', async () => {
    assert.equal(await admitted('orders:write', bearer('nzm_writer')), writer);
    assert.equal(await admitted('orders:write', bearer('nzm_reader')), 'insufficient_scope');
    assert.equal(await admitted('orders:write', bearer('nzm_other')), 'invalid_key');
    assert.equal(await admitted('orders:write', contextOf({})), 'key_required');
    assert.equal(await admitted('orders:write', contextOf({ 'order-key': key })), 'key_required');
  });

  test('of several scopes lets in keys that have them all', async () => {
    const rule = { all: ['orders:write', 'customers:read'] } as const;
    assert.equal(await admitted(rule, bearer('nzm_both')), both);
    assert.equal(await admitted(rule, bearer('nzm_writer')), 'insufficient_scope');
    assert.equal(await admitted(rule, bearer('nzm_reader')), 'insufficient_scope');
  });

  test('of an open endpoint knows the caller, and refuses keys of ours that are not valid', async () => {
    const rule = { public: true, more: ['customers:read'] } as const;
    assert.equal(await admitted(rule, bearer('nzm_reader')), reader);
    assert.equal(await admitted(rule, bearer('nzm_writer')), writer, 'the handler looks at its scopes');
    assert.equal(await admitted(rule, bearer('nzm_other')), 'invalid_key');
    assert.equal(await admitted(rule, bearer('a-token-of-a-gateway')), anyone);
    assert.equal(await admitted(rule, contextOf({ authorization: 'Basic YTpi' })), anyone);
    assert.equal(await admitted(rule, contextOf({})), anyone);
  });

  test('of placing orders is open, unless orders need a key', async () => {
    const rule = { places: 'orders' } as const;
    assert.equal(await admitted(rule, contextOf({})), anyone);
    assert.equal(await admitted(rule, bearer('nzm_reader')), reader);
    assert.equal(await admitted(rule, bearer('a-token-of-a-gateway')), anyone);
    assert.equal(await admitted(rule, bearer('nzm_other')), 'invalid_key');
    assert.equal(await admitted(rule, contextOf({}), true), 'key_required');
    assert.equal(await admitted(rule, bearer('nzm_reader'), true), 'insufficient_scope');
    assert.equal(await admitted(rule, bearer('a-token-of-a-gateway'), true), 'invalid_key');
    assert.equal(await admitted(rule, bearer('nzm_writer'), true), writer);
  });

  test('recalls a caller that may, and reads the key of any other', async () => {
    const read: string[] = [];
    const authenticate = async (token: string) => {
      read.push(token);
      return callers[token] ?? 'unknown';
    };
    const recallCaller = (token: string) => (token === 'nzm_both' ? null : (callers[token] ?? null));
    const deps = { authenticate, recallCaller, orderKeys, ordersNeedKey: false };
    const { recallOrAdmit } = accessGate(deps, 'orders:write') ?? assert.fail('no gate');
    assert.equal(recallOrAdmit(bearer('nzm_writer')), writer);
    assert.deepEqual(read, []);
    assert.equal(await recallOrAdmit(bearer('nzm_both')), both);
    const refused = await recallOrAdmit(bearer('nzm_reader'));
    assert.ok(isProblem(refused) && refused.code === 'insufficient_scope');
    assert.deepEqual(read, ['nzm_both', 'nzm_reader']);
  });

  test('of an order lets in the holder of its key and nobody with another one', async () => {
    const rule = { holder: true, or: 'orders:write' } as const;
    const at = (path: string) => contextOf({}, path);
    assert.equal(await admitted(rule, contextOf({ 'order-key': key })), holder);
    assert.equal(await admitted(rule, contextOf({ cookie: `order_key=${key}` })), holder);
    assert.equal(await admitted(rule, at(`/orders/${orderId}?key=${key}`)), holder);
    assert.equal(await admitted(rule, at(`/orders/${orderId.toUpperCase()}?a=b&key=${key}`)), holder);
    const otherId = orderId.replace('1', '2');
    for (const path of [
      `/orders/${otherId}?key=${key}`,
      `/orders/${orderId}?key=${key.slice(1)}`,
      '/orders/',
    ])
      assert.equal(await admitted(rule, at(path)), 'key_required', path);
    assert.equal(await admitted(rule, bearer('nzm_writer')), writer);
    assert.equal(await admitted(rule, bearer('nzm_reader')), 'insufficient_scope');
    assert.equal(await admitted(rule, bearer('a-token-of-a-gateway')), 'invalid_key');
  });
});
