/**
 * How long the first page of the list of orders takes, for each of its filters, at a million orders; and how the engine
 * plans it. The orders are placed through the engine; the list is asked for over HTTP, one request after the other.
 *
 *   make bench_order_list        ENGINE=postgres for PostgreSQL; ARGS="--orders 100000 --requests 50" for less
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { explainOrderList, type ListedBy } from '../engine/order-list-plans.ts';
import { type PostgresServer, startPostgres } from '../postgres/postgres-server.ts';
import { runProcess } from './child-process.ts';
import { describeEnvironment, findRuntime, repository } from './environment.ts';
import { runFill } from './filled-databases.ts';
import { familySeconds, processSeconds } from './machine-load.ts';
import { nozamaSide } from './sides.ts';
import { formatTable } from './text-table.ts';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite' },
    orders: { type: 'string', default: '1000000' },
    requests: { type: 'string', default: '200' },
  },
});
const [orders, requests] = [Number(values.orders), Number(values.requests)];
/** A server of its own; null for an engine that needs none. */
const serverOf = new Map<string, () => Promise<PostgresServer | null>>([
  ['sqlite', async () => null],
  ['postgres', () => startPostgres({ fsync: true })],
]);
const startServer = serverOf.get(values.engine);
if (startServer === undefined || !(orders >= 1_000) || !(requests >= 1)) {
  process.stderr.write(
    '--engine is sqlite or postgres, --orders is 1000 or more, --requests is 1 or more.\n',
  );
  process.exit(2);
}

/** Of the oldest orders, these are packed: the hardest to find. */
const packedOrders = 20;
const warmupRequests = 20;

interface Asked {
  readonly query: Readonly<Record<string, string>>;
  readonly filter: ListedBy;
}

/** By a number that differs with each request. @param newest the newest order, whose number and time are known */
function filtersOf(newest: { readonly number: number; readonly placedAtMs: number }, seed: number) {
  const number = 1_001 + ((seed * 7_919) % (newest.number - 1_000));
  const zipCode = String((seed * 7_919) % 100_000).padStart(5, '0');
  const since = newest.placedAtMs - 60_000;
  const before = Math.floor(newest.placedAtMs - (newest.number - 1_001) / 2);
  const asked: Readonly<Record<string, Asked>> = {
    none: { query: {}, filter: {} },
    number: { query: { number: String(number) }, filter: { number } },
    'status placed, nearly all': { query: { status: 'placed' }, filter: { status: 'placed' } },
    'status packed, the 20 oldest': { query: { status: 'packed' }, filter: { status: 'packed' } },
    'state, one of 62': { query: { state: 'TX' }, filter: { state: 'TX' } },
    'ZIP code, one of 100,000': { query: { zip_code: zipCode }, filter: { zipCode } },
    'SKU, one of 20': { query: { sku: 'tent-4p' }, filter: { sku: 'tent-4p' } },
    'SKU that no order has': { query: { sku: 'ghost' }, filter: { sku: 'ghost' } },
    'placed in the last minute': {
      query: { placed_from: new Date(since).toISOString() },
      filter: { placedFromMs: since },
    },
    'placed in the older half': {
      query: { placed_to: new Date(before).toISOString() },
      filter: { placedToMs: before },
    },
    'text, one of 6 names': { query: { q: 'garcia' }, filter: { texts: ['garcia'] } },
    'text that no order has': { query: { q: 'nobody' }, filter: { texts: ['nobody'] } },
  };
  return asked;
}

interface Listed {
  readonly orders: readonly {
    readonly number: number;
    readonly placed_at: string;
    readonly order_id: string;
  }[];
  readonly next_cursor: string | null;
}

