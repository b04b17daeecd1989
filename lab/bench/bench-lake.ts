/**
 * The cost of the lake for orders, and how soon they can be read there: the same load with LAKE_URL and without, in turn.
 *
 *     make bench_lake ENGINE=postgres RATE=5000 SECONDS_EACH=60
 *
 * Each run has a new service, an empty database and an empty lake in a folder. Without a rate the loop is closed, which
 * compares throughput; with one it is open. Everything is on one machine: service, lake, load generator and database.
 * Until readable: from the placing of the oldest order of a version until the version's file is there.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type PostgresServer, startPostgres } from '../postgres/postgres-server.ts';
import { describeEnvironment, findRuntime, repository } from './environment.ts';
import { runLoadProcess } from './load-process.ts';
import { processSeconds } from './machine-load.ts';
import { watchMemory } from './memory-watch.ts';
import { inTurn } from './rounds.ts';
import { nozamaSide } from './sides.ts';
import { spreadOf } from './statistics.ts';
import { formatTable } from './text-table.ts';

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite' },
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '20' },
    warmup: { type: 'string', default: '8' },
    rate: { type: 'string', default: '0' },
  },
});
const [rounds, seconds, warmupSeconds, rate] = [
  values.rounds,
  values.seconds,
  values.warmup,
  values.rate,
].map(Number) as [number, number, number, number];
/** A server of its own; null for an engine that needs none. */
const serverOf = new Map<string, () => Promise<PostgresServer | null>>([
  ['sqlite', async () => null],
  ['postgres', () => startPostgres({ fsync: true })],
]);
const startServer = serverOf.get(values.engine);
if (startServer === undefined || !(rounds >= 1 && seconds > 0 && warmupSeconds >= 0 && rate >= 0)) {
  process.stderr.write(
    '--engine is sqlite or postgres, --rounds 1 or more, --seconds above 0, --rate 0 for a closed loop.\n',
  );
  process.exit(2);
}

const kinds = ['without lake', 'with lake'] as const;
type Kind = (typeof kinds)[number];

interface Figures {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  /** Of all threads of the service, by orders. */
  readonly cpuUsPerOrder: number;
  readonly memoryMib: number;
  readonly memoryMibPerMinute: number;
  /** Of each version of the table `orders`, in milliseconds; none without a lake. */
  readonly untilReadableMs: readonly number[];
}

const bun = findRuntime('bun') ?? '';
const home = join(repository, 'bench-results');
mkdirSync(home, { recursive: true });
const folder = mkdtempSync(join(home, 'lake-'));
const server = await startServer();
let databases = 0;
try {
  const turns: Record<Kind, Figures>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const found: Partial<Record<Kind, Figures>> = {};
    for (const kind of inTurn(kinds, round)) found[kind] = await measure(kind);
    turns.push(found as Record<Kind, Figures>);
  }
  report(turns);
} finally {
  rmSync(folder, { recursive: true, force: true });
  await server?.[Symbol.asyncDispose]();
}

async function measure(kind: Kind): Promise<Figures> {
  const own = mkdtempSync(join(folder, 'run-'));
  const lake = join(own, 'lake');
  const env = kind === 'with lake' ? { LAKE_URL: `file:${lake}` } : {};
  const databaseUrl = await emptyDatabase(own);
  const running = await nozamaSide('bun').start({
    folder: own,
    databaseUrl,
    answersFile: null,
    pageBytes: 0,
    env,
  });
  try {
    const cpuSeconds = () => running.pids.reduce((sum, pid) => sum + (processSeconds(pid) ?? Number.NaN), 0);
    const before = cpuSeconds();
    const memory = watchMemory(running.pids);
    const load = { scenarioName: 'pipeline', seconds, warmupSeconds } as const;
    const mode =
      rate === 0 ? ({ mode: 'closed' } as const) : ({ mode: 'open', ratePerSecond: rate } as const);
    const { requestsPerSecond, latency, ordersPlaced, errors, unexpected, voidReasons } =
      await runLoadProcess(
        { bun, folder: own },
        { url: running.urls[0] ?? '', ...load, ...mode },
        (seconds + warmupSeconds + 60) * 1_000,
      );
    const faults = Object.keys({ ...errors, ...unexpected });
    if (faults.length > 0) throw new Error(`requests failed: ${faults.join(', ')}`);
    for (const reason of voidReasons) process.stderr.write(`Not to be relied on, ${kind}: ${reason}\n`);
    const { maxMib, slopeMibPerMinute } = memory() ?? { maxMib: Number.NaN, slopeMibPerMinute: Number.NaN };
    return {
      requestsPerSecond,
      p99Ms: latency.p99Ms,
      cpuUsPerOrder: ((cpuSeconds() - before) * 1e6) / ordersPlaced,
      memoryMib: maxMib,
      memoryMibPerMinute: slopeMibPerMinute,
      untilReadableMs: kind === 'with lake' ? untilReadable(lake) : [],
    };
  } finally {
    await running.stop();
    rmSync(own, { recursive: true, force: true });
  }
}

