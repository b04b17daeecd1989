import type { OwnEngineName } from './own-database.ts';
import type { Verified } from './run-verify.ts';

/** The service that the lab starts itself, and so may hurt. */
export interface OwnService {
  /** Of the service, or of the way to it; stays the same when it is started again. */
  readonly url: string;
  readonly engine: OwnEngineName;
  /** The environment of the process, passwords left out; for the report. */
  readonly settings: Readonly<Record<string, string>>;
  isRunning(): boolean;
  pid(): number | null;
  /** Resolves when /readyz says 200. @throws one sentence when it does not get ready */
  start(): Promise<void>;
  /** SIGTERM: the service drains and ends. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
  /** Seconds that its clock is ahead of the machine's. Takes effect at once, in all its threads. */
  setClockAhead(seconds: number): void;
  /** Another instance on the same database, on a port of its own. */
  startSecond(): Promise<string>;
  stopSecond(): Promise<void>;
  /** The faults that are possible here; a sentence says why one is not. */
  readonly abilities: Readonly<Record<ServiceAbility, true | string>>;
  /** Leaves not a byte on its disk, until {@link emptyDisk}. */
  fillDisk(): void;
  emptyDisk(): void;
  stopDatabase(): Promise<void>;
  startDatabase(): Promise<void>;
  /** Tears the connections between the service and its database; refuses new ones until {@link mendDatabaseConnection}. */
  cutDatabaseConnection(): void;
  mendDatabaseConnection(): void;
  /** Runs `nozama verify` on its database: its exit code, and its output. */
  verify(): Promise<Verified>;
  /** Ends everything and removes its folder. */
  remove(): Promise<void>;
}

export type ServiceAbility = 'fillDisk' | 'stopDatabase' | 'cutDatabaseConnection' | 'setClockAhead';

export interface OwnServiceOptions {
  readonly engine: OwnEngineName;
  /** Whether its database lies on a small file system that can be filled; figures of such a run are not of a disk. */
  readonly isOnSmallDisk: boolean;
  /**
   * No proxy between the service and its PostgreSQL, so that the way can't be cut. The proxy takes about a
   * tenth of what the service itself takes of the processor; figures of its speed should be without one.
   */
  readonly isDatabaseDirect?: boolean;
  readonly runtime: 'bun' | 'node';
  /** Units of every product when its database is new. */
  readonly stock: number;
  /** For files; made and removed by the caller. */
  readonly folder: string;
}
