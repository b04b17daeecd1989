/** A program reads the database for long, so that the write-ahead log can't start anew, and the disk is small. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SmallDisk } from '../../lab/service/small-disk.ts';
import { programFile } from '../../src/program/program-files.ts';
import { makeSqliteBackupCopy } from '../../src/storage/sqlite/backup-copy.ts';
import { sizeOf } from '../../src/storage/sqlite/log-room.ts';
import { migrateSqliteFile } from '../../src/storage/sqlite/sqlite-store.ts';
import { countOrders, until } from '../journeys/behind-the-service.ts';
import type { Shop } from '../journeys/open-shop.ts';
import { anOrder, get, jsonOf, place, postOrder } from '../journeys/shop-client.ts';
import { spawnCli, startService } from '../service.ts';
import { describeOnSmallDisk, onSmallDisk } from './on-small-disk.ts';
import { type OutsideLedger, openLedger, seededRandom } from './outside-ledger.ts';
import { assertPagesGoOn } from './pages-go-on.ts';

const diskMegabytes = 20;
const buyers = 8;
/** A log that was given back is shorter. */
const logBytesLong = 2 * 2 ** 20;
const skus = ['awning-mug', 'tent-4p', 'wool-throw'];
const settings = () => ({ DEMO_STOCK: '1000000' });

describeOnSmallDisk('a reader that stays', 'test/drills/held-log.test.ts', () => {
  it('stops the orders before the disk is full, and they go on by themselves after it', stopDrill);
  it('keeps a shop closed over kills and starts, and no longer than that', killDrill);
  it('closes two services on one database, and both are open again after it', twoServicesDrill);
  it('which is a backup, gives up before orders are refused', backupDrill);
  it('and others that fill the disk to its last byte leave a way out', fullDrill);
  it('and a migration that does not fit keep the reserve', migrationDrill);
});

async function stopDrill(): Promise<void> {
  await onSmallDisk(diskMegabytes, settings, async (shop) => {
    const known = await place(shop.url, { customer_name: 'Arthur' });
    const ledger = openLedger({ skus, random: seededRandom(21) });
    const reader = openReader(shop.file);
    try {
      await buyUntilRefused(shop, ledger);
      assert.ok(freeBytes(shop.folder) > 256 * 1024, `${freeBytes(shop.folder)} bytes are left`);
      await assertPagesGoOn(shop, known);
      const needs = String.raw`has \d\.\d MiB left, and orders need \d\.\d MiB: \d\.\d MiB to bring the write-ahead log `;
      const holder = String.raw`Make room, or end \S+ \(process ${process.pid}\), which reads the database and so holds`;
      assert.match(
        shop.service.logs(),
        new RegExp(String.raw`${needs}\(\d+\.\d MiB\) into the database, and a margin\. ${holder}`),
      );
    } finally {
      reader.close();
    }
    await assertOpensAgain(shop, ledger, 1);
  });
}

async function killDrill(): Promise<void> {
  await onSmallDisk(diskMegabytes, settings, async (shop) => {
    const ledger = openLedger({ skus, random: seededRandom(22) });
    const reader = openReader(shop.file);
    try {
      await buyUntilRefused(shop, ledger);
      for (let i = 0; i < 2; i += 1) {
        await shop.kill();
        await shop.start();
        assert.equal((await get(`${shop.url}/readyz`)).status, 503);
      }
    } finally {
      reader.close();
    }
    await assertOpensAgain(shop, ledger, 0);
  });
}

async function fullDrill(): Promise<void> {
  await onSmallDisk(diskMegabytes, settings, async (shop, disk) => {
    const ledger = openLedger({ skus, random: seededRandom(23) });
    const reader = openReader(shop.file);
    try {
      await buyUntilRefused(shop, ledger);
      disk.fill();
      await shop.kill();
      disk.fill();
    } finally {
      reader.close();
    }
    disk.fill();
    await dieWithTheReserve(shop, disk);
    disk.fill();
    // It dies at any moment of the way back. Once the log is given back, others may not take that room too: then nothing
    // would be left to give.
    const random = seededRandom(24);
    for (let round = 0; round < 4 && logBytes(shop) >= logBytesLong; round += 1) {
      const dying = startDying(shop);
      await sleep(100 + 500 * random());
      dying.kill('SIGKILL');
      await dying.exited;
      if (logBytes(shop) >= logBytesLong) disk.fill();
    }
    await shop.start();
    await assertOpensAgain(shop, ledger, 0);
  });
}

/** The disk has no byte for the index of the log, and the service is killed as soon as it takes room of its reserve. */
async function dieWithTheReserve(shop: Shop, disk: SmallDisk): Promise<void> {
  rmSync(`${shop.file}-shm`);
  disk.fill();
  const reserve = () => sizeOf(`${shop.file}.reserve`);
  const before = reserve();
  assert.ok(before > 2 ** 20, `the reserve has ${before} bytes`);
  const dying = startDying(shop);
  await until(() => reserve() < before, 'use of the reserve');
  dying.kill('SIGKILL');
  await dying.exited;
  assert.ok(logBytes(shop) >= logBytesLong, 'it died before the log was given back');
}

function startDying(shop: Shop) {
  const env = { DATABASE_URL: `sqlite:${shop.file}`, LOG_FILE: '', PORT: '0' };
  return spawnCli(['serve'], { dir: shop.folder, env });
}

