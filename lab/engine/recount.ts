/**
 * `bun lab/engine/recount.ts --side nozama --database sqlite:orders.db --after 0`: how many orders a stopped
 * service has stored after a position of its log (for the textbook: after its first so many). Prints JSON.
 */
import { parseArgs } from 'node:util';
import pg from 'pg';
import { openSqliteTextbookFile } from '../baselines/textbook/sqlite-textbook.ts';
import { benchStock, countLoggedOrders, lastLogPosition, openEngine } from './engine-under-test.ts';

export interface Recount {
  readonly ordersStored: number;
  /** Where the next run starts to count. */
  readonly position: number;
  readonly findings: readonly string[];
}

async function recountNozama(databaseUrl: string, after: number): Promise<Recount> {
  const store = await openEngine(databaseUrl);
  try {
    return {
      ordersStored: await countLoggedOrders(store, after),
      position: await lastLogPosition(store),
      findings: [],
    };
  } finally {
    await store.close();
  }
}

const textbookSums = `SELECT (SELECT COUNT(*) FROM orders) AS orders,
  (SELECT SUM(stock) FROM products) AS "left",
  (SELECT COALESCE(SUM(quantity), 0) FROM orders) AS sold,
  (SELECT COUNT(*) FROM products) AS products`;

async function recountTextbook(databaseUrl: string, after: number): Promise<Recount> {
  const row = await readTextbookSums(databaseUrl);
  const [orders, left, sold, products] = ['orders', 'left', 'sold', 'products'].map((name) =>
    Number(row[name]),
  );
  if (orders === undefined || left === undefined || sold === undefined || products === undefined)
    throw new Error('the textbook has no sums');
  const received = products * benchStock;
  const findings =
    left + sold === received ? [] : [`${received} units received, ${sold} sold, but ${left} left`];
  return { ordersStored: orders - after, position: orders, findings };
}

async function readTextbookSums(databaseUrl: string): Promise<Readonly<Record<string, unknown>>> {
  if (databaseUrl.startsWith('sqlite:')) {
    const database = openSqliteTextbookFile(databaseUrl.slice('sqlite:'.length));
    try {
      return database.prepare(textbookSums).get() ?? {};
    } finally {
      database.close();
    }
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(textbookSums)).rows[0] ?? {};
  } finally {
    await client.end();
  }
}

const { values } = parseArgs({
  options: {
    side: { type: 'string', default: 'nozama' },
    database: { type: 'string', default: '' },
    after: { type: 'string', default: '0' },
  },
});
const { side, database } = values;
const recount =
  side === 'textbook'
    ? await recountTextbook(database, Number(values.after))
    : await recountNozama(database, Number(values.after));
process.stdout.write(`${JSON.stringify(recount)}\n`);
