/**
 * Compares a table with the shop's log, up to the position that the table has reached: counts, sums and values of all rows
 * by day and group, the highest position, and the chain of commits.
 *
 * In memory are the sums of each day and group, a range of the log, the ids of erased orders, and of one data file its bytes
 * and a row group.
 */
import { createHash } from 'node:crypto';
import { logRangeMax, type ShopLog } from '../../storage/shop-log.ts';
import { openParquet, readRowsInto } from '../parquet/read-parquet.ts';
import { buildBatch } from '../tables/column-builder.ts';
import type { ColumnBatch } from '../tables/column-values.ts';
import { columnsOf, type LakeColumn, type LakeTable } from '../tables/lake-table.ts';
import { entriesIn, erasedOrderIdsIn, type TableSource } from '../tables/table-sources.ts';
import { readCommitChain } from './commit-chain.ts';
import { decodePath } from './data-paths.ts';
import { columnsIn } from './delta-schema.ts';
import { dayText } from './file-stats.ts';
import { assertOurTable, type LakeOptions } from './lake-session.ts';
import { assertOwnHistory, positionIn } from './table-position.ts';
import type { TableState } from './table-state.ts';

/** Sentences of one table at most; the others are counted. */
export const differencesMax = 20;

export interface VerifiedTable {
  readonly rows: number;
  /** The position up to which it was compared. */
  readonly position: number;
  /** Sentences. */
  readonly differences: readonly string[];
}

export interface VerifyOptions extends LakeOptions {
  readonly source: TableSource;
  readonly shop: ShopLog;
  readonly onProgress: (rows: number) => void;
}

/** By which its rows are counted, besides their day; null for the day alone. */
const groupColumns: Readonly<Record<string, string>> = {
  orders: 'state',
  order_lines: 'state',
  order_events: 'type',
  stock_movements: 'reason',
};

/** @throws TableRefusedError when the table is not this shop's, or its log can't be read */
export async function verifyTable(state: TableState, options: VerifyOptions): Promise<VerifiedTable> {
  const { files, source, history } = options;
  const { table } = source;
  const { metaData } = assertOurTable(state, options);
  await assertOwnHistory(state, options, history, files.description);
  const position = positionIn(state, options, files.description);
  // What an erasure has taken out of the shop stands in no log, and later columns are null in older rows.
  const there = new Set(columnsIn(metaData.schemaString, table, files.description).map(({ name }) => name));
  const columns = columnsOf(table, false).filter(({ name }) => there.has(name));
  const personal = source.isErasable
    ? table.columns.filter((column) => column.personal && there.has(column.name))
    : [];
  const [inShop, inLake] = [createSums(table, columns), createSums(table, columns)];
  const erasedIds = await addShop(inShop, columns, position, options);
  const keptIds = new Set<string>();
  const look = (rows: ColumnBatch) => addKept(keptIds, rows, personal, erasedIds);
  const unreadable = await addLake(inLake, look, [...columns, ...personal], state, options);
  const differences = [
    ...unreadable,
    ...(keptIds.size === 0
      ? []
      : [`still has personal data of erased orders, such as ${[...keptIds][0]} (${keptIds.size} in all)`]),
    ...inShop.compare(inLake),
    ...(inLake.highest() > position
      ? [`has rows up to position ${inLake.highest()}, beyond its own ${position}`]
      : []),
    ...(await chainBreaks(options, position)),
  ].map((words) => `${table.name} ${words}.`);
  return { rows: inLake.rows(), position, differences };
}

/** @returns the ids of the erased orders, when the table has rows that change with them */
async function addShop(
  sums: Sums,
  columns: readonly LakeColumn[],
  position: number,
  { source, shop, onProgress }: VerifyOptions,
): Promise<ReadonlySet<string>> {
  const erasedIds = new Set<string>();
  for (let after = 0; after < position; after += logRangeMax) {
    const batch = buildBatch(columns);
    const range = { after, through: Math.min(after + logRangeMax, position) };
    const entries = entriesIn(shop, range);
    onProgress(await source.addRows(batch, entries));
    sums.add(batch.build());
    if (source.isErasable) for (const id of await erasedOrderIdsIn(entries)) erasedIds.add(id);
  }
  return erasedIds;
}

/** Adds the ids of erased orders of which a row has personal data. */
function addKept(
  keptIds: Set<string>,
  batch: ColumnBatch,
  personal: readonly LakeColumn[],
  erasedIds: ReadonlySet<string>,
): void {
  if (personal.length === 0 || erasedIds.size === 0) return;
  for (let row = 0; row < batch.rowCount; row += 1) {
    const id = cellOf(batch, 'order_id', row) ?? '';
    if (erasedIds.has(id) && personal.some(({ name }) => cellOf(batch, name, row) !== null)) keptIds.add(id);
  }
}

