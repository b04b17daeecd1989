/**
 * One batch, one durable transaction on a server: it takes the locks and reads the snapshot, `decideBatch` decides,
 * then it writes and commits. A batch that had to wait for another instance is joined by the orders that have come in
 * meanwhile.
 *
 * Always holds: a batch is decided under the locks that keep its snapshot true until the commit, so any
 * number of batches may overlap, from this process and from others. A batch that lost a race is decided
 * anew; one whose COMMIT was not answered is settled before anybody is told anything. Limits: `triesMax`
 * tries within `triesMaxMs`.
 */
import { type Command, type Decision, decideBatch, type Snapshot } from '../../domain/decide-batch.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { StoreSettings, TakeMore } from '../order-store.ts';
import { UnansweredCommitError } from './connection-errors.ts';
import type { NumberRange, NumberReservation, OrderNumbers } from './order-numbers.ts';
import { retry } from './retries.ts';

/** How often a batch is tried before it fails: a race is lost once or twice, seldom more. */
export const triesMax = 12;

/** How long a batch is tried; its submitters wait that long for a 503. */
export const triesMaxMs = 6_000;

/** How many orders a batch may be joined by. */
export const joiningMax = 256;

/** Without the number, which is of a range that this instance has taken. */
export type BatchSnapshot = Omit<Snapshot, 'orderNumberNext'>;

export interface OpenedBatch {
  readonly snapshot: BatchSnapshot;
  /** Null when none was asked for. */
  readonly numbers: NumberRange | null;
  /** Whether another instance had the locks, so that orders may have come in meanwhile. */
  readonly hasWaited: boolean;
}

/** How an engine runs the transaction of a batch, on a connection that has no other user meanwhile. */
export interface BatchTransaction<Connection> {
  /**
   * Begins, takes the locks that keep the snapshot true until the end, and reads it.
   * @param numbersMissing so many order numbers are taken first, and stay taken when the transaction is rolled back;
   * 0 for none
   */
  open(connection: Connection, commands: readonly Command[], numbersMissing: number): Promise<OpenedBatch>;
  /** Reads the snapshot of commands that join, under the same locks. */
  readJoining(connection: Connection, commands: readonly Command[]): Promise<BatchSnapshot>;
  /**
   * Writes what was decided, with the audit entries of its steps, and commits; rolls back when it writes nothing, and when it throws.
   * @returns the states whose ranking a product came into or may have left
   * @throws UnansweredCommitError when it is not known whether the commit took effect
   */
  end(connection: Connection, commands: readonly Command[], decision: Decision): Promise<readonly string[]>;
  /** Must not throw. */
  rollBack(connection: Connection): Promise<void>;
  /** Whether the same batch, decided anew, may well succeed. */
  isWorthAnotherTry(error: unknown): boolean;
  /** Whether waiting may help a batch that must know how its commit ended. */
  mayPass(error: unknown): boolean;
}

export interface CommitBatchOptions<Connection> {
  /** Calls `use` with a connection that has no other user meanwhile. */
  readonly withConnection: <Result>(use: (connection: Connection) => Promise<Result>) => Promise<Result>;
  readonly transaction: BatchTransaction<Connection>;
  readonly numbers: OrderNumbers;
  /** Called after a commit with the states whose ranking a product came into or may have left. */
  readonly onRanked: (states: readonly string[]) => void;
  /** Called after each batch, with all its tries in the duration. */
  readonly onCommit: StoreSettings['onCommit'];
  readonly nowMs: () => number;
  readonly random: () => number;
}

