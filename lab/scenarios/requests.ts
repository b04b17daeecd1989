/** The requests and pauses that the tasks of a scenario yield. */

import { usStates } from '../../src/domain/us-state.ts';
import { confirmationPathIn } from '../load/confirmation-path.ts';
import { cities, familyNames, givenNames, streets } from '../load/customers.ts';
import { createKeyWriter, keyLength } from '../load/idempotency-keys.ts';
import { freshRandom } from '../load/random.ts';
import type { Answer, PauseStep, RandomData, RequestStep } from './scenario.ts';

interface RequestOptions {
  /** Its name in the table of routes; needed when the path has ids in it. */
  readonly route?: string;
  /** Statuses that are as they should be. */
  readonly expects?: readonly number[];
  /** Whether the answer's body is looked at. */
  readonly keepsBody?: boolean;
  /** As from a slow client; at once unless told. */
  readonly bytesPerSecond?: number;
  /** Whether the connection ends with the answer, so that the next request opens a new one. */
  readonly closesConnection?: boolean;
}

interface OrderOptions extends Omit<RequestOptions, 'closesConnection'> {
  readonly quantity?: number;
  /** A new one unless told. */
  readonly key?: string;
}

export interface OrderStep extends RequestStep {
  readonly order: { readonly key: string; readonly body: Buffer };
}

/** A process drives one service. */
let hostLine = 'Host: localhost\r\n';

/** Whom requests made from now on are for. @param host with the port, as in a URL */
export function driveHost(host: string): void {
  hostLine = `Host: ${host}\r\n`;
  plainGets.clear();
}

/** Requests that are always the same are made once. */
const plainGets = new Map<string, RequestStep>();
const plainGetsMax = 1_000;

/** @param path with its query, such as `/api/v1/products?limit=10` */
export function get(path: string, options?: RequestOptions): RequestStep {
  if (options !== undefined) return makeGet(path, options);
  const known = plainGets.get(path);
  if (known !== undefined) return known;
  const made = makeGet(path, {});
  if (plainGets.size < plainGetsMax) plainGets.set(path, made);
  return made;
}

const htmlBefore = 'Accept: text/html\r\n\r\n';
const jsonBefore = 'Accept: application/json\r\n\r\n';

function makeGet(path: string, options: RequestOptions): RequestStep {
  const { route, expects, keepsBody, bytesPerSecond, closesConnection = false } = options;
  const connection = closesConnection ? 'Connection: close\r\n' : '';
  const accept = path.startsWith('/api/') ? jsonBefore : htmlBefore;
  return {
    kind: 'request',
    route: route ?? `GET ${path.split('?', 1)[0]}`,
    bytes: Buffer.from(`GET ${path} HTTP/1.1\r\n${hostLine}${connection}${accept}`),
    expects: expects ?? [200],
    keepsBody: keepsBody ?? false,
    order: null,
    bytesPerSecond: bytesPerSecond ?? null,
  };
}

/** @param msMax as `msMin` unless told */
export function pause(msMin: number, msMax = msMin): PauseStep {
  return { kind: 'pause', msMin, msMax };
}

const writeKey = createKeyWriter('uuidv7', freshRandom(), Date.now);
const keyBytes = Buffer.alloc(keyLength);

/** An Idempotency-Key; never the same twice, whatever the seed. */
export function newKey(): string {
  writeKey(keyBytes, 0);
  return keyBytes.toString('latin1');
}

/**
 * An order of one product by a made-up customer. Yielding the same step again sends the same order with the
 * same key. The answer's body is kept.
 */
export function order(
  random: RandomData,
  { sku }: { readonly sku: string },
  options: OrderOptions = {},
): OrderStep {
  const key = options.key ?? newKey();
  const body = Buffer.from(
    `{"customer_name":"${random.pick(givenNames)} ${random.pick(familyNames)}",` +
      `"street_address":"${random.whole(1, 9_999)} ${random.pick(streets)}","city":"${random.pick(cities)}",` +
      `"state":"${random.pick(usStates)}","zip_code":"${random.whole(10_000, 99_999)}",` +
      `"lines":[{"sku":${JSON.stringify(sku)},"quantity":${options.quantity ?? 1}}]}`,
  );
  const head =
    `POST /api/v1/orders HTTP/1.1\r\n${hostLine}Content-Type: application/json\r\nAccept: application/json\r\n` +
    `Idempotency-Key: ${key}\r\nContent-Length: ${body.length}\r\n\r\n`;
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  bytes.write(head, 'latin1');
  bytes.set(body, head.length);
  return {
    kind: 'request',
    route: options.route ?? 'POST /api/v1/orders',
    bytes,
    expects: options.expects ?? [201],
    keepsBody: options.keepsBody ?? true,
    order: { key, body },
    bytesPerSecond: options.bytesPerSecond ?? null,
  };
}

/** GET of the page of the order that was just placed, with the key to its personal data. @throws without one */
export function confirmationPage(placed: Answer, options: Omit<RequestOptions, 'route'> = {}): RequestStep {
  return get(confirmationPath(placed), { ...options, route: 'GET /orders/{id}' });
}

/** Such as `/orders/…?key=…`. @throws when the answer names no page */
export function confirmationPath(placed: Answer): string {
  const path = confirmationPathIn(placed.text());
  if (path === null) throw new Error('the answer to the order names no page of it');
  return path;
}
