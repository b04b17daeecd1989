/**
 * The port to the place where a table's files stand: a folder, a bucket, a container.
 *
 * Paths are relative to the table's folder, with `/` between names. An implementer guarantees:
 * - `create` makes the file whole or not at all, and only when there is none: of two writers at once one at most is told
 *   `created`. It is not repeated within, because the second try would take the first one's file for another writer's.
 * - When `create` or `write` has returned, the file survives a power failure, and `read` and `list` show it.
 * - A failure throws, with one sentence when the operator can mend it. `create` throws only when it has made nothing.
 */

export interface FileEntry {
  /** Its path. */
  readonly name: string;
  readonly bytes: number;
  /** Milliseconds since the Unix epoch, by the clock of the place. */
  readonly changedAtMs: number;
}

/** `unknown`: the answer was lost. The file may stand there now, or later, or never. */
export type Created = 'created' | 'exists' | 'unknown';

export interface TableFiles {
  /** Names the place for people, without secrets. */
  readonly description: string;
  /** Null when there is no such file. */
  read(path: string): Promise<Uint8Array | null>;
  /** All files below the folder, such as `_delta_log/`, or '' for all; in any order. */
  list(folder: string): AsyncIterable<FileEntry>;
  create(path: string, bytes: Uint8Array): Promise<Created>;
  /** Replaces a file that is there. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Does nothing when there is no such file. */
  remove(path: string): Promise<void>;
}
