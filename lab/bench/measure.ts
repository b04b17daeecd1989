/** Takes one measurement: starts the side, drives it, stops it, and recounts what it has stored. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Recount } from '../engine/recount.ts';
import { defaultLoadOptions, type LoadOptions } from '../load/load-options.ts';
import type { LoadResult } from '../load/run-load.ts';
import { runProcess, tryProcess } from './child-process.ts';
import { repository } from './environment.ts';
import { copyDatabase, type FilledOriginal, freshCopyBytesMax } from './filled-databases.ts';
import { type MachineLoad, watchMachine } from './machine-load.ts';
import type { LoadMeasurement } from './measurements.ts';
import { type MemoryReport, watchMemory } from './memory-watch.ts';

export interface LoadFigure {
  readonly id: string;
  readonly requestsPerSecond: number;
  readonly load: LoadResult;
  readonly readyAfterMs: number;
  readonly durability: unknown;
  readonly memory: MemoryReport | null;
  /** Over the whole run, from the generator's start to its end. */
  readonly machine: MachineLoad | null;
  readonly ordersPlaced: number;
  /** Null for a side that stores nothing. */
  readonly ordersStored: number | null;
  /** What is wrong with what was stored or answered; empty when all is well. */
  readonly faults: readonly string[];
}

export interface MeasureContext {
  readonly bun: string;
  readonly folder: string;
  readonly answersFile: string | null;
  readonly pageBytes: number;
  /** By `side ordersStored`. */
  readonly filled: ReadonlyMap<string, FilledOriginal>;
  /** Copies of large databases used by all runs, with where the next run starts to count. */
  readonly sharedCopies: Map<string, { readonly file: string; position: number }>;
}

const verifyTimeoutMs = 600_000;
const loadGraceMs = 120_000;

