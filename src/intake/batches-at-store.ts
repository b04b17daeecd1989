/**
 * The batches that the store has been given and has not answered. Each order of a batch gets its own outcome once the
 * store has answered the batch, or the failure of the batch.
 */
import type { Command } from '../domain/decide-batch.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { OrderStore } from '../storage/order-store.ts';
import type { OrderTrace, TracedBatch } from './batch-trace.ts';

/** The store failed: nothing was acknowledged, and trying again with the same key is safe. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** An order, or a step of one, whose sender waits for its outcome. */
export interface WaitingOrder {
  readonly command: Command;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
  readonly submittedAtMs: number;
  readonly trace: OrderTrace | null;
}

export interface BatchesAtStore {
  /** Hands a batch to the store. */
  begin(batch: WaitingOrder[]): void;
  /** Batches that are not answered yet. */
  count(): number;
  /** Orders in them. */
  orders(): number;
  /** How long the store has had the batch that it has had longest, in milliseconds; 0 when it has none. */
  longestMs(): number;
}

export interface BatchesAtStoreOptions {
  readonly store: Pick<OrderStore, 'commitBatch'>;
  readonly batchSizeMax: number;
  /** Takes orders that came in after the batch left and may join it, the oldest first. */
  readonly takeWaiting: (countMax: number) => WaitingOrder[];
  /** Called when a batch has ended and before its orders hear of it: with its error, or null. */
  readonly onEnded: (error: unknown) => void;
  readonly onWaited: ((ms: number) => void) | undefined;
  readonly onTraced: ((orders: readonly OrderTrace[], batch: TracedBatch) => void) | undefined;
}

export function createBatchesAtStore(options: BatchesAtStoreOptions): BatchesAtStore {
  const { store, batchSizeMax, takeWaiting, onEnded, onWaited, onTraced } = options;
  /** When each was handed over, the oldest first. */
  const begunMs = new Map<readonly WaitingOrder[], number>();
  let orders = 0;

  function begin(batch: WaitingOrder[]): void {
    const nowMs = performance.now();
    begunMs.set(batch, nowMs);
    if (batch[0] !== undefined) onWaited?.(nowMs - batch[0].submittedAtMs);
    orders += batch.length;
    if (onTraced !== undefined) markTaken(batch, nowMs);
    store
      .commitBatch(commandsOf(batch), (countMax) => join(batch, countMax))
      .then(
        (outcomes) => settle(batch, outcomes),
        (cause: unknown) => fail(batch, cause),
      );
  }

  function join(batch: WaitingOrder[], countMax: number): readonly Command[] {
    const joining = takeWaiting(Math.min(countMax, batchSizeMax - batch.length));
    batch.push(...joining);
    orders += joining.length;
    if (onTraced !== undefined) markTaken(joining, performance.now());
    return commandsOf(joining);
  }

  function settle(batch: readonly WaitingOrder[], outcomes: readonly Outcome[]): void {
    if (outcomes.length !== batch.length) {
      fail(batch, new Error(`the store answered ${outcomes.length} outcomes for ${batch.length} orders`));
      return;
    }
    end(batch, null);
    for (const [i, outcome] of outcomes.entries()) batch[i]?.resolve(outcome);
  }

  function fail(batch: readonly WaitingOrder[], cause: unknown): void {
    end(batch, cause);
    const error = new StoreUnavailableError('the order could not be stored', { cause });
    for (const { reject } of batch) reject(error);
  }

  function end(batch: readonly WaitingOrder[], error: unknown): void {
    const startedAtMs = begunMs.get(batch) ?? 0;
    begunMs.delete(batch);
    orders -= batch.length;
    onEnded(error);
    if (onTraced === undefined) return;
    const traces = batch.flatMap(({ trace }) => trace ?? []);
    const endedAtMs = performance.now();
    if (traces.length > 0) onTraced(traces, { size: batch.length, startedAtMs, endedAtMs, error });
  }

  function longestMs(): number {
    for (const startedAtMs of begunMs.values()) return performance.now() - startedAtMs;
    return 0;
  }

  return { begin, count: () => begunMs.size, orders: () => orders, longestMs };
}

function commandsOf(batch: readonly WaitingOrder[]): readonly Command[] {
  return batch.map(({ command }) => command);
}

function markTaken(batch: readonly WaitingOrder[], nowMs: number): void {
  for (const { trace } of batch) if (trace !== null) trace.takenAtMs = nowMs;
}
