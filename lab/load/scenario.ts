/**
 * What is sent: a scenario makes journeys of one or more requests, each on one connection, the next one
 * as soon as the one before is answered.
 */
import { createOrderRequests, type OrderRequestsOptions } from './order-requests.ts';
import { below, seededRandom } from './random.ts';

export const scenarioNames = ['orders', 'pipeline', 'reads', 'hot', 'fixed', 'health'] as const;

/**
 * - `orders`: POST of an order;
 * - `pipeline`: POST of an order, then GET of its confirmation page; each counts as a request;
 * - `reads`: GET of confirmation pages of orders placed before;
 * - `hot`: `orders`, all for the first product;
 * - `fixed`: `pipeline` against a server that answers the same to everything;
 * - `health`: GET of one path.
 */
export type ScenarioName = (typeof scenarioNames)[number];

export interface PreparedRequest {
  /** Index into {@link Scenario.kinds}. */
  kind: number;
  expectedStatus: number;
  keepBody: boolean;
  bytes: Uint8Array;
}

export interface Scenario {
  readonly kinds: readonly string[];
  /** Which kind places an order when answered 201; −1 when none does. */
  readonly placingKind: number;
  readonly requestsPerJourney: number;
  /** The first request of a journey; valid until the next call of `first` or `next`. */
  first(): PreparedRequest;
  /** What follows an answer: another request, `null` at the journey's end, `unusable` when it can't be told. */
  next(kind: number, body: () => Buffer): PreparedRequest | null | 'unusable';
}

export interface ScenarioOptions extends Omit<OrderRequestsOptions, 'path'> {
  readonly name: ScenarioName;
  /** For `reads`: paths of confirmation pages, such as `/orders/…?key=…`. */
  readonly pagePaths: readonly string[];
  /** For `health`. */
  readonly healthPath: string;
}

const ordersPath = '/api/v1/orders';
const postKind = `POST ${ordersPath}`;
const pageKind = 'GET /orders/{id}';

export function createScenario(options: ScenarioOptions): Scenario {
  switch (options.name) {
    case 'orders':
      return orders(options);
    case 'hot':
      return orders({ ...options, skus: options.skus.slice(0, 1) });
    case 'pipeline':
    case 'fixed':
      return pipeline(options);
    case 'reads':
      return reads(options);
    case 'health':
      return repeat(options.host, options.healthPath);
  }
}

function orders(options: ScenarioOptions): Scenario {
  const requests = createOrderRequests({ ...options, path: ordersPath });
  const request: PreparedRequest = { kind: 0, expectedStatus: 201, keepBody: false, bytes: new Uint8Array() };
  return {
    kinds: [postKind],
    placingKind: 0,
    requestsPerJourney: 1,
    first() {
      request.bytes = requests.next();
      return request;
    },
    next: () => null,
  };
}

function pipeline(options: ScenarioOptions): Scenario {
  const requests = createOrderRequests({ ...options, path: ordersPath });
  const post: PreparedRequest = { kind: 0, expectedStatus: 201, keepBody: true, bytes: new Uint8Array() };
  const page: PreparedRequest = { kind: 1, expectedStatus: 200, keepBody: false, bytes: new Uint8Array() };
  const writePage = createPageWriter(options.host);
  return {
    kinds: [postKind, pageKind],
    placingKind: 0,
    requestsPerJourney: 2,
    first() {
      post.bytes = requests.next();
      return post;
    },
    next(kind, body) {
      if (kind === 1) return null;
      const path = confirmationPath(body());
      if (path === null) return 'unusable';
      page.bytes = writePage(path);
      return page;
    },
  };
}

function reads({ host, pagePaths, seed }: ScenarioOptions): Scenario {
  if (pagePaths.length === 0) throw new RangeError('there is no page to read');
  const random = seededRandom(seed);
  const requests = pagePaths.map((path) => pageRequest(host, path));
  const request: PreparedRequest = { kind: 0, expectedStatus: 200, keepBody: false, bytes: new Uint8Array() };
  return {
    kinds: [pageKind],
    placingKind: -1,
    requestsPerJourney: 1,
    first() {
      request.bytes = requests[below(random, requests.length)] ?? request.bytes;
      return request;
    },
    next: () => null,
  };
}

function repeat(host: string, path: string): Scenario {
  const request = { kind: 0, expectedStatus: 200, keepBody: false, bytes: pageRequest(host, path) };
  return {
    kinds: [`GET ${path}`],
    placingKind: -1,
    requestsPerJourney: 1,
    first: () => request,
    next: () => null,
  };
}

function pageRequest(host: string, path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\n\r\n`, 'latin1');
}

/** A longer path than this is not one of ours. */
const pathBytesMax = 1_024;

/** Writes page requests into one piece of memory, again and again. */
function createPageWriter(host: string): (path: Uint8Array) => Uint8Array {
  const method = Buffer.from('GET ');
  const rest = Buffer.from(` HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\n\r\n`, 'latin1');
  const bytes = Buffer.alloc(method.length + pathBytesMax + rest.length);
  bytes.set(method, 0);
  return (path) => {
    bytes.set(path, method.length);
    bytes.set(rest, method.length + path.length);
    return bytes.subarray(0, method.length + path.length + rest.length);
  };
}

const urlMark = Buffer.from('"confirmation_url":"');
const idMark = Buffer.from('"order_id":"');
const ordersPrefix = Buffer.from('/orders/');

/**
 * The path of an order's page from the answer that placed it, found without parsing the JSON: from its
 * confirmation_url, which carries the key to the personal data, else from its order_id.
 */
export function confirmationPath(body: Buffer): Uint8Array | null {
  const url = jsonText(body, urlMark);
  if (url !== null) {
    // A path starts with a slash; anything else is an absolute URL, and rare enough to be parsed.
    if (url[0] === 0x2f && url.indexOf(0x5c) < 0) return url;
    return pathOf(url);
  }
  const id = jsonText(body, idMark);
  return id === null ? null : Buffer.concat([ordersPrefix, id]);
}

function jsonText(body: Buffer, mark: Buffer): Buffer | null {
  const markAt = body.indexOf(mark);
  if (markAt < 0) return null;
  const from = markAt + mark.length;
  const to = body.indexOf(0x22, from);
  return to <= from || to - from > pathBytesMax ? null : body.subarray(from, to);
}

function pathOf(url: Buffer): Buffer | null {
  try {
    const { pathname, search } = new URL(JSON.parse(`"${url.toString()}"`) as string, 'http://localhost');
    return Buffer.from(pathname + search, 'latin1');
  } catch {
    return null;
  }
}
