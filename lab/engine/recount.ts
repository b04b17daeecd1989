/**
 * `bun lab/engine/recount.ts --side nozama --file orders.db --after 0`: how many orders a stopped service has
 * stored after a position of its log (for the textbook: after its first so many). Prints JSON.
 */
import { parseArgs } from 'node:util';
import { openTextbookDatabase } from '../baselines/textbook/textbook-store.ts';
import { benchStock, countLoggedOrders, lastLogPosition, openEngine } from './engine-under-test.ts';

export interface Recount {
  readonly ordersStored: number;
  /** Where the next run starts to count. */
  readonly position: number;
  readonly findings: readonly string[];
}

async function recountNozama(file: string, after: number): Promise<Recount> {
  const store = await openEngine(file);
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

function recountTextbook(file: string, after: number): Recount {
  const database = openTextbookDatabase(file);
  try {
    const number = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
    const orders = number('SELECT COUNT(*) FROM orders');
    const left = number('SELECT SUM(stock) FROM products');
    const sold = number('SELECT COALESCE(SUM(quantity), 0) FROM orders');
    const received = number('SELECT COUNT(*) FROM products') * benchStock;
    const findings =
      left + sold === received ? [] : [`${received} units received, ${sold} sold, but ${left} left`];
    return { ordersStored: orders - after, position: orders, findings };
  } finally {
    database.close();
  }
}

const { values } = parseArgs({
  options: {
    side: { type: 'string', default: 'nozama' },
    file: { type: 'string', default: '' },
    after: { type: 'string', default: '0' },
  },
});
const { side, file } = values;
const recount =
  side === 'textbook'
    ? recountTextbook(file, Number(values.after))
    : await recountNozama(file, Number(values.after));
process.stdout.write(`${JSON.stringify(recount)}\n`);
