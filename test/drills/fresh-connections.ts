/**
 * Clients that open a new connection for each request, on every page and refusal there is: the order of
 * another client is answered within a second meanwhile, and so is `/readyz`.
 *
 * Before decision 27, Bun ran no timer, worker message or `setImmediate` while such connections kept coming.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Shop, ShopEngine } from '../journeys/open-shop.ts';
import { anOrder, get, postOrder } from '../journeys/shop-client.ts';
import { openLargeShopWithOrder } from '../large-catalogue.ts';
import { runtimeCommand, runtimeUnderTest } from '../service.ts';

const answeredWithinMs = 1_000;
/** It waits its turn behind the pages that were asked for before it. */
const readyWithinMs = 2_000;
const ordersEach = 5;
const floodProgram = fileURLToPath(new URL('connection-flood.ts', import.meta.url));

/** The requests of a flood, with their names in the titles of the tests. */
const requests: readonly (readonly [name: string, head: string, body?: string])[] = [
  ['the metrics', 'GET /metrics'],
  ['the shop page', 'GET /'],
  ['the shop page of a product', 'GET /?product=goods-0500'],
  ['the reference', 'GET /docs'],
  ['the OpenAPI document', 'GET /openapi.json'],
  ['the product list', 'GET /api/v1/products?limit=100'],
  ['a confirmation page', 'GET /orders/ORDER'],
  ['a page that is none', 'GET /nothing'],
  ['the readiness', 'GET /readyz'],
  ['a form with mistakes', 'POST /', 'product_name=Nothing'],
  ['an order with mistakes', 'POST /api/v1/orders', '{}'],
];

/** A closed loop of so many clients; those that abandon close each connection once the request is sent. */
export interface FloodOptions {
  readonly clients: number;
  readonly manner: 'answered' | 'abandon';
}

/**
 * On Bun the kernel's queue of new connections runs full while clients abandon requests with a body, and on PostgreSQL
 * all others, too. A client that finds no room there tries again after a second (docs/decisions/0027, Limits).
 */
function reasonToSkip(
  engine: ShopEngine,
  { manner }: FloodOptions,
  body: string | undefined,
): string | false {
  const isLate = body !== undefined || engine === 'postgres';
  return manner === 'abandon' && isLate && runtimeUnderTest() === 'bun'
    ? 'Bun answers orders late while clients abandon such requests: decision 27 has the figures'
    : false;
}

export function describeFreshConnections(engine: ShopEngine, floods: readonly FloodOptions[]): void {
  describe(`on ${engine}, fresh connections`, () => {
    let shop: Shop;
    let orderPath: string;
    before(async () => {
      ({ shop, orderPath } = await openLargeShopWithOrder(engine));
    });
    after(() => shop?.close());

    for (const flooding of floods) {
      const { clients, manner } = flooding;
      const words = manner === 'abandon' ? ' that do not wait for an answer' : '';
      for (const [name, head, body] of requests) {
        const skip = reasonToSkip(engine, flooding, body);
        it(`of ${clients} clients${words} on ${name} keep no order waiting`, { skip }, async () => {
          const request = requestText(head, body, orderPath);
          const flood = await startFlood(shop.service.port, clients, request, manner);
          try {
            await sleep(300);
            for (let i = 0; i < ordersEach; i += 1) {
              const { status, text } = await within(
                answeredWithinMs,
                `order ${i + 1}`,
                postOrder(shop.url, anOrder()),
              );
              assert.equal(status, 201, text);
            }
            const ready = await within(readyWithinMs, '/readyz', get(`${shop.url}/readyz`));
            assert.equal(ready.status, 200, ready.text);
          } finally {
            assert.ok((await flood.stop()) > 0, 'clients that get no answers are no flood');
          }
        });
      }
    }
  });
}

function requestText(head: string, body: string | undefined, orderPath: string): string {
  const lines = [
    `${head.replace('/orders/ORDER', orderPath)} HTTP/1.1`,
    'host: shop',
    'accept: text/html',
    'accept-encoding: gzip',
    'connection: close',
  ];
  if (body !== undefined) {
    const type = body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded';
    lines.push(`content-type: ${type}`, `content-length: ${body.length}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

interface Flood {
  /** Resolves to the number of its answers. */
  stop(): Promise<number>;
}

/** Resolves once it has had an answer. */
async function startFlood(port: number, clients: number, request: string, manner: string): Promise<Flood> {
  const [program = '', ...args] = runtimeCommand(runtimeUnderTest());
  const options = [floodProgram, String(port), String(clients), JSON.stringify(request), manner];
  const child = spawn(program, [...args, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, 'answered');
  return {
    async stop() {
      child.kill('SIGTERM');
      return Number((await lines.next()).value);
    },
  };
}

async function within<Result>(maxMs: number, name: string, asked: Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  const result = await asked;
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < maxMs, `${name} took ${Math.round(tookMs)} ms`);
  return result;
}
