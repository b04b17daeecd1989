/**
 * One batch, one durable transaction, two round trips: the first opens it, takes the locks and reads the
 * snapshot; the second writes and commits. Between the two `decideBatch` decides. A batch that had to wait for
 * another instance is joined by the orders that have come in meanwhile, whose snapshot is a third round trip.
 *
 * Always holds: a batch is decided under the locks that keep its snapshot true until the commit, so any
 * number of batches may overlap, from this process and from others. A batch that lost a race is decided
 * anew; one whose COMMIT was not answered is settled before anybody is told anything. Limits: `triesMax`
 * tries within `triesMaxMs`.
 */
import { type Decision, decideBatch } from '../../domain/decide-batch.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Submission } from '../../domain/submission.ts';
import type { StoreSettings, TakeMore } from '../order-store.ts';
import { assertRefusalsAreTrue, notedAsWrite } from './citus-workers.ts';
import type { Answer, Connection, Statement } from './connection.ts';
import { ConnectionLostError, isWorthAnotherTry, mayPass } from './failures.ts';
import { beginReadCommitted, lockShopAndTell } from './locks.ts';
import type { NumberReservation, OrderNumbers } from './order-numbers.ts';
import { retry } from './retries.ts';
import { type BatchSnapshot, joinSnapshots, snapshotStatements, toSnapshot } from './snapshot.ts';
import { popularityAnswer, writeStatements } from './write-set.ts';

/** How often a batch is tried before it fails: a race is lost once or twice, seldom more. */
export const triesMax = 12;

/** How long a batch is tried; its submitters wait that long for a 503. */
export const triesMaxMs = 6_000;

/** How many orders a batch may be joined by. */
export const joiningMax = 256;

export interface CommitBatchOptions {
  /** Calls `use` with a connection that nobody else writes on meanwhile. */
  readonly withConnection: <Result>(use: (connection: Connection) => Promise<Result>) => Promise<Result>;
  readonly numbers: OrderNumbers;
  /** Sent right behind BEGIN, for what can't be set on the session. */
  readonly transactionSettings: readonly Statement[];
  /** Called after a commit with the states whose ranking a product came into. */
  readonly onRanked: (states: readonly string[]) => void;
  /** Called after each batch, with all its tries in the duration. */
  readonly onCommit: StoreSettings['onCommit'];
  readonly nowMs: () => number;
  readonly random: () => number;
}

export function createCommitBatch(options: CommitBatchOptions) {
  const { withConnection, onCommit, nowMs, random } = options;

  return async (
    submissions: readonly Submission[],
    takeMore: TakeMore = () => [],
  ): Promise<readonly Outcome[]> => {
    if (submissions.length === 0) return [];
    const startedAt = performance.now();
    const batch: Batch = { submissions: [...submissions], takeMore, unsettled: null };
    let succeeded = false;
    try {
      const outcomes = await commit(batch);
      succeeded = true;
      return outcomes;
    } finally {
      onCommit({ size: batch.submissions.length, durationMs: performance.now() - startedAt, succeeded });
    }
  };

  async function commit(batch: Batch): Promise<readonly Outcome[]> {
    const deadlineMs = nowMs() + triesMaxMs;
    const isHopeful = (error: unknown) => {
      const mayGoBetter =
        error instanceof UnansweredCommit ||
        (batch.unsettled === null ? isWorthAnotherTry(error) : mayPass(error));
      return mayGoBetter && nowMs() < deadlineMs;
    };
    try {
      return await retry(() => withConnection((connection) => tryBatch(connection, batch, options)), {
        triesMax,
        isHopeful,
        random,
      });
    } catch (error) {
      throw error instanceof UnansweredCommit ? error.cause : error;
    }
  }
}

interface Batch {
  /** Grows when others join, never shrinks. */
  readonly submissions: Submission[];
  readonly takeMore: TakeMore;
  /** What was decided and sent with a COMMIT that nobody has answered. */
  unsettled: Decision | null;
}

