/** What the two threads say to each other. */
import type { CommitReport } from '../order-store.ts';

export interface WriterSettings {
  readonly file: string;
  readonly cacheKib: number;
  /** Submissions in one transaction at most; batches that wait are joined up to it. */
  readonly batchSizeMax: number;
  /** The write-ahead log is brought into the database from so many pages on; sooner on a small disk. */
  readonly logPagesMax: number;
  /** Bytes that stay free on a large disk. */
  readonly freeBytesMin: number;
}

export type WriteOperation =
  | 'commitBatch'
  | 'changeCatalog'
  | 'saveImages'
  | 'clearImages'
  | 'createApiKey'
  | 'revokeApiKey'
  | 'noteKeyUse'
  | 'checkWritable'
  | 'finishCheckpoint'
  | 'close';

export interface WriteRequest {
  /** 1, 2, 3 …; the writer itself says 0 once it is ready. */
  readonly id: number;
  readonly operation: WriteOperation;
  /** JSON both ways: a flat string crosses between threads for less than a cloned object graph. */
  readonly payload: string;
}

export type WriteReply =
  | { readonly id: number; readonly ok: true; readonly payload: string }
  | ({ readonly id: number; readonly ok: false } & WriteFailure);

export interface WriteFailure {
  readonly message: string;
  /** Where it happened in the writer, for the log. */
  readonly stack: string;
  readonly code: string;
  /** SQLite's own (extended) result code, such as 13 for a full disk. */
  readonly sqliteCode: number | null;
}

/** The answers to all that one transaction served. */
export interface WriteReplies {
  readonly replies: readonly WriteReply[];
  /** Null when it held no orders. */
  readonly commit: CommitReport | null;
  /** Whether a person was erased: the write-ahead log still has what was there. */
  readonly hasErased: boolean;
}
