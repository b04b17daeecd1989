/** Everything a benchmark found, as it is written to JSON and shown in the terminal. */
import type { BenchOptions } from './bench-options.ts';
import { figuresOf, grouped, type Ratio, type Round, spreadOver, type Verdict } from './comparison.ts';
import type { DatabaseWork } from './databases.ts';
import type { Environment } from './environment.ts';
import type { LoadFigure } from './measure.ts';
import type { LoadMeasurement, Measurement } from './measurements.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { formatTable } from './text-table.ts';

/** The kernel's own threads need some; more than this is another program. */
const disturbedCores = 0.25;

export interface StorageFigure {
  readonly engine: string;
  readonly durability: unknown;
  readonly batches: readonly { readonly size: number; readonly ordersPerSecond: number }[];
}

export interface SyncFigure {
  readonly appending: number;
  readonly overwriting: number;
}

export interface Summary {
  readonly id: string;
  readonly label: string;
  readonly requestsPerSecond: Spread;
  readonly p50Ms: Spread | null;
  readonly p99Ms: Spread | null;
  readonly p999Ms: Spread | null;
  readonly memoryMaxMib: Spread | null;
  readonly generatorCpuCores: Spread | null;
  readonly serviceCores: Spread | null;
  readonly databaseCores: Spread | null;
  readonly otherCores: Spread | null;
  /** For each order stored, warm-up included; null without a database server. */
  readonly perOrder: {
    readonly commits: Spread;
    readonly walSyncs: Spread;
    readonly walBytes: Spread;
    /** Share of the updated rows whose new version stayed on the page. */
    readonly hotUpdates: Spread;
  } | null;
}

export interface BenchReport {
  readonly environment: Environment;
  readonly command: string;
  readonly options: BenchOptions;
  /** Of a server that was started for the benchmark, as read back from it. */
  readonly databaseSettings: Readonly<Record<string, string>>;
  /** By side, as read back from the engine. */
  readonly durability: Readonly<Record<string, unknown>>;
  readonly summaries: readonly Summary[];
  readonly storage: readonly { readonly size: number; readonly ordersPerSecond: Spread }[];
  /** The engine's statements without the service, where the database has such a program. */
  readonly pgbench: BenchReport['storage'];
  readonly fdatasync: { readonly appending: Spread; readonly overwriting: Spread } | null;
  readonly ratios: readonly Ratio[];
  readonly verdicts: readonly Verdict[];
  /** Runs whose figures were left out, and why. */
  readonly voidRuns: readonly string[];
  /** What was wrong with the stored orders or the answers. */
  readonly faults: readonly string[];
  readonly fills: readonly string[];
  readonly rounds: readonly Readonly<Record<string, LoadFigure>>[];
  readonly soaks: readonly LoadFigure[];
}

export function summarizeRounds(
  rounds: readonly Round[],
  measurements: readonly Measurement[],
): readonly Summary[] {
  return measurements
    .filter((measurement): measurement is LoadMeasurement => measurement.kind === 'load')
    .flatMap(({ id, label }) => {
      const over = (read: (figure: LoadFigure) => number) => spreadOver(rounds, id, read);
      const requestsPerSecond = over((figure) => figure.requestsPerSecond);
      if (requestsPerSecond === null) return [];
      return {
        id,
        label,
        requestsPerSecond,
        p50Ms: over(({ load }) => load.latency.p50Ms),
        p99Ms: over(({ load }) => load.latency.p99Ms),
        p999Ms: over(({ load }) => load.latency.p999Ms),
        memoryMaxMib: over(({ memory }) => memory?.maxMib ?? Number.NaN),
        generatorCpuCores: over(({ load }) => load.generator.cpuCores),
        serviceCores: over(({ machine }) => machine?.serviceCores ?? Number.NaN),
        databaseCores: over(({ machine }) => machine?.databaseCores ?? Number.NaN),
        otherCores: over(({ machine }) => machine?.otherCores ?? Number.NaN),
        perOrder: summarizeWork(rounds, id),
      };
    });
}

function summarizeWork(rounds: readonly Round[], id: string): Summary['perOrder'] {
  const over = (read: (work: DatabaseWork, orders: number) => number) =>
    spreadOver(rounds, id, ({ work, ordersStored }) =>
      work === null || ordersStored === null || ordersStored === 0 ? Number.NaN : read(work, ordersStored),
    );
  const commits = over((work, orders) => work.commits / orders);
  const walSyncs = over((work, orders) => work.walSyncs / orders);
  const walBytes = over((work, orders) => work.walBytes / orders);
  const hotUpdates = over(({ rowsUpdated, rowsUpdatedHot }) => rowsUpdatedHot / rowsUpdated);
  return commits === null || walSyncs === null || walBytes === null || hotUpdates === null
    ? null
    : { commits, walSyncs, walBytes, hotUpdates };
}

/** @param found by round; a round may have none */
export function summarizeStorage(found: readonly (StorageFigure | undefined)[]): BenchReport['storage'] {
  const figures = found.filter((figure) => figure !== undefined);
  const sizes = figures[0]?.batches.map(({ size }) => size) ?? [];
  return sizes.flatMap((size) => {
    const rates = figures.flatMap(({ batches }) => batches.filter((batch) => batch.size === size));
    const ordersPerSecond = spreadOf(rates.map((batch) => batch.ordersPerSecond));
    return ordersPerSecond === null ? [] : { size, ordersPerSecond };
  });
}

export function summarizeSyncs(figures: readonly SyncFigure[]): BenchReport['fdatasync'] {
  const appending = spreadOf(figures.map((figure) => figure.appending));
  const overwriting = spreadOf(figures.map((figure) => figure.overwriting));
  return appending === null || overwriting === null ? null : { appending, overwriting };
}

