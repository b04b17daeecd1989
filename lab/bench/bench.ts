/**
 * `make bench`: every side against every other in one interleaved run, see MEASURING in docs.
 *
 * Each round measures everything once, every other round in reverse, so that a machine that drifts does so
 * for all sides alike; ratios are taken within a round. Every run has a server, a database and a generator
 * of its own. Writes JSON and a chart to bench-results/. Exit code 1 when an order was lost, doubled or
 * miscounted; a missed bar only says so.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchEngine, type EngineName } from './bench-engines.ts';
import { type BenchOptions, readBenchOptions, usage } from './bench-options.ts';
import { compareRounds, judge, judgeSoak, type Round, type Verdict } from './comparison.ts';
import type { Databases } from './databases.ts';
import { drawReport } from './draw-report.ts';
import { describeEnvironment, findRuntime, findWorkFolder, repository } from './environment.ts';
import { type LoadFigure, type MeasureContext, measureLoad } from './measure.ts';
import { measureProgram } from './measure-program.ts';
import { type LoadMeasurement, listMeasurements, type Measurement } from './measurements.ts';
import { createPostgresDatabases } from './postgres-databases.ts';
import { createProgress, formatDuration, type Progress } from './progress.ts';
import { recordAnswers } from './record-answers.ts';
import {
  type BenchReport,
  durabilityBySide,
  formatReport,
  type StorageFigure,
  type SyncFigure,
  summarizeRounds,
  summarizeStorage,
  summarizeSyncs,
} from './report.ts';
import { inTurn } from './rounds.ts';
import { nozamaSide } from './sides.ts';
import { createSqliteDatabases } from './sqlite-databases.ts';
import { judgeStorageShares } from './storage-share.ts';

/** When the service can't be asked how long its page is. */
const pageBytesTypical = 6_000;

interface Found {
  readonly rounds: Map<string, LoadFigure>[];
  /** By round; a round may have failed. */
  readonly storage: (StorageFigure | undefined)[];
  readonly pgbench: (StorageFigure | undefined)[];
  readonly syncs: SyncFigure[];
  readonly soaks: LoadFigure[];
  readonly faults: string[];
}

type CreateDatabases = (bun: string, workFolder: string, folder: string) => Databases | Promise<Databases>;

const createDatabases: Readonly<Record<EngineName, CreateDatabases>> = {
  sqlite: createSqliteDatabases,
  postgres: (bun, _workFolder, folder) => createPostgresDatabases(bun, folder),
};

async function main(options: BenchOptions): Promise<number> {
  const bun = findRuntime('bun');
  if (bun === null) throw new Error('Bun is missing: run npm ci');
  for (const runtime of options.runtimes) {
    if (findRuntime(runtime) === null) throw new Error(`there is no ${runtime} here that is new enough`);
  }
  const workFolder = findWorkFolder(options.folder);
  const environment = describeEnvironment(workFolder, options.runtimes);
  const measurements = listMeasurements(options);
  const folder = mkdtempSync(join(workFolder, 'run-'));
  // Also on Ctrl-C.
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const progress = createProgress(
    process.stdout,
    stepCount(measurements, options),
    performance.now.bind(performance),
  );
  const found: Found = { rounds: [], storage: [], pgbench: [], syncs: [], soaks: [], faults: [] };
  const databases = await createDatabases[options.engine](bun, workFolder, folder);
  try {
    const fills = await fillDatabases(databases, measurements, progress);
    const context = await prepare(bun, folder, databases, measurements, progress);
    for (let round = 1; round <= options.rounds; round += 1) {
      found.rounds.push(new Map());
      for (const measurement of inTurn(measurements, round - 1)) {
        progress.step(`round ${round} of ${options.rounds}: ${measurement.label}`);
        // One side that fails must not cost the figures of all others.
        await take(context, measurement, options, round, found).catch((error: unknown) => {
          const message = error instanceof Error ? error.message : String(error);
          found.faults.push(`${measurement.id}, round ${round}: ${message}`);
          progress.note(`${measurement.id} failed: ${message}`);
        });
      }
    }
    for (const soak of soaksOf(measurements, options)) {
      progress.step(`long run of ${formatDuration(options.soakSeconds * 1_000)}: ${soak.label}`);
      const seconds = options.soakSeconds;
      const figure = await measureLoad(context, soak, {
        ...timingOf(options),
        seed: 1,
        ratePerSecond: 1,
        seconds,
      });
      found.soaks.push(figure);
      found.faults.push(...figure.faults.map((fault) => `${figure.id}, long run: ${fault}`));
    }
    progress.end();
    const report = makeReport(environment, databases, options, measurements, found, fills);
    const file = writeReport(report);
    process.stdout.write(`\n${formatReport(report)}\nWritten: ${file}.json and ${file}.svg\n`);
    return report.faults.length === 0 ? 0 : 1;
  } finally {
    progress.end();
    await databases.stop();
  }
}

function stepCount(measurements: readonly Measurement[], options: BenchOptions): number {
  const fills = new Set(filledNeeded(measurements).map(({ key }) => key)).size;
  return fills + 1 + measurements.length * options.rounds + soaksOf(measurements, options).length;
}

function filledNeeded(measurements: readonly Measurement[]) {
  return measurements.flatMap((measurement) => {
    if (measurement.kind !== 'load' || measurement.ordersStored === 0 || measurement.side.name === 'ceiling')
      return [];
    const { side, ordersStored } = measurement;
    return [{ key: `${side.name} ${ordersStored}`, side: measurement.side.name, ordersStored }];
  });
}

