/** Where backups are: the port that folders and object stores implement. */

/** The files of a backup, beside its manifest. */
export const partNames = {
  database: 'shop.db.zst',
  orderKey: 'order-key',
  manifest: 'manifest.json',
} as const;
export type PartName = (typeof partNames)[keyof typeof partNames];

export interface LocationEntry {
  readonly name: string;
  /** False for what a run that was killed has left. */
  readonly isWhole: boolean;
}

export interface BackupLocation {
  /** For messages: never with a credential in it. */
  readonly description: string;
  /** Everything there that is named as a backup, oldest first. Other files are not looked at. */
  list(): Promise<readonly LocationEntry[]>;
  /** @throws BackupRefusedError when it is not there or can't be read */
  read(name: string, part: PartName): Promise<AsyncIterable<Uint8Array>>;
  /** A folder to put the parts into, and the way to make a backup of them. */
  begin(name: string): Promise<Draft>;
  /**
   * From now on it is no backup any more; then its files go. Well also when another run has removed it.
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
  /** On this machine, with room for the copy; only this user can read it. */
  readonly folder: string;
  /** Durable once resolved. Before that there is no backup of this name, whatever happens. */
  commit(parts: readonly PartName[]): Promise<void>;
  /** At any moment, after a commit too; at once, as the process may be about to end. */
  discard(): void;
}

/** Nothing that is written to counts as left by a killed run before it has been so for this long. */
export const leftoverMs = 2 * 3_600_000;
