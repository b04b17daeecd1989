/** Clients that take for ever to ask or never read their answer, in numbers: the others don't notice. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Shop, withShop } from '../journeys/open-shop.ts';
import { get, place } from '../journeys/shop-client.ts';

const clients = 150;
/** Of these, each asks for so many pages in one go, some 28 KB each. */
const deafClients = 5;
const pagesAsked = 2_000;
const rssGrowthMaxMb = 150;

const headersWithoutEnd =
  'POST /api/v1/orders HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\nx-slow: ';
const bodyWithoutEnd =
  'POST /api/v1/orders HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n{"customer_name":"';
const chunksWithoutEnd =
  'POST /api/v1/orders HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';

describe('slow clients', () => {
  for (const [what, opening, drip] of [
    ['headers', headersWithoutEnd, 'a'],
    ['bodies', bodyWithoutEnd, 'a'],
    ['chunks', chunksWithoutEnd, '1\r\na\r\n'],
  ] as const) {
    it(`that drip their ${what} don't stop the others`, async () => {
      await withClients(async (shop, sockets) => {
        for (const socket of sockets) socket.write(opening);
        for (let second = 0; second < 5; second += 1) {
          for (const socket of sockets) socket.write(drip);
          await assertServes(shop);
          await sleep(150);
        }
      });
    });
  }

  it('that never read their answers fill neither memory nor queue', async () => {
    await withClients(async (shop, sockets) => {
      await assertServes(shop);
      const before = rssMb(shop);
      const asked = 'GET / HTTP/1.1\r\nhost: shop\r\n\r\n'.repeat(pagesAsked);
      for (const socket of sockets.slice(0, deafClients)) {
        socket.pause();
        socket.write(asked);
      }
      await sleep(1_500);
      const grown = rssMb(shop) - before;
      assert.ok(grown < rssGrowthMaxMb, `${Math.round(grown)} MB more`);
      await assertServes(shop);
    });
  });

  it('that vanish in the middle leave nothing behind', async () => {
    await withClients(async (shop, sockets) => {
      for (const [i, socket] of sockets.entries()) {
        socket.write(i % 2 === 0 ? bodyWithoutEnd : `${chunksWithoutEnd}5\r\nab`);
      }
      await sleep(100);
      for (const socket of sockets) socket.resetAndDestroy();
      await assertServes(shop);
      const { code, output } = await shop.stop();
      assert.equal(code, 0, output);
    });
  });
});

async function withClients(use: (shop: Shop, sockets: readonly Socket[]) => Promise<void>): Promise<void> {
  await withShop({}, async (shop) => {
    const { hostname, port } = new URL(shop.url);
    const sockets = Array.from({ length: clients }, () =>
      connect(Number(port), hostname).on('error', () => undefined),
    );
    try {
      await use(shop, sockets);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
}

async function assertServes(shop: Shop): Promise<void> {
  const startedAt = performance.now();
  await Promise.all([place(shop.url), get(`${shop.url}/livez`), get(`${shop.url}/api/v1/products`)]);
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < 1_500, `${Math.round(tookMs)} ms`);
}

/** Memory of the service; 0 where the system doesn't say. */
function rssMb(shop: Shop): number {
  if (process.platform !== 'linux') return 0;
  const status = readFileSync(`/proc/${shop.service.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
