/** A table as it is after a version: what its log adds up to (delta-io/delta, PROTOCOL.md, "Action Reconciliation"). */

import { TableRefusedError } from '../tables/table-refused-error.ts';
import type { AddFile, DeltaAction, MetaData, Protocol, RemoveFile, Transaction } from './delta-actions.ts';

export interface TableState {
  /** Of the last version that is in it. */
  version: number;
  protocol: Protocol | null;
  metaData: MetaData | null;
  /** By application. */
  readonly transactions: Map<string, Transaction>;
  /** The files that belong to the table, by path. */
  readonly files: Map<string, AddFile>;
  /** Files that were removed and may still be read by those who began before, by path. */
  readonly removed: Map<string, RemoveFile>;
  /** Of the newest checkpoint that is known; -1 without one. */
  checkpointVersion: number;
  /** Of the content of the last version's file; null when it was not read. */
  lastDigest: string | null;
  /** A version in which another program added rows; null when none is known. */
  foreignRowsVersion: number | null;
}

export function emptyState(): TableState {
  return {
    version: -1,
    protocol: null,
    metaData: null,
    transactions: new Map(),
    files: new Map(),
    removed: new Map(),
    checkpointVersion: -1,
    lastDigest: null,
    foreignRowsVersion: null,
  };
}

/**
 * Brings the state to the next version.
 * @throws TableRefusedError when the version does not go on where our commit before it has ended
 */
export function applyVersion(
  state: TableState,
  version: number,
  actions: readonly DeltaAction[],
  where: string,
): void {
  if (version !== state.version + 1) throw new Error(`version ${version} does not follow ${state.version}`);
  assertGoesOn(state, version, actions, where);
  if (addsForeignRows(state, actions)) state.foreignRowsVersion ??= version;
  // Within a version a file is either added or removed; removals first make a wrong writer harmless.
  for (const action of actions) if ('remove' in action) applyAction(state, action);
  for (const action of actions) if (!('remove' in action)) applyAction(state, action);
  state.version = version;
}

/** Such as `nozama/SHOP/orders`, and not its lineage. */
const positionAppId = /^nozama\/[^/]+\/[^/]+$/;

/** A version that another program overwrote, or that was removed, leaves a gap. */
function assertGoesOn(
  { transactions }: TableState,
  version: number,
  actions: readonly DeltaAction[],
  where: string,
): void {
  let after: number | undefined;
  for (const action of actions) if ('commitInfo' in action) after ??= action.commitInfo.nozama?.after;
  if (after === undefined) return;
  for (const action of actions) {
    if (!('txn' in action) || !positionAppId.test(action.txn.appId)) continue;
    const before = transactions.get(action.txn.appId)?.version;
    if (before === undefined || Number(before) === after) continue;
    throw new TableRefusedError(
      `Version ${version} of ${where} begins after position ${after}, but the table had come to ${before}: another program has overwritten a version, or the table was removed while it was written. Name an empty place by LAKE_URL, and run nozama lake backfill.`,
    );
  }
}

/** Ours tell their part of the log. A compaction adds no rows, whoever does it, and a file may be named again. */
function addsForeignRows({ files }: TableState, actions: readonly DeltaAction[]): boolean {
  const isOurs = actions.some(
    (action) =>
      ('commitInfo' in action && action.commitInfo.nozama !== undefined) ||
      ('txn' in action && positionAppId.test(action.txn.appId)),
  );
  return (
    !isOurs &&
    actions.some(
      (action) => 'add' in action && action.add.dataChange !== false && !files.has(action.add.path),
    )
  );
}

export function applyAction(state: TableState, action: DeltaAction): void {
  if ('protocol' in action) state.protocol = action.protocol;
  else if ('metaData' in action) state.metaData = action.metaData;
  else if ('txn' in action) state.transactions.set(action.txn.appId, action.txn);
  else if ('add' in action) {
    state.removed.delete(action.add.path);
    state.files.set(action.add.path, action.add);
  } else if ('remove' in action) {
    state.files.delete(action.remove.path);
    state.removed.set(action.remove.path, action.remove);
  }
}

/** A table that Nozama can write: version 2 of the protocol for writers, without features. */
export const ourProtocol: Protocol = { minReaderVersion: 1, minWriterVersion: 2 };

/** @throws TableRefusedError when a part of the table is newer than Nozama knows */
export function assertKnownProtocol(state: TableState, where: string): MetaData {
  const { protocol, metaData } = state;
  if (protocol === null || metaData === null) {
    throw new TableRefusedError(`${where} is no whole Delta table: its log names no protocol or no schema.`);
  }
  const { minReaderVersion, minWriterVersion, readerFeatures = [], writerFeatures = [] } = protocol;
  const features = [...new Set([...readerFeatures, ...writerFeatures])];
  if (
    minReaderVersion > ourProtocol.minReaderVersion ||
    minWriterVersion > ourProtocol.minWriterVersion ||
    features.length > 0
  ) {
    const what =
      features.length === 0 ? `protocol ${minReaderVersion}/${minWriterVersion}` : features.join(', ');
    throw new TableRefusedError(
      `Another program has switched on features of Delta in ${where} that Nozama can't write: ${what}. Name an empty place by LAKE_URL, and run nozama lake backfill.`,
    );
  }
  if (metaData.format.provider !== 'parquet')
    throw new TableRefusedError(
      `${where} has files of format ${metaData.format.provider}, but Nozama writes parquet.`,
    );
  return metaData;
}
