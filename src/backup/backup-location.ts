/** The location of backups: the port that folders and object stores implement. */

/** The files of a backup, beside its manifest. */
export const partNames = {
  database: 'shop.db.zst',
  orderKey: 'order-key',
  manifest: 'manifest.json',
} as const;
export type PartName = (typeof partNames)[keyof typeof partNames];

export interface LocationEntry {
  readonly name: string;
  /** False for the remains of a backup that was killed. */
  readonly isWhole: boolean;
}

export interface BackupLocation {
  /** For messages; it never holds a credential. */
  readonly description: string;
  /** Everything with the name of a backup, sorted by name. Other files are ignored. */
  list(): Promise<readonly LocationEntry[]>;
  /** @throws BackupRefusedError when it is not there or can't be read */
  read(name: string, part: PartName): Promise<AsyncIterable<Uint8Array>>;
  /** Begins a backup: a folder for its parts, and the way to make them a backup. */
  begin(name: string): Promise<Draft>;
  /**
   * At once it is no backup any more, then its files go. Succeeds also when another run has removed it.
   * @throws BackupRefusedError
   */
  remove(name: string): Promise<void>;
  /**
   * Removes the drafts of backups that were killed, once they are too old to belong to a running one.
   * @param nowMs by the clock that gives the drafts their times
   */
  removeLeftovers(nowMs: number): Promise<void>;
}

export interface Draft {
  /** A folder of this machine with room for the copy, which only this user can read. */
  readonly folder: string;
  /** The backup is durable once this resolves. Before that there is no backup of this name, whatever fails. */
  commit(parts: readonly PartName[]): Promise<void>;
  /** May be called at any moment, also after a commit. Synchronous, because the process may be about to end. */
  discard(): void;
}

/** A draft that has not been written to for this long counts as left by a killed run. */
export const leftoverMs = 2 * 3_600_000;
