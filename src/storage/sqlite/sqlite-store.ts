/**
 * The embedded engine: one SQLite file, written by one thread, read beside it by the serving thread.
 *
 * Trades: one machine, and one commit at a time, for no server to run. Always holds: a commit is on disk
 * (WAL, synchronous=FULL) before commitBatch resolves; nothing is cached between transactions, so several
 * processes on one file stay correct, each waiting for the other's write lock.
 */
import { chmodSync, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CatalogOutcome } from '../../domain/decide-catalog.ts';
import { makeFolder } from '../../program/file-system.ts';
import { restoreMarkerOf } from '../backup-copy.ts';
import { catalogShortcuts } from '../catalog-shortcuts.ts';
import { DatabaseRefusedError, type MigrateReport } from '../engine.ts';
import {
  type ClearedImages,
  defaultStoreSettings,
  type OnMigration,
  type OrderStore,
  type StoreSettings,
} from '../order-store.ts';
import type { OnCheck, VerifyReport } from '../verify-checks.ts';
import { createAccess, createAccessReads } from './access.ts';
import { createCatalogTrials } from './catalog-writes.ts';
import { startCheckpointer } from './checkpointer.ts';
import { assertDurable, cannotOpen, notFound, openConnection } from './connection.ts';
import { toSavedImages } from './image-writes.ts';
import { openLogReserve, withReserve } from './log-reserve.ts';
import { assertCurrentSchema, migrate } from './migrate.ts';
import { createReads } from './reads.ts';
import { createSharedRead } from './shared-read.ts';
import { sqliteGauges } from './sqlite-gauges.ts';
import { defaultSqliteSettings } from './sqlite-settings.ts';
import { verifyDatabase } from './verify.ts';
import { startWriter } from './writer.ts';

export interface SqliteStoreOptions extends Partial<StoreSettings> {
  /** Path of the database file; it and its folder are made when missing. */
  readonly file: string;
  /**
   * The write-ahead log is moved into the database once it holds this many pages of 4 KiB; 64 MiB unless told, and
   * sooner on a small disk.
   */
  readonly logPagesMax?: number;
  /** Bytes that orders leave free on a large disk. */
  readonly freeBytesMin?: number;
  /** For how long a reader may hold the log before there is a warning, in milliseconds. */
  readonly warnAfterMs?: number;
}

/** How often the length of the write-ahead log is looked at. */
const checkpointIntervalMs = 100;

/** Longer than any checkpoint and any read of our own takes. */
const heldWarnAfterMs = 30_000;
const heldWarnEveryMs = 5 * 60_000;

/** For a connection that brings the schema up to date, in KiB. */
const migrationCacheKib = 8_192;

/** Of the memory for pages, the writer's part: its pages are written to, those of the reader only read. */
const writerCacheShare = 0.8;

/** They only wait in line: the writer joins them in as few transactions as possible. */
const commitsInFlightMax = 1_000;

/** Creates the file when it is missing and brings its schema up to date. @throws DatabaseRefusedError */
export function migrateSqliteFile(file: string, onMigration?: OnMigration): MigrateReport {
  makeFolderOf(file);
  assertNoRestore(file);
  // On a disk that is full to its last byte not even the index of the write-ahead log can be made. A migration gets
  // nothing of the reserve: it may need more, and then nothing would be left for the log.
  const db = withReserve(openLogReserve(file), () =>
    openConnection({ file, readOnly: false, cacheKib: migrationCacheKib }),
  );
  try {
    // Again: what was opened may be what a restore is about to replace.
    assertNoRestore(file);
    keepToOurselves(file);
    assertDurable(db);
    return migrate(db, onMigration);
  } finally {
    db.close();
  }
}

function makeFolderOf(file: string): void {
  try {
    makeFolder(dirname(file));
  } catch (cause) {
    throw cannotOpen(file, cause);
  }
}

/** A new empty shop beside one that is only moved aside would take orders that its customers never see again. */
function assertNoRestore(file: string): void {
  const marker = restoreMarkerOf(file);
  if (!existsSync(marker)) return;
  throw new DatabaseRefusedError(
    `${file} is being restored, or was when a restore was killed (${marker}). Run nozama restore again: it first puts the old shop back; with --force it then replaces it.`,
  );
}

/** Names and addresses are in it: nobody but the service's own user may read it. */
function keepToOurselves(file: string): void {
  if ((statSync(file).mode & 0o777) === 0o600) return;
  try {
    chmodSync(file, 0o600);
  } catch (cause) {
    throw cannotOpen(file, cause);
  }
}

/** Checks a file without changing it, also while a service runs on it. @throws DatabaseRefusedError */
export function verifySqliteFile(file: string, onCheck?: OnCheck): VerifyReport {
  if (!existsSync(file)) throw notFound(file);
  const db = openConnection({ file, readOnly: true, cacheKib: 65_536 });
  try {
    assertCurrentSchema(db);
    return verifyDatabase(db, onCheck);
  } finally {
    db.close();
  }
}

