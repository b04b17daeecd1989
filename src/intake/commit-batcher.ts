/**
 * Natural batching: an order waits only while the previous commit is in flight.
 *
 * Trades nothing when traffic is low (a lone order is committed at once) and, when it is high, one
 * durable write for many orders. There is no timer: a batch is whatever came in during the last commit.
 * Always holds: one commit in flight; outcomes reach their submitters after the commit, never before;
 * submissions are committed in the order they came in. Limits: `queueDepthMax` submissions waiting,
 * `batchSizeMax` in one commit.
 */
import type { Outcome } from '../domain/outcome.ts';
import type { Submission } from '../domain/submission.ts';
import type { OrderStore } from '../storage/order-store.ts';

/** The queue is full: the order was not taken, and trying again in a moment is safe. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** The store failed: nothing was acknowledged, and trying again with the same key is safe. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** What one commit was like, for metrics. */
export interface CommitReport {
  /** Submissions in the batch, 1 or more. */
  readonly size: number;
  /** From handing the batch to the store to its answer, in milliseconds. */
  readonly durationMs: number;
  /** Null when the commit succeeded. */
  readonly error: unknown;
}

export interface CommitBatcher {
  /** Rejects with {@link QueueFullError} or {@link StoreUnavailableError}; expected results are outcomes. */
  submit(submission: Submission): Promise<Outcome>;
  /** Submissions waiting for a commit, those in flight not counted. */
  queueDepth(): number;
  readonly queueDepthMax: number;
  /** Resolves when everything that was submitted has been answered. */
  drained(): Promise<void>;
}

interface Waiting {
  readonly submission: Submission;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

export interface CommitBatcherOptions {
  readonly store: Pick<OrderStore, 'commitBatch'>;
  /** 1 or more. */
  readonly queueDepthMax: number;
  /** 1 or more; 1 switches batching off. */
  readonly batchSizeMax: number;
  /** Called after each commit; must not throw. */
  readonly onCommit: (report: CommitReport) => void;
}

export function createCommitBatcher(options: CommitBatcherOptions): CommitBatcher {
  const { store, queueDepthMax, batchSizeMax, onCommit } = options;
  let queue: Waiting[] = [];
  let inFlight = false;
  let drainWaiters: (() => void)[] = [];

  function submit(submission: Submission): Promise<Outcome> {
    if (queue.length >= queueDepthMax) {
      return Promise.reject(new QueueFullError(`${queueDepthMax} orders are already waiting`));
    }
    return new Promise((resolve, reject) => {
      queue.push({ submission, resolve, reject });
      if (!inFlight) commitNext();
    });
  }

  function commitNext(): void {
    if (queue.length === 0) {
      for (const wake of drainWaiters) wake();
      drainWaiters = [];
      return;
    }
    const batch = takeBatch();
    inFlight = true;
    const startedAt = performance.now();
    const finish = (error: unknown) => {
      inFlight = false;
      // The next commit starts before this one's answers are written, so that the disk never waits for us.
      commitNext();
      onCommit({ size: batch.length, durationMs: performance.now() - startedAt, error });
    };
    store.commitBatch(batch.map((waiting) => waiting.submission)).then(
      (outcomes) => {
        finish(null);
        for (const [i, waiting] of batch.entries()) waiting.resolve(outcomeOf(outcomes, i));
      },
      (cause: unknown) => {
        finish(cause);
        const error = new StoreUnavailableError('the order could not be stored', { cause });
        for (const waiting of batch) waiting.reject(error);
      },
    );
  }

  function takeBatch(): Waiting[] {
    if (queue.length > batchSizeMax) return queue.splice(0, batchSizeMax);
    const batch = queue;
    queue = [];
    return batch;
  }

  return {
    submit,
    queueDepth: () => queue.length,
    queueDepthMax,
    drained: () =>
      inFlight || queue.length > 0 ? new Promise((resolve) => drainWaiters.push(resolve)) : Promise.resolve(),
  };
}

function outcomeOf(outcomes: readonly Outcome[], index: number): Outcome {
  const outcome = outcomes[index];
  if (outcome === undefined)
    throw new Error('the store answered fewer outcomes than it was given submissions');
  return outcome;
}
