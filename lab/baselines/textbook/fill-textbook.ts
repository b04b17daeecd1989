/** Fills a textbook database with orders placed before, inside the database, at some hundred thousand a second. */
import pg from 'pg';
import { usStates } from '../../../src/domain/us-state.ts';
import { openPostgresTextbook } from './postgres-textbook.ts';
import { openSqliteTextbook, openSqliteTextbookFile } from './sqlite-textbook.ts';
import type { TextbookSeed } from './textbook-store.ts';

const rowsPerTransaction = 500_000;

/** Adds `orders` orders over all states and products, taking their stock; the seed must have enough. */
export async function fillTextbook(databaseUrl: string, orders: number, seed: TextbookSeed): Promise<void> {
  if (databaseUrl.startsWith('sqlite:')) await fillSqlite(databaseUrl.slice('sqlite:'.length), orders, seed);
  else await fillPostgres(databaseUrl, orders, seed);
}

async function fillPostgres(url: string, orders: number, seed: TextbookSeed): Promise<void> {
  await (await openPostgresTextbook(url, seed)).close();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // random() is drawn per row in a subquery that is not pulled up (OFFSET 0), so that each is drawn once.
    await client.query(
      `INSERT INTO orders
       SELECT gen_random_uuid(), 'Customer ' || n, n || ' Main St', 'Springfield', ($2::text[])[s],
              lpad((n % 100000)::text, 5, '0'), 'product-' || p, 1, 100 * p + 99, '2026-01-05T12:00:00Z'
       FROM (SELECT n, 1 + floor(random() * ${usStates.length})::integer AS s,
                    1 + floor(random() * ${seed.products})::integer AS p
             FROM generate_series(1, $1::integer) AS n OFFSET 0) AS drawn`,
      [orders, usStates],
    );
    await client.query(
      'UPDATE products SET stock = stock - (SELECT count(*) FROM orders WHERE orders.sku = products.sku)',
    );
  } finally {
    await client.end();
  }
}

async function fillSqlite(file: string, orders: number, seed: TextbookSeed): Promise<void> {
  await openSqliteTextbook(file, seed).close();
  const database = openSqliteTextbookFile(file);
  try {
    database.exec('CREATE TEMP TABLE states (position INTEGER PRIMARY KEY, code TEXT)');
    const insertState = database.prepare('INSERT INTO states VALUES (?, ?)');
    for (const [i, state] of usStates.entries()) insertState.run(i, state);
    // random() is drawn per row in a subquery that SQLite may not flatten (LIMIT), so that each is drawn once.
    const insert = database.prepare(
      `INSERT INTO orders
       WITH RECURSIVE row (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM row WHERE i < ?),
       drawn AS (SELECT i AS n, abs(random() % ${usStates.length}) AS s, 1 + abs(random() % ${seed.products}) AS p FROM row LIMIT -1)
       SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' ||
                substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))),
              'Customer ' || n, n || ' Main St', 'Springfield', states.code, substr('0000' || (n % 100000), -5),
              'product-' || p, 1, 100 * p + 99, '2026-01-05T12:00:00.000Z'
       FROM drawn JOIN states ON states.position = drawn.s`,
    );
    for (let left = orders; left > 0; left -= rowsPerTransaction)
      insert.run(Math.min(left, rowsPerTransaction));
    database.exec(
      'UPDATE products SET stock = stock - (SELECT COUNT(*) FROM orders WHERE orders.sku = products.sku)',
    );
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
}
