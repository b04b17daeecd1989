/** The write-ahead log of a real database: cut after a peak, whole in the database at the start, and who holds it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderStore } from '../src/storage/order-store.ts';
import {
  openSqliteStore,
  type SqliteStoreOptions,
  verifySqliteFile,
} from '../src/storage/sqlite/sqlite-store.ts';
import { aMovement, aProduct, aSubmission } from './builders.ts';
import { until } from './journeys/behind-the-service.ts';
import { inFolder, openShop } from './journeys/open-shop.ts';
import { place } from './journeys/shop-client.ts';
import { assertVerifiesClean } from './order-store/opened-store.ts';
import { runtimeCommand, runtimeUnderTest } from './service.ts';

const mebi = 1024 ** 2;
/** 1 MiB, so that a peak is over 2 MiB. */
const logPagesMax = 256;

describe('the write-ahead log', () => {
  test('is cut after a peak, also when nobody orders any more', async () => {
    await withStore({}, async (store, file) => {
      const reader = openReader(file);
      await growLog(store, file, 4 * mebi);
      reader.close();
      await until(() => logBytes(file) <= 2 * mebi, 'a short log', 5_000);
      await assertVerifiesClean(store);
    });
  });

  test('is cut too when the reserve for a full disk can’t be written', async () => {
    await withStore({}, async (store, file) => {
      rmSync(`${file}.reserve`, { force: true });
      mkdirSync(`${file}.reserve`);
      const reader = openReader(file);
      await growLog(store, file, 4 * mebi);
      reader.close();
      await until(() => logBytes(file) <= 2 * mebi, 'a short log', 5_000);
      rmSync(`${file}.reserve`, { recursive: true });
    });
  });

  test('is cut once the last of several readers that overlap has gone', async () => {
    await withStore({}, async (store, file) => {
      const readers = [openReader(file), openReader(file), openReader(file)];
      for (let round = 0; round < 12; round += 1) {
        await growLog(store, file, mebi, 20);
        readers[round % 3]?.renew();
      }
      for (const reader of readers) reader.close();
      await until(() => logBytes(file) <= 2 * mebi, 'a short log', 5_000);
    });
  });

  test('is whole in the database, and cut, before the first order after a kill', async () => {
    const shop = await openShop({ settings: { DEMO_STOCK: '100000' } });
    try {
      await until(() => placeUntilLogHas(shop.url, shop.file, 3 * mebi), 'a long log', 60_000);
      await shop.kill();
      const store = await openSqliteStore({ file: shop.file, logPagesMax });
      try {
        await store.checkWritable();
        assert.ok(logBytes(shop.file) <= 2 * mebi, `${logBytes(shop.file)} bytes`);
        await assertVerifiesClean(store);
      } finally {
        await store.close();
      }
    } finally {
      await shop.close();
    }
  });

  test('says which program holds it, and for how long, until it does no more', async () => {
    const warnings: string[] = [];
    await withStore(
      { warnAfterMs: 300, onWarning: (sentence) => warnings.push(sentence) },
      async (store, file) => {
        const heldSeconds = () => gauge(store, 'nozama_sqlite_wal_held_seconds');
        const reader = await spawnReader(file);
        await growLog(store, file, 2 * mebi);
        await until(() => warnings.length > 0, 'a warning', 5_000);
        assert.match(warnings[0] ?? '', /write-ahead log .* grown to \d+ MiB/);
        assert.match(warnings[0] ?? '', /End it/);
        if (existsSync('/proc/locks'))
          assert.match(warnings[0] ?? '', new RegExp(`process ${reader.pid}\\)`));
        else assert.match(warnings[0] ?? '', /fuser/);
        assert.ok((heldSeconds() ?? 0) >= 0.3, `${heldSeconds()} s`);
        await reader.end();
        await until(() => heldSeconds() === 0, 'the end of the hold', 5_000);
        assert.equal(warnings.length, 1);
      },
    );
  });

  test('keeps commits going beside a reader of the newest commit, which it can’t be cut for', async () => {
    await withStore({}, async (store, file) => {
      const old = openReader(file);
      await growLog(store, file, 4 * mebi);
      // All of the log can be brought into the database for this one, and yet it can't be cut.
      const newest = openReader(file);
      old.close();
      for (let round = 0; round < 5; round += 1) {
        // Long enough for a try to cut the log.
        await sleep(250);
        const startedAt = performance.now();
        await store.commitBatch([aSubmission({ lines: [{ sku: 'tent-4p', quantity: 1 }] })]);
        const waitedMs = performance.now() - startedAt;
        // A try that waited for the reader would have kept the write lock for seconds.
        assert.ok(waitedMs < 1_000, `${waitedMs} ms`);
        newest.renew();
      }
      newest.close();
      await until(() => logBytes(file) <= 2 * mebi, 'a short log', 5_000);
    });
  });

  test('is not held by nozama verify from one check to the next', async () => {
    await withStore({}, async (store, file) => {
      await growLog(store, file, mebi / 4);
      // The service's own reads are in the way for a moment; verify would be for as long as it is asked here.
      const other = new DatabaseSync(file, { timeout: 1_000 });
      const restart = other.prepare('PRAGMA wal_checkpoint(RESTART)');
      let checks = 0;
      const { findings } = verifySqliteFile(file, () => {
        assert.equal(restart.get()?.['busy'], 0, `before check ${checks + 1}`);
        other.exec('UPDATE write_probe SET writes = writes + 1');
        checks += 1;
      });
      other.close();
      assert.deepEqual(findings, []);
      assert.ok(checks > 5);
    });
  });

  test('is given back by both of two stores on one file', async () => {
    await withStore({}, async (store, file) => {
      const other = await openSqliteStore({ file, logPagesMax });
      try {
        const reader = openReader(file);
        await Promise.all([growLog(store, file, 4 * mebi), growLog(other, file, 4 * mebi)]);
        reader.close();
        await until(() => logBytes(file) <= 2 * mebi, 'a short log', 5_000);
        await assertVerifiesClean(other);
      } finally {
        await other.close();
      }
    });
  });
});