/** The connection was lost at COMMIT: everything of the decision is stored, or nothing is. */
class UnansweredCommit extends Error {
  constructor(cause: ConnectionLostError) {
    super(cause.message, { cause });
  }
}

async function tryBatch(
  connection: Connection,
  batch: Batch,
  { numbers, transactionSettings, onRanked }: CommitBatchOptions,
): Promise<readonly Outcome[]> {
  const { submissions, unsettled } = batch;
  const request = numbers.request(submissions.length, joiningMax);
  const before: readonly Statement[] = [
    ...(request.statement === null ? [] : [request.statement]),
    { text: beginReadCommitted },
    ...transactionSettings,
    lockShopAndTell,
  ];
  let reservation: NumberReservation | null = request.statement === null ? request.reserve(null) : null;
  let decision: Decision;
  try {
    const answers = await connection.send([...before, ...snapshotStatements(submissions)]);
    reservation ??= request.reserve(answers[0] ?? null);
    let snapshot = toSnapshot(answers.slice(before.length));
    if (unsettled !== null && isStored(unsettled, snapshot)) {
      reservation.keep(0);
      await rollBack(connection);
      return unsettled.outcomes;
    }
    const hasWaited = answers[before.length - 1]?.rows[0]?.['came_at_once'] === false;
    // Nobody joins a batch that is in trouble already: what was decided for it may turn out to be stored.
    if (hasWaited && unsettled === null) {
      const joining = batch.takeMore(reservation.extend(joiningMax));
      if (joining.length > 0) {
        submissions.push(...joining);
        const joined = toSnapshot(await connection.send(snapshotStatements(joining)));
        snapshot = joinSnapshots(snapshot, joined);
      }
    }
    decision = decideBatch({ ...snapshot, orderNumberNext: reservation.first }, submissions);
    await assertRefusalsAreTrue(connection, decision.outcomes);
    reservation.keep(decision.writeSet.orders.length);
  } catch (error) {
    reservation?.keep(0);
    await rollBack(connection);
    throw error;
  }
  if (decision.writeSet.orders.length === 0) {
    await rollBack(connection);
    return decision.outcomes;
  }
  try {
    onRanked(await write(connection, decision));
  } catch (error) {
    if (error instanceof UnansweredCommit) batch.unsettled = decision;
    throw error;
  }
  return decision.outcomes;
}

/**
 * All orders of a batch are stored or none is. Its locks are ours now, so the transaction that was not
 * answered has ended, one way or the other: an order that is not there will never be. (On Citus it may come later, when
 * a worker has finished it; then the inserts meet it and the batch is tried again.) The number tells that it is that transaction's order and not one of the same id that somebody else has handed in.
 */
function isStored({ writeSet }: Decision, { ordersById }: BatchSnapshot): boolean {
  return writeSet.orders.some(({ orderId, number }) => ordersById.get(orderId)?.number === number);
}

/** Writes and commits in one round trip. Returns the states whose ranking a product came into. */
async function write(connection: Connection, decision: Decision): Promise<readonly string[]> {
  const writes = writeStatements(decision.writeSet);
  const noted = connection.server.has_citus ? writes.map(notedAsWrite) : writes;
  const statements = [...noted, { text: 'COMMIT' }];
  let answers: readonly Answer[];
  try {
    answers = await connection.send(statements);
  } catch (error) {
    if (error instanceof ConnectionLostError) throw new UnansweredCommit(error);
    // A statement failed, so that the COMMIT behind it was a rollback.
    throw error;
  }
  if (answers.at(-1)?.command !== 'COMMIT')
    throw new Error('PostgreSQL rolled back a batch without a reason');
  const ranked = answers[statements.findIndex(({ name }) => name === popularityAnswer)]?.rows ?? [];
  return ranked.map((row) => String(row['state']));
}

/** A connection that can't even roll back is given up: the server then does it. */
async function rollBack(connection: Connection): Promise<void> {
  try {
    await connection.send([{ text: 'ROLLBACK' }]);
  } catch {
    await connection.close();
  }
}