/** Returns a line for each. */
async function fillDatabases(
  databases: Databases,
  measurements: readonly Measurement[],
  progress: Progress,
): Promise<readonly string[]> {
  const fills = new Map<string, string>();
  for (const { key, side, ordersStored } of filledNeeded(measurements)) {
    if (fills.has(key)) continue;
    progress.step(`a ${side} database of ${ordersStored} orders`);
    fills.set(key, await databases.fill(side, ordersStored));
  }
  return [...fills.values()];
}

/** Records the service's real answers for the ceiling, when both are asked for. */
async function prepare(
  bun: string,
  folder: string,
  databases: Databases,
  measurements: readonly Measurement[],
  progress: Progress,
): Promise<MeasureContext> {
  progress.step('recording what the service answers');
  let answersFile: string | null = join(folder, 'answers.json');
  let pageBytes = pageBytesTypical;
  try {
    pageBytes = await recordAnswers(nozamaSide('bun'), databases, folder, answersFile);
  } catch (error) {
    const needsService = measurements.some(({ id }) => id.startsWith('nozama.'));
    if (needsService) throw error;
    answersFile = null;
    progress.note('The service does not start: the ceiling answers with bytes of a typical size.');
  }
  return { bun, folder, answersFile, pageBytes, databases };
}

function timingOf({ seconds, warmupSeconds }: BenchOptions) {
  return { seconds, warmupSeconds };
}

async function take(
  context: MeasureContext,
  measurement: Measurement,
  options: BenchOptions,
  round: number,
  found: Found,
): Promise<void> {
  if (measurement.kind === 'load') {
    const ratePerSecond = latestRate(measurement, found);
    if (ratePerSecond === null) return;
    const figure = await measureLoad(context, measurement, {
      ...timingOf(options),
      seed: round,
      ratePerSecond,
    });
    found.rounds.at(-1)?.set(measurement.id, figure);
    found.faults.push(...figure.faults.map((fault) => `${measurement.id}, round ${round}: ${fault}`));
    return;
  }
  const seconds = Math.min(1, options.seconds);
  const figure = await measureProgram(context, measurement.kind, seconds);
  found.faults.push(...figure.faults.map((fault) => `${measurement.id}, round ${round}: ${fault}`));
  if (measurement.kind === 'fdatasync') found.syncs.push(figure.output as SyncFigure);
  else found[measurement.kind][round - 1] = figure.output as StorageFigure;
}

/** In a reversed round the peak has not been measured yet, so it is the one of the round before. */
function latestRate({ rateFrom }: LoadMeasurement, { rounds }: Found): number | null {
  if (rateFrom === null) return 1;
  const peak = rounds.findLast((round) => round.has(rateFrom.id))?.get(rateFrom.id)?.requestsPerSecond;
  return peak === undefined ? null : Math.max(1, peak * rateFrom.share);
}

function soaksOf(
  measurements: readonly Measurement[],
  { soakSeconds }: BenchOptions,
): readonly LoadMeasurement[] {
  if (soakSeconds === 0) return [];
  return measurements.filter(
    (measurement): measurement is LoadMeasurement =>
      measurement.kind === 'load' && measurement.id.startsWith('nozama.pipeline@'),
  );
}

function makeReport(
  environment: BenchReport['environment'],
  databases: Databases,
  options: BenchOptions,
  measurements: readonly Measurement[],
  { rounds, storage, pgbench, syncs, soaks, faults }: Found,
  fills: readonly string[],
): BenchReport {
  const allRounds: readonly Round[] = rounds;
  const ratios = compareRounds(allRounds, options);
  const [ceilings, ceilingName] = pgbench.length > 0 ? [pgbench, 'pgbench'] : [storage, 'the engine alone'];
  const verdicts: readonly Verdict[] = [
    ...judge(allRounds, ratios, options),
    ...(benchEngine(options.engine).isServer
      ? judgeStorageShares(allRounds, ceilings, ceilingName, options)
      : []),
    ...soaks.flatMap(judgeSoak),
  ];
  const alone = storage.find((figure) => figure !== undefined);
  return {
    environment,
    command: `make bench, or: bun lab/bench/bench.ts ${process.argv.slice(2).join(' ')}`.trim(),
    options,
    databaseSettings: databases.settings,
    durability: {
      ...durabilityBySide(
        allRounds,
        measurements.map(({ id }) => id),
      ),
      ...(alone === undefined ? {} : { 'engine alone': alone.durability }),
    },
    summaries: summarizeRounds(allRounds, measurements),
    storage: summarizeStorage(storage),
    pgbench: summarizeStorage(pgbench),
    fdatasync: summarizeSyncs(syncs),
    ratios,
    verdicts,
    voidRuns: rounds.flatMap((round, i) =>
      Array.from(round.values()).flatMap(({ id, load }) =>
        load.voidReasons.map((reason) => `${id}, round ${i + 1}: ${reason}`),
      ),
    ),
    faults,
    fills,
    rounds: rounds.map((round) => Object.fromEntries(round)),
    soaks,
  };
}

/** Returns the path without its ending. */
function writeReport(report: BenchReport): string {
  const folder = join(repository, 'bench-results');
  mkdirSync(folder, { recursive: true });
  const time = report.environment.at.slice(0, 19).replaceAll(':', '-');
  const file = join(folder, `bench-${time}-${report.environment.commit}`);
  writeFileSync(`${file}.json`, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(`${file}.svg`, drawReport(report));
  return file;
}

try {
  process.exitCode = await main(readBenchOptions(process.argv.slice(2)));
} catch (error) {
  const isUsage =
    error instanceof RangeError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(
    `${error instanceof Error ? error.message : String(error)}\n${isUsage === true ? usage : ''}`,
  );
  process.exitCode = 2;
}
