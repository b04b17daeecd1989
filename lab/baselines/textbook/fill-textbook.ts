/** Fills a textbook database with orders placed before, inside SQLite, at some hundred thousand a second. */
import { usStates } from '../../../src/domain/us-state.ts';
import { openTextbookDatabase, openTextbookStore, type TextbookSeed } from './textbook-store.ts';

const rowsPerTransaction = 500_000;

/** Adds `orders` orders over all states and products, taking their stock; the seed must have enough. */
export function fillTextbook(file: string, orders: number, seed: TextbookSeed): void {
  openTextbookStore(file, seed).close();
  const database = openTextbookDatabase(file);
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
