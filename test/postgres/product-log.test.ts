/** The log of product changes on PostgreSQL, also while several instances and programs of before write. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import pg from 'pg';
import { migratePostgres, openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import type { ProductEntry } from '../../src/storage/shop-log.ts';
import { aProduct, described } from '../builders.ts';
import { until } from '../journeys/behind-the-service.ts';
import { assertVerifiesClean } from '../order-store/opened-store.ts';
import { describeProductLog, type LoggedShop } from '../product-log.contract.ts';
import { readProductLog, toldOf } from '../read-product-log.ts';
import {
  locationOf,
  openTestDatabase,
  postgresMissing,
  type TestDatabase,
  testSettings,
} from './postgres-databases.ts';
import { withInstances } from './several-instances.ts';

const missing = await postgresMissing();

const optionsOf = ({ url }: TestDatabase) => ({ location: locationOf(url), settings: testSettings });

const readEntries = async ({ url }: TestDatabase) => (await readProductLog(url)).entries;

async function openLogged(): Promise<LoggedShop> {
  const database = await openTestDatabase();
  let store = await openPostgresStore(optionsOf(database));
  return {
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = await openPostgresStore(optionsOf(database));
      return store;
    },
    run: async (sql) => void (await database.query(sql)),
    url: database.url,
    refusalOf: (event, table) => `
      CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
      CREATE TRIGGER refusal BEFORE ${event} ON ${table} FOR EACH ROW EXECUTE FUNCTION refuses()`,
    allowing: (table) => `DROP TRIGGER refusal ON ${table}`,
    async [Symbol.asyncDispose]() {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

if (missing === null) describeProductLog('PostgreSQL', openLogged);

async function connect({ url }: TestDatabase): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

const waiting =
  "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

describe('the log of products, written by several', { skip: missing ?? false }, () => {
  test('shows every reader the same entries, without gaps, while two instances change the same products', () =>
    withInstances(2, async (stores, database) => {
      const skus = Array.from({ length: 8 }, (_, nth) => `peg-${nth}`);
      const changesOfEach = 40;
      let isOver = false;
      const writing = Promise.all(
        stores.map(async (store, instance) => {
          for (let nth = 0; nth < changesOfEach; nth += 1) {
            const chosen = skus.filter((_, at) => (at + nth + instance) % 3 === 0);
            const priceCents = 1_000 * instance + nth;
            await store.saveProducts(chosen.map((sku) => described(aProduct({ sku, priceCents }))));
          }
        }),
      ).finally(() => {
        isOver = true;
      });
      let seen: readonly ProductEntry[] = [];
      let looks = 0;
      const lookAgain = async () => {
        const entries = await readEntries(database);
        assert.deepEqual(entries.slice(0, seen.length), seen, 'what was read before stands');
        assert.deepEqual(
          entries.map(({ position }) => position),
          entries.map((_, nth) => nth + 1),
        );
        seen = entries;
        looks += 1;
      };
      while (!isOver) await lookAgain();
      await writing;
      await lookAgain();
      assert.ok(looks > 2, `${looks} looks`);
      // Each price is another one, so that each product of each change is an entry.
      const changed = [0, 1].flatMap((instance) =>
        Array.from({ length: changesOfEach }, (_, nth) =>
          skus.filter((__, at) => (at + nth + instance) % 3 === 0),
        ),
      );
      assert.equal(seen.length, changed.flat().length);
    }));

  test('keeps the order of the commits when products are changed by hand, past the locks of the program', async () => {
    await using database = await openTestDatabase();
    const store = await openPostgresStore(optionsOf(database));
    await store.saveProducts(['a', 'b'].map((sku) => described(aProduct({ sku }))));
    await store.close();
    await using first = await connect(database);
    await using second = await connect(database);
    const change = (sku: string) =>
      `UPDATE products SET price_cents = 7, revision = revision + 1 WHERE sku = '${sku}'`;
    await first.query(`BEGIN; ${change('b')}`);
    const later = second.query(change('a'));
    await until(async () => (await first.query(waiting)).rowCount === 1, 'the change that waits');
    await first.query('COMMIT');
    await later;
    assert.deepEqual(
      (await readEntries(database)).map(({ position, product: { sku, revision } }) => [
        position,
        sku,
        revision,
      ]),
      [
        [1, 'a', 1],
        [2, 'b', 1],
        [3, 'b', 2],
        [4, 'a', 2],
      ],
    );
  });
});

const folder = join(import.meta.dirname, '../../src/storage/postgres/migrations');

/** As a program of version 7 to 14 adds and changes products: in one statement, with revisions, under the catalogue's lock. */
const savesAsBefore = (rows: string) => `
  SELECT pg_advisory_xact_lock(${0x4e_5a_4d_41}, 3);
  INSERT INTO products (sku, name, description, category, price_cents, image_url, active, revision, created_at_ms,
    sort_name)
  VALUES ${rows}
  ON CONFLICT (sku) DO UPDATE SET name = excluded.name, price_cents = excluded.price_cents,
    revision = excluded.revision, sort_name = excluded.sort_name;
  INSERT INTO stock (sku, on_hand) SELECT sku, 0 FROM products ON CONFLICT (sku) DO NOTHING`;

