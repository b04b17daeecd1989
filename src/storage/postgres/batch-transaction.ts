/**
 * The transaction of a batch in two round trips: the first opens it, takes the locks and reads the snapshot; the
 * second writes and commits. The snapshot of orders that join is a third. See `server/commit-batch.ts`.
 */
import type { WriteSet } from '../../domain/decide-batch.ts';
import type { BatchTransaction } from '../server/commit-batch.ts';
import { ConnectionLostError, UnansweredCommitError } from '../server/connection-errors.ts';
import type { Answer, Connection, Statement } from './connection.ts';
import { isWorthAnotherTry, mayPass } from './failures.ts';
import { beginReadCommitted, lockShopAndTell } from './locks.ts';
import { takeNumbers, toNumberRange } from './number-ranges.ts';
import { snapshotStatements, toSnapshot } from './snapshot.ts';
import { popularityAnswer, writeStatements } from './write-set.ts';

/** @param transactionSettings sent right behind BEGIN, for what can't be set on the session */
export function createBatchTransaction(
  transactionSettings: readonly Statement[],
): BatchTransaction<Connection> {
  return {
    async open({ send }, submissions, numbersMissing) {
      const before: readonly Statement[] = [
        ...(numbersMissing === 0 ? [] : [takeNumbers(numbersMissing)]),
        { text: beginReadCommitted },
        ...transactionSettings,
        lockShopAndTell,
      ];
      const answers = await send([...before, ...snapshotStatements(submissions)]);
      return {
        snapshot: toSnapshot(answers.slice(before.length)),
        numbers: numbersMissing === 0 ? null : toNumberRange(answers[0]),
        hasWaited: answers[before.length - 1]?.rows[0]?.['came_at_once'] === false,
      };
    },

    readJoining: async ({ send }, submissions) => toSnapshot(await send(snapshotStatements(submissions))),

    async end(connection, { outcomes, writeSet }) {
      try {
        await connection.distribution.assertRefusalsAreTrue(connection, outcomes);
      } catch (error) {
        await rollBack(connection);
        throw error;
      }
      if (writeSet.orders.length > 0) return write(connection, writeSet);
      await rollBack(connection);
      return [];
    },

    rollBack,
    isWorthAnotherTry,
    mayPass,
  };
}

/** Writes and commits in one round trip. Returns the states whose ranking a product came into. */
async function write(connection: Connection, writeSet: WriteSet): Promise<readonly string[]> {
  const writes = connection.distribution.toWrites(writeStatements(writeSet));
  const statements = [...writes, { text: 'COMMIT' }];
  let answers: readonly Answer[];
  try {
    answers = await connection.send(statements);
  } catch (error) {
    if (error instanceof ConnectionLostError) throw new UnansweredCommitError(error);
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
