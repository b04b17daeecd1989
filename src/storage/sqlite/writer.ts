/** The writing thread as seen from the thread that serves: a function call that takes a while. */
import { Worker } from 'node:worker_threads';
import type { Command } from '../../domain/decide-batch.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { threadModule } from '../../program/program-files.ts';
import type { CommitReport, DurabilitySettings } from '../order-store.ts';
import { decodeOutcomes } from './commit-reply.ts';
import type {
  WriteFailure,
  WriteOperation,
  WriteReplies,
  WriteReply,
  WriteRequest,
  WriterSettings,
} from './writer-protocol.ts';

/** A write that SQLite refused; nothing of it is stored. */
export class WriteFailedError extends Error {
  override readonly name = 'WriteFailedError';
  readonly code: string;
  readonly sqliteCode: number | null;

  constructor({ message, stack, code, sqliteCode }: WriteFailure) {
    super(message);
    this.stack = `${stack}\n  in the writing thread`;
    this.code = code;
    this.sqliteCode = sqliteCode;
  }
}

export interface Writer {
  readonly durability: DurabilitySettings;
  /** Batches that wait for the same commit get it together. @throws WriteFailedError */
  commitBatch(commands: readonly Command[]): Promise<readonly Outcome[]>;
  /** Performed in the order of the calls, batches included. @throws WriteFailedError */
  write(operation: Exclude<WriteOperation, 'commitBatch'>, payload: unknown): Promise<unknown>;
  /** Performs what was asked before, closes the connection and ends the thread. */
  close(): Promise<void>;
}

interface Pending {
  /** Given the reply's payload. */
  readonly resolve: (payload: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * @param onCommit called after each transaction with orders
 * @param onErased called after a transaction that has erased a person: the write-ahead log has what was there
 */
export function startWriter(
  settings: WriterSettings,
  onCommit: (report: CommitReport) => void,
  onErased: () => void,
): Promise<Writer> {
  const thread = new Worker(threadModule('storage/sqlite/writer-thread.ts'), { workerData: settings });
  const { post, wait, settle, fail } = createRequests(thread);
  let closing = false;

  async function commitBatch(commands: readonly Command[]): Promise<readonly Outcome[]> {
    assertOpen();
    return decodeOutcomes(await post('commitBatch', commands), commands);
  }

  async function write(operation: WriteOperation, payload: unknown): Promise<unknown> {
    assertOpen();
    return JSON.parse(await post(operation, payload));
  }

  function assertOpen(): void {
    if (closing) throw new Error('the store is closed');
  }

  function settleAll({ replies, commit, hasErased }: WriteReplies): void {
    if (commit !== null) onCommit(commit);
    if (hasErased) onErased();
    for (const reply of replies) settle(reply);
  }

  return new Promise((resolve, reject) => {
    wait(readyId, {
      resolve: (payload) =>
        resolve({ durability: JSON.parse(payload) as DurabilitySettings, commitBatch, write, close }),
      reject,
    });
    thread.on('message', settleAll);
    thread.on('error', (error) => abandon(error instanceof Error ? error : new Error(String(error))));
    thread.on('exit', (code) => abandon(new Error(`the writing thread ended with code ${code}`)));
  });

  /** When the writer ends while it is needed, it is unknown what is stored: the process ends. */
  function abandon(error: Error): void {
    if (!fail(readyId, error) && !closing) throw error;
  }

  async function close(): Promise<void> {
    if (closing) return;
    closing = true;
    const ended = new Promise((resolve) => thread.once('exit', resolve));
    await post('close', null);
    await ended;
  }
}

/** By this number the writer says that it is ready. */
const readyId = 0;

/** The requests that the writer has not answered. */
function createRequests(thread: Worker) {
  const pending = new Map<number, Pending>();
  let lastId = readyId;

  return {
    post(operation: WriteOperation, payload: unknown): Promise<string> {
      lastId += 1;
      const request: WriteRequest = { id: lastId, operation, payload: JSON.stringify(payload) };
      return new Promise((resolve, reject) => {
        pending.set(request.id, { resolve, reject });
        thread.postMessage(request);
      });
    },
    wait: (id: number, waiting: Pending) => void pending.set(id, waiting),
    settle(reply: WriteReply): void {
      const waiting = pending.get(reply.id);
      pending.delete(reply.id);
      if (reply.ok) waiting?.resolve(reply.payload);
      else waiting?.reject(new WriteFailedError(reply));
    },
    /** @returns whether a caller waited for that one */
    fail(id: number, error: Error): boolean {
      const waiting = pending.get(id);
      pending.delete(id);
      waiting?.reject(error);
      return waiting !== undefined;
    },
  };
}
