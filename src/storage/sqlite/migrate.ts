/** Brings a database file to this program's schema: numbered SQL files, each applied once, in one transaction. */
import { readdirSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { programFile } from '../../program/program-files.ts';
import { DatabaseRefusedError, type MigrateReport } from '../engine.ts';
import type { OnMigration } from '../order-store.ts';
import { inTransaction } from './connection.ts';
import { provideFunctions } from './sql-functions.ts';

/** "NZMA": marks the file as ours, so that another program's database is never written to. */
const applicationId = 0x4e_5a_4d_41;

interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** `0001-orders.sql` brings the schema to version 1, and so on without gaps. */
function loadMigrations(): readonly Migration[] {
  const folder = programFile('storage/sqlite/migrations/');
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name, index) => {
    const version = Number(name.slice(0, 4));
    if (version !== index + 1) throw new Error(`migration ${name} should have number ${index + 1}`);
    return { version, sql: readFileSync(new URL(name, folder), 'utf8') };
  });
}

/**
 * All pending migrations are applied, or none. Two processes may start at once: the second waits, then
 * finds nothing to do.
 * @throws DatabaseRefusedError when the file is newer than this program or is not Nozama's.
 */
export function migrate(db: DatabaseSync, onMigration: OnMigration = () => undefined): MigrateReport {
  const migrations = loadMigrations();
  const newest = migrations.length;
  if (readVersion(db, newest) === newest) return { from: newest, to: newest, advice: adviceOn(db) };
  return inTransaction(db, () => {
    const from = readVersion(db, newest);
    provideFunctions(db);
    for (const { version, sql } of migrations) {
      if (version <= from) continue;
      onMigration(version, newest);
      db.exec(sql);
    }
    db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${newest}`);
    return { from, to: newest, advice: adviceOn(db) };
  });
}

/**
 * Programs before schema 13 left copies of orders in free parts of the file, and gave orders no room (row-room.ts). The
 * statement of docs/PRIVACY.md gives them room and writes the file anew, so the first order tells whether that was done:
 * only revisions beyond 127 use up all the room of an order.
 */
function adviceOn(db: DatabaseSync): string | null {
  const isAsItWas = readInteger(
    db,
    `SELECT spare = '' AND revision <= 127 FROM orders ORDER BY number LIMIT 1`,
  );
  return isAsItWas === 1
    ? 'Free parts of the file may have copies of orders, which an erasure does not reach: write the file anew once, as docs/PRIVACY.md says.'
    : null;
}

/** @throws DatabaseRefusedError when the schema is not exactly this program's. */
export function assertCurrentSchema(db: DatabaseSync): void {
  const newest = loadMigrations().length;
  const version = readVersion(db, newest);
  if (version < newest) {
    throw new DatabaseRefusedError(
      `${db.location()} has schema version ${version}, this program needs ${newest}. Run \`nozama migrate\` first.`,
    );
  }
}

/** 0 for an empty file. @throws DatabaseRefusedError when the file is newer than this program or is not Nozama's */
export function schemaVersionOf(db: DatabaseSync): number {
  return readVersion(db, loadMigrations().length);
}

function readVersion(db: DatabaseSync, newest: number): number {
  const file = db.location() ?? 'the database';
  const id = readInteger(db, 'PRAGMA application_id');
  const version = readInteger(db, 'PRAGMA user_version');
  const isEmpty = readInteger(db, 'SELECT count(*) FROM sqlite_schema') === 0;
  if (id !== applicationId && !isEmpty) {
    throw new DatabaseRefusedError(
      `${file} holds tables that are not Nozama's. Point DATABASE_URL at another file.`,
    );
  }
  if (version > newest) {
    throw new DatabaseRefusedError(
      `${file} has schema version ${version}, but this program knows only up to ${newest}. Start the newer program that wrote it, or restore a backup from before the upgrade.`,
    );
  }
  return version;
}

function readInteger(db: DatabaseSync, sql: string): number {
  const row = db.prepare(sql).get();
  return row === undefined ? 0 : Number(Object.values(row)[0]);
}
