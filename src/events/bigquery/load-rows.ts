/** Loads rows of the shop's log into a table of BigQuery, exactly once. */

import { writeParquet } from '../parquet/write-parquet.ts';
import type { AppendOutcome, LogPart } from '../table-sink.ts';
import type { ColumnBatch } from '../tables/column-values.ts';
import type { LakeColumn, LakeTable } from '../tables/lake-table.ts';
import { TableRefusedError } from '../tables/table-refused-error.ts';
import { isOverQuota, refusalOf } from './bigquery-client.ts';
import { digestOfFact, type JobState, type LoadLabels, readJob, startJob } from './load-job.ts';
import { loadIntervalMs } from './load-pace.ts';
import {
  advance,
  growing,
  jobNameOf,
  type LoadSession,
  pauseFor,
  quotaPauseMs,
  type Reached,
  readReached,
} from './load-session.ts';
import { readHighest } from './table-rows.ts';

/** A job is waited for so long, in milliseconds; then it is asked for again in a later round. */
export const jobWaitMs = 600_000;
/** Pauses between two questions after a job, in milliseconds: they double from the first to the last. */
const jobPollMs = { first: 500, last: 10_000 };
/** Times that one load is sent, when answers are lost. */
export const sendsMax = 5;

/**
 * Waits until the table may be loaded again, and until the job is done.
 * @throws TableRefusedError when this shop can't write the table, has to wait, or when the outcome is not known yet. Either
 * way table and jobs tell the truth, and the next call goes by it.
 */
export async function loadRows(
  session: LoadSession,
  { after, through, rows }: Pick<LogPart, 'after' | 'through' | 'rows'>,
): Promise<AppendOutcome> {
  if (!(through > after))
    throw new RangeError(`a part of the log ends at ${through} and begins after ${after}`);
  const { table, columns, factAt, newId } = session.options;
  const last = lastPosition(rows, table, after, through);
  let at = await readReached(session);
  const waitMs = last === null ? 0 : at.pace.waitMs();
  if (waitMs > 0) {
    await session.sleep(waitMs);
    at = await readReached(session);
  }
  if (at.through !== after) return { kind: 'moved', position: at.through };
  if (last === null) {
    // A load without rows would only use up the number of loads of a day.
    at.through = through;
    return { kind: 'appended' };
  }
  const fact = await factAt(last);
  if (fact === null) throw new Error(`nothing stands at position ${last}, which has a row`);
  const factDigest = digestOfFact(fact);
  const labels = { through: last, rows: rows.rowCount, factDigest, loadId: newId() };
  const job = await load(session, at, labels, writeParquet(columns.map(asNullable), rows).bytes);
  if (job?.kind === 'loaded' && job.loadId === labels.loadId) {
    advance(session, at, job);
    at.through = through;
    return { kind: 'appended' };
  }
  // What has failed begins anew with the table itself.
  if (job?.kind === 'failed') session.reached = null;
  return { kind: 'moved', position: (await readReached(session)).through };
}

/** @returns the job of this name when it is done, our own or another writer's; null when the table is not where it was */
async function load(
  session: LoadSession,
  at: Reached,
  labels: LoadLabels,
  file: Uint8Array,
): Promise<JobState | null> {
  const { client, table } = session.options;
  // After a failure the table is asked once more whether really nothing was loaded.
  if (at.attempt > 0 && ((await readHighest(client, at.remote, table)) ?? 0) !== at.after) {
    session.reached = null;
    return null;
  }
  at.pace.take();
  for (let sends = 0; sends < sendsMax; sends += 1) {
    const answer = await startJob(client, jobNameOf(session, at), labels, file);
    if (answer !== null && isOverQuota(answer)) {
      const firstMs = answer.reason === 'quotaExceeded' ? quotaPauseMs : loadIntervalMs;
      session.quotaFailures += 1;
      const why = `A limit of BigQuery's is reached at ${at.remote.where} (${answer.reason}: ${answer.message})`;
      throw pauseFor(session, growing(firstMs, session.quotaFailures - 1), why);
    }
    if (answer !== null && answer.status >= 300 && answer.status !== 409)
      throw refusalOf(answer, at.remote.where);
    const job = await awaitJob(session, at);
    if (job.kind !== 'none') return job;
  }
  throw new TableRefusedError(`BigQuery has not taken a load into ${at.remote.where} at ${sendsMax} tries.`);
}

async function awaitJob(session: LoadSession, at: Reached): Promise<JobState> {
  const { client } = session.options;
  const endsAtMs = session.monotonicMs() + jobWaitMs;
  for (let pollMs = jobPollMs.first; ; pollMs = Math.min(pollMs * 2, jobPollMs.last)) {
    const job = await readJob(client, jobNameOf(session, at));
    if (job.kind !== 'running') return job;
    if (session.monotonicMs() >= endsAtMs)
      throw new TableRefusedError(
        `A load into ${at.remote.where} still runs after ${jobWaitMs / 60_000} minutes. It is waited for.`,
      );
    await session.sleep(pollMs);
  }
}

/** A file's column and the table's are then of one mode. */
function asNullable(column: LakeColumn): LakeColumn {
  return { ...column, nullable: true };
}

function lastPosition(
  rows: ColumnBatch,
  { positionColumn }: LakeTable,
  after: number,
  through: number,
): number | null {
  if (rows.rowCount === 0) return null;
  const positions = rows.columns.get(positionColumn);
  if (positions?.kind !== 'long') throw new Error(`the rows have no ${positionColumn}`);
  const [first, last] = [Number(positions.values.at(0)), Number(positions.values.at(-1))];
  if (first <= after || last > through)
    throw new RangeError(`rows ${first} to ${last} are not after ${after} and up to ${through}`);
  return last;
}
