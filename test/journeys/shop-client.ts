/** Sends requests as a client of the shop does, and reads the answers. */
import assert from 'node:assert/strict';
import { assertDeclared } from '../declared-answers.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** An order as the API takes it: one tent to Austin, unless told otherwise. */
export function anOrder(given: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    customer_name: 'Ada Lovelace',
    street_address: '12 Analytical Way',
    city: 'Austin',
    state: 'TX',
    zip_code: '78701',
    email: 'ada@example.com',
    lines: [{ sku: 'tent-4p', quantity: 1 }],
    ...given,
  };
}

/** The same order as a browser's form sends it without scripts, less the fields that may be blank. */
export function aForm(given: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    product_name: 'Sundown Four-Person Tent',
    quantity: '1',
    customer_name: 'Ada Lovelace',
    street_address: '12 Analytical Way',
    state: 'TX',
    zip_code: '78701',
    ...given,
  };
}

export type RequestHeaders = Readonly<Record<string, string>>;

/** Every answer is compared with the declaration of its endpoint. */
export async function send(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(20_000), ...init });
  const answer = { status: response.status, headers: response.headers, text: await response.text() };
  assertDeclared(init.method ?? 'GET', url, answer);
  return answer;
}

export function get(url: string, headers: RequestHeaders = {}): Promise<Answer> {
  return send(url, { headers });
}

export function postJson(url: string, body: unknown, headers: RequestHeaders = {}): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return send(url, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

export function postForm(
  url: string,
  fields: Readonly<Record<string, string>>,
  headers: RequestHeaders = {},
): Promise<Answer> {
  return send(url, { method: 'POST', body: new URLSearchParams(fields), headers });
}

/** @param key sent as Idempotency-Key */
export function postOrder(url: string, order: unknown, key?: string): Promise<Answer> {
  return postJson(`${url}/api/v1/orders`, order, key === undefined ? {} : { 'idempotency-key': key });
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where it isn't.
export type Json = any;

export function jsonOf({ text, headers }: Answer): Json {
  assert.match(headers.get('content-type') ?? '', /^application\/(problem\+)?json/);
  return JSON.parse(text);
}

/** The cookie that an answer gives, as the same browser sends it back. */
export function cookieOf({ headers }: Answer): RequestHeaders {
  return { cookie: (headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '' };
}

/** Places an order that must be taken, and reads the answer. */
export async function place(
  url: string,
  given: Readonly<Record<string, unknown>> = {},
  key?: string,
): Promise<Json> {
  const answer = await postOrder(url, anOrder(given), key);
  assert.equal(answer.status, 201, answer.text);
  return jsonOf(answer);
}

/** The key to an order's personal data, from the link its placing gave. */
export function keyIn(confirmationUrl: string): string {
  return (
    new URL(confirmationUrl, 'http://shop').searchParams.get('key') ??
    assert.fail(`no key in ${confirmationUrl}`)
  );
}

export async function inStock(url: string, sku: string): Promise<number> {
  return Number(jsonOf(await get(`${url}/api/v1/products/${sku}`)).num_in_stock);
}

/** The ranking of a state as `sku orders units`. */
export async function ranking(url: string, state: string, limit = 3): Promise<readonly string[]> {
  const { products } = jsonOf(await get(`${url}/api/v1/states/${state}/top-products?limit=${limit}`));
  return products.map(
    ({ sku, orders, units }: { sku: string; orders: number; units: number }) => `${sku} ${orders} ${units}`,
  );
}