export async function measureLoad(
  context: MeasureContext,
  measurement: LoadMeasurement,
  timing: Pick<LoadOptions, 'seconds' | 'warmupSeconds' | 'seed' | 'ratePerSecond'>,
): Promise<LoadFigure> {
  const { side, env, id } = measurement;
  const folder = mkdtempSync(join(context.folder, `${side.name}-`));
  try {
    const database = await prepareDatabase(context, measurement, folder);
    const { answersFile, pageBytes } = context;
    const running = await side.start({ folder, databaseFile: database.file, answersFile, pageBytes, env });
    let load: LoadResult;
    let memory: MemoryReport | null = null;
    let machine: MachineLoad | null = null;
    try {
      const memoryReport = watchMemory(running.pid);
      const machineReport = watchMachine(running.pid);
      try {
        load = await drive(context, running.url, {
          ...timing,
          ...(database.pagePathsFile !== null && measurement.load.scenarioName === 'reads'
            ? { pagePathsFile: database.pagePathsFile }
            : {}),
          ...measurement.load,
        });
        machine = machineReport(load.generator.cpuSecondsTotal);
      } finally {
        memory = memoryReport();
      }
    } finally {
      await running.stop();
    }
    const stored = await recount(context, measurement, database, folder, load);
    return {
      id,
      requestsPerSecond: load.requestsPerSecond,
      load,
      readyAfterMs: running.readyAfterMs,
      durability: running.durability,
      memory,
      machine,
      ordersPlaced: load.ordersPlaced,
      ordersStored: stored.ordersStored,
      faults: [...stored.faults, ...answerFaults(load)],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface PreparedDatabase {
  /** Null for a new database. */
  readonly file: string | null;
  readonly pagePathsFile: string | null;
  /** From where orders of this run are counted. */
  readonly position: number;
  readonly sharedKey: string | null;
}

async function prepareDatabase(
  { filled, sharedCopies, folder: workFolder }: MeasureContext,
  { side, ordersStored }: LoadMeasurement,
  folder: string,
): Promise<PreparedDatabase> {
  const key = `${side.name} ${ordersStored}`;
  const original = filled.get(key);
  if (ordersStored === 0 || original === undefined || side.databaseName === null) {
    return { file: null, pagePathsFile: null, position: 0, sharedKey: null };
  }
  const { pagePathsFile } = original;
  const position = side.name === 'textbook' ? original.orders : original.logPosition;
  if (original.bytes <= freshCopyBytesMax) {
    const file = join(folder, side.databaseName);
    await copyDatabase(original.file, file);
    return { file, pagePathsFile, position, sharedKey: null };
  }
  let shared = sharedCopies.get(key);
  if (shared === undefined) {
    shared = { file: join(workFolder, `shared-${side.name}-${ordersStored}.db`), position };
    for (const suffix of ['-wal', '-shm']) rmSync(shared.file + suffix, { force: true });
    await copyDatabase(original.file, shared.file);
    sharedCopies.set(key, shared);
  }
  return { file: shared.file, pagePathsFile, position: shared.position, sharedKey: key };
}

async function drive(context: MeasureContext, url: string, given: Partial<LoadOptions>): Promise<LoadResult> {
  const options = { ...given, url };
  const { warmupSeconds, seconds, drainSeconds } = { ...defaultLoadOptions, ...given };
  const args = [join(repository, 'lab/load/load.ts'), '--json', JSON.stringify(options)];
  const timeoutMs = (warmupSeconds + seconds + drainSeconds) * 1_000 + loadGraceMs;
  const output = await runProcess({ program: context.bun, args, cwd: context.folder, env: {} }, timeoutMs);
  return JSON.parse(output) as LoadResult;
}

/** Holds what is stored against what was acknowledged: as many orders, and nothing else amiss. */
async function recount(
  { bun, sharedCopies }: MeasureContext,
  { side }: LoadMeasurement,
  database: PreparedDatabase,
  folder: string,
  load: LoadResult,
): Promise<{ ordersStored: number | null; faults: readonly string[] }> {
  if (side.databaseName === null) return { ordersStored: null, faults: [] };
  const file = database.file ?? join(folder, side.databaseName);
  const faults: string[] = [];
  if (side.name === 'nozama') faults.push(...(await verifyByCli(bun, file, folder)));
  const program = join(repository, 'lab/engine/recount.ts');
  const args = [program, '--side', side.name, '--file', file, '--after', String(database.position)];
  const { ordersStored, position, findings } = JSON.parse(
    await runProcess({ program: bun, args, cwd: folder, env: {} }, verifyTimeoutMs),
  ) as Recount;
  faults.push(...findings);
  const shared = database.sharedKey === null ? undefined : sharedCopies.get(database.sharedKey);
  if (shared !== undefined) shared.position = position;
  const { ordersPlaced, ordersUnknown } = load;
  if (ordersStored < ordersPlaced || ordersStored > ordersPlaced + ordersUnknown) {
    faults.push(
      `${ordersPlaced} orders acknowledged (and ${ordersUnknown} unknown), but ${ordersStored} stored`,
    );
  }
  return { ordersStored, faults };
}

/** The service's own recount: counters, stock (received − sold = on hand), totals, log, keys. */
async function verifyByCli(bun: string, file: string, folder: string): Promise<readonly string[]> {
  const cli = join(repository, 'src/cli/cli.ts');
  if (!existsSync(cli)) return ['the service has no verify command'];
  const { code, output, errors } = await tryProcess(
    { program: bun, args: [cli, 'verify'], cwd: folder, env: { DATABASE_URL: `sqlite:${file}` } },
    verifyTimeoutMs,
  );
  return code === 0 ? [] : [`verify ended with ${code}: ${(output + errors).slice(-1_000)}`];
}

function answerFaults({ unexpected, errors }: LoadResult): readonly string[] {
  return [
    ...Object.entries(unexpected).map(([what, count]) => `${count} × ${what}`),
    ...Object.entries(errors).map(([what, count]) => `${count} × ${what}`),
  ];
}
