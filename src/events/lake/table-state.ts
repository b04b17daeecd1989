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
  };
}

/** Brings the state to the next version. */
export function applyVersion(state: TableState, version: number, actions: readonly DeltaAction[]): void {
  if (version !== state.version + 1) throw new Error(`version ${version} does not follow ${state.version}`);
  // Within a version a file is either added or removed; removals first make a wrong writer harmless.
  for (const action of actions) if ('remove' in action) applyAction(state, action);
  for (const action of actions) if (!('remove' in action)) applyAction(state, action);
  state.version = version;
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
    const named = features.length === 0 ? '' : ` with ${features.join(', ')}`;
    throw new TableRefusedError(
      `${where} has been upgraded to Delta protocol ${minReaderVersion}/${minWriterVersion}${named}, which Nozama can't write (1/2 without features). Name another place.`,
    );
  }
  if (metaData.format.provider !== 'parquet')
    throw new TableRefusedError(
      `${where} has files of format ${metaData.format.provider}, but Nozama writes parquet.`,
    );
  return metaData;
}
