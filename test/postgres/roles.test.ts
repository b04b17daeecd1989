/** The two roles of deploy/postgres/roles.sql: the service's own has the rights that a shop needs, and no others. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { type PostgresServer, startPostgres } from '../../lab/postgres/postgres-server.ts';
import { unnamedImagesKeptMs } from '../../src/domain/product-image.ts';
import { defaultPostgresSettings } from '../../src/storage/postgres/postgres-settings.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { anImage } from '../builders.ts';
import { inFolder, openShop, type Shop, withShop } from '../journeys/open-shop.ts';
import { get, type Json, jsonOf, keyIn, place, send } from '../journeys/shop-client.ts';
import { runCli, ServiceStartError } from '../service.ts';
import { openSourceShop } from './copied-shop.ts';
import { makeNewerProgram } from './newer-program.ts';
import { postgresMissing } from './postgres-databases.ts';

const missing = await postgresMissing();
const script = readFileSync(new URL('../../deploy/postgres/roles.sql', import.meta.url), 'utf8');

/** By its holder, then by an API key: both are told to the audit log. */
async function cancelAndErase(shop: Shop, order: Json, keyName: string): Promise<void> {
  const scopes = 'orders:write,customers:read';
  const made = await shop.run(['keys', 'create', '--name', keyName, '--scopes', scopes]);
  assert.equal(made.code, 0, made.output);
  const authorization = `Bearer ${made.stdout.trim()}`;
  for (const [name, right] of [
    ['cancel', { 'order-key': keyIn(order.confirmation_url) }],
    ['erase', { authorization }],
  ] as const) {
    const url = `${shop.url}/api/v1/orders/${order.order_id}/${name}`;
    const answer = await send(url, { method: 'POST', headers: { 'if-match': '*', ...right } });
    assert.equal(answer.status, 200, answer.text);
  }
}

