/**
 * Compares this version of the service with another one, such as the commit before: the same load on each, in turn.
 *
 *     git worktree add --detach ../before COMMIT && (cd ../before && make install)
 *     node_modules/.bin/bun lab/bench/compare-versions.ts --before ../before [--engine postgres] [--scenario pipeline]
 *       [--rounds 6] [--seconds 5] [--warmup 10]
 *
 * Each run has a new service and an empty database. Ratios are taken within a round; every other round goes
 * backwards. Processor time of the service by orders differs less between rounds than requests per second do, because
 * it does not wait for the disk. A process that has just started compiles its own code for some ten seconds, the more code
 * the longer; the warm-up leaves that out, for a service at its peak has run for longer. Everything is on one machine: service, load generator and database.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { LoadOptions } from '../load/load-options.ts';
import { type PostgresServer, startPostgres } from '../postgres/postgres-server.ts';
import { makeStepsKey } from './bench-api-key.ts';
import { describeEnvironment, findRuntime, repository } from './environment.ts';
import { runLoadProcess } from './load-process.ts';
import { processSeconds } from './machine-load.ts';
import { inTurn } from './rounds.ts';
import { nozamaSide } from './sides.ts';
import { spreadOf } from './statistics.ts';
import { formatTable } from './text-table.ts';

const { values } = parseArgs({
  options: {
    before: { type: 'string' },
    engine: { type: 'string', default: 'sqlite' },
    scenario: { type: 'string', default: 'orders' },
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '5' },
    warmup: { type: 'string', default: '10' },
  },
});
const [rounds, seconds, warmupSeconds] = [values.rounds, values.seconds, values.warmup].map(Number) as [
  number,
  number,
  number,
];
/** A server of its own; null for an engine that needs none. */
const serverOf = new Map<string, () => Promise<PostgresServer | null>>([
  ['sqlite', async () => null],
  ['postgres', () => startPostgres({ fsync: true })],
]);
const startServer = serverOf.get(values.engine);
if (
  values.before === undefined ||
  startServer === undefined ||
  !(rounds >= 1) ||
  !(seconds > 0) ||
  !(warmupSeconds >= 0)
) {
  const engines = [...serverOf.keys()].join(' or ');
  process.stderr.write(
    `Needs --before FOLDER with the other version; --engine is ${engines}, --rounds is 1 or more, --seconds above 0, --warmup 0 or more.\n`,
  );
  process.exit(2);
}
// The generator refuses a scenario that it does not know.
const scenarioName = values.scenario as LoadOptions['scenarioName'];
const loadTimeoutMs = (seconds + warmupSeconds + 60) * 1_000;

interface Figures {
  readonly requestsPerSecond: number;
  /** Processor time of all threads of the service by orders of the whole run, in microseconds. */
  readonly cpuUsPerOrder: number;
}

interface Turn {
  readonly before: Figures;
  readonly now: Figures;
}

const bun = findRuntime('bun') ?? '';
const home = join(repository, 'bench-results');
mkdirSync(home, { recursive: true });
const folder = mkdtempSync(join(home, 'versions-'));
const server = await startServer();
let databases = 0;
try {
  const programs = { before: resolve(values.before), now: repository };
  const turns: Turn[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const found: Partial<Record<keyof Turn, Figures>> = {};
    for (const version of inTurn(['before', 'now'] as const, round))
      found[version] = await measure(programs[version]);
    turns.push(found as Turn);
  }
  report(turns);
} finally {
  rmSync(folder, { recursive: true, force: true });
  await server?.[Symbol.asyncDispose]();
}

async function measure(program: string): Promise<Figures> {
  const own = mkdtempSync(join(folder, 'run-'));
  const databaseUrl = await emptyDatabase(own);
  const side = nozamaSide('bun', 1, program);
  const running = await side.start({ folder: own, databaseUrl, answersFile: null, pageBytes: 0, env: {} });
  try {
    const cpuSeconds = () => running.pids.reduce((sum, pid) => sum + (processSeconds(pid) ?? Number.NaN), 0);
    const apiKey = scenarioName === 'mix' ? await makeStepsKey(bun, databaseUrl, own, program) : null;
    const before = cpuSeconds();
    const { requestsPerSecond, ordersPlaced, errors, unexpected } = await runLoadProcess(
      { bun, folder: own },
      { url: running.urls[0] ?? '', scenarioName, apiKey, mode: 'closed', seconds, warmupSeconds },
      loadTimeoutMs,
    );
    const faults = Object.keys({ ...errors, ...unexpected });
    if (faults.length > 0) throw new Error(`requests failed: ${faults.join(', ')}`);
    return { requestsPerSecond, cpuUsPerOrder: ((cpuSeconds() - before) * 1e6) / ordersPlaced };
  } finally {
    await running.stop();
    rmSync(own, { recursive: true, force: true });
  }
}

/** The service brings the schema itself, as it may differ between the versions. */
async function emptyDatabase(own: string): Promise<string> {
  if (server === null) return `sqlite:${join(own, 'shop.db')}`;
  databases += 1;
  await server.query(`CREATE DATABASE run_${databases}`);
  return server.url(`run_${databases}`);
}

function report(turns: readonly Turn[]): void {
  const { at, commit, isModified, cpuModel, cores, filesystem } = describeEnvironment(folder, ['bun']);
  process.stdout.write(
    `${at}, commit ${commit}${isModified ? ' (modified)' : ''}, ${cores} × ${cpuModel}, ${filesystem}\n` +
      `${scenarioName} on ${values.engine}, closed loop; ${rounds} rounds of ${seconds} s after ${warmupSeconds} s; medians, ratio with lowest and highest\n\n`,
  );
  const rows = (['requestsPerSecond', 'cpuUsPerOrder'] as const).map((figure) => {
    const medianOf = (version: keyof Turn) =>
      (spreadOf(turns.map((turn) => turn[version][figure]))?.median ?? Number.NaN).toFixed(0);
    const ratio = spreadOf(turns.map(({ before, now }) => now[figure] / before[figure]));
    const title = figure === 'requestsPerSecond' ? 'requests/s' : 'processor µs an order';
    const spread =
      ratio === null ? '' : `${ratio.median.toFixed(3)} (${ratio.min.toFixed(3)}–${ratio.max.toFixed(3)})`;
    return [title, medianOf('before'), medianOf('now'), spread];
  });
  process.stdout.write(`${formatTable(['', 'before', 'now', 'now / before'], rows)}\n`);
}