export function durabilityBySide(rounds: readonly Round[], ids: readonly string[]): Record<string, unknown> {
  const entries = ids.flatMap((id) => {
    const [figure] = figuresOf(rounds, id);
    return figure?.durability == null ? [] : [[id.replace(/\..*@/, '@'), figure.durability]];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

export function formatReport(report: BenchReport): string {
  const parts = [
    ...formatSurroundings(report),
    '',
    formatSummaries(report.summaries),
    ...formatWork(report.summaries),
    ...formatEngineAlone(report),
    '',
    formatRatios(report.ratios),
    '',
    formatTable(
      ['Bar', 'wanted', 'found', ''],
      report.verdicts.map(({ label, bar, found, outcome }) => [label, bar, found, outcome]),
    ),
    '',
    ...report.fills,
    ...disturbances(report.rounds),
    ...report.voidRuns.map((text) => `void: ${text}`),
    report.faults.length === 0
      ? 'Every order acknowledged is stored, and every recount agrees.'
      : `FAULTS:\n${report.faults.map((fault) => `  ${fault}`).join('\n')}`,
  ];
  return `${parts.join('\n')}\n`;
}

/** The machine, the versions, the settings of the database, and how durable each side's commits are. */
function formatSurroundings({ environment, databaseSettings, durability }: BenchReport): readonly string[] {
  const { cpuModel, cores, memoryGib, filesystem, kernel, versions, commit, isModified } = environment;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const settings = Object.entries(databaseSettings).map(([name, value]) => `${name}=${value}`);
  return [
    `${cpuModel}, ${cores} cores, ${memoryGib} GiB, ${filesystem}, Linux ${kernel}; ` +
      `${programs.join(', ')}; commit ${commit}${isModified ? ' with changes' : ''}`,
    ...(settings.length === 0 ? [] : [`PostgreSQL: ${settings.join(', ')}`]),
    ...Object.entries(durability).map(([side, durable]) => `${side}: ${JSON.stringify(durable)}`),
  ];
}

const summaryHeads = [
  '',
  'median/s',
  'min',
  'max',
  'p50 ms',
  'p99',
  'p99.9',
  'RSS MiB',
  'cores: service',
  'database',
  'generator',
  'others',
];

function formatSummaries(summaries: readonly Summary[]): string {
  return formatTable(
    summaryHeads,
    summaries.map((summary) => [
      summary.label,
      ...rates(summary.requestsPerSecond),
      fixed(summary.p50Ms, 2),
      fixed(summary.p99Ms, 2),
      fixed(summary.p999Ms, 1),
      summary.memoryMaxMib === null ? '–' : summary.memoryMaxMib.max.toFixed(0),
      fixed(summary.serviceCores, 2),
      fixed(summary.databaseCores, 2),
      fixed(summary.generatorCpuCores, 2),
      fixed(summary.otherCores, 2),
    ]),
  );
}

/** The work of the database server for each order; nothing where there is no server. */
function formatWork(summaries: readonly Summary[]): readonly string[] {
  const rows = summaries.flatMap(({ label, perOrder }) =>
    perOrder === null
      ? []
      : [
          [
            label,
            perOrder.commits.median.toFixed(3),
            perOrder.walSyncs.median.toFixed(3),
            (1 / perOrder.commits.median).toFixed(1),
            grouped(perOrder.walBytes.median),
            perOrder.hotUpdates.median.toFixed(3),
          ],
        ],
  );
  if (rows.length === 0) return [];
  const heads = ['For each order', 'commits', 'WAL syncs', 'orders a commit', 'WAL bytes', 'HOT share'];
  return ['', formatTable(heads, rows)];
}

/** The disk and the engine without the service, where they were measured. */
function formatEngineAlone({ fdatasync, storage, pgbench }: BenchReport): readonly string[] {
  const rows: (readonly [string, Spread])[] = [];
  if (fdatasync !== null) {
    rows.push(
      ['fdatasync, file growing', fdatasync.appending],
      ['fdatasync, in place', fdatasync.overwriting],
    );
  }
  for (const { size, ordersPerSecond } of storage) {
    rows.push([`Engine alone, batches of ${grouped(size)}`, ordersPerSecond]);
  }
  for (const { size, ordersPerSecond } of pgbench) {
    rows.push([`pgbench, our statements, batches of ${grouped(size)}`, ordersPerSecond]);
  }
  if (rows.length === 0) return [];
  const table = rows.map(([label, spread]) => [label, ...rates(spread)]);
  return ['', formatTable(['', 'median/s', 'min', 'max'], table)];
}

function formatRatios(ratios: readonly Ratio[]): string {
  return formatTable(
    ['Ratio within a round', 'median', 'min', 'max'],
    ratios.flatMap(({ label, spread }) =>
      spread === null
        ? []
        : [[label, spread.median.toFixed(2), spread.min.toFixed(2), spread.max.toFixed(2)]],
    ),
  );
}

function rates({ median, min, max }: Spread): readonly string[] {
  return [grouped(median), grouped(min), grouped(max)];
}

/** Whether other programs were at work on the machine. */
function disturbances(rounds: BenchReport['rounds']): readonly string[] {
  const machines = rounds.flatMap((round) => Object.values(round).flatMap(({ machine }) => machine ?? []));
  const disturbed = machines.filter(
    ({ otherCores, stolenCores }) => otherCores + stolenCores > disturbedCores,
  );
  if (disturbed.length === 0) return [];
  return [
    `NOT A QUIET MACHINE: in ${disturbed.length} of ${machines.length} runs others used more than ${disturbedCores} cores.`,
  ];
}

function fixed(spread: Spread | null, digits: number): string {
  return spread === null ? '–' : spread.median.toFixed(digits);
}
