/**
 * What PostgreSQL keeps of persons who were erased: no row, no statistics and no copied shop has anything of them; the
 * files of the tables have old versions of rows until VACUUM FULL writes the tables anew (docs/PRIVACY.md).
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type PostgresServer, startPostgres } from '../../lab/postgres/postgres-server.ts';
import { openShop, type Shop, withShop } from '../journeys/open-shop.ts';
import { type Json, jsonOf, keyIn, place, postJson } from '../journeys/shop-client.ts';
import { postgresMissing, testsOnCitus } from './postgres-databases.ts';

const missing =
  (await postgresMissing()) ?? (testsOnCitus ? 'the files of a cluster are on several servers' : null);
const canary = /kanarie|birdcage/i;
const email = 'kanarie@birdcage.example';
const person = {
  customer_name: 'Kanarie Vogelsang',
  street_address: '7 Kanarie Street',
  address_line_2: 'Birdcage 7',
  email,
};
/** More of one person than a column keeps out of its most common values. */
const count = 40;

async function liveAndBeErased(shop: Shop, beforeErasure: () => Promise<void>): Promise<void> {
  const scopes = 'orders:write,customers:read';
  const key = (await shop.run(['keys', 'create', '--name', 'desk', '--scopes', scopes])).stdout.trim();
  const orders: Json[] = [];
  for (let nth = 0; nth < count; nth += 1) orders.push(await place(shop.url, person));
  await place(shop.url, { customer_name: 'Neighbour' });
  for (const { order_id, confirmation_url } of orders) {
    const holder = { 'order-key': keyIn(confirmation_url), 'if-match': '*' };
    const body = { reason: 'Kanarie is not well' };
    const answer = await postJson(`${shop.url}/api/v1/orders/${order_id}/cancel`, body, holder);
    assert.equal(answer.status, 200, answer.text);
  }
  await beforeErasure();
  const [one] = orders;
  const bearer = { authorization: `Bearer ${key}`, 'if-match': '*' };
  assert.equal((await postJson(`${shop.url}/api/v1/orders/${one.order_id}/erase`, {}, bearer)).status, 200);
  const erased = jsonOf(await postJson(`${shop.url}/api/v1/customers/erase`, { email }, bearer));
  assert.equal(erased.orders_erased, count - 1);
}

describe('a shop on PostgreSQL whose persons are erased', { skip: missing ?? false }, () => {
  let server: PostgresServer;
  let shop: Shop;
  before(async () => {
    server = await startPostgres({ fsync: true });
    await server.query('CREATE DATABASE shop');
    const settings = { DATABASE_URL: server.url('shop'), DEMO_STOCK: '1000' };
    shop = await openShop({ settings });
  });
  after(async () => {
    await shop?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const textOf = async (database: string): Promise<string> => {
    const tables = await server.query(
      "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
      database,
    );
    assert.ok(tables.length > 10);
    const rows = await Promise.all(
      tables.map(({ name }) => server.query(`SELECT t::text AS row FROM ${name} AS t`, database)),
    );
    return rows.flatMap((found) => found.map(({ row }) => String(row))).join('\n');
  };
  const statistics = async () => JSON.stringify(await server.query('SELECT * FROM pg_stats', 'shop'));
  const filesOfTables = () =>
    readdirSync(join(server.dataFolder, 'base'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name)).toString('latin1'))
      .filter((text) => canary.test(text));

  it('has nothing of them in its rows, statistics and logs', async () => {
    await liveAndBeErased(shop, async () => {
      await server.query('ANALYZE', 'shop');
      assert.match(await textOf('shop'), canary);
      assert.match(await statistics(), /"status"/);
    });
    const text = await textOf('shop');
    assert.match(text, /Neighbour/);
    assert.doesNotMatch(text, canary);
    assert.doesNotMatch(await statistics(), canary);
    assert.doesNotMatch(shop.service.logs(), canary);
    assert.equal((await shop.verify()).code, 0);
  });

  it('loses statistics that were made before there was an erasure', async () => {
    const name = 'src/storage/postgres/migrations/0012-no-statistics-of-persons.sql';
    const migration = readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
    await server.query('CREATE DATABASE earlier TEMPLATE template0');
    await withShop({ settings: { DATABASE_URL: server.url('earlier') } }, async (earlier) => {
      await place(earlier.url, person);
      await place(earlier.url, person);
    });
    const found = async () => JSON.stringify(await server.query('SELECT * FROM pg_stats', 'earlier'));
    const analyzed = 'ALTER TABLE orders ALTER COLUMN customer_name SET STATISTICS 100; ANALYZE orders';
    await server.query(analyzed, 'earlier');
    assert.match(await found(), canary);
    await server.query(migration, 'earlier');
    assert.doesNotMatch(await found(), canary);
    await server.query('ANALYZE orders', 'earlier');
    assert.doesNotMatch(await found(), canary);
  });

  it('has nothing of them in the files of its tables once these are written anew', async () => {
    await server.query('CHECKPOINT', 'shop');
    assert.notDeepEqual(filesOfTables(), [], 'old versions of rows are there until then');
    await server.query('DROP DATABASE earlier WITH (FORCE)');
    for (const table of ['orders', 'order_events', 'audit_log'])
      await server.query(`VACUUM FULL ${table}`, 'shop');
    await server.query('CHECKPOINT', 'shop');
    assert.deepEqual(filesOfTables(), []);
  });

  it('has nothing of them when it was copied from SQLite', async () => {
    await withShop({ settings: { DEMO_STOCK: '1000' } }, async (source) => {
      await liveAndBeErased(source, async () => undefined);
      await source.stop();
      await server.query('CREATE DATABASE copied');
      const copied = await source.run([
        'copy',
        '--from',
        `sqlite:${source.file}`,
        '--to',
        server.url('copied'),
      ]);
      assert.equal(copied.code, 0, copied.output);
      assert.doesNotMatch(copied.output, canary);
    });
    const text = await textOf('copied');
    assert.match(text, /Neighbour/);
    assert.doesNotMatch(text, canary);
    assert.deepEqual(filesOfTables(), [], 'not even an old version of a row');
  });
});