async function emptyDatabase(own: string): Promise<string> {
  if (server === null) return `sqlite:${join(own, 'shop.db')}`;
  databases += 1;
  await server.query(`CREATE DATABASE run_${databases}`);
  return server.url(`run_${databases}`);
}

/** By the versions of the table `orders` that have rows. */
function untilReadable(lake: string): readonly number[] {
  const log = join(lake, 'orders/_delta_log');
  return readdirSync(log)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const actions = readFileSync(join(log, name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      const added = actions.flatMap(({ add }) => (add?.dataChange === true ? [JSON.parse(add.stats)] : []));
      const placedAtMs = added.map(({ minValues }) => Date.parse(minValues.placed_at));
      return placedAtMs.length === 0 ? [] : [statSync(join(log, name)).mtimeMs - Math.min(...placedAtMs)];
    });
}

function report(turns: readonly Record<Kind, Figures>[]): void {
  const { at, commit, isModified, cpuModel, cores, filesystem } = describeEnvironment(folder, ['bun']);
  const loop = rate === 0 ? 'closed loop' : `open loop, ${rate} orders/s`;
  process.stdout.write(
    `${at}, commit ${commit}${isModified ? ' (modified)' : ''}, ${cores} × ${cpuModel}, ${filesystem}\n` +
      `orders on ${values.engine}, ${loop}; ${rounds} rounds of ${seconds} s after ${warmupSeconds} s; medians, ratio with lowest and highest\n\n`,
  );
  const titles = {
    requestsPerSecond: 'orders/s',
    p99Ms: 'p99, ms',
    cpuUsPerOrder: 'processor µs an order',
    memoryMib: 'resident memory at most, MiB',
    memoryMibPerMinute: 'its growth at the end, MiB a minute',
  } as const;
  const rows = (Object.keys(titles) as (keyof typeof titles)[]).map((figure) => {
    const medianOf = (kind: Kind) => spreadOf(turns.map((turn) => turn[kind][figure]))?.median ?? Number.NaN;
    const ratio = spreadOf(turns.map((turn) => turn['with lake'][figure] / turn['without lake'][figure]));
    const spread =
      ratio === null ? '' : `${ratio.median.toFixed(3)} (${ratio.min.toFixed(3)}–${ratio.max.toFixed(3)})`;
    return [titles[figure], ...kinds.map((kind) => medianOf(kind).toFixed(1)), spread];
  });
  const waits = turns.flatMap((turn) => turn['with lake'].untilReadableMs).sort((a, b) => a - b);
  const waitOf = (share: number) =>
    ((waits[Math.ceil(waits.length * share) - 1] ?? Number.NaN) / 1_000).toFixed(2);
  process.stdout.write(
    `${formatTable(['', ...kinds, 'with / without'], rows)}\n\n` +
      `Until readable, the oldest order of each of ${waits.length} versions: median ${waitOf(0.5)} s, p99 ${waitOf(0.99)} s, longest ${waitOf(1)} s\n`,
  );
}
