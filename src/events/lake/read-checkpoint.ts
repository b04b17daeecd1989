/** Reads checkpoints, ours and those of Spark and delta-rs. */
import { parquetReadObjects } from 'hyparquet';
import type { ObjectStore } from '../../objects/object-store.ts';
import { parquetCompressors, toAsyncBuffer } from '../parquet/parquet-bytes.ts';
import { checkpointColumns } from './checkpoint-schema.ts';
import { checkpointPath, type DeltaAction, lastCheckpointPath, logFolder } from './delta-actions.ts';
import { applyAction, emptyState, type TableState } from './table-state.ts';

export interface CheckpointName {
  readonly version: number;
  /** Of a checkpoint in several files: how many. */
  readonly parts: number | null;
}

/** What `_last_checkpoint` says; null when it says nothing that can be read. */
export async function readLastCheckpoint(files: ObjectStore): Promise<CheckpointName | null> {
  const bytes = await files.read(lastCheckpointPath);
  if (bytes === null) return null;
  try {
    const { version, parts = null } = JSON.parse(new TextDecoder().decode(bytes)) as CheckpointName;
    return Number.isSafeInteger(version) && version >= 0 ? { version, parts } : null;
  } catch {
    return null;
  }
}

/** All checkpoints in the log, the newest first. */
export async function findCheckpoints(files: ObjectStore): Promise<readonly CheckpointName[]> {
  const found: CheckpointName[] = [];
  for await (const { name: path } of files.list(logFolder)) {
    const match = /^(\d{20})\.checkpoint(?:\.0{9}1\.(\d{10}))?\.parquet$/.exec(path.slice(logFolder.length));
    if (match)
      found.push({ version: Number(match[1]), parts: match[2] === undefined ? null : Number(match[2]) });
  }
  return found.sort((a, b) => b.version - a.version);
}

/** The state at a checkpoint; null when a file of it is missing, or is no whole checkpoint that we can read. */
export async function readCheckpoint(
  files: ObjectStore,
  { version, parts }: CheckpointName,
): Promise<TableState | null> {
  const state = emptyState();
  for (const path of pathsOf(version, parts)) {
    const bytes = await files.read(path);
    if (bytes === null) return null;
    const actions = await decodeCheckpoint(bytes);
    if (actions === null) return null;
    for (const action of actions) applyAction(state, action);
  }
  if (state.protocol === null || state.metaData === null) return null;
  state.version = version;
  state.checkpointVersion = version;
  return state;
}

function pathsOf(version: number, parts: number | null): readonly string[] {
  const whole = checkpointPath(version);
  if (parts === null) return [whole];
  const digits = (part: number) => String(part).padStart(10, '0');
  return Array.from({ length: parts }, (_, index) =>
    whole.replace(/\.parquet$/, `.${digits(index + 1)}.${digits(parts)}.parquet`),
  );
}

async function decodeCheckpoint(bytes: Uint8Array): Promise<readonly DeltaAction[] | null> {
  try {
    const rows = await parquetReadObjects({
      file: toAsyncBuffer(bytes),
      columns: [...checkpointColumns],
      compressors: parquetCompressors,
    });
    return rows.flatMap(toAction);
  } catch {
    return null;
  }
}

function toAction(row: Readonly<Record<string, unknown>>): readonly DeltaAction[] {
  const name = checkpointColumns.find((column) => row[column] !== null && row[column] !== undefined);
  if (name === undefined) return [];
  const body = withoutNulls(row[name] as Readonly<Record<string, unknown>>);
  if (name === 'txn') {
    const { appId, version, lastUpdated } = body as { appId: string; version: bigint; lastUpdated?: bigint };
    const updated = lastUpdated === undefined ? {} : { lastUpdated: Number(lastUpdated) };
    return [{ txn: { appId, version: BigInt(version), ...updated } }];
  }
  return [{ [name]: numbersOf(body) } as unknown as DeltaAction];
}

function withoutNulls(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(body).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** Sizes and times are within the numbers that JavaScript counts exactly. */
function numbersOf(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]),
  );
}
