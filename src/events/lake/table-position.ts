/**
 * How far a table has come in the shop's log, and whether it is this shop's log.
 *
 * The position is the version of a transaction in Delta's log, which checkpoints and the compaction of others keep. A
 * second transaction keeps a digest of what stands at that position (the id of an order, say): a copy of the shop that
 * goes on by itself has another order there, and is refused.
 */
import { createHash } from 'node:crypto';
import type { LakeTable } from '../tables/lake-table.ts';
import { OtherHistoryError, TableRefusedError } from '../tables/table-refused-error.ts';
import type { AddFile, Transaction } from './delta-actions.ts';
import type { TableState } from './table-state.ts';

/** What the shop knows of its own log. */
export interface ShopHistory {
  /** What stands at a position of the log: the same text each time, and another in any other shop. Null beyond its end. */
  factAt(position: number): Promise<string | null>;
}

export interface Owner {
  readonly shopId: string;
  readonly table: LakeTable;
}

function appIdOf({ shopId, table }: Owner): string {
  return `nozama/${shopId}/${table.name}`;
}

function lineageIdOf(owner: Owner): string {
  return `${appIdOf(owner)}/lineage`;
}

export function transactionsAt(
  owner: Owner,
  position: number,
  fact: string | null,
  nowMs: number,
): readonly Transaction[] {
  const txn = { appId: appIdOf(owner), version: BigInt(position), lastUpdated: nowMs };
  if (fact === null) return [txn];
  return [txn, { appId: lineageIdOf(owner), version: digestOf(fact), lastUpdated: nowMs }];
}

/** 52 bits, which every reader of JSON holds exactly. */
function digestOf(fact: string): bigint {
  return BigInt(`0x${createHash('sha256').update(fact).digest('hex').slice(0, 13)}`);
}

/**
 * The last position of the log whose rows are in the table.
 *
 * By the transaction; when it is gone, because the table forgets idle ones (`delta.setTransactionRetentionDuration`),
 * by the highest position in the data.
 * @throws TableRefusedError when neither tells
 */
export function positionIn(state: TableState, owner: Owner, where: string): number {
  const txn = state.transactions.get(appIdOf(owner));
  if (txn !== undefined) return Number(txn.version);
  const { highest, untold } = highestPosition(state.files.values(), owner.table);
  if (untold !== null) {
    throw new TableRefusedError(
      `${where} does not tell how far it has come: its transaction is gone, and ${untold} has no statistics of ${owner.table.positionColumn}. Name an empty place, and run nozama lake backfill.`,
    );
  }
  if (highest === null) {
    throw new TableRefusedError(
      `${where} does not tell how far it has come: its transaction is gone, and so are its rows. Name an empty place, and run nozama lake backfill.`,
    );
  }
  return highest;
}

interface HighestPosition {
  /** By the statistics of all files that have some; null when there are none. */
  readonly highest: number | null;
  /** A file without them; null when all have them. */
  readonly untold: string | null;
}

function highestPosition(files: Iterable<AddFile>, { positionColumn }: LakeTable): HighestPosition {
  let highest: number | null = null;
  let untold: string | null = null;
  for (const { path, stats } of files) {
    const position = maxIn(stats, positionColumn);
    if (position === null) untold = path;
    else highest = Math.max(highest ?? position, position);
  }
  return { highest, untold };
}

function maxIn(stats: string | undefined, column: string): number | null {
  try {
    const { maxValues = {}, numRecords } = JSON.parse(stats ?? '{}') as {
      readonly maxValues?: Readonly<Record<string, unknown>>;
      readonly numRecords?: number;
    };
    if (numRecords === 0) return 0;
    const max = maxValues[column];
    return typeof max === 'number' && Number.isSafeInteger(max) ? max : null;
  } catch {
    return null;
  }
}

/**
 * Holds the table against the shop's log: rows beyond the transaction, a position beyond the log, another history.
 * @throws TableRefusedError
 */
export async function assertOwnHistory(
  state: TableState,
  owner: Owner,
  history: ShopHistory,
  where: string,
): Promise<void> {
  const position = positionIn(state, owner, where);
  if (position === 0) return;
  const fact = await history.factAt(position);
  if (fact === null) {
    throw new OtherHistoryError(
      `${where} has come to position ${position}, which this shop's log has not reached: an older copy of the shop is running. Start the newest one, or name an empty place by LAKE_URL.`,
    );
  }
  const lineage = state.transactions.get(lineageIdOf(owner));
  if (lineage !== undefined && lineage.version !== digestOf(fact)) {
    throw new OtherHistoryError(
      `${where} was written by another copy of this shop: position ${position} is something else there. Name an empty place for one of the two by LAKE_URL.`,
    );
  }
}

/**
 * @param added files of the table: all, or those that were added since the last reading
 * @param position of the table
 * @throws TableRefusedError when rows were written beside the transaction, by hand or by an older writer
 */
export function assertNoRowsBeyond(
  added: Iterable<AddFile>,
  position: number,
  { table }: Owner,
  where: string,
): void {
  const { highest } = highestPosition(added, table);
  if (highest !== null && highest > position) {
    throw new TableRefusedError(
      `${where} has rows up to position ${highest}, but was written up to ${position} only: somebody else wrote rows. Name an empty place by LAKE_URL, and run nozama lake backfill.`,
    );
  }
}
