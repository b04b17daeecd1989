/**
 * Brings tables up to the ends of the shop's logs.
 *
 * Tables of one log that have come equally far go on together, so that a range of the log is read once for all. One that
 * was left behind, by a crash between two commits, first catches up with the others.
 */

import { type LogName, logRangeMax, type ShopLog } from '../storage/shop-log.ts';
import type { TableSink } from './table-sink.ts';
import { buildBatch } from './tables/column-builder.ts';
import type { ColumnBatch } from './tables/column-values.ts';
import { OtherHistoryError, TableRefusedError } from './tables/table-refused-error.ts';
import { entriesIn, erasedOrderIdsIn } from './tables/table-sources.ts';

/** Rows of one commit: about as many, as a range of the log is not divided. */
export const commitRowsMax = 100_000;

/** A table whose log goes on without rows for it gets its new position after so many entries … */
export const silentPositionsMax = 100_000;

/** … or after this time, so that others see how far it has come. */
export const silentMsMax = 60_000;

export interface TableProgress {
  readonly sink: TableSink;
  /** As the table has it, or had it when it was last read. */
  readonly position: number;
  /** Why it is not written; null when it is. */
  readonly refusal: string | null;
}

export interface Written {
  readonly sink: TableSink;
  readonly rows: number;
  readonly through: number;
}

export interface WriterOptions {
  readonly shop: ShopLog;
  readonly sinks: readonly TableSink[];
  readonly nowMs: () => number;
  /** Called after each commit. */
  readonly onWritten: (written: Written) => void;
}

/** `overtaken`: another writer is at work on the tables, and was faster. */
export type RoundOutcome = 'done' | 'overtaken' | 'stopped';

export interface TableWriter {
  /**
   * Writes what there is when it is called. Other tables go on when one is refused; see {@link TableWriter.progress}.
   * @param isStopped asked between two commits
   * @throws any error of the database or the place, after which it may be called again
   */
  writeNews(isStopped?: () => boolean): Promise<RoundOutcome>;
  /** Asks the tables how far they have come. */
  readPositions(): Promise<void>;
  /**
   * When the oldest entry was made that some table lacks (`all`), or that no table of its log has (`any`); in milliseconds
   * since the Unix epoch, and null when there is none.
   */
  readOldestUnwritten(among: 'all' | 'any'): Promise<number | null>;
  readonly progress: () => readonly TableProgress[];
}

interface Table {
  readonly sink: TableSink;
  /** Null before it is known. */
  position: number | null;
  /** The last that was known. */
  lastPosition: number;
  /** At or beyond the position: no entry between them makes a row. */
  readThrough: number;
  writtenAtMs: number;
  refusal: string | null;
  /** Whether the refusal says that an older or another copy of the shop is running. */
  isOfOtherHistory: boolean;
}

const logs: readonly LogName[] = ['orders', 'products', 'stock'];

export function createTableWriter(options: WriterOptions): TableWriter {
  const { shop, sinks, nowMs } = options;
  const tables: readonly Table[] = sinks.map((sink) => ({
    sink,
    position: null,
    lastPosition: 0,
    readThrough: 0,
    writtenAtMs: nowMs(),
    refusal: null,
    isOfOtherHistory: false,
  }));
  const tablesOf = (log: LogName) => tables.filter(({ sink }) => sink.source.log === log);

  async function readPosition(table: Table): Promise<void> {
    await unlessRefused(table, async () => {
      const position = await table.sink.readPosition();
      table.readThrough = Math.max(position, table.position === position ? table.readThrough : 0);
      table.position = position;
      table.lastPosition = position;
    });
  }

  /** A copy of the shop must not write tables either that have not come to where it differs. */
  function isHeldBack(): boolean {
    if (!tables.some(({ isOfOtherHistory }) => isOfOtherHistory)) return false;
    for (const table of tables)
      table.refusal ??= `${table.sink.description} is not written, because another table shows that this is an older or another copy of the shop.`;
    return true;
  }

  return {
    async writeNews(isStopped = () => false) {
      for (const table of tables) if (table.position === null) await readPosition(table);
      for (const log of logs) {
        const end = await shop.readEnd(log);
        for (;;) {
          if (isStopped()) return 'stopped';
          if (isHeldBack()) return 'done';
          const group = hindmost(tablesOf(log), end);
          if (group === null) break;
          if ((await writePart(options, log, group)) === 'overtaken') return 'overtaken';
        }
      }
      return 'done';
    },

    async readPositions() {
      for (const table of tables) await readPosition(table);
    },

    async readOldestUnwritten(among) {
      let oldest: number | null = null;
      for (const log of logs) {
        const reached = tablesOf(log).map(({ readThrough }) => readThrough);
        if (reached.length === 0) continue;
        const after = among === 'all' ? Math.min(...reached) : Math.max(...reached);
        const atMs = await shop.readTimeAfter(log, after);
        if (atMs !== null) oldest = Math.min(oldest ?? atMs, atMs);
      }
      return oldest;
    },

    progress: () =>
      tables.map(({ sink, lastPosition, refusal }) => ({ sink, position: lastPosition, refusal })),
  };
}

