/**
 * An engine is one object. Everything that differs between databases is asked of it, so that no other code
 * needs to know which engine a shop is on. Each folder beside this file exports one; `engines.ts` finds it by
 * the scheme of a DATABASE_URL.
 */
import type { SettingGroup, Settings, ValuesOf } from '../config/setting.ts';
import { OperatorError } from '../program/operator-error.ts';
import type { BackupCopyFigures, BackupCopyOptions } from './backup-copy.ts';
import type { OnMigration, OrderStore, StoreSettings } from './order-store.ts';
import type { ShopLog } from './shop-log.ts';
import type { ShopReader, ShopWriter } from './shop-transfer.ts';
import type { OnCheck, VerifyReport } from './verify-checks.ts';

/** The database can't be used. The message says why, and the remedy. */
export class DatabaseRefusedError extends OperatorError {
  override readonly name = 'DatabaseRefusedError';
}

/** What some engines can do and others can't. */
export type Capability = 'copyFrom' | 'copyInto' | 'liveBackup' | 'severalInstances';

/** @typeParam Declared the settings that the engine declares */
export interface Engine<Declared extends Settings = Settings> {
  /** One word; the key of its settings among those of all engines. */
  readonly name: string;
  /** As people write it. */
  readonly title: string;
  /** Of a DATABASE_URL, without the colon. */
  readonly schemes: readonly string[];
  /** A DATABASE_URL as an example. */
  readonly exampleUrl: string;
  /** Null when it has none. */
  readonly settingGroup: (SettingGroup & { readonly settings: Declared }) | null;
  /** The capabilities that it lacks, each with a sentence that says what to do instead. */
  readonly lacks: Readonly<Partial<Record<Capability, string>>>;
  /**
   * Looks at the form of an address alone, and never repeats it: it may hold a password.
   * @param location what comes after the scheme's colon
   * @returns a sentence that completes "DATABASE_URL …"; null for an address that means one thing
   */
  locationMistake(location: string): string | null;
  /** Opens nothing yet. */
  database(location: string, settings: ValuesOf<Declared>): Database;
}

/**
 * One database of an engine, which may hold a shop or may not exist yet.
 *
 * Every method throws {@link DatabaseRefusedError} when the database can't be used: it is not there or not ours,
 * its schema is too new, its server does not let us in, or its commits would not be durable.
 */
export interface Database {
  readonly engine: Engine;
  /** Makes the database where the engine can, brings its schema up to date unless told not to, and opens it. */
  open(settings?: Partial<StoreSettings>): Promise<OrderStore>;
  /** On a connection of its own. Makes no database and changes none: its schema must be this program's already. */
  openLog(): Promise<ShopLog>;
  /** Brings the schema to this program's. */
  migrate(onMigration?: OnMigration): Promise<MigrateReport>;
  /** Reads only, and works while services run on the same database. */
  verify(onCheck?: OnCheck): Promise<VerifyReport>;
  /** The secret that all instances sign the links to confirmations with: made by the first that asks, then kept. */
  loadOrderKeySecret(): Promise<Uint8Array>;
  /** Null when the engine lacks `copyFrom`. @throws CopyRefusedError */
  readonly openReader: (() => ShopReader) | null;
  /** Null when the engine lacks `copyInto`. @param identity of the source, see ShopReader @throws CopyRefusedError */
  readonly openWriter: ((identity: string) => Promise<ShopWriter>) | null;
  /** Null when the engine lacks `liveBackup`. */
  readonly file: ShopFile | null;
}

export interface MigrateReport {
  /** Schema version before and after; 0 is an empty database. */
  readonly from: number;
  readonly to: number;
  /** A sentence for the operator when something is left to do by hand; null when nothing is. */
  readonly advice: string | null;
}

/** A shop that is a file of this machine, with others beside it: Nozama backs it up and restores it by itself. */
export interface ShopFile {
  readonly path: string;
  /** The database's files are named `path` and one of these. */
  readonly endings: readonly string[];
  /** The file that holds the secret of the links to confirmations. Its name is `path` and something more. */
  readonly orderKeyPath: string;
  /** As it is in that file; null when there is none. @throws OperatorError when others could have read it */
  readOrderKey(): string | null;
  /**
   * Copies the shop as it is at one moment into a new file, while it sells.
   * @throws BackupRefusedError; `into` may then be there in part
   */
  copyTo(into: string, options: BackupCopyOptions): Promise<BackupCopyFigures>;
  /** @throws BackupRefusedError when another program has the database open */
  assertUnused(): void;
  /** The database of the same engine in another file. */
  at(path: string): Database;
}
