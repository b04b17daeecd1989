/**
 * Which SKUs a list has had, and on which line, in a temporary database of its own. In a file, memory stays the same however
 * long the list is, and the disk takes some 40 bytes for a SKU of 20 characters. SQLite makes the file only for a list that
 * does not fit into the cache, and removes its name at once, so that nothing is left after a crash. A list that has a bound
 * is kept in memory, and needs no folder for temporary files.
 */
import { DatabaseSync } from 'node:sqlite';
import { OperatorError } from '../program/operator-error.ts';

export interface SeenSkus {
  /**
   * @param line 1 or more
   * @returns the line that had this SKU before, or null
   * @throws TemporaryFileError
   */
  add(sku: string, line: number): number | null;
  close(): void;
}

/** The folder for temporary files is missing, full or not to be written to; the message has the remedy. */
export class TemporaryFileError extends OperatorError {
  override readonly name = 'TemporaryFileError';
}

/** Memory for pages, in KiB. */
const cacheKib = 1_024;

export type SkusPlace = 'memory' | 'file';

export function createSeenSkus(place: SkusPlace): SeenSkus {
  // An empty name: a database of this connection alone, in the folder for temporary files (sqlite.org/inmemorydb.html).
  const db = new DatabaseSync(place === 'memory' ? ':memory:' : '');
  // No journal: what fails is not rolled back, but ends the reading of the list.
  db.exec(`
    PRAGMA temp_store = FILE;
    PRAGMA cache_size = -${cacheKib};
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE seen (sku TEXT PRIMARY KEY, line INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    BEGIN;
  `);
  const insert = db.prepare('INSERT INTO seen (sku, line) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const find = db.prepare('SELECT line FROM seen WHERE sku = ?');

  return {
    add(sku, line) {
      try {
        return Number(insert.run(sku, line).changes) === 1 ? null : Number(find.get(sku)?.['line']);
      } catch (cause) {
        throw new TemporaryFileError(
          `The SKUs of the list can’t be kept in a temporary file: ${(cause as Error).message}. Name a folder with room for the list in TMPDIR (on Windows in TEMP).`,
          { cause },
        );
      }
    },
    close: () => db.close(),
  };
}
