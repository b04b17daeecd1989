/**
 * Measures how fast the generator is, and whether it measures the same as wrk:
 * `bun lab/load/measure-generator.ts [--seconds 2] [--rounds 5] [--connections 64]`.
 *
 * Prints tables in Markdown. Generator and wrk take turns (A B B A …) on the same servers, each in a closed loop
 * with as many connections; it compares the median of the ratios within a turn. The exit code is 1 when a comparison
 * is out of its bounds. Without wrk (Debian: `apt install wrk`) it says so and leaves the comparison out.
 */
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type StartedProcess, startProcess } from '../bench/child-process.ts';
import { type Spread, spreadOf } from '../bench/statistics.ts';
import type { FleetTotals } from './fleet.ts';
import { startFleet } from './start-fleet.ts';
import { runWrk, type WrkFigures, wrkVersion } from './wrk.ts';

const repository = join(import.meta.dirname, '../..');
const throughputTolerance = 0.05;
const percentileTolerance = 0.1;
const startMsMax = 10_000;

const bounds = { seconds: [1, 30], rounds: [1, 20], connections: [1, 1_000] } as const;

interface MeasureOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
}

function readOptions(): MeasureOptions {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '64' },
    },
  });
  const read = (name: keyof typeof bounds) => {
    const [min, max] = bounds[name];
    const value = Number(values[name]);
    if (!(Number.isInteger(value) && value >= min && value <= max))
      throw new RangeError(`--${name} is ${values[name]}, not a whole number from ${min} to ${max}`);
    return value;
  };
  return { seconds: read('seconds'), rounds: read('rounds'), connections: read('connections') };
}

interface Server {
  readonly url: string;
  readonly process: StartedProcess;
}