export function createCommitBatch<Connection>(options: CommitBatchOptions<Connection>) {
  const { withConnection, transaction, onCommit, nowMs, random } = options;

  return async (commands: readonly Command[], takeMore: TakeMore = () => []): Promise<readonly Outcome[]> => {
    if (commands.length === 0) return [];
    const startedAt = performance.now();
    const batch: Batch = { commands: [...commands], takeMore, unsettled: null };
    let succeeded = false;
    try {
      const outcomes = await commit(batch);
      succeeded = true;
      return outcomes;
    } finally {
      onCommit({ size: batch.commands.length, durationMs: performance.now() - startedAt, succeeded });
    }
  };

  async function commit(batch: Batch): Promise<readonly Outcome[]> {
    const deadlineMs = nowMs() + triesMaxMs;
    const isHopeful = (error: unknown) => {
      const mayGoBetter =
        error instanceof UnansweredCommitError ||
        (batch.unsettled === null ? transaction.isWorthAnotherTry(error) : transaction.mayPass(error));
      return mayGoBetter && nowMs() < deadlineMs;
    };
    try {
      return await retry(() => withConnection((connection) => tryBatch(connection, batch, options)), {
        triesMax,
        isHopeful,
        random,
      });
    } catch (error) {
      throw error instanceof UnansweredCommitError ? error.cause : error;
    }
  }
}

interface Batch {
  /** Grows when others join, never shrinks. */
  readonly commands: Command[];
  readonly takeMore: TakeMore;
  /** The outcomes that were sent with a COMMIT which is not answered. */
  unsettled: Decision | null;
}

async function tryBatch<Connection>(
  connection: Connection,
  batch: Batch,
  { transaction, numbers, onRanked }: CommitBatchOptions<Connection>,
): Promise<readonly Outcome[]> {
  const { commands, unsettled } = batch;
  const request = numbers.request(commands.length, joiningMax);
  let reservation: NumberReservation | null = request.missing === 0 ? request.reserve(null) : null;
  let decision: Decision;
  try {
    const opened = await transaction.open(connection, commands, request.missing);
    reservation ??= request.reserve(opened.numbers);
    let { snapshot } = opened;
    if (unsettled !== null && isStored(unsettled, snapshot)) {
      reservation.keep(0);
      await transaction.rollBack(connection);
      return unsettled.outcomes;
    }
    // No order joins a batch that is in trouble: its outcomes may turn out to be stored.
    if (opened.hasWaited && unsettled === null) {
      const joining = batch.takeMore(reservation.extend(joiningMax));
      if (joining.length > 0) {
        commands.push(...joining);
        snapshot = joinSnapshots(snapshot, await transaction.readJoining(connection, joining));
      }
    }
    decision = decideBatch({ ...snapshot, orderNumberNext: reservation.first }, commands);
    reservation.keep(decision.writeSet.orders.length);
  } catch (error) {
    reservation?.keep(0);
    await transaction.rollBack(connection);
    throw error;
  }
  try {
    onRanked(await transaction.end(connection, commands, decision));
  } catch (error) {
    if (error instanceof UnansweredCommitError) batch.unsettled = decision;
    throw error;
  }
  return decision.outcomes;
}

/**
 * All orders and events of a batch are stored or none is. Its locks are ours now, so the transaction that was not
 * answered has ended, one way or the other: an order that is not there will never be. (One that is spread over
 * several servers may come later, when all have finished it; then the inserts meet it and the batch is tried again.)
 * The number tells that it is that transaction's order and not one of the same id from another caller.
 */
function isStored({ writeSet }: Decision, { ordersById }: BatchSnapshot): boolean {
  return (
    writeSet.orders.some(({ orderId, number }) => ordersById.get(orderId)?.placed.number === number) ||
    writeSet.events.some(({ orderId, eventId }) =>
      ordersById.get(orderId)?.events.some((event) => event.eventId === eventId),
    )
  );
}

/** Of two parts of a batch, read one after the other under the same locks. */
function joinSnapshots(first: BatchSnapshot, second: BatchSnapshot): BatchSnapshot {
  return {
    products: new Map([...first.products, ...second.products]),
    ordersByKey: new Map([...first.ordersByKey, ...second.ordersByKey]),
    ordersById: new Map([...first.ordersById, ...second.ordersById]),
    rightsByKey: new Map([...first.rightsByKey, ...second.rightsByKey]),
  };
}
