/** Takes one measurement: starts the side, drives it, stops it, and recounts the orders that it has stored. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Recount } from '../engine/recount.ts';
import { defaultLoadOptions, type LoadOptions } from '../load/load-options.ts';
import type { LoadResult } from '../load/run-load.ts';
import { makeStepsKey } from './bench-api-key.ts';
import { runProcess, tryProcess } from './child-process.ts';
import type { Databases, DatabaseWork, RunDatabase } from './databases.ts';
import { repository } from './environment.ts';
import { runLoadProcess } from './load-process.ts';
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
  /** The work of the database server in the whole run, warm-up included; null without a server. */
  readonly work: DatabaseWork | null;
  readonly ordersPlaced: number;
  /** Null for a side that stores nothing. */
  readonly ordersStored: number | null;
  /** Faults in the stored orders or the answers; empty when all is well. */
  readonly faults: readonly string[];
}

export interface MeasureContext {
  readonly bun: string;
  readonly folder: string;
  readonly answersFile: string | null;
  readonly pageBytes: number;
  readonly databases: Databases;
}

const verifyTimeoutMs = 600_000;
const loadGraceMs = 120_000;

export async function measureLoad(
  context: MeasureContext,
  measurement: LoadMeasurement,
  timing: Pick<LoadOptions, 'seconds' | 'warmupSeconds' | 'seed' | 'ratePerSecond'>,
): Promise<LoadFigure> {
  const { side, env, id, ordersStored } = measurement;
  const folder = mkdtempSync(join(context.folder, `${side.name}-`));
  const database =
    side.name === 'ceiling' ? null : await context.databases.open(side.name, ordersStored, folder);
  let endPosition: number | null = null;
  try {
    await database?.settle();
    const { answersFile, pageBytes } = context;
    const running = await side.start({
      folder,
      databaseUrl: database?.url ?? '',
      answersFile,
      pageBytes,
      env,
    });
    let load: LoadResult;
    let memory: MemoryReport | null = null;
    let machine: MachineLoad | null = null;
    try {
      const memoryReport = watchMemory(running.pids);
      const machineReport = watchMachine(running.pids, database?.serverPid ?? null);
      const apiKey =
        measurement.load.scenarioName === 'mix' && database !== null
          ? await makeStepsKey(context.bun, database.url, folder)
          : null;
      try {
        load = await drive(context, running.urls, {
          ...timing,
          apiKey,
          ...(database?.pagePathsFile != null && measurement.load.scenarioName === 'reads'
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
    const work = (await database?.readWork()) ?? null;
    const stored =
      database === null
        ? { ordersStored: null, position: null, faults: [] }
        : await recount(context, measurement, database, folder, load);
    endPosition = stored.position;
    return {
      id,
      requestsPerSecond: load.requestsPerSecond,
      load,
      readyAfterMs: running.readyAfterMs,
      durability: running.durability,
      memory,
      machine,
      work,
      ordersPlaced: load.ordersPlaced,
      ordersStored: stored.ordersStored,
      faults: [...stored.faults, ...answerFaults(load)],
    };
  } finally {
    await database?.close(endPosition);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compares the stored orders with the acknowledged ones: as many, and no other fault. */
async function drive(
  context: MeasureContext,
  [url = '', ...otherUrls]: readonly string[],
  given: Partial<LoadOptions>,
): Promise<LoadResult> {
  const { warmupSeconds, seconds, drainSeconds } = { ...defaultLoadOptions, ...given };
  const timeoutMs = (warmupSeconds + seconds + drainSeconds) * 1_000 + loadGraceMs;
  return runLoadProcess(context, { ...given, url, otherUrls }, timeoutMs);
}

async function recount(
  { bun }: MeasureContext,
  { side }: LoadMeasurement,
  database: RunDatabase,
  folder: string,
  load: LoadResult,
): Promise<{ ordersStored: number; position: number; faults: readonly string[] }> {
  const faults: string[] = [];
  if (side.name === 'nozama') faults.push(...(await verifyByCli(bun, database.url, folder)));
  const program = join(repository, 'lab/engine/recount.ts');
  const { url, position: after } = database;
  const args = [program, '--side', side.name, '--database', url, '--after', String(after)];
  const { ordersStored, position, findings } = JSON.parse(
    await runProcess({ program: bun, args, cwd: folder, env: {} }, verifyTimeoutMs),
  ) as Recount;
  faults.push(...findings);
  const { ordersPlaced, ordersUnknown } = load;
  if (ordersStored < ordersPlaced || ordersStored > ordersPlaced + ordersUnknown) {
    faults.push(
      `${ordersPlaced} orders acknowledged (and ${ordersUnknown} unknown), but ${ordersStored} stored`,
    );
  }
  return { ordersStored, position, faults };
}

/** The service's own recount: counters, stock (received − sold = on hand), totals, log, keys. */
export async function verifyByCli(
  bun: string,
  databaseUrl: string,
  folder: string,
): Promise<readonly string[]> {
  const cli = join(repository, 'src/cli/cli.ts');
  const { code, output, errors } = await tryProcess(
    { program: bun, args: [cli, 'verify'], cwd: folder, env: { DATABASE_URL: databaseUrl } },
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