async function startServer(program: string): Promise<Server> {
  const started = startProcess({
    program: process.execPath,
    args: [join(repository, program)],
    cwd: repository,
    env: { PORT: '0' },
  });
  const deadline = performance.now() + startMsMax;
  while (performance.now() < deadline && !started.hasExited()) {
    const url = /listening on (\S+)/.exec(started.outputTail())?.[1];
    if (url !== undefined) return { url, process: started };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await started.stop();
  throw new Error(`${program} did not start: ${started.outputTail()}`);
}

async function runFleet(
  url: string,
  workers: number,
  { connections, seconds }: MeasureOptions,
): Promise<FleetTotals> {
  const fleet = await startFleet({
    plan: {
      scenario: 'health-check',
      host: url,
      hostIsMine: false,
      pace: { kind: 'users', users: connections, spawnPerSecond: 20_000 },
      seconds,
      warmupSeconds: 1,
      connections: 'keep-alive',
      workers,
      seed: 1,
      timeoutMs: 10_000,
      objective: { p99MsMax: null, failureShareMax: null, requestsPerSecondMin: null },
    },
    url,
    ledgerFolder: null,
    onSample: () => {},
  });
  const totals = await fleet.ended;
  if (totals.failures > 0) throw new Error(`${url}: ${totals.failures} requests failed`);
  return totals;
}

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

const rate = (value: number) => Math.round(value).toLocaleString('en');
const range = (spread: Spread | null, show: (value: number) => string) =>
  spread === null ? '–' : `${show(spread.median)} (${show(spread.min)}–${show(spread.max)})`;

async function measureSpeed(url: string, options: MeasureOptions): Promise<void> {
  print('| Workers | requests/s | cores of a worker | requests/s per generator core |', '|--:|--:|--:|--:|');
  for (const workers of [1, 2]) {
    const runs: FleetTotals[] = [];
    for (let round = 0; round < options.rounds; round += 1) runs.push(await runFleet(url, workers, options));
    const cores = (run: FleetTotals) => run.cpuCoresMax * run.workers;
    print(
      `| ${[
        workers,
        range(spreadOf(runs.map((run) => run.requestsPerSecond)), rate),
        range(spreadOf(runs.map((run) => run.cpuCoresMax)), (value) => value.toFixed(2)),
        range(spreadOf(runs.map((run) => run.requestsPerSecond / cores(run))), rate),
      ].join(' | ')} |`,
    );
  }
}

interface Turn {
  readonly ours: WrkFigures;
  readonly theirs: WrkFigures;
}

async function takeTurns(url: string, options: MeasureOptions): Promise<readonly Turn[]> {
  const turns: Turn[] = [];
  const measureOurs = async (): Promise<WrkFigures> => {
    const { requestsPerSecond, latency, percentiles } = await runFleet(url, 1, options);
    const p90Ms = percentiles.find(([percentile]) => percentile >= 90)?.[1] ?? Number.NaN;
    return {
      requestsPerSecond,
      p50Ms: latency.p50Ms ?? Number.NaN,
      p90Ms,
      p99Ms: latency.p99Ms ?? Number.NaN,
    };
  };
  const measureTheirs = () => runWrk(`${url}/health_check`, options.connections, options.seconds);
  for (let round = 0; round < options.rounds; round += 1) {
    const [first, second] = [
      { ours: await measureOurs(), theirs: await measureTheirs() },
      // The other way round: the object's parts are made in the order they are written in.
      { theirs: await measureTheirs(), ours: await measureOurs() },
    ];
    turns.push(first, second);
  }
  return turns;
}

/** @returns whether all is within its bounds */
function compare(server: string, turns: readonly Turn[], figures: readonly (keyof WrkFigures)[]): boolean {
  let isWithin = true;
  for (const figure of figures) {
    const isRate = figure === 'requestsPerSecond';
    const show = isRate ? rate : (value: number) => `${value.toFixed(2)} ms`;
    const ratio = spreadOf(turns.map(({ ours, theirs }) => ours[figure] / theirs[figure]));
    const tolerance = isRate ? throughputTolerance : percentileTolerance;
    const passes = ratio !== null && Math.abs(ratio.median - 1) <= tolerance;
    isWithin &&= passes;
    print(
      `| ${[
        server,
        isRate ? 'requests/s' : figure.replace('Ms', ''),
        show(spreadOf(turns.map(({ ours }) => ours[figure]))?.median ?? Number.NaN),
        show(spreadOf(turns.map(({ theirs }) => theirs[figure]))?.median ?? Number.NaN),
        range(ratio, (value) => value.toFixed(3)),
        `± ${tolerance * 100} %`,
        passes ? 'pass' : 'FAIL',
      ].join(' | ')} |`,
    );
  }
  return isWithin;
}

/** @returns whether all is within its bounds */
async function compareWithWrk(
  version: string,
  urls: { readonly delayed: string; readonly ceiling: string },
  options: MeasureOptions,
): Promise<boolean> {
  print('', `Compared with ${version}, ${2 * options.rounds} turns each, in the order A B B A`, '');
  print('| Server | | Nozama | wrk | Nozama / wrk | bound | |', '|:--|:--|--:|--:|--:|--:|:--|');
  const every = ['requestsPerSecond', 'p50Ms', 'p90Ms', 'p99Ms'] as const;
  const isSame = compare('answers after 6 to 14 ms', await takeTurns(urls.delayed, options), every);
  return compare('HTTP ceiling', await takeTurns(urls.ceiling, options), ['requestsPerSecond']) && isSame;
}

const options = readOptions();
const wrkFound = await wrkVersion();
const [loadBefore = 0] = loadavg();
const cores = availableParallelism();
print(
  `Others on this machine, before: a load of ${loadBefore.toFixed(1)} on ${cores} cores.${
    loadBefore > cores / 2 ? ' NOT A QUIET MACHINE: what follows is worth little.' : ''
  }`,
  '',
);
const servers: Server[] = [];
try {
  const ceiling = await startServer('lab/baselines/http-ceiling/http-ceiling.ts');
  servers.push(ceiling);
  print(
    `Scenario \`health-check\`, ${options.connections} connections, keep-alive, ${options.rounds} runs of ${options.seconds} s, median (lowest–highest)`,
    '',
  );
  await measureSpeed(ceiling.url, options);
  if (wrkFound === null) {
    print('', 'wrk is not installed, so there is no comparison.');
  } else {
    const delayed = await startServer('lab/load/delayed-server.ts');
    servers.push(delayed);
    const isWithin = await compareWithWrk(wrkFound, { delayed: delayed.url, ceiling: ceiling.url }, options);
    if (!isWithin) process.exitCode = 1;
  }
} finally {
  for (const server of servers) await server.process.stop();
}