/** @returns sentences on files that can't be read */
async function addLake(
  sums: Sums,
  look: (rows: ColumnBatch) => void,
  columns: readonly LakeColumn[],
  state: TableState,
  { files, source: { table }, onProgress }: VerifyOptions,
): Promise<readonly string[]> {
  const stored = columns.filter(({ name }) => name !== table.partitionColumn);
  const unreadable: string[] = [];
  for (const { path, partitionValues } of state.files.values()) {
    try {
      const bytes = await files.read(decodePath(path));
      if (bytes === null) throw new Error('it is missing');
      const open = await openParquet(bytes);
      for (const range of open.groups) {
        const batch = buildBatch(stored);
        await readRowsInto(batch, stored, open, range);
        const rows = batch.build();
        sums.add(rows, partitionValues[table.partitionColumn] ?? 'no day');
        look(rows);
        onProgress(rows.rowCount);
      }
    } catch (error) {
      unreadable.push(`has a file that can't be read, ${path}: ${(error as Error).message}`);
    }
  }
  return unreadable;
}

async function chainBreaks({ files }: VerifyOptions, position: number): Promise<readonly string[]> {
  const { through, breaks } = await readCommitChain(files);
  const words = breaks.map(
    ({ version, endedAt, beginsAfter }) =>
      `has a gap in its log: version ${version} begins after position ${beginsAfter}, but the one before it has ended at ${endedAt}; another program has overwritten a version`,
  );
  if (through === null || through >= position) return words;
  return [...words, `has come to position ${position}, but its last commit has ended at ${through}`];
}

interface Sum {
  rows: number;
  readonly amounts: Map<string, bigint>;
  /** Of digests of the rows: the same for the same rows, in whatever order. */
  low: number;
  high: number;
}

interface Sums {
  /** @param day of all rows, when the batch has no column of days */
  add(batch: ColumnBatch, day?: string): void;
  rows(): number;
  highest(): number;
  /** Sentences on the days and groups in which the lake differs. */
  compare(lake: Sums): readonly string[];
  readonly of: ReadonlyMap<string, Sum>;
}

function createSums(table: LakeTable, columns: readonly LakeColumn[]): Sums {
  const group = groupColumns[table.name] ?? null;
  const summed = columns.filter(
    ({ unit, type }) => (unit === 'cents (USD)' || unit === 'units') && type !== 'timestamp',
  );
  const digested = columns.filter(({ name }) => name !== table.partitionColumn);
  const sums = new Map<string, Sum>();
  let rows = 0;
  let highest = 0;

  function addRow(batch: ColumnBatch, row: number, day: string): void {
    const cell = (name: string) => cellOf(batch, name, row);
    const key = group === null ? day : `${day}, ${cell(group)}`;
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { rows: 0, amounts: new Map(), low: 0, high: 0 };
      sums.set(key, sum);
    }
    sum.rows += 1;
    for (const { name } of summed)
      sum.amounts.set(name, (sum.amounts.get(name) ?? 0n) + BigInt(cell(name) ?? 0));
    const text = JSON.stringify([day, ...digested.map(({ name }) => cell(name))]);
    const digest = createHash('sha256').update(text).digest();
    sum.low = (sum.low + digest.readUInt32LE(0)) % 2 ** 32;
    sum.high = (sum.high + digest.readUInt32LE(4)) % 2 ** 32;
    highest = Math.max(highest, Number(cell(table.positionColumn)));
  }

  return {
    of: sums,
    add(batch, day) {
      rows += batch.rowCount;
      for (let row = 0; row < batch.rowCount; row += 1)
        addRow(batch, row, day ?? dayText(Number(cellOf(batch, table.partitionColumn, row))));
    },
    rows: () => rows,
    highest: () => highest,
    compare(lake) {
      const keys = [...new Set([...sums.keys(), ...lake.of.keys()])].sort();
      return keys.flatMap((key) => differenceOf(key, sums.get(key), lake.of.get(key)) ?? []);
    },
  };
}

function cellOf({ columns }: ColumnBatch, name: string, row: number): string | null {
  const column = columns.get(name);
  if (column === undefined) return null;
  if (column.kind !== 'text' && column.nulls?.[row] === 1) return null;
  const value = column.values[row];
  return value === undefined || value === null ? null : String(value);
}

function differenceOf(key: string, shop: Sum | undefined, lake: Sum | undefined): string | null {
  const [ofShop, ofLake] = [describe(shop), describe(lake)];
  if (ofShop !== ofLake) return `of ${key}: the shop has ${ofShop}; the lake has ${ofLake}`;
  if (shop?.low === lake?.low && shop?.high === lake?.high) return null;
  return `of ${key}: ${ofShop} in both, but not the same values`;
}

/** Such as `12 rows, total_cents 1234`. */
function describe(sum: Sum | undefined): string {
  if (sum === undefined) return 'no rows';
  const amounts = Array.from(sum.amounts, ([name, amount]) => `, ${name} ${amount}`).join('');
  return `${sum.rows} ${sum.rows === 1 ? 'row' : 'rows'}${amounts}`;
}