/** @throws DatabaseRefusedError when the file is not ours, too new, or can't be written durably. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<OrderStore> {
  const { file, logPagesMax = 16_384, warnAfterMs = heldWarnAfterMs } = options;
  const { batchSizeMax, onCommit, onWarning, pageCacheKib } = { ...defaultStoreSettings, ...options };
  const { freeBytesMin } = { ...defaultSqliteSettings, ...options };
  const writerCacheKib = Math.round(pageCacheKib * writerCacheShare);
  const { advice } = migrateSqliteFile(file);
  if (advice !== null) onWarning(advice);
  const logSettings = { file, logPagesMax, freeBytesMin };
  const writer = await startWriter({ ...logSettings, cacheKib: writerCacheKib, batchSizeMax }, onCommit, () =>
    checkpointer.cutSoon(),
  );
  const readDb = openConnection({ file, readOnly: true, cacheKib: pageCacheKib - writerCacheKib });
  const sharedRead = createSharedRead(readDb);
  const checkpointer = startCheckpointer(
    { ...logSettings, intervalMs: checkpointIntervalMs, warnAfterMs, warnEveryMs: heldWarnEveryMs },
    (isToBeCut) => sharedRead.withoutSharing(() => writer.write('finishCheckpoint', isToBeCut)),
    onWarning,
  );
  const reads = createReads(readDb, sharedRead);
  const tryCatalogChange = createCatalogTrials(readDb);
  let closed = false;

  /** What has been written is in every later read. */
  async function thenReadAnew<Result>(writing: Promise<Result>): Promise<Result> {
    const result = await writing;
    sharedRead.end();
    return result;
  }

  const changeCatalog: OrderStore['changeCatalog'] = async (change, origin = null) =>
    change.isTrial
      ? sharedRead.read(() => tryCatalogChange(change))
      : (thenReadAnew(writer.write('changeCatalog', { change, origin })) as Promise<CatalogOutcome>);

  return {
    engine: `sqlite ${writer.durability['sqlite_version']}`,
    durability: writer.durability,
    gauges: sqliteGauges(file, openLogReserve(file), checkpointer.heldMs),
    commitsInFlightMax,
    access: createAccess(createAccessReads(readDb), (operation, payload) =>
      thenReadAnew(writer.write(operation, payload)),
    ),
    commitBatch: (commands) => thenReadAnew(writer.commitBatch(commands)),
    checkWritable: async () => void (await writer.write('checkWritable', null)),
    ...readsOf(reads),
    changeCatalog,
    ...catalogShortcuts(changeCatalog),
    saveImages: async (images, atMs = Date.now()) =>
      void (await thenReadAnew(writer.write('saveImages', toSavedImages(images, atMs)))),
    clearImages: async (nowMs) => (await thenReadAnew(writer.write('clearImages', nowMs))) as ClearedImages,
    async verify() {
      sharedRead.end();
      return verifyDatabase(readDb);
    },
    async close() {
      if (closed) return;
      closed = true;
      sharedRead.end();
      readDb.close();
      await checkpointer.close();
      await writer.close();
    },
  };
}

/** A read that fails rejects, as on every engine. */
function readsOf(reads: ReturnType<typeof createReads>) {
  return {
    findOrder: async (orderId) => reads.findOrder(orderId),
    findOrderWithEvents: async (orderId) => reads.findOrderWithEvents(orderId),
    findHistoryByNumber: async (number) => reads.findHistoryByNumber(number),
    findOrderByKey: async (callerKey) => reads.findOrderByKey(callerKey),
    listOrders: async (filter, beforeNumber, limit) => reads.listOrders(filter, beforeNumber, limit),
    findConfirmation: async (orderId, topLimit) => reads.findConfirmation(orderId, topLimit),
    topProducts: async (state, limit) => reads.topProducts(state, limit),
    findProduct: async (sku) => reads.findProduct(sku),
    findProductsBySku: async (skus) => reads.findProductsBySku(skus),
    findProductByName: async (name) => reads.findProductByName(name),
    listProducts: async (afterSku, limit) => reads.listProducts(afterSku, limit),
    listActiveProducts: async (afterSku, limit) => reads.listActiveProducts(afterSku, limit),
    findProducts: async (search, after, limit) => reads.findProducts(search, after, limit),
    listCategories: async (limit) => reads.listCategories(limit),
    readOrderLog: async (afterPosition, limit) => reads.readOrderLog(afterPosition, limit),
    listStockMovements: async (sku, before, limit) => reads.listStockMovements(sku, before, limit),
    findImage: async (hash) => reads.findImage(hash),
  } satisfies Partial<OrderStore>;
}
