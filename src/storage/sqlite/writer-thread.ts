/**
 * The thread that writes. It owns the only writing connection of the process, so that the thread which
 * serves HTTP never waits for a disk: reads, health checks and refusals go on while a commit is slow.
 *
 * Batches that came in during a commit are committed together, in the order they came in.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Command } from '../../domain/decide-batch.ts';
import type { CommitReport } from '../order-store.ts';
import { createAccessWrites } from './access.ts';
import { type CatalogRequest, createCatalogWrites } from './catalog-writes.ts';
import { createCommitBatch } from './commit-batch.ts';
import { encodeOutcomes } from './commit-reply.ts';
import { assertDurable, openConnection, readDurability, waitForLockOurselves } from './connection.ts';
import { createLogKeeper } from './log-keeper.ts';
import type {
  WriteFailure,
  WriteReplies,
  WriteReply,
  WriteRequest,
  WriterSettings,
} from './writer-protocol.ts';

const port = parentPort;
if (port === null) throw new Error('the writer runs as a worker thread only');

const settings = workerData as WriterSettings;
const { file, cacheKib, batchSizeMax } = settings;
const db = openConnection({ file, readOnly: false, cacheKib });
assertDurable(db);
waitForLockOurselves(db);
const log = createLogKeeper(db, settings);
let hasErased = false;
const commitBatch = createCommitBatch(db, () => {
  hasErased = true;
  log.noteErasure();
});
const catalog = createCatalogWrites(db);
const access = createAccessWrites(db);

function perform({ operation, payload }: WriteRequest): unknown {
  switch (operation) {
    case 'changeCatalog': {
      const request = JSON.parse(payload) as CatalogRequest;
      // A shop that is full starts, too: then nothing is written.
      if (!request.change.onlyIfEmpty) log.assertRoom();
      return catalog.changeCatalog(request);
    }
    case 'saveImages':
      log.assertRoom();
      return catalog.saveImages(JSON.parse(payload));
    case 'clearImages':
      log.assertRoom();
      return catalog.clearImages(JSON.parse(payload));
    case 'createApiKey':
      log.assertRoom();
      return access.createApiKey(JSON.parse(payload));
    case 'revokeApiKey':
      return access.revokeApiKey(JSON.parse(payload));
    case 'noteKeyUse':
      log.assertRoom();
      return access.noteKeyUse(JSON.parse(payload));
    case 'checkWritable':
      return checkWritable();
    case 'finishCheckpoint':
      return log.finishCheckpoint(JSON.parse(payload));
    case 'close':
      log.cutErased();
      return db.close();
    case 'commitBatch':
      throw new Error('batches are joined, not performed one by one');
  }
}

/** Asked at the start and after a failure: then a log that fills the disk is given back first. */
function checkWritable(): void {
  log.giveBack();
  log.assertRoom();
  catalog.checkWritable();
}

interface WaitingBatch {
  readonly id: number;
  readonly commands: readonly Command[];
}

let waiting: WriteRequest[] = [];

port.on('message', (request: WriteRequest) => {
  // Not at once: the requests that came in during the last commit are delivered before the next begins.
  if (waiting.length === 0) setImmediate(performWaiting);
  waiting.push(request);
});

function performWaiting(): void {
  const requests = waiting;
  waiting = [];
  let joined: WaitingBatch[] = [];
  let size = 0;
  let failure: WriteFailure | null = null;
  const commitJoined = () => {
    // Batches that waited with a transaction that SQLite refused are told at once: each try could take seconds more.
    if (joined.length > 0 && failure !== null) answer(refuse(joined, failure), null);
    else if (joined.length > 0) failure = commitAndAnswer(joined);
    joined = [];
    size = 0;
  };
  for (const request of requests) {
    if (request.operation === 'commitBatch') {
      const commands = JSON.parse(request.payload) as readonly Command[];
      if (size + commands.length > batchSizeMax) commitJoined();
      joined.push({ id: request.id, commands });
      size += commands.length;
    } else {
      commitJoined();
      answer([replyTo(request)], null);
      if (request.operation === 'close') port?.close();
    }
  }
  commitJoined();
}

/** SQLITE_BUSY, LOCKED, READONLY, IOERR, FULL and CANTOPEN (sqlite.org/rescode.html): no matter whose batch it is. */
const storeFaults: ReadonlySet<number> = new Set([5, 6, 8, 10, 13, 14]);

/** Returns what was wrong when the next batch would be refused for the same reason. */
function commitAndAnswer(batches: readonly WaitingBatch[]): WriteFailure | null {
  const commands = batches.length === 1 ? batches[0]?.commands : undefined;
  const all = commands ?? batches.flatMap((batch) => batch.commands);
  const startedAt = performance.now();
  const report = (succeeded: boolean): CommitReport => ({
    size: all.length,
    durationMs: performance.now() - startedAt,
    succeeded,
  });
  try {
    log.assertRoom();
    const outcomes = commitBatch(all);
    const done = report(true);
    let taken = 0;
    const replies = batches.map((batch): WriteReply => {
      const own = outcomes.slice(taken, taken + batch.commands.length);
      taken += own.length;
      return { id: batch.id, ok: true, payload: encodeOutcomes(own) };
    });
    answer(replies, done);
    return null;
  } catch (error) {
    const failure = failureOf(error);
    answer(refuse(batches, failure), report(false));
    // Extended codes carry the primary one in their low byte.
    return storeFaults.has((failure.sqliteCode ?? 0) & 0xff) ? failure : null;
  }
}

function refuse(batches: readonly WaitingBatch[], failure: WriteFailure): readonly WriteReply[] {
  return batches.map(({ id }) => ({ id, ok: false, ...failure }));
}

function replyTo(request: WriteRequest): WriteReply {
  try {
    return { id: request.id, ok: true, payload: JSON.stringify(perform(request) ?? null) };
  } catch (error) {
    return { id: request.id, ok: false, ...failureOf(error) };
  }
}

function failureOf(error: unknown): WriteFailure {
  const { message, stack, code, errcode } = error as Error & { code?: string; errcode?: number };
  return { message, stack: stack ?? '', code: code ?? 'ERR_UNKNOWN', sqliteCode: errcode ?? null };
}

function answer(replies: readonly WriteReply[], commit: CommitReport | null): void {
  port?.postMessage({ replies, commit, hasErased } satisfies WriteReplies);
  hasErased = false;
}

answer([{ id: 0, ok: true, payload: JSON.stringify(readDurability(db)) }], null);
