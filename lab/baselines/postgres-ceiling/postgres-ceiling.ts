/**
 * The storage ceiling on PostgreSQL: pgbench, in C, running the engine's own statements for batches of several
 * sizes. `bun lab/baselines/postgres-ceiling/postgres-ceiling.ts --database postgres://… --folder /tmp`; the
 * database must hold the demo catalogue. Prints JSON.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { runProcess } from '../../bench/child-process.ts';
import { describeBatches } from '../../engine/batch-statements.ts';
import { writePgbenchScript } from './pgbench-script.ts';

const { values } = parseArgs({
  options: {
    database: { type: 'string', default: '' },
    folder: { type: 'string', default: '/tmp' },
    seconds: { type: 'string', default: '1' },
    sizes: { type: 'string', default: '1,10,50,200,1000' },
    clients: { type: 'string', default: '2' },
  },
});
const seconds = Math.max(1, Math.round(Number(values.seconds)));
/** Far above what a service would hand out; a multiple of it for each size keeps orders apart. */
const orderNumberFirst = 1_000_000_000_000;
/** Of a size several different batches run in turn, so that small ones don't all count up the same row. */
const ordersInVariants = 400;
const variantsMax = 16;
const graceMs = 60_000;

const folder = mkdtempSync(join(values.folder, 'pgbench-'));
try {
  const batches: { size: number; ordersPerSecond: number; orders: number }[] = [];
  for (const [nth, size] of values.sizes.split(',').map(Number).entries()) {
    batches.push(await measure(size, orderNumberFirst * (nth + 1)));
  }
  await handOutNumbers();
  process.stdout.write(`${JSON.stringify({ batches })}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(size: number, first: number) {
  const variants = Math.max(1, Math.min(variantsMax, Math.floor(ordersInVariants / size)));
  const described = await describeBatches(values.database, Array<number>(variants).fill(size), first);
  const args: string[] = [];
  for (const [nth, batch] of described.entries()) {
    const { text, variables } = writePgbenchScript(batch, first, `v${nth}`);
    const file = join(folder, `batch-${size}-${nth}.sql`);
    writeFileSync(file, text);
    args.push('--file', file, ...[...variables].map(([name, value]) => `--define=${name}=${value}`));
  }
  const output = await runProcess(
    {
      program: 'pgbench',
      args: [
        '--no-vacuum',
        '--protocol=prepared',
        `--client=${values.clients}`,
        `--jobs=${values.clients}`,
        `--time=${seconds}`,
        ...args,
        values.database,
      ],
      cwd: folder,
      // As the engine's own connections have it.
      env: {
        PGOPTIONS:
          '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off -c statement_timeout=30000',
      },
    },
    seconds * 1_000 + graceMs,
  );
  const transactions = Number(/number of transactions actually processed: (\d+)/.exec(output)?.[1]);
  const perSecond = Number(/^tps = ([\d.]+) \(without/m.exec(output)?.[1]);
  if (!(transactions > 0 && perSecond > 0)) throw new Error(`pgbench told no rate: ${output}`);
  return { size, orders: transactions * size, ordersPerSecond: Math.round(perSecond * size) };
}

/** The service would have taken the numbers first; `verify` checks that they were taken. */
async function handOutNumbers(): Promise<void> {
  const client = new pg.Client({ connectionString: values.database });
  await client.connect();
  await client.query('UPDATE order_numbers SET next_number = (SELECT max(number) + 1 FROM orders)');
  await client.end();
}