describe('the gauges of a database in a file', () => {
  test('tell what the disk and the files really have', async () => {
    await withStore({}, async (store, file) => {
      await growLog(store, file, mebi / 4);
      assert.equal(gauge(store, 'nozama_sqlite_database_bytes'), statSync(file).size);
      assert.equal(gauge(store, 'nozama_sqlite_wal_bytes'), logBytes(file));
      await until(() => gauge(store, 'nozama_sqlite_reserve_bytes') === 16 * mebi, 'the reserve', 20_000);
      assert.ok((gauge(store, 'nozama_disk_free_bytes') ?? 0) > 0);
    });
  });
});

async function withStore(
  options: Partial<SqliteStoreOptions>,
  use: (store: OrderStore, file: string) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, 'nozama.db');
    const store = await openSqliteStore({ file, logPagesMax, ...options });
    try {
      await store.seedCatalog(
        [aProduct({ sku: 'tent-4p' })],
        [aMovement({ sku: 'tent-4p', units: 1_000_000 })],
      );
      await use(store, file);
    } finally {
      await store.close();
    }
  });
}

/** Commits until the log has so many bytes, or for so many batches. */
async function growLog(store: OrderStore, file: string, bytes: number, batchesMax = 20_000): Promise<void> {
  for (let batch = 0; batch < batchesMax && logBytes(file) < bytes; batch += 1) {
    await store.commitBatch([aSubmission({ lines: [{ sku: 'tent-4p', quantity: 1 }] })]);
  }
}

async function placeUntilLogHas(url: string, file: string, bytes: number): Promise<boolean> {
  await Promise.all(Array.from({ length: 8 }, () => place(url)));
  return logBytes(file) >= bytes;
}

function logBytes(file: string): number {
  return statSync(`${file}-wal`).size;
}

function gauge(store: OrderStore, name: string): number | null {
  const found = store.gauges.find((one) => one.name === name) ?? assert.fail(`no gauge ${name}`);
  return found.read();
}

function openReader(file: string): { renew(): void; close(): void } {
  const db = new DatabaseSync(file, { readOnly: true });
  const begin = () => {
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM orders').get();
  };
  begin();
  return {
    renew() {
      db.exec('ROLLBACK');
      begin();
    },
    close: () => db.close(),
  };
}

/** Another process that reads, as an open `sqlite3` does. */
async function spawnReader(file: string): Promise<{ readonly pid: number; end(): Promise<void> }> {
  const script = `
    const { DatabaseSync } = require('node:sqlite');
    const db = new DatabaseSync(${JSON.stringify(file)}, { readOnly: true });
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM orders').get();
    console.log('reading');
    setInterval(() => db, 1_000);`;
  const [program = '', ...args] = runtimeCommand(runtimeUnderTest());
  const child = spawn(program, [...args, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    async end() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
