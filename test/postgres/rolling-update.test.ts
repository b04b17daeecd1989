/**
 * An update while the shop is open: a newer program migrates the database under one that is running, both serve side
 * by side, and the older one may be started again on the newer schema.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type OutsideLedger, openLedger, seededRandom } from '../drills/outside-ledger.ts';
import { until } from '../journeys/behind-the-service.ts';
import { openShop, type Shop, withShop } from '../journeys/open-shop.ts';
import { place } from '../journeys/shop-client.ts';
import { runCli, ServiceStartError } from '../service.ts';
import { makeNewerProgram, type NewerProgram } from './newer-program.ts';
import { postgresMissing, type TestDatabase } from './postgres-databases.ts';

const missing = await postgresMissing();

/** Changes that an update may make while the shop sells: columns, a table, an index, on all tables that an order uses. */
const expand = (supportsFrom: number) => `-- supports from: ${supportsFrom}
ALTER TABLE orders ADD COLUMN gift_note text;
ALTER TABLE order_lines ADD COLUMN weight_grams bigint NOT NULL DEFAULT 0;
ALTER TABLE products ADD COLUMN weight_grams bigint NOT NULL DEFAULT 0;
ALTER TABLE stock ADD COLUMN reserved bigint NOT NULL DEFAULT 0;
ALTER TABLE popularity ADD COLUMN returned bigint NOT NULL DEFAULT 0;
CREATE TABLE parcels (order_id uuid NOT NULL PRIMARY KEY, sent_at_ms bigint);
CREATE INDEX orders_by_state ON orders (state);
`;

const skus = ['awning-mug', 'tent-4p', 'wool-throw'];

/** Orders come in at all of these shops while `act` runs, and none of them is turned away. */
async function underLoad(
  shops: readonly Shop[],
  act: (ledger: OutsideLedger) => Promise<void>,
): Promise<void> {
  const ledger = openLedger({ skus, random: seededRandom(11) });
  let isOver = false;
  const buying = shops.flatMap(({ url }) =>
    Array.from({ length: 4 }, () => ledger.buyUntil(url, () => isOver)),
  );
  try {
    await until(() => ledger.acknowledgedCount() > 20, 'load');
    await act(ledger);
    const soFar = ledger.acknowledgedCount();
    await until(() => ledger.acknowledgedCount() > soFar + 20, 'orders afterwards');
  } finally {
    isOver = true;
    await Promise.all(buying);
  }
  assert.deepEqual(
    ledger.otherAnswers.map(({ text }) => text),
    [],
    'nobody is turned away',
  );
  for (const { url } of shops) await ledger.settle(url);
  assert.equal(ledger.openCount(), 0);
}

