/**
 * What a backup costs the orders that come in meanwhile: the same load with nothing beside it, with backups one
 * after the other, and with the copies alone that were compared, in turn.
 *
 *     node_modules/.bin/bun lab/bench/measure-backup.ts --orders 1000000 --rate 2000 --seconds 8 --rounds 3
 *
 * Everything is on one machine and one disk: service, load generator, database and backups.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { LoadResult } from '../load/run-load.ts';
import { tryProcess } from './child-process.ts';
import { describeEnvironment, findRuntime, repository } from './environment.ts';
import { copyDatabase, findFilledDatabase } from './filled-databases.ts';
import { runLoadProcess } from './load-process.ts';
import { nozamaSide } from './sides.ts';
import { formatTable } from './text-table.ts';

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '1000000' },
    rate: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
  },
});
const [orders, ratePerSecond, seconds, rounds] = [
  values.orders,
  values.rate,
  values.seconds,
  values.rounds,
].map(Number) as [number, number, number, number];

const warmupSeconds = 1;
const loadTimeoutMs = (seconds + warmupSeconds + 120) * 1_000;
const copyTimeoutMs = 600_000;
const logPollMs = 20;

const ways = ['nothing', 'backup', 'idle', 'paced', 'unpaced', 'unsynced', 'unheld', 'vacuum'] as const;
type Way = (typeof ways)[number];

const names: Readonly<Record<Way, string>> = {
  nothing: 'nothing beside it',
  backup: 'nozama backup, one after the other',
  idle: 'the same under chrt --idle 0',
  paced: 'its copy alone',
  unpaced: 'that copy without pauses',
  unsynced: 'with pauses, but synced at its end',
  unheld: 'without a transaction around it',
  vacuum: 'VACUUM INTO',
};

interface Window {
  readonly way: Way;
  readonly load: LoadResult;
  /** Of each that was finished, in seconds. */
  readonly tookSeconds: readonly number[];
  readonly logMibMax: number;
}

const bun = findRuntime('bun') ?? '';
const home = join(repository, 'bench-results');
mkdirSync(home, { recursive: true });
const folder = mkdtempSync(join(home, 'backup-'));
try {
  const filled = await findFilledDatabase(bun, home, 'nozama', orders);
  const file = join(folder, 'shop.db');
  await copyDatabase(filled.file, file);
  const running = await nozamaSide('bun').start({
    folder,
    databaseUrl: `sqlite:${file}`,
    answersFile: null,
    pageBytes: 0,
    env: {},
  });
  const windows: Window[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
        windows.push(await measure(way, file, running.urls[0] ?? ''));
      }
    }
  } finally {
    await running.stop();
  }
  report(windows, filled.bytes);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(way: Way, file: string, url: string): Promise<Window> {
  const options = {
    url,
    scenarioName: 'orders',
    mode: 'open',
    ratePerSecond,
    seconds,
    warmupSeconds,
  } as const;
  let isOver = false;
  const loading = runLoadProcess({ bun, folder }, options, loadTimeoutMs).finally(() => {
    isOver = true;
  });
  const tookSeconds: number[] = [];
  let logMibMax = 0;
  const watching = (async () => {
    while (!isOver) {
      const { size } = statSync(`${file}-wal`, { throwIfNoEntry: false }) ?? { size: 0 };
      logMibMax = Math.max(logMibMax, size / 2 ** 20);
      await sleep(logPollMs);
    }
  })();
  const copying = (async () => {
    while (way !== 'nothing' && !isOver) {
      const beganMs = performance.now();
      const hasEnded = await copy(way, file);
      if (hasEnded) tookSeconds.push((performance.now() - beganMs) / 1_000);
      for (const ending of ['', '-journal']) rmSync(join(folder, `copy.db${ending}`), { force: true });
    }
  })();
  const load = await loading;
  await Promise.all([watching, copying]);
  return { way, load, tookSeconds, logMibMax };
}

/** @returns whether it has ended */
async function copy(way: Exclude<Way, 'nothing'>, file: string): Promise<boolean> {
  const into = join(folder, 'copy.db');
  const args =
    way === 'backup' || way === 'idle'
      ? ['src/cli/cli.ts', 'backup', '--to', join(folder, 'backups'), '--keep', '1']
      : ['lab/bench/copy-shop.ts', '--file', file, '--into', into, '--way', way];
  const [script = '', ...more] = args;
  const { code, output, errors } = await tryProcess(
    {
      program: way === 'idle' ? 'chrt' : bun,
      args: [...(way === 'idle' ? ['--idle', '0', bun] : []), join(repository, script), ...more],
      cwd: folder,
      env: { DATABASE_URL: `sqlite:${file}` },
    },
    way === 'unheld' ? seconds * 1_000 : copyTimeoutMs,
  );
  // It begins anew with each commit of the service, and ends when that pauses, if it does.
  if (way === 'unheld' && code === null) return false;
  if (code !== 0) throw new Error(`${way} ended with ${code}: ${output}${errors}`);
  return true;
}

function report(windows: readonly Window[], bytes: number): void {
  const { at, commit, isModified, cpuModel, cores, filesystem } = describeEnvironment(folder, ['bun']);
  process.stdout.write(
    `${at}, commit ${commit}${isModified ? ' (modified)' : ''}, ${cores} × ${cpuModel}, ${filesystem}\n` +
      `${orders} orders stored at the start (${Math.round(bytes / 2 ** 20)} MiB), ${ratePerSecond} new ones a second in open loop, ` +
      `${rounds} windows of ${seconds} s each; medians\n\n`,
  );
  const rows = ways.map((way) => {
    const own = windows.filter((window) => window.way === way);
    const figure = (read: (window: Window) => number, digits = 1) => median(own.map(read)).toFixed(digits);
    const took = own.flatMap(({ tookSeconds }) => tookSeconds);
    const voids = own.filter(({ load }) => load.voidReasons.length > 0).length;
    return [
      names[way],
      figure(({ load }) => load.requestsPerSecond, 0),
      figure(({ load }) => load.latency.p50Ms),
      figure(({ load }) => load.latency.p99Ms),
      figure(({ load }) => load.latency.p999Ms),
      figure(({ load }) => load.latency.maxMs, 0),
      took.length === 0 ? (way === 'nothing' ? '' : 'none') : `${took.length} × ${median(took).toFixed(1)}`,
      figure(({ logMibMax }) => logMibMax, 0),
      voids === 0 ? '' : `${voids} void`,
    ];
  });
  const header = [
    'beside the orders',
    'orders/s',
    'p50',
    'p99',
    'p99.9',
    'max, ms',
    'copies × s',
    'log MiB',
    '',
  ];
  process.stdout.write(`${formatTable(header, rows)}\n`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