const bun = findRuntime('bun') ?? '';
const home = join(repository, 'bench-results');
mkdirSync(home, { recursive: true });
const folder = mkdtempSync(join(home, 'order-list-'));
const server = await startServer();
try {
  await server?.query('CREATE DATABASE shop');
  const databaseUrl = server?.url('shop') ?? `sqlite:${join(folder, 'shop.db')}`;
  const { seconds } = await runFill(bun, 'nozama', orders, databaseUrl, folder);
  await server?.query('VACUUM (ANALYZE)', 'shop');
  const { at, commit, isModified, cpuModel, cores } = describeEnvironment(folder, ['bun']);
  process.stdout.write(
    `${at}, commit ${commit}${isModified ? ' (modified)' : ''}, ${cores} × ${cpuModel}\n` +
      `${orders} orders on ${values.engine}, made in ${seconds.toFixed(0)} s; ${requests} requests each, pages of 50\n\n`,
  );
  await measure(databaseUrl);
} finally {
  await server?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(databaseUrl: string): Promise<void> {
  const scopes = 'orders:read,orders:write,customers:read';
  const cli = join(repository, 'src/cli/cli.ts');
  const args = ['--no-env-file', cli, 'keys', 'create', '--name', 'bench', '--scopes', scopes];
  const env = { DATABASE_URL: databaseUrl, LOG_FILE: '' };
  const key = (await runProcess({ program: bun, args, cwd: folder, env }, 60_000)).trim();
  const running = await nozamaSide('bun').start({
    folder,
    databaseUrl,
    answersFile: null,
    pageBytes: 0,
    env: {},
  });
  try {
    const cpuSeconds = () =>
      running.pids.reduce((sum, pid) => sum + (processSeconds(pid) ?? Number.NaN), 0) +
      (server === null ? 0 : familySeconds(server.pid));
    await report(databaseUrl, createClient(running.urls[0] ?? '', key), cpuSeconds);
  } finally {
    await running.stop();
  }
}

function createClient(url: string, key: string) {
  const headers = { authorization: `Bearer ${key}`, 'if-match': '*' };
  return {
    async list(query: Readonly<Record<string, string>>): Promise<Listed> {
      const answer = await fetch(`${url}/api/v1/orders?${new URLSearchParams(query)}`, { headers });
      if (answer.status !== 200) throw new Error(`the list was answered by ${await answer.text()}`);
      return (await answer.json()) as Listed;
    },
    async pack(orderId: string): Promise<void> {
      const answer = await fetch(`${url}/api/v1/orders/${orderId}/pack`, { method: 'POST', headers });
      if (answer.status !== 200) throw new Error(`packing was answered by ${await answer.text()}`);
    },
  };
}

/** @param cpuSeconds processor time that the service and the database server have used */
async function report(
  databaseUrl: string,
  client: ReturnType<typeof createClient>,
  cpuSeconds: () => number,
): Promise<void> {
  for (let nth = 0; nth < packedOrders; nth += 1) {
    const [order] = (await client.list({ number: String(1_001 + nth) })).orders;
    if (order !== undefined) await client.pack(order.order_id);
  }
  const [first] = (await client.list({ limit: '1' })).orders;
  if (first === undefined) throw new Error('the list is empty');
  const newest = { number: first.number, placedAtMs: Date.parse(first.placed_at) };
  const rows: string[][] = [];
  const plans: string[] = [];
  for (const name of Object.keys(filtersOf(newest, 0))) {
    const askedBy = (seed: number) => filtersOf(newest, seed)[name] as Asked;
    const times: number[] = [];
    let last: Listed = { orders: [], next_cursor: null };
    let cpuBefore = 0;
    for (let nth = -warmupRequests; nth < requests; nth += 1) {
      if (nth === 0) cpuBefore = cpuSeconds();
      const startedMs = performance.now();
      last = await client.list(askedBy(nth + warmupRequests).query);
      if (nth >= 0) times.push(performance.now() - startedMs);
    }
    const cpuMs = ((cpuSeconds() - cpuBefore) * 1_000) / requests;
    const sorted = times.toSorted((a, b) => a - b);
    const quantile = (share: number) =>
      (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(1);
    const depth = last.next_cursor === null ? 'all' : String(newest.number - Number(last.next_cursor) + 1);
    rows.push([name, quantile(0.5), quantile(0.99), cpuMs.toFixed(1), String(last.orders.length), depth]);
    const plan = await explainOrderList(databaseUrl, askedBy(0).filter, newest.number);
    plans.push(`${name}\n${plan.map((line) => `    ${line}`).join('\n')}`);
  }
  const header = ['filter', 'p50 ms', 'p99 ms', 'processor ms', 'orders on the page', 'orders looked at'];
  process.stdout.write(`${formatTable(header, rows)}\n\n${plans.join('\n')}\n`);
}
