/** Actions of Delta's log (delta-io/delta, PROTOCOL.md, "Actions"): as they stand in a version's file, one a line. */
import { TableRefusedError } from '../tables/table-refused-error.ts';

export interface Protocol {
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  readonly readerFeatures?: readonly string[];
  readonly writerFeatures?: readonly string[];
}

export interface MetaData {
  readonly id: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly format: { readonly provider: string; readonly options: Readonly<Record<string, string>> };
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
  /** Milliseconds since the Unix epoch, as all times of this file. */
  readonly createdTime?: number | undefined;
}

/** A file that belongs to the table from this version on. */
export interface AddFile {
  /** Relative to the table's folder, URI-encoded. */
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly size: number;
  readonly modificationTime: number;
  readonly dataChange: boolean;
  /** JSON. */
  readonly stats?: string | undefined;
  readonly tags?: Readonly<Record<string, string | null>> | undefined;
}

/** A file that belongs to the table no more. */
export interface RemoveFile {
  readonly path: string;
  readonly deletionTimestamp?: number | undefined;
  readonly dataChange: boolean;
  readonly extendedFileMetadata?: boolean | undefined;
  readonly partitionValues?: Readonly<Record<string, string | null>> | undefined;
  readonly size?: number | undefined;
}

/** @param nowMs in milliseconds since the Unix epoch */
export function removalOf(
  { path, partitionValues, size }: AddFile,
  nowMs: number,
  dataChange: boolean,
): RemoveFile {
  return { path, deletionTimestamp: nowMs, dataChange, extendedFileMetadata: true, partitionValues, size };
}

/** How far an application has come. */
export interface Transaction {
  readonly appId: string;
  /** 64 bits: another application may use them all. */
  readonly version: bigint;
  readonly lastUpdated?: number | undefined;
}

/** What a commit tells about itself. Checkpoints keep nothing of it. */
export interface CommitInfo {
  readonly timestamp: number;
  readonly operation: string;
  readonly operationParameters: Readonly<Record<string, string>>;
  readonly engineInfo: string;
  /** Made for this commit: tells whether a version that stands in the log is ours. */
  readonly txnId: string;
  readonly isBlindAppend?: boolean;
  readonly nozama?: PositionsOfCommit;
}

/** The part of the shop's log that a commit has brought. */
export interface PositionsOfCommit {
  /** The position before the first. */
  readonly after: number;
  /** The last. */
  readonly through: number;
  /** What stands at the last position, such as the id of its order. */
  readonly fact: string;
}

export type DeltaAction =
  | { readonly commitInfo: CommitInfo }
  | { readonly protocol: Protocol }
  | { readonly metaData: MetaData }
  | { readonly txn: Transaction }
  | { readonly add: AddFile }
  | { readonly remove: RemoveFile };

export function formatActions(actions: readonly DeltaAction[]): Uint8Array {
  return new TextEncoder().encode(actions.map((action) => `${formatAction(action)}\n`).join(''));
}

function formatAction(action: DeltaAction): string {
  if (!('txn' in action)) return JSON.stringify(action);
  const { appId, version, lastUpdated } = action.txn;
  const updated = lastUpdated === undefined ? '' : `,"lastUpdated":${lastUpdated}`;
  return `{"txn":{"appId":${JSON.stringify(appId)},"version":${version}${updated}}}`;
}

/**
 * The actions of a version's file, whoever wrote it. Actions that change no table, such as `cdc`, are left out.
 * @param where names the file in a refusal
 */
export function parseActions(bytes: Uint8Array, where: string): readonly DeltaAction[] {
  const lines = new TextDecoder().decode(bytes).split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return parseAction(line);
    } catch (cause) {
      throw new TableRefusedError(
        `Line ${index + 1} of ${where} can't be read: it is damaged, or no part of a Delta log.`,
        {
          cause,
        },
      );
    }
  });
}

const knownActions = ['commitInfo', 'protocol', 'metaData', 'add', 'remove'] as const;

function parseAction(line: string): readonly DeltaAction[] {
  const parsed = JSON.parse(line) as Record<string, unknown>;
  const txn = parsed['txn'] as { appId: string; lastUpdated?: number } | undefined;
  if (txn) return [{ txn: { appId: txn.appId, version: exactVersion(line), lastUpdated: txn.lastUpdated } }];
  const known = knownActions.find((name) => isObject(parsed[name]));
  if (known === undefined) {
    if (!isObject(parsed)) throw new Error('no action');
    return [];
  }
  const body = parsed[known] as Record<string, unknown>;
  if ((known === 'add' || known === 'remove') && typeof body['path'] !== 'string') throw new Error('no path');
  return [{ [known]: body } as unknown as DeltaAction];
}

/** From the text of the line, as a JavaScript number does not hold it. */
function exactVersion(line: string): bigint {
  // The name of the application is before it or behind it, and may hold these characters only when they are escaped.
  const found = /"version"\s*:\s*(-?\d+)\s*[,}]/.exec(line)?.[1];
  if (found === undefined) throw new Error('a txn without a version');
  return BigInt(found);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where version `n` stands, relative to the table's folder. */
export function versionPath(version: number): string {
  return `${logFolder}${versionName(version)}.json`;
}

export function checkpointPath(version: number): string {
  return `${logFolder}${versionName(version)}.checkpoint.parquet`;
}

export const logFolder = '_delta_log/';
export const lastCheckpointPath = `${logFolder}_last_checkpoint`;

function versionName(version: number): string {
  return String(version).padStart(20, '0');
}
