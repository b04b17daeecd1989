/** Ratios within each round, and the bars that the project has set itself. */
import { benchEngine } from './bench-engines.ts';
import type { BenchOptions, RuntimeName } from './bench-options.ts';
import type { LoadFigure } from './measure.ts';
import { shortCount } from './measurements.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** Every load figure of one round by measurement id. Void ones are in it, and left out of every summary. */
export type Round = ReadonlyMap<string, LoadFigure>;

export interface Ratio {
  readonly label: string;
  readonly over: string;
  readonly under: string;
  /** The bar; null when the ratio is only shown. */
  readonly least: number | null;
  readonly spread: Spread | null;
}

export interface Verdict {
  readonly label: string;
  /** Such as `at least 15,000/s`. */
  readonly bar: string;
  readonly found: string;
  readonly outcome: 'pass' | 'fail' | 'not measured';
}

export function figuresOf(rounds: readonly Round[], id: string): readonly LoadFigure[] {
  return rounds.flatMap((round) => {
    const figure = round.get(id);
    return figure === undefined || figure.load.voidReasons.length > 0 ? [] : [figure];
  });
}

/** The spread of something over the valid figures of a measurement. */
export function spreadOver(
  rounds: readonly Round[],
  id: string,
  read: (figure: LoadFigure) => number,
): Spread | null {
  return spreadOf(figuresOf(rounds, id).map(read));
}

export function compareRounds(rounds: readonly Round[], options: BenchOptions): readonly Ratio[] {
  return options.runtimes
    .flatMap((runtime) => ratiosOn(runtime, options))
    .map((ratio) => ({
      ...ratio,
      spread: spreadOf(rounds.flatMap((round) => ratioIn(round, ratio))),
    }));
}

function ratioIn(round: Round, { over, under }: Pick<Ratio, 'over' | 'under'>): readonly number[] {
  const [upper] = figuresOf([round], over);
  const [lower] = figuresOf([round], under);
  return upper === undefined || lower === undefined || lower.requestsPerSecond === 0
    ? []
    : [upper.requestsPerSecond / lower.requestsPerSecond];
}

function ratiosOn(
  runtime: RuntimeName,
  { ordersStored, engine }: BenchOptions,
): readonly Omit<Ratio, 'spread'>[] {
  const ratio = (label: string, over: string, under: string, least: number | null) => ({
    label: `${label} (${runtime})`,
    over: `${over}@${runtime}`,
    under: `${under}@${runtime}`,
    least,
  });
  const stored = shortCount(ordersStored);
  const { isServer, leastRatios } = benchEngine(engine);
  return [
    ratio('POST then GET / HTTP ceiling', 'nozama.pipeline', 'ceiling.pipeline', leastRatios.toHttpCeiling),
    ratio('Orders only / HTTP ceiling', 'nozama.orders', 'ceiling.orders', leastRatios.toHttpCeiling),
    ratio('Reads only / HTTP ceiling', 'nozama.reads', 'ceiling.reads', null),
    ratio('One hot product / all products', 'nozama.hot', 'nozama.orders', leastRatios.hotToAll),
    ratio('Nine orders to one step / orders only', 'nozama.mix', 'nozama.orders', leastRatios.mixToOrders),
    ratio('Random keys / UUIDv7 keys', 'nozama.uuidv4', 'nozama.orders', null),
    ratio('Logging on / off', 'nozama.orders', 'nozama.unlogged', leastRatios.loggedToUnlogged),
    ratio('Batching on / off, 64 connections', 'nozama.orders', 'nozama.unbatched', null),
    ratio(
      'Batching on / off, 1 connection',
      'nozama.lone',
      'nozama.lone-unbatched',
      leastRatios.loneBatchedToUnbatched,
    ),
    ratio('Nozama / textbook, empty', 'nozama.pipeline', 'textbook.pipeline', leastRatios.toTextbook),
    ...(isServer
      ? [
          ratio('Nozama / textbook, 256 connections', 'nozama.pipeline-many', 'textbook.pipeline-many', 3),
          ratio('Two instances / one, orders', 'nozama.pair-orders', 'nozama.orders', 0.9),
          ratio('Two instances / one, POST then GET', 'nozama.pair-pipeline', 'nozama.pipeline', 0.9),
        ]
      : []),
    ...(ordersStored === 0
      ? []
      : [
          ratio(
            `Nozama / textbook, ${stored} orders stored`,
            'nozama.pipeline-stored',
            'textbook.pipeline-stored',
            50,
          ),
          ratio(
            `${stored} orders stored / empty`,
            'nozama.pipeline-stored',
            'nozama.pipeline',
            leastRatios.filledToEmpty(ordersStored),
          ),
          ratio(`Reads: ${stored} orders stored / empty`, 'nozama.reads-stored', 'nozama.reads', null),
        ]),
  ];
}

