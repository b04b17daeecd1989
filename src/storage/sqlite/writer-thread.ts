/**
 * The thread that writes. It owns the only writing connection of the process, so that the thread which
 * serves HTTP never waits for a disk: reads, health checks and refusals go on while a commit is slow.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createCatalogWrites } from './catalog-writes.ts';
import { createCommitBatch } from './commit-batch.ts';
import { assertDurable, openConnection, readDurability } from './connection.ts';
import type { WriteReply, WriteRequest, WriterSettings } from './writer-protocol.ts';

const port = parentPort;
if (port === null) throw new Error('the writer runs as a worker thread only');

const { file, cacheKib } = workerData as WriterSettings;
const db = openConnection({ file, readOnly: false, cacheKib });
assertDurable(db);
const commitBatch = createCommitBatch(db);
const catalog = createCatalogWrites(db);

/** JSON both ways: a flat string crosses between threads for less than a cloned object graph. */
function perform({ operation, payload }: WriteRequest): unknown {
  switch (operation) {
    case 'commitBatch':
      return commitBatch(JSON.parse(payload));
    case 'saveProducts':
      return catalog.saveProducts(JSON.parse(payload));
    case 'receiveStock':
      return catalog.receiveStock(JSON.parse(payload));
    case 'seedCatalog':
      return catalog.seedCatalog(JSON.parse(payload));
    case 'checkWritable':
      return catalog.checkWritable();
    case 'finishCheckpoint':
      return finishCheckpoint();
    case 'close':
      return db.close();
  }
}

/**
 * The last few pages of a checkpoint, between two commits. Once every page of the log is in the database,
 * the next commit starts the log anew at its beginning; that is what keeps the log bounded.
 */
function finishCheckpoint(): void {
  db.exec('PRAGMA wal_checkpoint(PASSIVE)');
}

port.on('message', (request: WriteRequest) => {
  let reply: WriteReply;
  try {
    reply = { id: request.id, ok: true, payload: JSON.stringify(perform(request) ?? null) };
  } catch (error) {
    const { message, stack, code, errcode } = error as Error & { code?: string; errcode?: number };
    reply = {
      id: request.id,
      ok: false,
      message,
      stack: stack ?? '',
      code: code ?? 'ERR_UNKNOWN',
      sqliteCode: errcode ?? null,
    };
  }
  port.postMessage(reply);
  if (request.operation === 'close') port.close();
});

port.postMessage({ id: 0, ok: true, payload: JSON.stringify(readDurability(db)) } satisfies WriteReply);