async function unlessRefused(table: Table, work: () => Promise<void>): Promise<void> {
  table.refusal = null;
  table.isOfOtherHistory = false;
  try {
    await work();
  } catch (error) {
    // What the table is at must be looked up again.
    table.position = null;
    if (!(error instanceof TableRefusedError)) throw error;
    table.refusal = error.message;
    table.isOfOtherHistory = error instanceof OtherHistoryError;
  }
}

interface Group {
  readonly tables: readonly Table[];
  readonly after: number;
  readonly end: number;
}

/** The tables that have come least far, up to where the next ones are; null when all have come to the end. */
function hindmost(all: readonly Table[], end: number): Group | null {
  const behind = all.filter(({ position, readThrough }) => position !== null && readThrough < end);
  if (behind.length === 0) return null;
  const after = Math.min(...behind.map(({ readThrough }) => readThrough));
  const tables = behind.filter(({ readThrough }) => readThrough === after);
  const beyond = behind
    .filter(({ readThrough }) => readThrough > after)
    .map(({ readThrough }) => readThrough);
  return { tables, after, end: Math.min(end, ...beyond) };
}

async function writePart(
  options: WriterOptions,
  log: LogName,
  { tables, after, end }: Group,
): Promise<'written' | 'overtaken'> {
  const { batches, through, erasedOrderIds } = await readPart(options.shop, tables, after, end);
  for (const [index, table] of tables.entries()) {
    const rows = batches[index];
    if (rows === undefined) throw new Error('each table has a batch');
    const part = { through, rows, erasedOrderIds: table.sink.source.isErasable ? erasedOrderIds : [] };
    let isOvertaken = false;
    await unlessRefused(table, async () => {
      isOvertaken = await appendPart(options, log, table, part);
    });
    if (isOvertaken) return 'overtaken';
    if (table.isOfOtherHistory) break;
  }
  return 'written';
}

interface ReadPart {
  /** One for each table. */
  readonly batches: readonly ColumnBatch[];
  readonly through: number;
  readonly erasedOrderIds: readonly string[];
}

async function readPart(
  shop: ShopLog,
  tables: readonly Table[],
  after: number,
  end: number,
): Promise<ReadPart> {
  const builders = tables.map(({ sink }) => buildBatch(sink.columns));
  const counts = tables.map(() => 0);
  const erasedOrderIds: string[] = [];
  const isErasable = tables.some(({ sink }) => sink.source.isErasable);
  let through = after;
  while (through < end && Math.max(...counts) < commitRowsMax) {
    const range = { after: through, through: Math.min(through + logRangeMax, end) };
    const entries = entriesIn(shop, range);
    for (const [index, { sink }] of tables.entries()) {
      const builder = builders[index];
      if (builder !== undefined)
        counts[index] = (counts[index] ?? 0) + (await sink.source.addRows(builder, entries));
    }
    if (isErasable) erasedOrderIds.push(...(await erasedOrderIdsIn(entries)));
    through = range.through;
  }
  return { batches: builders.map((builder) => builder.build()), through, erasedOrderIds };
}

interface TablePart {
  readonly through: number;
  readonly rows: ColumnBatch;
  readonly erasedOrderIds: readonly string[];
}

/** @returns whether another writer was faster */
async function appendPart(
  { shop, nowMs, onWritten }: WriterOptions,
  log: LogName,
  table: Table,
  { through, rows, erasedOrderIds }: TablePart,
): Promise<boolean> {
  const { sink, position } = table;
  if (position === null) return false;
  const isSilent = through - position < silentPositionsMax && nowMs() - table.writtenAtMs < silentMsMax;
  if (rows.rowCount === 0 && erasedOrderIds.length === 0 && isSilent) {
    table.readThrough = through;
    return false;
  }
  const last = await lastEntry(shop, log, sink, through, rows);
  if (last === null && erasedOrderIds.length > 0)
    throw new Error(`nothing stands at position ${through} of the log that erases orders`);
  if (last !== null) {
    const { position: end, fact } = last;
    const appended = await sink.append({ after: position, through: end, fact, rows, erasedOrderIds });
    table.writtenAtMs = nowMs();
    table.position = appended.kind === 'moved' ? appended.position : last.position;
    table.lastPosition = table.position;
    table.readThrough = table.position;
    if (appended.kind === 'moved') return true;
    onWritten({ sink, rows: rows.rowCount, through: last.position });
  }
  table.readThrough = Math.max(table.readThrough, through);
  return false;
}

/** A position at which something stands: the end of the part, or of its rows in a log with gaps; null when there is none. */
async function lastEntry(
  shop: ShopLog,
  log: LogName,
  { source }: TableSink,
  through: number,
  rows: ColumnBatch,
): Promise<{ readonly position: number; readonly fact: string } | null> {
  const fact = await shop.readFact(log, through);
  if (fact !== null) return { position: through, fact };
  const positions = rows.columns.get(source.table.positionColumn);
  const last = positions?.kind === 'long' ? positions.values.at(-1) : undefined;
  if (last === undefined) return null;
  const position = Number(last);
  const factOfLast = await shop.readFact(log, position);
  return factOfLast === null ? null : { position, fact: factOfLast };
}
