/**
 * The transaction of a batch in two round trips: the first opens it, takes the locks and reads the snapshot; the
 * second writes and commits. The snapshot of orders that join is a third, and steps of orders need one more to learn
 * which products they are about, and one when they count down. See `server/commit-batch.ts`.
 */
import type { Command, Decision } from '../../domain/decide-batch.ts';
import type { BatchTransaction } from '../server/commit-batch.ts';
import { ConnectionLostError, UnansweredCommitError } from '../server/connection-errors.ts';
import { auditOfSteps, erasedSubjects } from '../step-audit.ts';
import { appendAudit, eraseAddresses } from './audit.ts';
import type { Answer, Connection, Statement } from './connection.ts';
import { isWorthAnotherTry, mayPass } from './failures.ts';
import { beginReadCommitted, lockShopAndTell } from './locks.ts';
import { takeNumbers, toNumberRange } from './number-ranges.ts';
import { debtAnswer, rankAnew, statesBeyondSpare, toDebts } from './ranking-debt.ts';
import { skusOfSteppedOrders, snapshotStatements, toSnapshot } from './snapshot.ts';
import { stepStatements } from './step-writes.ts';
import { popularityAnswer, writeStatements } from './write-set.ts';

/** @param transactionSettings sent right behind BEGIN, for what can't be set on the session */
export function createBatchTransaction(
  transactionSettings: readonly Statement[],
): BatchTransaction<Connection> {
  return {
    async open({ send }, commands, numbersMissing) {
      const before: readonly Statement[] = [
        ...(numbersMissing === 0 ? [] : [takeNumbers(numbersMissing)]),
        { text: beginReadCommitted },
        ...transactionSettings,
        lockShopAndTell,
      ];
      const skusOfOrders = skusOfSteppedOrders(commands);
      const answers =
        skusOfOrders === null
          ? await send([...before, ...snapshotStatements(commands)])
          : await send([...before, skusOfOrders]);
      const read = answers.slice(before.length);
      return {
        snapshot: toSnapshot(
          skusOfOrders === null ? read : await send(snapshotStatements(commands, read[0])),
        ),
        numbers: numbersMissing === 0 ? null : toNumberRange(answers[0]),
        hasWaited: answers[before.length - 1]?.rows[0]?.['came_at_once'] === false,
      };
    },

    async readJoining({ send }, commands) {
      const skusOfOrders = skusOfSteppedOrders(commands);
      const [skus] = skusOfOrders === null ? [] : await send([skusOfOrders]);
      return toSnapshot(await send(snapshotStatements(commands, skus)));
    },

    async end(connection, commands, decision) {
      const { outcomes, writeSet } = decision;
      try {
        await connection.distribution.assertRefusalsAreTrue(connection, outcomes);
      } catch (error) {
        await rollBack(connection);
        throw error;
      }
      if (writeSet.events.length > 0) return writeSteps(connection, commands, decision);
      if (writeSet.orders.length > 0) return write(connection, writeStatements(writeSet));
      await rollBack(connection);
      return [];
    },

    rollBack,
    isWorthAnotherTry,
    mayPass,
  };
}

/** Writes and commits in one round trip. Returns the states whose ranking a product came into. */
async function write(connection: Connection, writes: readonly Statement[]): Promise<readonly string[]> {
  const sent = connection.distribution.toWrites(writes);
  return rankedBy(sent, await commit(connection, sent));
}

/**
 * The same in one round trip, unless the batch counts down: then the rankings of states that have used up their spare
 * are made anew before the commit. Returns also the states in which a ranked product has fallen.
 */
async function writeSteps(
  connection: Connection,
  commands: readonly Command[],
  decision: Decision,
): Promise<readonly string[]> {
  const { writeSet } = decision;
  const { send } = connection;
  try {
    const writes = stepStatements(writeSet);
    const last = auditStatements(commands, decision);
    if (writeSet.popularityTaken.length === 0) return await write(connection, [...writes, ...last]);
    const sent = connection.distribution.toWrites(writes);
    const answers = await send(sent);
    const debts = toDebts(answers[sent.findIndex(({ name }) => name === debtAnswer)]);
    const beyond = statesBeyondSpare(debts);
    if (beyond.length > 0) await rankAnew(send, beyond, writeSet.events[0]?.atMs ?? 0);
    await commit(connection, last);
    return [...rankedBy(sent, answers), ...debts.map(({ state }) => state)];
  } catch (error) {
    if (!(error instanceof UnansweredCommitError)) await rollBack(connection);
    throw error;
  }
}

function auditStatements(
  commands: readonly Command[],
  { outcomes, writeSet }: Decision,
): readonly Statement[] {
  const appended = appendAudit(auditOfSteps(commands, outcomes));
  const erased = erasedSubjects(writeSet);
  return erased.length === 0 ? appended : [...appended, eraseAddresses(erased)];
}

/** Sends the writes with the COMMIT behind them. */
async function commit(connection: Connection, writes: readonly Statement[]): Promise<readonly Answer[]> {
  let answers: readonly Answer[];
  try {
    answers = await connection.send([...writes, { text: 'COMMIT' }]);
  } catch (error) {
    if (error instanceof ConnectionLostError) throw new UnansweredCommitError(error);
    // A statement failed, so that the COMMIT behind it was a rollback.
    throw error;
  }
  if (answers.at(-1)?.command !== 'COMMIT')
    throw new Error('PostgreSQL rolled back a batch without a reason');
  return answers;
}

function rankedBy(sent: readonly Statement[], answers: readonly Answer[]): readonly string[] {
  const ranked = answers[sent.findIndex(({ name }) => name === popularityAnswer)]?.rows ?? [];
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
