/**
 * The transaction of a batch in two round trips: the first opens it, takes the locks and reads the snapshot; the
 * second writes and commits. The snapshot of orders that join is a third. Steps that may use up the spare of a
 * ranking need one more, and steps of orders whose lines are on other servers one to learn which products they are
 * about. See `server/commit-batch.ts`.
 */
import { type Command, type Decision, isStep, keysOfGrants } from '../../domain/decide-batch.ts';
import { needsProducts } from '../../domain/order-step.ts';
import type { BatchSnapshot, BatchTransaction } from '../server/commit-batch.ts';
import { ConnectionLostError, UnansweredCommitError } from '../server/connection-errors.ts';
import { auditOfSteps, erasedSubjects } from '../step-audit.ts';
import { selectRights, toRights } from './access.ts';
import { appendAudit, eraseAddresses } from './audit.ts';
import type { Answer, Connection, Statement } from './connection.ts';
import { isWorthAnotherTry, mayPass } from './failures.ts';
import { beginReadCommitted, lockShopAndTell } from './locks.ts';
import { takeNumbers, toNumberRange } from './number-ranges.ts';
import {
  debtAnswer,
  type FallsOwed,
  isWithinSpare,
  type RankingDebt,
  rankAnew,
  readOwing,
  statesBeyondSpare,
  toDebts,
  toFallsOwed,
} from './ranking-debt.ts';
import { skusOfSteppedOrders, snapshotStatements, toSnapshot } from './snapshot.ts';
import { stepStatements } from './step-writes.ts';
import { popularityAnswer, writeStatements } from './write-set.ts';

function mayTakePopularity(command: Command): boolean {
  return isStep(command) && needsProducts(command.step);
}

/** @param transactionSettings sent right behind BEGIN, for what can't be set on the session */
export function createBatchTransaction(
  transactionSettings: readonly Statement[],
): BatchTransaction<Connection> {
  /** By the connection of a transaction with steps that may take popularity; it has the shop's lock. */
  const owedBy = new WeakMap<Connection, FallsOwed>();

  /** @returns also the answers to the statements before it */
  async function readSnapshot(
    connection: Connection,
    commands: readonly Command[],
    before: readonly Statement[],
  ): Promise<{ readonly snapshot: BatchSnapshot; readonly answers: readonly Answer[] }> {
    if (!commands.some(isStep)) {
      const answers = await connection.send([...before, ...snapshotStatements(commands)]);
      return { snapshot: toSnapshot(answers.slice(before.length)), answers };
    }
    const { owed, ...read } = await readForSteps(connection, commands, before);
    if (owed !== null) owedBy.set(connection, owed);
    return read;
  }

  return {
    async open(connection, commands, numbersMissing) {
      owedBy.delete(connection);
      const before: readonly Statement[] = [
        ...(numbersMissing === 0 ? [] : [takeNumbers(numbersMissing)]),
        { text: beginReadCommitted },
        ...transactionSettings,
        lockShopAndTell,
      ];
      const { snapshot, answers } = await readSnapshot(connection, commands, before);
      return {
        snapshot,
        numbers: numbersMissing === 0 ? null : toNumberRange(answers[0]),
        hasWaited: answers[before.length - 1]?.rows[0]?.['came_at_once'] === false,
      };
    },

    async readJoining(connection, commands) {
      return (await readSnapshot(connection, commands, [])).snapshot;
    },

    async end(connection, commands, decision) {
      const { outcomes, writeSet } = decision;
      try {
        await connection.distribution.assertRefusalsAreTrue(connection, outcomes);
      } catch (error) {
        await rollBack(connection);
        throw error;
      }
      if (writeSet.events.length > 0)
        return writeSteps(connection, commands, decision, owedBy.get(connection));
      if (writeSet.orders.length > 0) return write(connection, writeStatements(writeSet));
      await rollBack(connection);
      return [];
    },

    rollBack,
    isWorthAnotherTry,
    mayPass,
  };
}

/** @returns also the debts of the rankings, null when no command may take popularity */
async function readForSteps(
  { send, distribution }: Connection,
  commands: readonly Command[],
  before: readonly Statement[],
) {
  const apart = distribution.keepsLinesApart ? skusOfSteppedOrders(commands) : null;
  const owing = commands.some(mayTakePopularity) ? [readOwing] : [];
  const answers = await send([
    ...before,
    ...owing,
    selectRights(keysOfGrants(commands)),
    ...(apart === null ? snapshotStatements(commands) : [apart]),
  ]);
  const [rights, ...read] = answers.slice(before.length + owing.length);
  const owed = owing.length > 0 ? toFallsOwed(answers[before.length]) : null;
  const rows = apart === null ? read : await send(snapshotStatements(commands, read[0]));
  return { snapshot: toSnapshot(rows, toRights(rights)), answers, owed };
}

/** Writes and commits in one round trip. Returns the states whose ranking a product came into. */
async function write(connection: Connection, writes: readonly Statement[]): Promise<readonly string[]> {
  const sent = connection.distribution.toWrites(writes);
  return rankedBy(sent, await commit(connection, sent));
}

/**
 * The same in one round trip, unless the batch may use up the spare of a state: then rankings are made anew before the
 * commit where it has. Returns also the states in which a ranked product has fallen.
 */
async function writeSteps(
  connection: Connection,
  commands: readonly Command[],
  decision: Decision,
  owed: FallsOwed | undefined,
): Promise<readonly string[]> {
  const { writeSet } = decision;
  const { send, distribution } = connection;
  try {
    const writes = distribution.toWrites(stepStatements(writeSet));
    const last = auditStatements(commands, decision);
    const { popularityTaken } = writeSet;
    if (popularityTaken.length === 0 || (owed !== undefined && isWithinSpare(owed, popularityTaken))) {
      const sent = [...writes, ...last];
      const answers = await commit(connection, sent);
      return [...rankedBy(sent, answers), ...debtsIn(sent, answers).map(({ state }) => state)];
    }
    const answers = await send(writes);
    const debts = debtsIn(writes, answers);
    const beyond = statesBeyondSpare(debts);
    if (beyond.length > 0) await rankAnew(send, beyond, writeSet.events[0]?.atMs ?? 0);
    await commit(connection, last);
    return [...rankedBy(writes, answers), ...debts.map(({ state }) => state)];
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

function debtsIn(sent: readonly Statement[], answers: readonly Answer[]): readonly RankingDebt[] {
  return toDebts(answers[sent.findIndex(({ name }) => name === debtAnswer)]);
}

/** A connection that can't even roll back is given up: the server then does it. */
async function rollBack(connection: Connection): Promise<void> {
  try {
    await connection.send([{ text: 'ROLLBACK' }]);
  } catch {
    await connection.close();
  }
}
