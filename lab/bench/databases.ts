/** Where runs get their databases from: each its own, gone afterwards. One implementation for each engine. */
import type { StoringSide } from './bench-options.ts';

export interface Databases {
  /** Settings that a reader needs to judge the figures, besides those that the engine reads back. */
  readonly settings: Readonly<Record<string, string>>;
  /** Makes the template for databases of so many orders. Returns a line for the report. */
  fill(side: StoringSide, orders: number): Promise<string>;
  /** @param folder of the run, for files; 0 orders for a new database */
  open(side: StoringSide, ordersStored: number, folder: string): Promise<RunDatabase>;
  stop(): Promise<void>;
}

export interface RunDatabase {
  /** As DATABASE_URL has it. */
  readonly url: string;
  /** One path of a confirmation page on each line; null for a new database. */
  readonly pagePathsFile: string | null;
  /** From where orders of this run are counted. */
  readonly position: number;
  /** Of a database server; null when the engine is part of the service. */
  readonly serverPid: number | null;
  /** Makes it ready to be measured: earlier writes are on disk and settled. */
  settle(): Promise<void>;
  /** The work of the server since {@link settle}; null when it is unknown. Call it once the service has stopped. */
  readWork(): Promise<DatabaseWork | null>;
  /** @param position where the run has ended, when it was counted */
  close(position: number | null): Promise<void>;
}

/** The work of a database server during a run, by its own statistics. */
export interface DatabaseWork {
  readonly commits: number;
  /** How often the write-ahead log was made durable, by any process of the server. */
  readonly walSyncs: number;
  readonly walBytes: number;
  readonly rowsUpdated: number;
  /** Of these, new versions that landed on the page of the old one, without an index entry. */
  readonly rowsUpdatedHot: number;
}
