/**
 * Writes what a table's log adds up to as one Parquet file, so that readers need not read all versions.
 *
 * Plain encoding: readers of checkpoints are pickier than readers of data. It costs little beside the statistics within.
 */
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { ObjectStore } from '../../objects/object-store.ts';
import { checkpointColumns, checkpointSchema } from './checkpoint-schema.ts';
import { checkpointPath, type DeltaAction, lastCheckpointPath, logFolder } from './delta-actions.ts';
import { forgetRemoved } from './forget-removed.ts';
import type { TableState } from './table-state.ts';

const hintChecksumPath = `${logFolder}._last_checkpoint.crc`;

/** Versions after which a checkpoint is written: as many are read at most when a table is opened. */
export const checkpointVersionsMax = 100;

/** Checkpoints of others since the state was first read don't count. */
export function isCheckpointDue({ version, checkpointVersion }: TableState): boolean {
  return version - checkpointVersion >= checkpointVersionsMax;
}

/** Writes a checkpoint of the state's version, and then the hint that names it. */
export async function writeCheckpoint(files: ObjectStore, state: TableState, nowMs: number): Promise<void> {
  const { version } = state;
  const actions = checkpointActions(state, nowMs);
  const bytes = new Uint8Array(encodeCheckpoint(actions));
  await files.write(checkpointPath(version), bytes);
  const hint = {
    version,
    size: actions.length,
    sizeInBytes: bytes.length,
    numOfAddFiles: state.files.size,
  };
  // On a folder, Spark leaves a checksum of the hint beside it, and takes the next hint for damaged.
  await files.remove(hintChecksumPath);
  await files.write(lastCheckpointPath, new TextEncoder().encode(JSON.stringify(hint)));
  state.checkpointVersion = version;
}

function checkpointActions(state: TableState, nowMs: number): readonly DeltaAction[] {
  const { protocol, metaData, transactions, files, removed } = state;
  if (protocol === null || metaData === null)
    throw new Error('a state without protocol or schema has no checkpoint');
  forgetRemoved(state, nowMs);
  return [
    { protocol },
    { metaData },
    ...Array.from(transactions.values(), (txn) => ({ txn })),
    ...Array.from(removed.values(), (remove) => ({ remove: { ...remove, dataChange: false } })),
    ...Array.from(files.values(), (add) => ({ add: { ...add, dataChange: false } })),
  ];
}

type Row = Readonly<Record<string, unknown>>;

function encodeCheckpoint(actions: readonly DeltaAction[]): ArrayBuffer {
  const rows = actions.map(toRow);
  return parquetWriteBuffer({
    schema: checkpointSchema,
    columnData: checkpointColumns.map((name) => ({
      name,
      data: rows.map((row) => row[name] ?? null),
      encoding: 'PLAIN',
    })),
    statistics: false,
    rowGroupSize: 5_000,
    createdBy: 'Nozama',
  });
}

const long = (value: number | undefined) => (value === undefined ? null : BigInt(value));

function toRow(action: DeltaAction): Row {
  if ('txn' in action) {
    const { appId, version, lastUpdated } = action.txn;
    return { txn: { appId, version, lastUpdated: long(lastUpdated) } };
  }
  if ('add' in action) {
    const { path, partitionValues, size, modificationTime, dataChange, tags, stats } = action.add;
    const times = { size: long(size), modificationTime: long(modificationTime) };
    return { add: { path, partitionValues, ...times, dataChange, tags: tags ?? null, stats: stats ?? null } };
  }
  if ('remove' in action) {
    const { deletionTimestamp, partitionValues, size, ...rest } = action.remove;
    const times = { size: long(size), deletionTimestamp: long(deletionTimestamp) };
    return { remove: { ...rest, ...times, partitionValues: partitionValues ?? null } };
  }
  if ('metaData' in action) {
    const { createdTime, ...rest } = action.metaData;
    return { metaData: { ...rest, createdTime: long(createdTime) } };
  }
  return action;
}
