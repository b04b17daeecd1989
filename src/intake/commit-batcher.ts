/**
 * Natural batching: an order waits only for commits that are already under way.
 *
 * Trades nothing when traffic is low (a lone order is handed to the store at once) and, when it is high,
 * one durable write for many orders. There is no timer: while the store is busy, orders gather, for the
 * rest of this turn of the event loop or until a commit ends, and go together. A store that waits for another
 * instance takes those that have gathered meanwhile when its turn comes.
 * Always holds: outcomes reach their submitters after the commit, never before; commands are handed over
 * in the order they came in. Limits: `queueDepthMax` commands accepted and not yet answered,
 * `batchSizeMax` in one batch, `commitsInFlightMax` batches at the store.
 */
import type { Command } from '../domain/decide-batch.ts';
import type { OrderStep } from '../domain/order-step.ts';
import type { Outcome, PlacingOutcome, StepOutcome } from '../domain/outcome.ts';
import type { Submission } from '../domain/submission.ts';
import type { OrderStore } from '../storage/order-store.ts';
import type { OrderTrace, TracedBatch } from './batch-trace.ts';
import { createBatchesAtStore, type WaitingOrder } from './batches-at-store.ts';

/** The queue is full: the order was not taken, and trying again in a moment is safe. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

export interface CommitBatcher {
  /** Rejects with {@link QueueFullError} or `StoreUnavailableError`; expected results are outcomes. */
  submit(submission: Submission, trace?: OrderTrace | null): Promise<PlacingOutcome>;
  /** The same for a step of an order. */
  submitStep(step: OrderStep, trace?: OrderTrace | null): Promise<StepOutcome>;
  /** Commands accepted and not yet answered. */
  queueDepth(): number;
  readonly queueDepthMax: number;
  /** How long the store has had the batch that it has had longest, in milliseconds; 0 when it has none. */
  longestCommitMs(): number;
  /** Batches that have ended so far; counted before their orders are answered. */
  commitCount(): number;
  /** Resolves when everything that was submitted has been answered. */
  drained(): Promise<void>;
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
  let queue: WaitingOrder[] = [];
  let commitCount = 0;
  let isGathering = false;
  let drainWaiters: (() => void)[] = [];
  const atStore = createBatchesAtStore({ store, batchSizeMax, takeWaiting, onEnded, onWaited, onTraced });

  const queueDepth = () => queue.length + atStore.orders();

  function submit(command: Command, trace: OrderTrace | null = null): Promise<Outcome> {
    if (queueDepth() >= queueDepthMax) {
      return Promise.reject(new QueueFullError(`${queueDepthMax} orders are already waiting`));
    }
    return new Promise((resolve, reject) => {
      queue.push({ command, resolve, reject, submittedAtMs: performance.now(), trace });
      if (atStore.count() === 0 || queue.length >= gatheredMax) handOver();
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
    while (queue.length > 0 && atStore.count() < store.commitsInFlightMax) {
      atStore.begin(takeWaiting(batchSizeMax));
    }
  }

  /** The oldest first. */
  function takeWaiting(countMax: number): WaitingOrder[] {
    if (queue.length > countMax) return queue.splice(0, countMax);
    const taken = queue;
    queue = [];
    return taken;
  }

  function onEnded(error: unknown): void {
    commitCount += 1;
    // The next batch leaves before this one's answers are written, so that the store never waits for us.
    handOver();
    onCommit(error);
    if (atStore.count() > 0) return;
    for (const wake of drainWaiters) wake();
    drainWaiters = [];
  }

  return {
    // A submission has the outcome of a submission, a step that of a step: `decideBatch` sees to it.
    submit: submit as CommitBatcher['submit'],
    submitStep: submit as CommitBatcher['submitStep'],
    queueDepth,
    queueDepthMax,
    longestCommitMs: atStore.longestMs,
    commitCount: () => commitCount,
    drained: () =>
      queueDepth() > 0 ? new Promise((resolve) => drainWaiters.push(resolve)) : Promise.resolve(),
  };
}