describe('an update while the shop is open', { skip: missing ?? false }, () => {
  let newer: NewerProgram;
  before(() => {
    newer = makeNewerProgram(expand(1));
  });
  after(() => newer?.[Symbol.dispose]());

  const migrate = (database: TestDatabase, dir: string, program?: string) =>
    runCli(['migrate'], {
      dir,
      env: { DATABASE_URL: database.url },
      ...(program === undefined ? {} : { program }),
    });

  const old = { engine: 'postgres', settings: { DEMO_STOCK: '1000000' } } as const;

  it('is migrated under load; old and new sell side by side; the old one starts again, and verifies', () =>
    withShop(old, async (shop) => {
      const { postgres } = shop;
      assert.ok(postgres);
      await underLoad([shop], async () => {
        const { code, output } = await migrate(postgres, shop.folder, newer.folder);
        assert.equal(code, 0, output);
        assert.equal(output, `Schema brought from version ${newer.olderVersion} to ${newer.version}.\n`);
      });
      const settings = { DATABASE_URL: postgres.url };
      await withShop({ settings, program: newer.folder }, async (newShop) => {
        await underLoad([shop, newShop], () => sleep(200));
        assert.equal((await shop.stop()).code, 0);
        // Sessions report when they end, and those of the older program and the migration have.
        const deadlocks = 'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()';
        assert.deepEqual(
          await postgres.query(deadlocks),
          [{ deadlocks: 0 }],
          'the migration met no batch halfway',
        );
        await shop.start();
        await underLoad([shop, newShop], () => sleep(200));
        for (const one of [shop, newShop]) {
          const { code, output } = await one.verify();
          assert.equal(code, 0, output);
        }
      });
      // The older program has nothing to add, and says so.
      const again = await migrate(postgres, shop.folder);
      assert.equal(again.output, `Schema version ${newer.version}: nothing to do.\n`);
    }));

  it('is migrated by one of several newer programs that start at once, while an old one sells', () =>
    withShop(old, async (shop) => {
      const settings = { DATABASE_URL: shop.postgres?.url ?? '' };
      const newShops: Shop[] = [];
      try {
        await underLoad([shop], async () => {
          const opened = [1, 2, 3].map(() => openShop({ settings, program: newer.folder }));
          newShops.push(...(await Promise.all(opened)));
        });
        await underLoad([shop, ...newShops], () => sleep(200));
        const versions = await shop.postgres?.query('SELECT version FROM schema_versions ORDER BY version');
        assert.deepEqual(
          versions,
          Array.from({ length: newer.version }, (_, index) => ({ version: index + 1 })),
        );
      } finally {
        await Promise.all(newShops.map((one) => one.close()));
      }
    }));

  it('waits for a long reader without holding up the orders behind it', { timeout: 60_000 }, () =>
    withShop(old, async (shop) => {
      const { postgres } = shop;
      assert.ok(postgres);
      const reader = new pg.Client({ connectionString: postgres.url });
      await reader.connect();
      try {
        // As a backup does, or `nozama verify`.
        await reader.query('BEGIN; SELECT FROM orders LIMIT 1');
        await underLoad([shop], async (ledger) => {
          let isMigrated = false;
          const migrating = migrate(postgres, shop.folder, newer.folder).finally(() => {
            isMigrated = true;
          });
          for (let i = 0; i < 3; i += 1) {
            await sleep(1_500);
            const soFar = ledger.acknowledgedCount();
            await until(() => ledger.acknowledgedCount() > soFar, 'an order that goes past the migration');
            assert.ok(!isMigrated, 'the reader is in the way');
          }
          await reader.query('COMMIT');
          const { code, output } = await migrating;
          assert.equal(code, 0, output);
        });
      } finally {
        await reader.end();
      }
    }),
  );

  it('never stands between a batch and the rest of its tables', () =>
    withShop(old, async (shop) => {
      const { postgres } = shop;
      assert.ok(postgres);
      const batch = new pg.Client({ connectionString: postgres.url });
      await batch.connect();
      try {
        await batch.query(`BEGIN; SET LOCAL lock_timeout = '300ms';
          SELECT FROM stock WHERE sku = 'tent-4p' FOR NO KEY UPDATE; SELECT FROM products LIMIT 1`);
        const migrating = migrate(postgres, shop.folder, newer.folder);
        const waiting = `SELECT FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'nozama' AND wait_event_type = 'Lock'`;
        await until(async () => (await postgres.query(waiting)).length === 1, 'the migration that waits');
        await batch.query('SELECT FROM orders LIMIT 1; UPDATE popularity SET units = units; COMMIT');
        const { code, output } = await migrating;
        assert.equal(code, 0, output);
      } finally {
        await batch.end();
      }
    }));

  it('that the old program can’t live with keeps it from starting, and says so', () =>
    withShop(old, async (shop) => {
      const { postgres } = shop;
      assert.ok(postgres);
      await shop.stop();
      using incompatible = makeNewerProgram(expand(newer.version));
      assert.equal((await migrate(postgres, shop.folder, incompatible.folder)).code, 0);
      const sentence = new RegExp(
        `The database has schema version ${newer.version}, but this program knows only up to ${newer.olderVersion}\\. Start the newer program`,
      );
      await assert.rejects(shop.start(), (error: unknown) => {
        assert.ok(error instanceof ServiceStartError);
        assert.equal(error.exit?.code, 1);
        assert.match(error.output, sentence);
        return true;
      });
      assert.match((await migrate(postgres, shop.folder)).output, sentence);
      assert.match((await shop.verify()).output, sentence);
      await withShop(
        { settings: { DATABASE_URL: postgres.url }, program: incompatible.folder },
        async ({ url }) => {
          await place(url);
        },
      );
    }));
});
