import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startService } from '../../test/service.ts';
import { startEndlessServer } from './endless-server.ts';
import { listProducts, pageBytesMax } from './list-products.ts';
import { startScriptedServer } from './scripted-server.ts';

const product = (sku: string) => ({ sku, active: true, num_in_stock: 3, price: { amount: 900 } });

const startRedirecting = (location: string) =>
  startScriptedServer(() => ({ status: 302, body: '', headers: { location } }));

describe('the products of a host', () => {
  it('are those the real service lists', async () => {
    await using service = await startService();
    const products = await listProducts(service.url);
    assert.ok(products.length > 3);
    assert.ok(products.every(({ sku, priceCents, onHand }) => sku !== '' && priceCents > 0 && onHand >= 0));
  });

  it('are read page by page', async () => {
    await using server = await startScriptedServer(({ url }) => {
      const isSecond = url?.includes('cursor=next') === true;
      const page = { products: [product(isSecond ? 'tent' : 'mug')], next_cursor: isSecond ? null : 'next' };
      return { status: 200, body: JSON.stringify(page) };
    });
    assert.deepEqual(
      (await listProducts(server.url)).map(({ sku }) => sku),
      ['mug', 'tent'],
    );
    assert.equal(server.requests(), 2);
  });

  it('are none where there is no such list', async () => {
    for (const [status, body] of [
      [404, ''],
      [200, 'ok'],
      [200, '{"products":"none"}'],
      [200, 'null'],
    ] as const) {
      await using server = await startScriptedServer(() => ({ status, body }));
      assert.deepEqual(await listProducts(server.url), []);
    }
    await using toLogin = await startRedirecting('/login');
    assert.deepEqual(await listProducts(toLogin.url), []);
  });

  it('are not fetched from where the host sends one: nobody has allowed to load that', async () => {
    await using elsewhere = await startScriptedServer(() => ({ status: 200, body: '{"products":[]}' }));
    for (const location of [`${elsewhere.url}/secret`, elsewhere.url.replace('http:', '')]) {
      await using server = await startRedirecting(location);
      await assert.rejects(listProducts(server.url), {
        message: `${server.url} sends the lab on to ${elsewhere.url}: please name that host itself if it is the one to load.`,
      });
    }
    assert.equal(elsewhere.requests(), 0);
  });

  it('are read up to a bound', async () => {
    await using server = await startEndlessServer();
    await assert.rejects(listProducts(server.url), /lists its products in pages of more than 8 MB/);
    for (let waits = 0; server.givenUp() === 0; waits += 1) {
      assert.ok(waits < 100, 'the answer is not given up');
      await sleep(20);
    }
    // What is on its way in buffers was sent, and not read.
    assert.ok(server.bytesSent() < pageBytesMax * 4, `${server.bytesSent()} bytes`);
  });

  it('that break off in their middle are no empty list', async () => {
    const server = createServer(({ socket }, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"products":[');
      setTimeout(() => socket.destroy(), 20);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      await assert.rejects(listProducts(url), /does not answer \(\w+\)/);
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });
});
