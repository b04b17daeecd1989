/** What the two threads say to each other. */
export interface WriterSettings {
  readonly file: string;
  readonly cacheKib: number;
}

export type WriteOperation =
  | 'commitBatch'
  | 'saveProducts'
  | 'receiveStock'
  | 'seedCatalog'
  | 'checkWritable'
  | 'finishCheckpoint'
  | 'close';

export interface WriteRequest {
  /** 1, 2, 3 …; the writer itself says 0 once it is ready. */
  readonly id: number;
  readonly operation: WriteOperation;
  readonly payload: string;
}

export type WriteReply =
  | { readonly id: number; readonly ok: true; readonly payload: string }
  | {
      readonly id: number;
      readonly ok: false;
      readonly message: string;
      /** Where it happened in the writer, for the log. */
      readonly stack: string;
      readonly code: string;
      /** SQLite's own (extended) result code, such as 13 for a full disk. */
      readonly sqliteCode: number | null;
    };
