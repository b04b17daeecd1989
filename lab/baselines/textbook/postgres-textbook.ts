/** The textbook over PostgreSQL: a pool of ten connections, the server's own settings. */
import pg from 'pg';
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

const poolSize = 10;

const schema = `
  CREATE TABLE IF NOT EXISTS products (
    sku text PRIMARY KEY, name text NOT NULL, price_cents bigint NOT NULL,
    stock bigint NOT NULL CHECK (stock >= 0)
  );
  CREATE TABLE IF NOT EXISTS orders (
    id uuid PRIMARY KEY, customer_name text NOT NULL, street_address text NOT NULL, city text,
    state text NOT NULL, zip_code text NOT NULL, sku text NOT NULL REFERENCES products (sku),
    quantity integer NOT NULL, total_cents bigint NOT NULL, placed_at timestamptz NOT NULL
  );`;

const statements = {
  product: 'SELECT sku, name, price_cents, stock FROM products WHERE sku = $1',
  // Looks again: between the SELECT and here another order may have taken the last one.
  takeStock: 'UPDATE products SET stock = stock - $1 WHERE sku = $2 AND stock >= $1',
  insertOrder: `INSERT INTO orders (id, customer_name, street_address, city, state, zip_code, sku, quantity,
    total_cents, placed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
  order: `SELECT o.id AS "orderId", o.customer_name AS "customerName", o.street_address AS "streetAddress",
      o.city, o.state, o.zip_code AS "zipCode", o.sku, o.quantity, o.total_cents AS "totalCents",
      o.placed_at::text AS "placedAt", p.name AS "productName", p.price_cents AS "unitPriceCents"
    FROM orders o JOIN products p ON p.sku = o.sku WHERE o.id = $1`,
  top: `SELECT p.name, count(*) AS orders FROM orders o JOIN products p ON p.sku = o.sku WHERE o.state = $1
    GROUP BY p.sku ORDER BY count(*) DESC, sum(o.quantity) DESC, p.name LIMIT 3`,
  products: 'SELECT sku, name, price_cents, stock FROM products ORDER BY sku',
} as const;

const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as never,
};

export async function openPostgresTextbook(url: string, seed: TextbookSeed): Promise<TextbookStore> {
  const pool = new pg.Pool({ connectionString: url, max: poolSize, types });
  await pool.query(schema);
  for (const product of textbookProducts(seed)) {
    const insert = 'INSERT INTO products VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING';
    await pool.query(insert, [...product, seed.stock]);
  }
  const settings = ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes'];
  const { rows } = await pool.query(
    `SELECT ${settings.map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`,
  );

  async function ask<Row>(
    name: keyof typeof statements,
    values: readonly unknown[],
    client: pg.Pool | pg.PoolClient = pool,
  ): Promise<readonly Row[]> {
    const answer = await client.query({ name, text: statements[name], values: [...values] });
    return answer.rows as Row[];
  }

  async function placeInTransaction(order: TextbookOrder, client: pg.PoolClient): Promise<TextbookOutcome> {
    const { sku, quantity } = order;
    const [product] = await ask<TextbookProduct>('product', [sku], client);
    if (product === undefined) return { kind: 'unknown_product' };
    if (product.stock < quantity) return { kind: 'out_of_stock', available: product.stock };
    const stored = priceOrder(order, product);
    await ask('insertOrder', orderValues(stored), client);
    const { rowCount } = await client.query({
      name: 'takeStock',
      text: statements.takeStock,
      values: [quantity, sku],
    });
    return rowCount === 1 ? { kind: 'placed', order: stored } : { kind: 'out_of_stock', available: 0 };
  }

  return {
    durability: rows[0] as Readonly<Record<string, unknown>>,
    async placeOrder(order) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const outcome = await placeInTransaction(order, client);
        await client.query(outcome.kind === 'placed' ? 'COMMIT' : 'ROLLBACK');
        return outcome;
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },
    findOrder: async (orderId) => (await ask<StoredTextbookOrder>('order', [orderId]))[0] ?? null,
    topProducts: (state) => ask<TextbookRank>('top', [state]),
    listProducts: () => ask<TextbookProduct>('products', []),
    close: () => pool.end(),
  };
}

function orderValues(order: StoredTextbookOrder): readonly unknown[] {
  const { orderId, customerName, streetAddress, city, state, zipCode, sku, quantity } = order;
  return [
    orderId,
    customerName,
    streetAddress,
    city,
    state,
    zipCode,
    sku,
    quantity,
    order.totalCents,
    order.placedAt,
  ];
}
