/**
 * The requests of the benchmark: journeys of one or two requests from ready bytes, the second as soon as the first
 * is answered. Fixed, so that figures of today and of next year are of the same work; for everything else
 * there are the scenario files.
 */
import { confirmationPath, pathBytesMax } from './confirmation-path.ts';
import { createMixedWorkload } from './mixed-workload.ts';
import { createOrderRequests, type OrderRequestsOptions } from './order-requests.ts';
import { below, seededRandom } from './random.ts';
import { type ReadyRequest, readyRequest } from './ready-request.ts';
import type { Traffic, UserJourneys } from './traffic.ts';

export const workloadNames = ['orders', 'pipeline', 'reads', 'hot', 'mix', 'fixed', 'health'] as const;

/**
 * - `orders`: POST of an order;
 * - `pipeline`: POST of an order, then GET of its confirmation page; each counts as a request;
 * - `reads`: GET of confirmation pages of orders placed before;
 * - `hot`: `orders`, all for the first product;
 * - `mix`: nine POSTs of an order to one step of an order that was placed before;
 * - `fixed`: `pipeline` against a server that answers the same to everything;
 * - `health`: GET of one path.
 */
export type WorkloadName = (typeof workloadNames)[number];

/** Journeys that need nothing of a user, so that all users share them. */
export interface Workload extends Traffic {
  readonly routes: readonly string[];
  /** The route that places an order when answered 201; null when none does. */
  readonly placingRoute: string | null;
}

export interface WorkloadOptions extends Omit<OrderRequestsOptions, 'path'> {
  readonly name: WorkloadName;
  /** For `reads`: paths of confirmation pages, such as `/orders/…?key=…`. */
  readonly pagePaths: readonly string[];
  /** For `mix`: opens the steps of orders; null without one. */
  readonly apiKey: string | null;
  /** For `health`. */
  readonly healthPath: string;
  /** Statuses that are as good as the expected one, such as 409 in a sell-out. */
  readonly acceptStatuses: readonly number[];
}

export const ordersPath = '/api/v1/orders';
export const postRoute = `POST ${ordersPath}`;
const pageRoute = 'GET /orders/{id}';

export function createWorkload(options: WorkloadOptions): Workload {
  switch (options.name) {
    case 'orders':
      return orders(options);
    case 'hot':
      return orders({ ...options, skus: options.skus.slice(0, 1) });
    case 'mix':
      return createMixedWorkload(options);
    case 'pipeline':
    case 'fixed':
      return pipeline(options);
    case 'reads':
      return reads(options);
    case 'health':
      return repeat(options);
  }
}

/** Journeys of one request. */
function single(request: ReadyRequest, placesOrders: boolean, write: () => Uint8Array): Workload {
  const journeys: UserJourneys = {
    begin() {
      request.bytes = write();
      return request;
    },
    answered: () => null,
    resumed: () => null,
    end: () => {},
  };
  return {
    routes: [request.route],
    placingRoute: placesOrders ? request.route : null,
    requestsPerJourney: 1,
    journeysOf: () => journeys,
  };
}

function orders(options: WorkloadOptions): Workload {
  const requests = createOrderRequests({ ...options, path: ordersPath });
  return single(readyRequest(options, postRoute, 201), true, requests.next);
}

function reads(options: WorkloadOptions): Workload {
  const { host, pagePaths, seed } = options;
  if (pagePaths.length === 0) throw new RangeError('there is no page to read');
  const random = seededRandom(seed);
  const requests = pagePaths.map((path) => pageRequest(host, path));
  const [first = new Uint8Array()] = requests;
  const pick = () => requests[below(random, requests.length)] ?? first;
  return single(readyRequest(options, pageRoute, 200), false, pick);
}

function repeat(options: WorkloadOptions): Workload {
  const { host, healthPath } = options;
  const bytes = pageRequest(host, healthPath);
  return single(readyRequest(options, `GET ${healthPath}`, 200), false, () => bytes);
}

function pipeline(options: WorkloadOptions): Workload {
  const requests = createOrderRequests({ ...options, path: ordersPath });
  const post = readyRequest(options, postRoute, 201, true);
  const page = readyRequest(options, pageRoute, 200);
  const writePage = createPageWriter(options.host);
  return {
    routes: [postRoute, pageRoute],
    placingRoute: postRoute,
    requestsPerJourney: 2,
    journeysOf() {
      let isPlaced = false;
      return {
        begin() {
          isPlaced = false;
          post.bytes = requests.next();
          return post;
        },
        answered(status, body) {
          if (isPlaced || status !== 201) return null;
          isPlaced = true;
          const path = confirmationPath(body());
          if (path === null) throw new Error(answerWithoutOrder);
          page.bytes = writePage(path);
          return page;
        },
        resumed: () => null,
        end: () => {},
      };
    },
  };
}

/** A 201 in which no order is named. */
export const answerWithoutOrder = 'answer_without_order';

function pageRequest(host: string, path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\n\r\n`, 'latin1');
}

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
