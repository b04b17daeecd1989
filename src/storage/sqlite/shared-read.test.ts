/** Which moment of the database is read when, and whether the write-ahead log could start anew: on a real file. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { openConnection } from './connection.ts';
import { createSharedRead, type SharedRead } from './shared-read.ts';

interface Opened {
  readonly shared: SharedRead;
  /** Through the shared transaction. */
  count(): number;
  /** By a connection of another. */
  write(): void;
  /** Whether all readers have let go of the old moment, so that a checkpoint can start the log anew. */
  startsAnew(): boolean;
}

async function withDatabase(work: (opened: Opened) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-shared-read-'));
  const file = join(folder, 'shop.db');
  const writing = openConnection({ file, readOnly: false, cacheKib: 1_024 });
  const reading = openConnection({ file, readOnly: false, cacheKib: 1_024 });
  // A checkpoint that is held up says so at once.
  writing.exec('CREATE TABLE written (nth INTEGER PRIMARY KEY); PRAGMA busy_timeout = 0');
  const shared = createSharedRead(reading);
  const numberOf = (db: DatabaseSync, sql: string, column: string) => Number(db.prepare(sql).get()?.[column]);
  try {
    await work({
      shared,
      count: () => shared.read(() => numberOf(reading, 'SELECT count(*) AS count FROM written', 'count')),
      write: () => writing.exec('INSERT INTO written DEFAULT VALUES'),
      startsAnew: () => numberOf(writing, 'PRAGMA wal_checkpoint(RESTART)', 'busy') === 0,
    });
  } finally {
    shared.end();
    reading.close();
    writing.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('reads of one turn of the event loop', () => {
  test('see one moment, which holds the log until the turn ends', async () => {
    await withDatabase(async ({ count, write, startsAnew }) => {
      assert.equal(count(), 0);
      write();
      assert.equal(count(), 0);
      assert.equal(startsAnew(), false);
      await turn();
      assert.equal(startsAnew(), true);
      assert.equal(count(), 1);
    });
  });

  test('see the present moment after they were ended or renewed', async () => {
    await withDatabase(async ({ shared, count, write }) => {
      assert.equal(shared.renew(), false, 'nothing had begun');
      assert.equal(count(), 0);
      write();
      assert.equal(shared.renew(), true);
      assert.equal(count(), 1);
      write();
      shared.end();
      assert.equal(count(), 2);
    });
  });

  test('hold nothing while a checkpoint ends, and share again afterwards', async () => {
    await withDatabase(async ({ shared, count, write, startsAnew }) => {
      assert.equal(count(), 0);
      const checkpoint = Promise.withResolvers<void>();
      const ended = shared.withoutSharing(() => checkpoint.promise);
      for (let written = 1; written <= 3; written += 1) {
        write();
        assert.equal(count(), written);
        assert.equal(startsAnew(), true);
      }
      checkpoint.resolve();
      await ended;
      assert.equal(count(), 3);
      write();
      assert.equal(startsAnew(), false);
    });
  });
});
