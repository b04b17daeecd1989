/**
 * Natural batching: an order waits only for commits that are already under way.
 *
 * Trades nothing when traffic is low (a lone order is handed to the store at once) and, when it is high,
 * one durable write for many orders. There is no timer: while the store is busy, orders gather, for the
 * rest of this turn of the event loop or until a commit ends, and go together. A store that waits for another
 * instance takes those that have gathered meanwhile when its turn comes.
 * Always holds: outcomes reach their submitters after the commit, never before; submissions are handed over
 * in the order they came in. Limits: `queueDepthMax` submissions accepted and not yet answered,
 * `batchSizeMax` in one batch, `commitsInFlightMax` batches at the store.
 */
import type { Outcome } from '../domain/outcome.ts';
import type { Submission } from '../domain/submission.ts';
import type { OrderStore } from '../storage/order-store.ts';
import type { OrderTrace, TracedBatch } from './batch-trace.ts';

/** The queue is full: the order was not taken, and trying again in a moment is safe. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** The store failed: nothing was acknowledged, and trying again with the same key is safe. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

export interface CommitBatcher {
  /** Rejects with {@link QueueFullError} or {@link StoreUnavailableError}; expected results are outcomes. */
  submit(submission: Submission, trace?: OrderTrace | null): Promise<Outcome>;
  /** Submissions accepted and not yet answered. */
  queueDepth(): number;
  readonly queueDepthMax: number;
  /** How long the store has had the batch that it has had longest, in milliseconds; 0 when it has none. */
  longestCommitMs(): number;
  /** Batches that have ended so far; counted before their orders are answered. */
  commitCount(): number;
  /** Resolves when everything that was submitted has been answered. */
  drained(): Promise<void>;
}

interface Waiting {
  readonly submission: Submission;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
  readonly submittedAtMs: number;
  readonly trace: OrderTrace | null;
}

export interface CommitBatcherOptions {
  readonly store: Pick<OrderStore, 'commitBatch' | 'commitsInFlightMax'>;
  /** 1 or more. */
  readonly queueDepthMax: number;
  /** 1 or more; 1 switches batching off. */
  readonly batchSizeMax: number;
  /** Called with the end of each batch, null when it was good; must not throw. */
  readonly onCommit: (error: unknown) => void;
  /** Called with the wait of the order that waited longest of a batch, in milliseconds, as the batch leaves. */
  readonly onWaited?: (ms: number) => void;
  /** Called after a batch of which orders are traced; must not throw. */
  readonly onTraced?: (orders: readonly OrderTrace[], batch: TracedBatch) => void;
}

/**
 * So many gathered orders don't wait for the end of the turn, in which the thread may still read dozens of
 * requests: the store would have nothing to do meanwhile. Fewer cost more hand-overs than they win.
 */
const gatheredMax = 4;

export function createCommitBatcher(options: CommitBatcherOptions): CommitBatcher {
  const { store, queueDepthMax, batchSizeMax, onCommit, onWaited, onTraced } = options;
  let queue: Waiting[] = [];
  let submissionsInFlight = 0;
  let commitCount = 0;
  /** When each was handed over, the oldest first. */
  const batchesInFlight = new Map<readonly Waiting[], number>();
  let isGathering = false;
  let drainWaiters: (() => void)[] = [];

  const queueDepth = () => queue.length + submissionsInFlight;

  function submit(submission: Submission, trace: OrderTrace | null = null): Promise<Outcome> {
    if (queueDepth() >= queueDepthMax) {
      return Promise.reject(new QueueFullError(`${queueDepthMax} orders are already waiting`));
    }
    return new Promise((resolve, reject) => {
      queue.push({ submission, resolve, reject, submittedAtMs: performance.now(), trace });
      if (batchesInFlight.size === 0 || queue.length >= gatheredMax) handOver();
      else gather();
    });
  }

  function gather(): void {
    if (isGathering) return;
    isGathering = true;
    setImmediate(() => {
      isGathering = false;
      handOver();
    });
  }

  function handOver(): void {
    while (queue.length > 0 && batchesInFlight.size < store.commitsInFlightMax) {
      commit(takeWaiting(batchSizeMax));
    }
  }

  function commit(batch: Waiting[]): void {
    const startedAtMs = performance.now();
    batchesInFlight.set(batch, startedAtMs);
    if (batch[0] !== undefined) onWaited?.(startedAtMs - batch[0].submittedAtMs);
    submissionsInFlight += batch.length;
    markTaken(batch, startedAtMs);
    const takeMore = (countMax: number) => {
      const joining = takeWaiting(Math.min(countMax, batchSizeMax - batch.length));
      batch.push(...joining);
      submissionsInFlight += joining.length;
      markTaken(joining, performance.now());
      return joining.map(({ submission }) => submission);
    };
    store
      .commitBatch(
        batch.map(({ submission }) => submission),
        takeMore,
      )
      .then(
        (outcomes) => {
          if (outcomes.length !== batch.length) {
            failed(
              batch,
              new Error(`the store answered ${outcomes.length} outcomes for ${batch.length} orders`),
            );
            return;
          }
          ended(batch, null);
          for (const [i, outcome] of outcomes.entries()) batch[i]?.resolve(outcome);
        },
        (cause: unknown) => failed(batch, cause),
      );
  }

  function markTaken(batch: readonly Waiting[], nowMs: number): void {
    if (onTraced === undefined) return;
    for (const { trace } of batch) if (trace !== null) trace.takenAtMs = nowMs;
  }

  function failed(batch: readonly Waiting[], cause: unknown): void {
    ended(batch, cause);
    const error = new StoreUnavailableError('the order could not be stored', { cause });
    for (const waiting of batch) waiting.reject(error);
  }

  function ended(batch: readonly Waiting[], error: unknown): void {
    const startedAtMs = batchesInFlight.get(batch) ?? 0;
    batchesInFlight.delete(batch);
    commitCount += 1;
    submissionsInFlight -= batch.length;
    // The next batch leaves before this one's answers are written, so that the store never waits for us.
    handOver();
    onCommit(error);
    if (onTraced !== undefined) {
      const traces = batch.flatMap(({ trace }) => trace ?? []);
      const endedAtMs = performance.now();
      if (traces.length > 0) onTraced(traces, { size: batch.length, startedAtMs, endedAtMs, error });
    }
    if (batchesInFlight.size > 0) return;
    for (const wake of drainWaiters) wake();
    drainWaiters = [];
  }

  /** The oldest first. */
  function takeWaiting(countMax: number): Waiting[] {
    if (queue.length > countMax) return queue.splice(0, countMax);
    const taken = queue;
    queue = [];
    return taken;
  }

  function longestCommitMs(): number {
    for (const startedAt of batchesInFlight.values()) return performance.now() - startedAt;
    return 0;
  }

  return {
    submit,
    queueDepth,
    queueDepthMax,
    longestCommitMs,
    commitCount: () => commitCount,
    drained: () =>
      queueDepth() > 0 ? new Promise((resolve) => drainWaiters.push(resolve)) : Promise.resolve(),
  };
}
