/**
 * The database server goes away and comes back under a running service: orders are refused at once, nothing
 * acknowledged is lost, and the service needs no restart.
 *
 * `DRILL_ROUNDS` rounds of crashes, 20 unless told, of which every fourth counts here; `SEED=…` repeats them.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../../lab/postgres/postgres-server.ts';
import { until } from '../journeys/behind-the-service.ts';
import { openShop, type Shop, withShop } from '../journeys/open-shop.ts';
import { anOrder, get, jsonOf, place, postOrder } from '../journeys/shop-client.ts';
import { postgresMissing } from '../postgres/postgres-databases.ts';
import { ServiceStartError } from '../service.ts';
import { openLedger, seededRandom } from './outside-ledger.ts';

const missing = await postgresMissing();
const rounds = Math.ceil(Number(process.env['DRILL_ROUNDS'] || 20) / 4);
const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
const stock = 1_000_000;
const loadMsMax = 300;

async function statusOfReadiness(shop: Shop): Promise<number> {
  return (await get(`${shop.url}/readyz`)).status;
}

describe('PostgreSQL crashing under load', { skip: missing ?? false }, () => {
  it(`loses nothing in ${rounds} rounds (SEED=${seed})`, { timeout: 30_000 + rounds * 15_000 }, async () => {
    const random = seededRandom(seed);
    await using server = await startPostgres({ fsync: true });
    const settings = { DATABASE_URL: server.url('postgres'), DEMO_STOCK: String(stock) };
    await withShop({ settings }, async (shop) => {
      const skus = jsonOf(await get(`${shop.url}/api/v1/products?limit=100`)).products.map(
        ({ sku }: { sku: string }) => sku,
      );
      const ledger = openLedger({ skus, random });
      for (let round = 1; round <= rounds; round += 1) {
        let isOver = false;
        const buyers = [1, 2, 8, 24][Math.floor(random() * 4)] ?? 1;
        const before = ledger.acknowledgedCount();
        const buying = Array.from({ length: buyers }, () => ledger.buyUntil(shop.url, () => isOver));
        await sleep(random() * loadMsMax);
        await server.stop('immediate');
        await sleep(random() * loadMsMax);
        await server.start();
        await until(async () => (await statusOfReadiness(shop)) === 200, 'readiness');
        isOver = true;
        await Promise.all(buying);
        await ledger.settle(shop.url);
        assert.equal(ledger.openCount(), 0, `round ${round}: every request has its answer`);
        const [counted] = await server.query(
          'SELECT (SELECT count(*) FROM orders)::int AS orders, (SELECT count(*) FROM order_log)::int AS log',
        );
        const acknowledged = ledger.acknowledgedCount();
        assert.deepEqual(
          counted,
          { orders: acknowledged, log: acknowledged },
          `round ${round}: each order once`,
        );
        for (const { status } of ledger.otherAnswers) assert.equal(status, 503);
        process.stdout.write(`round ${round}: ${acknowledged - before} acknowledged, ${buyers} buying\n`);
      }
      const sold = ledger.unitsSold();
      const { products } = jsonOf(await get(`${shop.url}/api/v1/products?limit=100`));
      for (const { sku, num_in_stock } of products) {
        assert.equal(num_in_stock, stock - (sold.get(sku) ?? 0), `${sku}: what is left and what was sold`);
      }
      const { code, output } = await shop.verify();
      assert.equal(code, 0, output);
    });
  });
});

describe('PostgreSQL that is away', { skip: missing ?? false }, () => {
  it('is a 503 with Retry-After at once, for orders and pages; and is back by itself', async () => {
    await using server = await startPostgres({ fsync: true });
    await withShop({ settings: { DATABASE_URL: server.url('postgres') } }, async (shop) => {
      const known = await place(shop.url);
      await server.stop('fast');
      const startedAt = performance.now();
      for (let i = 0; i < 5; i += 1) {
        const refused = await postOrder(shop.url, anOrder(), `away-${i}`);
        assert.equal(refused.status, 503, refused.text);
        assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
        assert.doesNotMatch(refused.text, /postgres|ECONN|127\.0\.0\.1/i, 'nothing of our insides');
      }
      const page = await get(`${shop.url}${known.confirmation_url}`, { accept: 'text/html' });
      assert.equal(page.status, 503);
      assert.ok(performance.now() - startedAt < 5_000, 'at once');
      assert.equal(await statusOfReadiness(shop), 503);
      assert.equal((await get(`${shop.url}/livez`)).status, 200);

      await server.start();
      await until(async () => (await statusOfReadiness(shop)) === 200, 'readiness');
      await until(
        async () =>
          (await get(`${shop.url}${known.confirmation_url}`, { accept: 'text/html' })).status === 200,
        'the page',
      );
      assert.equal((await postOrder(shop.url, anOrder(), 'away-0')).status, 201);
      assert.equal((await shop.verify()).code, 0);
    });
  });

  it('that takes no writes refuses orders, while pages go on', async () => {
    await using server = await startPostgres({ fsync: true });
    await withShop({ settings: { DATABASE_URL: server.url('postgres') } }, async (shop) => {
      const known = await place(shop.url);
      const readOnly = async (mode: 'on' | 'off') => {
        await server.query(`ALTER SYSTEM SET default_transaction_read_only = ${mode}`);
        await server.query('SELECT pg_reload_conf()');
      };
      await readOnly('on');
      await until(
        async () => (await postOrder(shop.url, anOrder(), 'read-only')).status === 503,
        'a refusal',
      );
      assert.equal(await statusOfReadiness(shop), 503);
      const page = await get(`${shop.url}${known.confirmation_url}`, { accept: 'text/html' });
      assert.equal(page.status, 200);
      assert.equal((await get(`${shop.url}/api/v1/products`)).status, 200);
      await server.query('SET default_transaction_read_only = off');
      await readOnly('off');
      await until(async () => (await statusOfReadiness(shop)) === 200, 'readiness');
      assert.equal((await postOrder(shop.url, anOrder(), 'read-only')).status, 201);
    });
  });

  it('that has become a standby refuses orders, while pages go on, until it is promoted', async () => {
    await using server = await startPostgres({ fsync: true });
    const settings = { DATABASE_URL: server.url('postgres') };
    await withShop({ settings }, async (shop) => {
      const known = await place(shop.url);
      await server.stop('fast');
      writeFileSync(join(server.dataFolder, 'standby.signal'), '');
      await server.start();
      await until(
        async () =>
          (await get(`${shop.url}${known.confirmation_url}`, { accept: 'text/html' })).status === 200,
        'the page',
      );
      const refused = await postOrder(shop.url, anOrder(), 'standby');
      assert.equal(refused.status, 503);
      assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
      assert.equal(await statusOfReadiness(shop), 503);
      assert.equal((await get(`${shop.url}/api/v1/products`)).status, 200);
      assert.equal((await shop.verify()).code, 0, 'for which it is good enough');
      // One that starts now is told so.
      await assert.rejects(openShop({ settings }), (error: unknown) => {
        assert.ok(error instanceof ServiceStartError && error.exit?.code === 1);
        assert.match(
          error.output,
          /is a standby, where nothing can be written\. Point DATABASE_URL at the primary/,
        );
        assert.doesNotMatch(error.output, /^\s+at |"stack":/m, 'no stack');
        return true;
      });

      await server.query('SELECT pg_promote()');
      await until(async () => (await statusOfReadiness(shop)) === 200, 'readiness');
      assert.equal((await postOrder(shop.url, anOrder(), 'standby')).status, 201);
      assert.equal((await shop.verify()).code, 0);
    });
  });

  it('that is slow refuses orders in bounded time, while pages go on, and sells nothing twice', async () => {
    await using server = await startPostgres({ fsync: true });
    const settings = {
      DATABASE_URL: server.url('postgres'),
      DATABASE_LOCK_TIMEOUT_MS: '300',
      DATABASE_STATEMENT_TIMEOUT_MS: '500',
    };
    await withShop({ settings }, async (shop) => {
      const known = await place(shop.url);
      // As a long import would: orders of these products wait.
      await server.query('BEGIN; SELECT * FROM stock FOR UPDATE');
      const startedAt = performance.now();
      const refused = await postOrder(shop.url, anOrder(), 'slow');
      assert.equal(refused.status, 503);
      assert.ok(performance.now() - startedAt < 5_000, 'in bounded time');
      const page = await get(`${shop.url}${known.confirmation_url}`, { accept: 'text/html' });
      assert.equal(page.status, 200);
      await server.query('ROLLBACK');
      await until(async () => (await statusOfReadiness(shop)) === 200, 'readiness');
      assert.equal((await postOrder(shop.url, anOrder(), 'slow')).status, 201);
      const [counted] = await server.query('SELECT count(*)::int AS orders FROM orders');
      assert.deepEqual(counted, { orders: 2 });
    });
  });
});
