/**
 * What traces cost: the same load on the service without a collector, with one that gets the usual share of traces, and
 * with one that gets all, in turn; and on another version of the service, such as the last without traces.
 *
 *     git worktree add --detach ../before COMMIT && (cd ../before && make install)
 *     node_modules/.bin/bun lab/bench/measure-tracing.ts --before ../before --rounds 6 --seconds 4
 *
 * With `--shares ""` nothing is traced: what traces cost when off takes many rounds to see.
 *
 * Each run has a new service and an empty database. Ratios are taken within a round, every other round goes backwards. Processor
 * time of the service by orders differs less between rounds than requests per second do: it doesn't wait for the disk.
 * Everything is on one machine: service, load generator and collector.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { LoadOptions } from '../load/load-options.ts';
import { describeEnvironment, findRuntime, repository } from './environment.ts';
import { runLoadProcess } from './load-process.ts';
import { processSeconds } from './machine-load.ts';
import { nozamaSide } from './sides.ts';
import { spreadOf } from './statistics.ts';
import { formatTable } from './text-table.ts';

const { values } = parseArgs({
  options: {
    before: { type: 'string' },
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '4' },
    scenario: { type: 'string', default: 'orders' },
    shares: { type: 'string', default: '0.01,1' },
  },
});
// The generator refuses what is none.
const scenarioName = values.scenario as LoadOptions['scenarioName'];
const [rounds, seconds] = [values.rounds, values.seconds].map(Number) as [number, number];
const warmupSeconds = 1;
const loadTimeoutMs = (seconds + warmupSeconds + 60) * 1_000;

interface Measured {
  readonly requestsPerSecond: number;
  /** Of the service, all threads, by orders of the whole run; microseconds. */
  readonly cpuUsPerOrder: number;
}

interface Way {
  readonly name: string;
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

const collector = createServer((request, response) => {
  request
    .resume()
    .once('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
});
await new Promise<void>((done) => collector.listen(0, '127.0.0.1', done));
const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;

const off: Way = { name: 'no collector', program: repository, env: {} };
const traced = (share: string): Way => ({
  name: `a share of ${share} traced`,
  program: repository,
  env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: share },
});
const ways: readonly Way[] = [
  ...(values.before === undefined
    ? []
    : [{ ...off, name: 'the version before', program: resolve(values.before) }]),
  off,
  ...values.shares.split(',').filter(Boolean).map(traced),
];

const bun = findRuntime('bun') ?? '';
const home = join(repository, 'bench-results');
mkdirSync(home, { recursive: true });
const folder = mkdtempSync(join(home, 'tracing-'));
try {
  const found: Map<string, Measured>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const measured = new Map<string, Measured>();
    for (const way of round % 2 === 0 ? ways : ways.toReversed()) measured.set(way.name, await measure(way));
    found.push(measured);
  }
  report(found);
} finally {
  rmSync(folder, { recursive: true, force: true });
  collector.close();
}

async function measure({ program, env }: Way): Promise<Measured> {
  const own = mkdtempSync(join(folder, 'run-'));
  const databaseUrl = `sqlite:${join(own, 'shop.db')}`;
  const side = nozamaSide('bun', 1, program);
  const running = await side.start({ folder: own, databaseUrl, answersFile: null, pageBytes: 0, env });
  try {
    const cpuSeconds = () => running.pids.reduce((sum, pid) => sum + (processSeconds(pid) ?? Number.NaN), 0);
    const before = cpuSeconds();
    const { requestsPerSecond, ordersPlaced, errors, unexpected } = await runLoadProcess(
      { bun, folder: own },
      { url: running.urls[0] ?? '', scenarioName, mode: 'closed', seconds, warmupSeconds },
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

function report(found: readonly ReadonlyMap<string, Measured>[]): void {
  const { at, commit, isModified, cpuModel, cores, filesystem } = describeEnvironment(folder, ['bun']);
  const [first] = ways;
  process.stdout.write(
    `${at}, commit ${commit}${isModified ? ' (modified)' : ''}, ${cores} × ${cpuModel}, ${filesystem}\n` +
      `${scenarioName}, closed loop; ${rounds} rounds of ${seconds} s each; median (lowest to highest)\n\n`,
  );
  const figures = (read: (one: Measured) => number, name: string) => {
    const of = (round: ReadonlyMap<string, Measured>, way: string) => {
      const one = round.get(way);
      return one === undefined ? Number.NaN : read(one);
    };
    const values = spreadOf(found.map((round) => of(round, name)));
    const shares = spreadOf(found.map((round) => of(round, name) / of(round, first?.name ?? '')));
    if (values === null || shares === null) return ['', ''];
    const span = `${shares.min.toFixed(3)} to ${shares.max.toFixed(3)}`;
    return [values.median.toFixed(0), `${shares.median.toFixed(3)} (${span})`];
  };
  const rows = ways.map(({ name }) => [
    name,
    ...figures(({ requestsPerSecond }) => requestsPerSecond, name),
    ...figures(({ cpuUsPerOrder }) => cpuUsPerOrder, name),
  ]);
  const ratio = `of ${first?.name}`;
  const header = ['', 'requests/s', ratio, 'processor µs an order', ratio];
  process.stdout.write(`${formatTable(header, rows)}\n`);
}