/** Each bar of the options, and whether the figures reach it. */
export function judge(
  rounds: readonly Round[],
  ratios: readonly Ratio[],
  options: BenchOptions,
): readonly Verdict[] {
  return [
    ...ratios.flatMap(({ label, least, spread }) =>
      least === null
        ? []
        : [judgeLeast(label, least, spread?.median, String(least), (value) => value.toFixed(2))],
    ),
    ...options.runtimes.flatMap((runtime) => [
      ...judgeRates(rounds, runtime, options),
      ...judgeOpenLoop(rounds, runtime, options),
      ...judgeProcess(rounds, runtime),
    ]),
  ];
}

function judgeRates(
  rounds: readonly Round[],
  runtime: RuntimeName,
  { engine }: BenchOptions,
): readonly Verdict[] {
  return benchEngine(engine).leastRates.map(({ measurement, label, least }) => {
    const found = spreadOver(
      rounds,
      `nozama.${measurement}@${runtime}`,
      (figure) => figure.requestsPerSecond,
    )?.median;
    const perSecond = (value: number) => `${grouped(value)}/s`;
    return judgeLeast(`${label} (${runtime})`, least, found, perSecond(least), perSecond);
  });
}

function judgeOpenLoop(
  rounds: readonly Round[],
  runtime: RuntimeName,
  { engine }: BenchOptions,
): readonly Verdict[] {
  return benchEngine(engine).openLoopMost.map(({ field, name, most }) => {
    const found = spreadOver(rounds, `nozama.open@${runtime}`, ({ load }) => load.latency[field])?.median;
    const label = `Open loop at half the peak, ${name} (${runtime})`;
    return judgeMost(label, most, found, 'ms', (value) => value.toFixed(1));
  });
}

/** Memory, and how long a start takes. */
function judgeProcess(rounds: readonly Round[], runtime: RuntimeName): readonly Verdict[] {
  const figures = rounds.flatMap((round) =>
    Array.from(round.values()).filter(({ id }) => id.startsWith('nozama.') && id.endsWith(`@${runtime}`)),
  );
  const memoryMib = highest(figures.map((figure) => figure.memory?.maxMib ?? Number.NaN));
  const restarts = figures.filter(({ id }) => id.includes('-stored')).map(({ readyAfterMs }) => readyAfterMs);
  const readyAfterMs = spreadOf(restarts)?.median;
  return [
    judgeMost(`Resident memory at most (${runtime})`, 200, memoryMib, 'MiB', String),
    judgeMost(`Ready on an existing database (${runtime})`, 500, readyAfterMs, 'ms', String),
  ];
}

function judgeLeast(
  label: string,
  least: number,
  found: number | null | undefined,
  bar: string,
  show: (value: number) => string,
): Verdict {
  return verdictOn(label, `≥ ${bar}`, found, (value) => value >= least, show);
}

function judgeMost(
  label: string,
  most: number,
  found: number | null | undefined,
  unit: string,
  show: (value: number) => string,
): Verdict {
  return verdictOn(
    label,
    `≤ ${most} ${unit}`,
    found,
    (value) => value <= most,
    (value) => `${show(value)} ${unit}`,
  );
}

function verdictOn(
  label: string,
  bar: string,
  found: number | null | undefined,
  isMet: (value: number) => boolean,
  show: (value: number) => string,
): Verdict {
  if (found === null || found === undefined) return { label, bar, found: '–', outcome: 'not measured' };
  return { label, bar, found: show(found), outcome: isMet(found) ? 'pass' : 'fail' };
}

/** Whether a long run keeps its pace and its memory: its last minute against its first. */
export function judgeSoak({ load, memory, id }: LoadFigure): readonly Verdict[] {
  const minute = Math.min(60, Math.floor(load.perSecond.length / 3));
  const sum = (seconds: readonly number[]) => seconds.reduce((total, count) => total + count, 0);
  const pace = sum(load.perSecond.slice(-minute)) / sum(load.perSecond.slice(0, minute));
  // Memory may rise while code is compiled and caches fill; from half-way on it must stay.
  const samples = memory?.samples ?? [];
  const middle = samples.slice(Math.floor(samples.length * 0.5), Math.floor(samples.length * 0.6));
  const last = samples.slice(Math.floor(samples.length * 0.9));
  const mean = (part: typeof samples) => part.reduce((total, { y }) => total + y, 0) / part.length;
  const growth = mean(last) / mean(middle);
  const verdict = (label: string, bar: string, value: number, isMet: boolean): Verdict => ({
    label: `${label} (${id})`,
    bar,
    found: Number.isFinite(value) ? value.toFixed(2) : '–',
    outcome: Number.isFinite(value) ? (isMet ? 'pass' : 'fail') : 'not measured',
  });
  return [
    verdict(`Long run: last ${minute} s / first ${minute} s`, '≥ 0.9', pace, pace >= 0.9),
    verdict('Long run: memory at the end / half-way', '≤ 1.1', growth, growth <= 1.1),
  ];
}

function highest(values: readonly number[]): number | null {
  const known = values.filter(Number.isFinite);
  return known.length === 0 ? null : Math.max(...known);
}

/** `12,345`. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}