describe('least privilege on PostgreSQL', { skip: missing ?? false }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres({ fsync: true });
    await server.query('CREATE DATABASE shop');
  });
  after(() => server?.[Symbol.asyncDispose]());

  const as = (role: string): string => {
    const url = new URL(server.url('shop'));
    url.username = role;
    return url.href;
  };
  const migrate = (role: string) =>
    inFolder(async (dir) => {
      const { code, output } = await runCli(['migrate'], { dir, env: { DATABASE_URL: as(role) } });
      assert.equal(code, 0, output);
    });

  it('the owner migrates, the service sells, takes orders through their life, verifies and seeds', async () => {
    await server.query(script, 'shop');
    await server.query(script, 'shop');
    await migrate('nozama_owner');
    for (const migratesAtStart of ['false', 'true']) {
      const settings = { DATABASE_URL: as('nozama_service'), DATABASE_MIGRATE_AT_START: migratesAtStart };
      await withShop({ settings }, async (shop) => {
        const order = await place(shop.url);
        const page = await get(`${shop.url}${order.confirmation_url}`, { accept: 'text/html' });
        assert.match(page.text, /Ada Lovelace/);
        assert.equal(jsonOf(await get(`${shop.url}/readyz`)).status, 'ready');
        await cancelAndErase(shop, order, `desk-${migratesAtStart}`);
        assert.equal((await shop.verify()).code, 0);
      });
    }
    const store = await openPostgresStore({
      location: as('nozama_service').replace(/^postgres:/, ''),
      settings: { ...defaultPostgresSettings, migratesAtStart: false },
    });
    await store.checkWritable();
    await store.saveImages([anImage()], 0);
    assert.equal((await store.clearImages(unnamedImagesKeptMs)).cleared, 1);
    await store.close();
  });

  for (const statement of [
    'DELETE FROM orders',
    'DELETE FROM order_lines',
    'DELETE FROM idempotency_keys',
    'UPDATE orders SET total_cents = 0',
    'UPDATE order_lines SET quantity = 1',
    'UPDATE order_log SET at_ms = 0',
    'DELETE FROM order_log',
    'UPDATE product_changes SET price_cents = 0',
    'DELETE FROM product_changes',
    'UPDATE shop_identity SET shop_id = gen_random_uuid()',
    'DELETE FROM shop_identity',
    'TRUNCATE orders',
    'DROP TABLE orders',
    'ALTER TABLE orders ADD COLUMN extra text',
    'CREATE TABLE mine (id integer)',
    'DROP TRIGGER order_log_is_append_only ON order_log',
    'UPDATE order_events SET actor = actor',
    'DELETE FROM audit_log',
    'UPDATE audit_log SET entry = entry',
    'INSERT INTO schema_versions VALUES (99, 99)',
  ]) {
    it(`the service can’t ${statement}`, async () => {
      const client = new pg.Client({ connectionString: as('nozama_service') });
      await client.connect();
      try {
        await assert.rejects(client.query(statement), { code: '42501' });
      } finally {
        await client.end();
      }
    });
  }

  it('not even the owner changes the log', async () => {
    await assert.rejects(server.query('DELETE FROM order_log', 'shop'), /append-only/);
    await assert.rejects(server.query('TRUNCATE order_log', 'shop'), /append-only/);
  });

  it('the owner copies a shop in, the service can’t, and is seen when it is connected', async () => {
    await server.query('CREATE DATABASE copied');
    await server.query(script, 'copied');
    await using source = await openSourceShop(20);
    const to = (role: string) => new URL(as(role).replace(/\/shop$/, '/copied')).href;
    const copyAs = (role: string) =>
      runCli(['copy', '--from', source.url, '--to', to(role)], { dir: source.folder });
    const run = (args: readonly string[], role: string) =>
      runCli(args, { dir: source.folder, env: { DATABASE_URL: to(role) } });
    assert.match((await copyAs('nozama_service')).output, /^.*permission denied.*as the role that owns.*\n$/);
    assert.equal((await run(['migrate'], 'nozama_owner')).code, 0);
    assert.match((await copyAs('nozama_service')).output, /^.*permission denied.*as the role that owns.*\n$/);

    const store = await openPostgresStore({
      location: to('nozama_service').replace(/^postgres:/, ''),
      settings: { ...defaultPostgresSettings, migratesAtStart: false },
    });
    await store.listProducts(null, 1);
    assert.match((await copyAs('nozama_owner')).output, /A service is connected to the target/);
    await store.close();
    const { code, output } = await copyAs('nozama_owner');
    assert.equal(code, 0, output);
    await withShop({ settings: { DATABASE_URL: to('nozama_service') } }, async (shop) => {
      assert.equal((await place(shop.url)).number, 1051);
      assert.equal((await shop.verify()).code, 0);
    });
  });

  it('an update is migrated by the owner, under a service that sells, and the service’s role is told so', async () => {
    using newer = makeNewerProgram('-- supports from: 1\nALTER TABLE orders ADD COLUMN gift_note text;\n');
    const settings = { DATABASE_URL: as('nozama_service') };
    await withShop({ settings }, async (shop) => {
      await assert.rejects(openShop({ settings, program: newer.folder }), (error: unknown) => {
        assert.ok(error instanceof ServiceStartError && error.exit?.code === 1);
        assert.match(
          error.output,
          /can't be brought up to date: permission denied .* `nozama migrate` as the role/,
        );
        assert.doesNotMatch(error.output, /"stack":/);
        return true;
      });
      const env = { DATABASE_URL: as('nozama_owner') };
      const { code, output } = await runCli(['migrate'], { dir: shop.folder, env, program: newer.folder });
      assert.equal(code, 0, output);
      await withShop({ settings, program: newer.folder }, async (newShop) => {
        await place(newShop.url);
        await place(shop.url);
        assert.equal((await newShop.verify()).code, 0);
      });
    });
  });

  it('a shop that was opened before it had roles gets them', async () => {
    await server.query('CREATE DATABASE older');
    const superuser = new URL(server.url('older')).href;
    await inFolder(async (dir) => {
      const run = (url: string) => runCli(['migrate'], { dir, env: { DATABASE_URL: url } });
      await server.query('DROP OWNED BY nozama_service', 'older');
      assert.equal((await run(superuser)).code, 0);
      await server.query('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM nozama_service', 'older');
      await server.query(script, 'older');
      const url = new URL(superuser);
      url.username = 'nozama_owner';
      assert.equal((await run(url.href)).code, 0);
      url.username = 'nozama_service';
      await withShop({ settings: { DATABASE_URL: url.href } }, async (shop) => {
        await place(shop.url);
      });
    });
  });
});
