/** The textbook over SQLite: WAL and `synchronous=FULL`, as Nozama. */
import { DatabaseSync } from 'node:sqlite';
import {
  priceOrder,
  type StoredTextbookOrder,
  type TextbookOrder,
  type TextbookOutcome,
  type TextbookProduct,
  type TextbookRank,
  type TextbookSeed,
  type TextbookStore,
  textbookProducts,
} from './textbook-store.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS products (
    sku TEXT PRIMARY KEY, name TEXT NOT NULL, price_cents INTEGER NOT NULL,
    stock INTEGER NOT NULL CHECK (stock >= 0)
  );
  CREATE TABLE IF NOT EXISTS orders (
    id TEXT PRIMARY KEY, customer_name TEXT NOT NULL, street_address TEXT NOT NULL, city TEXT,
    state TEXT NOT NULL, zip_code TEXT NOT NULL, sku TEXT NOT NULL REFERENCES products (sku),
    quantity INTEGER NOT NULL, total_cents INTEGER NOT NULL, placed_at TEXT NOT NULL
  );`;

const orderColumns =
  'o.id AS orderId, o.customer_name AS customerName, o.street_address AS streetAddress, o.city, o.state, ' +
  'o.zip_code AS zipCode, o.sku, o.quantity, o.total_cents AS totalCents, o.placed_at AS placedAt, ' +
  'p.name AS productName, p.price_cents AS unitPriceCents';

export function openSqliteTextbook(file: string, seed: TextbookSeed): TextbookStore {
  const database = openSqliteTextbookFile(file);
  database.exec(schema);
  seedProducts(database, seed);

  const { selectProduct, insertOrder, takeStock, selectOrder, selectTop, selectProducts } = prepare(database);

  function placeInTransaction(order: TextbookOrder): TextbookOutcome {
    const product = selectProduct.get(order.sku) as unknown as TextbookProduct | undefined;
    if (product === undefined) return { kind: 'unknown_product' };
    if (product.stock < order.quantity) return { kind: 'out_of_stock', available: product.stock };
    const stored = priceOrder(order, product);
    const {
      orderId,
      customerName,
      streetAddress,
      city,
      state,
      zipCode,
      sku,
      quantity,
      totalCents,
      placedAt,
    } = stored;
    insertOrder.run(
      orderId,
      customerName,
      streetAddress,
      city,
      state,
      zipCode,
      sku,
      quantity,
      totalCents,
      placedAt,
    );
    takeStock.run(quantity, sku);
    return { kind: 'placed', order: stored };
  }

  return {
    durability: readDurability(database),
    async placeOrder(order) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const outcome = placeInTransaction(order);
        database.exec(outcome.kind === 'placed' ? 'COMMIT' : 'ROLLBACK');
        return outcome;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      }
    },
    findOrder: async (orderId) =>
      (selectOrder.get(orderId) as unknown as StoredTextbookOrder | undefined) ?? null,
    topProducts: async (state) => selectTop.all(state) as unknown as readonly TextbookRank[],
    listProducts: async () => selectProducts.all() as unknown as readonly TextbookProduct[],
    close: async () => database.close(),
  };
}

function prepare(database: DatabaseSync) {
  return {
    selectProduct: database.prepare('SELECT sku, name, price_cents, stock FROM products WHERE sku = ?'),
    insertOrder: database.prepare(
      'INSERT INTO orders (id, customer_name, street_address, city, state, zip_code, sku, quantity, ' +
        'total_cents, placed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    takeStock: database.prepare('UPDATE products SET stock = stock - ? WHERE sku = ?'),
    selectOrder: database.prepare(
      `SELECT ${orderColumns} FROM orders o JOIN products p ON p.sku = o.sku WHERE o.id = ?`,
    ),
    selectTop: database.prepare(
      'SELECT p.name, COUNT(*) AS orders FROM orders o JOIN products p ON p.sku = o.sku WHERE o.state = ? ' +
        'GROUP BY o.sku ORDER BY COUNT(*) DESC, SUM(o.quantity) DESC, p.name LIMIT 3',
    ),
    selectProducts: database.prepare('SELECT sku, name, price_cents, stock FROM products ORDER BY sku'),
  };
}

export function openSqliteTextbookFile(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  return database;
}

function readDurability(database: DatabaseSync): Readonly<Record<string, string | number>> {
  const read = (sql: string) => Object.values(database.prepare(sql).get() ?? {})[0] as string | number;
  return {
    sqlite: read('SELECT sqlite_version()'),
    journal_mode: read('PRAGMA journal_mode'),
    synchronous: read('PRAGMA synchronous'),
    wal_autocheckpoint: read('PRAGMA wal_autocheckpoint'),
  };
}

function seedProducts(database: DatabaseSync, seed: TextbookSeed): void {
  const insert = database.prepare(
    'INSERT OR IGNORE INTO products (sku, name, price_cents, stock) VALUES (?, ?, ?, ?)',
  );
  for (const product of textbookProducts(seed)) insert.run(...product, seed.stock);
}
