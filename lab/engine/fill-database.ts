/**
 * `bun lab/engine/fill-database.ts --side nozama --orders 1000000 --database sqlite:/tmp/filled.db`
 * (or `--side textbook`, or an address of PostgreSQL): makes a database that already holds orders. Prints one JSON document.
 */
import { parseArgs } from 'node:util';
import { fillTextbook } from '../baselines/textbook/fill-textbook.ts';
import { benchStock } from './engine-under-test.ts';
import { type FilledDatabase, fillEngine } from './fill-engine.ts';

const ordersMax = 100_000_000;

const { values } = parseArgs({
  options: {
    side: { type: 'string', default: 'nozama' },
    orders: { type: 'string', default: '1000000' },
    database: { type: 'string' },
  },
});
const orders = Number(values.orders);
const { database, side } = values;
if (database === undefined || !Number.isInteger(orders) || orders < 1 || orders > ordersMax) {
  process.stderr.write(`give --database and --orders from 1 to ${ordersMax}\n`);
  process.exit(2);
}

let filled: FilledDatabase;
if (side === 'textbook') {
  const startedAtMs = performance.now();
  await fillTextbook(database, orders, { products: 20, stock: benchStock });
  filled = { orders, seconds: (performance.now() - startedAtMs) / 1_000, logPosition: 0, pagePaths: [] };
} else {
  filled = await fillEngine(database, orders, () => {});
}
process.stdout.write(`${JSON.stringify(filled)}\n`);