const row = (sku: string, priceCents: number, revision: number) =>
  `('${sku}', '${sku}', 'of before', '', ${priceCents}, '/i.svg', true, ${revision}, 5, NULL)`;

async function openOfVersionFourteen(): Promise<TestDatabase> {
  const database = await openTestDatabase({ isEmpty: true });
  const older = readdirSync(folder).filter((name) => name < '0015');
  for (const name of older.sort()) await database.query(readFileSync(join(folder, name), 'utf8'));
  await database.query(`
    CREATE TABLE schema_versions (version integer NOT NULL PRIMARY KEY, supports_from integer NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now());
    INSERT INTO schema_versions (version, supports_from) SELECT version, 1 FROM generate_series(1, ${older.length}) AS version`);
  return database;
}

describe('the log of products in a database of version 14', { skip: missing ?? false }, () => {
  test('begins with the products that there are, and has what an older program goes on to change', async () => {
    await using database = await openOfVersionFourteen();
    await database.query(savesAsBefore(`${row('b', 2, 3)}, ${row('a', 1, 1)}`));
    await database.query("UPDATE products SET created_at_ms = 4 WHERE sku = 'b'");
    const store = await openPostgresStore(optionsOf(database));
    try {
      const begun = await readEntries(database);
      assert.deepEqual(toldOf(begun), [
        [1, 'b', 3, 2],
        [2, 'a', 1, 1],
      ]);
      assert.deepEqual(
        begun.map(({ changedAtMs }) => changedAtMs),
        [4, 5],
      );
      await database.query(savesAsBefore(`${row('a', 9, 2)}, ${row('c', 3, 1)}`));
      await store.saveProducts([described(aProduct({ sku: 'a', priceCents: 10 }))]);
      const entries = await readEntries(database);
      assert.deepEqual(
        new Set(toldOf(entries.slice(2, 4)).map(([, ...rest]) => rest.join(' '))),
        new Set(['a 2 9', 'c 1 3']),
      );
      assert.deepEqual(toldOf(entries.slice(4)), [[5, 'a', 3, 10]]);
    } finally {
      await store.close();
    }
    // It makes the words of what the older program has saved.
    const again = await openPostgresStore(optionsOf(database));
    await assertVerifiesClean(again);
    await again.close();
  });

  test('has a change that was under way while it was migrated', async () => {
    await using database = await openOfVersionFourteen();
    await database.query(savesAsBefore(row('a', 1, 1)));
    await using older = await connect(database);
    await older.query(`BEGIN; ${savesAsBefore(`${row('a', 2, 2)}, ${row('b', 2, 1)}`)}`);
    const migrated = migratePostgres(optionsOf(database));
    await until(async () => (await database.query(waiting)).length > 0, 'the migration that waits');
    await older.query('COMMIT');
    await migrated;
    assert.deepEqual(toldOf(await readEntries(database)), [
      [1, 'a', 2, 2],
      [2, 'b', 1, 2],
    ]);
  });
});
