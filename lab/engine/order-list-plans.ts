/** How an engine plans the walk of a list of orders, as the engine itself tells it. */
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { everyOrder, type OrderFilter, walkFrom } from '../../src/domain/order-filter.ts';
import { walkStatement as postgresWalk } from '../../src/storage/postgres/order-list.ts';
import { walkStatement as sqliteWalk } from '../../src/storage/sqlite/order-list.ts';

/** What the list is asked for. */
export type ListedBy = Partial<OrderFilter>;

/** @param newest the number of the newest order */
export async function explainOrderList(
  databaseUrl: string,
  given: ListedBy,
  newest: number,
): Promise<readonly string[]> {
  const filter = { ...everyOrder, ...given };
  const walked = walkFrom({ top: newest, lowest: null }, filter);
  if (walked === null) return [];
  if (databaseUrl.startsWith('sqlite:')) {
    const [sql, values] = sqliteWalk(filter, walked);
    const db = new DatabaseSync(databaseUrl.slice('sqlite:'.length), { readOnly: true });
    try {
      const rows = db.prepare(`EXPLAIN QUERY PLAN SELECT number ${sql} LIMIT 51`).all(...values);
      return rows.map((row) => String(row['detail']));
    } finally {
      db.close();
    }
  }
  const { text, values = [] } = postgresWalk(filter, walked, 51);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS) ${text}`, [...values]);
    return rows.map((row) => String(row['QUERY PLAN']));
  } finally {
    await client.end();
  }
}