/** A program that can't bring the schema up to date leaves the shop to the one before it, with its way out. */
async function migrationDrill(): Promise<void> {
  await onSmallDisk(diskMegabytes, settings, async (shop, disk) => {
    const reserveBytes = () => sizeOf(`${shop.file}.reserve`);
    await until(() => reserveBytes() > 1024 ** 2, 'the reserve');
    await shop.kill();
    for (const ending of ['', '-wal', '-shm']) rmSync(`${shop.file}${ending}`, { force: true });
    const db = new DatabaseSync(shop.file);
    db.exec(readFileSync(programFile('storage/sqlite/migrations/0001-orders.sql'), 'utf8'));
    db.exec(`
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO products SELECT 'p' || i, 'P' || i, '', '', 1, '/images/favicon.svg', 1 FROM n;
      INSERT INTO stock SELECT sku, 0 FROM products;
      PRAGMA application_id = ${0x4e_5a_4d_41};
      PRAGMA user_version = 1;
      PRAGMA journal_mode = WAL;
      PRAGMA wal_checkpoint(TRUNCATE)`);
    db.close();
    const reserved = reserveBytes();
    disk.fill();
    assert.throws(() => migrateSqliteFile(shop.file), /disk is full|disk I\/O error/);
    assert.ok(reserveBytes() >= reserved - 256 * 1024, 'no more has gone than the index of the log needs');
    disk.empty();
    migrateSqliteFile(shop.file);
    await shop.start();
  });
}

async function twoServicesDrill(): Promise<void> {
  await onSmallDisk(diskMegabytes, settings, async (shop) => {
    const env = { DATABASE_URL: `sqlite:${shop.file}`, LOG_FILE: '' };
    const other = await startService({ dir: shop.folder, env });
    const ledger = openLedger({ skus, random: seededRandom(25) });
    const isReady = async (url: string) => (await get(`${url}/readyz`)).status === 200;
    try {
      const reader = openReader(shop.file);
      try {
        await buyUntilRefused(shop, ledger);
        await until(async () => {
          await postOrder(other.url, anOrder());
          return !(await isReady(other.url));
        }, 'that the other is not ready');
      } finally {
        reader.close();
      }
      await until(() => isReady(other.url), 'readiness of the other', 5_000);
      await until(() => isReady(shop.url), 'readiness', 5_000);
      await ledger.settle(shop.url);
      await ledger.settle(other.url);
      assert.equal((await shop.verify()).code, 0);
    } finally {
      await other.stop();
    }
  });
}

async function backupDrill(): Promise<void> {
  await onSmallDisk(diskMegabytes, settings, async (shop) => {
    const known = await place(shop.url, { customer_name: 'Arthur' });
    const other = new DatabaseSync(shop.file, { timeout: 5_000 });
    try {
      const probe = other.prepare('UPDATE write_probe SET writes = writes + 1');
      // Between two steps of the copy, as much is written as by many orders.
      const onProgress = () => {
        for (let i = 0; i < 400; i += 1) probe.run();
      };
      const into = join(shop.folder, 'copy.db');
      await assert.rejects(
        makeSqliteBackupCopy(shop.file, into, {
          pagesPerStep: 1,
          idleShare: 0,
          positions: () => [],
          onProgress,
        }),
        (error: Error) =>
          error.name === 'BackupRefusedError' && /given up: .*-wal grew too much/.test(error.message),
      );
      await place(shop.url);
      await assertPagesGoOn(shop, known);
    } finally {
      other.close();
    }
  });
}

/** As `sqlite3 shop.db` does, with `begin; select …`. */
function openReader(file: string): { close(): void } {
  const db = new DatabaseSync(file, { readOnly: true });
  db.exec('BEGIN');
  db.prepare('SELECT count(*) FROM orders').get();
  return { close: () => db.close() };
}

async function buyUntilRefused(shop: Shop, ledger: OutsideLedger): Promise<void> {
  let isOver = false;
  const buying = Array.from({ length: buyers }, () => ledger.buyUntil(shop.url, () => isOver));
  try {
    await until(() => ledger.otherAnswers.length >= 20, 'the first orders that are refused', 60_000);
  } finally {
    isOver = true;
    await Promise.all(buying);
  }
  for (const { status, text } of ledger.otherAnswers) {
    assert.equal(status, 503, text);
    assert.equal(JSON.parse(text).code, 'store_unavailable');
  }
  const ready = await get(`${shop.url}/readyz`);
  assert.equal(ready.status, 503);
  assert.equal(jsonOf(ready).checks.store, 'not_writable');
}

/** @param others orders that are not in the ledger */
async function assertOpensAgain(shop: Shop, ledger: OutsideLedger, others: number): Promise<void> {
  await until(async () => (await get(`${shop.url}/readyz`)).status === 200, 'readiness', 5_000);
  assert.ok(logBytes(shop) < logBytesLong, `the log still has ${logBytes(shop)} bytes`);
  await ledger.settle(shop.url);
  assert.equal(ledger.openCount(), 0);
  assert.equal(countOrders(shop.file), ledger.acknowledgedCount() + others);
  for (let i = 0; i < 150; i += 1) await place(shop.url);
  await sleep(200);
  assert.ok(logBytes(shop) < 3 * logBytesLong, `the log has ${logBytes(shop)} bytes`);
  const { code, output } = await shop.verify();
  assert.equal(code, 0, output);
}

const logBytes = (shop: Shop) => sizeOf(`${shop.file}-wal`);

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
