/**
 * A table of BigQuery that rows of the shop's log are loaded into, each exactly once, by any number of writers.
 *
 * The table's highest position names the next job, and only one job of a name can load. Nothing has to be kept elsewhere:
 * a writer that begins anew asks the table for its highest position, and BigQuery for the job that follows it. What a
 * crash, a lost answer or another writer can leave behind is seen in that job (docs/decisions/0044).
 */
import { setTimeout } from 'node:timers/promises';
import type { ColumnBatch } from '../tables/column-values.ts';
import type { LakeColumn, LakeTable } from '../tables/lake-table.ts';
import { TableRefusedError } from '../tables/table-refused-error.ts';
import { type BigQueryClient, isOverQuota } from './bigquery-client.ts';
import { digestOfFact, type JobName, type JobState, jobIdOf, type LoadedJob, readJob } from './load-job.ts';
import { beginPace, type LoadPace, loadIntervalMs } from './load-pace.ts';
import { ensureDataset, ensureTable, type RemoteTable } from './remote-table.ts';
import { hasRow, readHighest } from './table-rows.ts';

export interface LoadOptions {
  readonly client: BigQueryClient;
  /** Of a dataset that is made, such as `EU`. */
  readonly location: string;
  readonly table: LakeTable;
  /** Those of the table that are loaded: none that tells of a person, as an erasure does not reach BigQuery. */
  readonly columns: readonly LakeColumn[];
  /** Made with the shop, and the same in all its copies. */
  readonly shopId: string;
  /** The rows that the shop has at a position of its log. */
  readonly rowsAt: (position: number) => Promise<ColumnBatch>;
  /** What the shop has at a position of its log; see `ShopLog.readFact`. */
  readonly factAt: (position: number) => Promise<string | null>;
  readonly nowMs: () => number;
  /** In milliseconds, for our own waits: unlike the clock of the machine, it never jumps. */
  readonly monotonicMs?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** Makes a UUID. */
  readonly newId: () => string;
}

/** How far a table has come. */
export interface Reached {
  readonly remote: RemoteTable;
  readonly pace: LoadPace;
  /** The highest position in the table, which names the next job; 0 for none. */
  after: number;
  attempt: number;
  /** At or beyond it: no position between them has a row. */
  through: number;
}

export interface LoadSession {
  readonly options: LoadOptions;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly monotonicMs: () => number;
  /** Of the dataset; null before it is known. */
  location: string | null;
  /** Null before the table has passed all checks. */
  reached: Reached | null;
  /** By the monotonic clock, and the words for it. */
  pause: { readonly endsAtMs: number; readonly sentence: string };
  /** The id of the failed job after which the last pause was made. */
  pausedAfter: string | null;
  /** Loads in a row that BigQuery has not taken because of a limit. */
  quotaFailures: number;
}

/** After failures in a row, the pause doubles up to this, in milliseconds. */
export const failurePauseMaxMs = 3_600_000;
/** The first pause after a limit of the day, as BigQuery asks for it, in milliseconds. */
export const quotaPauseMs = 600_000;

export function openLoadSession(options: LoadOptions): LoadSession {
  const { sleep = setTimeout, monotonicMs = () => performance.now() } = options;
  return {
    options,
    sleep,
    monotonicMs,
    location: null,
    reached: null,
    pause: { endsAtMs: Number.NEGATIVE_INFINITY, sentence: '' },
    pausedAfter: null,
    quotaFailures: 0,
  };
}

/**
 * The last position of the log whose rows are in the table, as far as the session knows. Makes dataset and table.
 * @throws TableRefusedError when this shop can't write the table, or when it has to wait
 */
export async function readLoadedPosition(session: LoadSession): Promise<number> {
  return (await readReached(session)).through;
}

/** The table as it is now, and how far the jobs after the last known one have brought it. */
export async function readReached(session: LoadSession): Promise<Reached> {
  const { client, location: wanted, table, columns, shopId } = session.options;
  if (session.monotonicMs() < session.pause.endsAtMs) throw stillPaused(session);
  const { location: known, reached: before } = session;
  session.location = null;
  session.reached = null;
  const location = known ?? (await ensureDataset(client, wanted));
  const remote = await ensureTable(client, location, { shopId, table, columns });
  const now = before?.remote.generation === remote.generation ? before : await begin(session, remote);
  await followJobs(session, now);
  session.location = location;
  session.reached = now;
  return now;
}

async function begin(session: LoadSession, remote: RemoteTable): Promise<Reached> {
  const { client, table, nowMs } = session.options;
  const pace = beginPace(remote.changedAtMs, nowMs);
  for (let isSecond = false; ; isSecond = true) {
    const after = (await readHighest(client, remote, table)) ?? 0;
    const found: Reached = { remote, pace, after, attempt: 0, through: after };
    const job = await nextJob(session, found);
    if (job.kind !== 'loaded') {
      if (after > 0) await assertOwnRow(session.options, remote, after);
      return found;
    }
    // The job may have ended after the table was read; then the second reading shows its rows.
    if (isSecond)
      throw new TableRefusedError(
        `${remote.where} ends at position ${after}, but rows up to ${job.through} were loaded: somebody has removed them. Remove the table, and it is made and loaded anew.`,
      );
  }
}

async function assertOwnRow(
  { client, table, columns, rowsAt }: LoadOptions,
  remote: RemoteTable,
  position: number,
): Promise<void> {
  const rows = await rowsAt(position);
  if (rows.rowCount > 0 && (await hasRow(client, remote, { table, columns }, rows))) return;
  throw anotherRow(remote, position);
}

/** Costs nothing, unlike a query: the job itself tells what its writer's shop has at the last position. */
async function assertOwnJob(
  { factAt }: LoadOptions,
  remote: RemoteTable,
  { through, factDigest }: LoadedJob,
): Promise<void> {
  const fact = await factAt(through);
  if (fact === null || digestOfFact(fact) !== factDigest) throw anotherRow(remote, through);
}

function anotherRow({ where }: RemoteTable, position: number): TableRefusedError {
  return new TableRefusedError(
    `${where} has another row at position ${position} than this shop: a copy of the shop has loaded it, or somebody else. Name another dataset by BIGQUERY_DATASET.`,
  );
}

export function jobNameOf({ options }: LoadSession, { remote, after, attempt }: Reached): JobName {
  return { shopId: options.shopId, remote, after, attempt };
}

/**
 * The first job of this position that has not failed, or that there is not yet. Its attempt is noted.
 * @throws TableRefusedError when the last one has failed a short time ago
 */
async function nextJob(session: LoadSession, at: Reached): Promise<Exclude<JobState, { kind: 'failed' }>> {
  const { client, nowMs } = session.options;
  for (;;) {
    const name = jobNameOf(session, at);
    const job = await readJob(client, name);
    if (job.kind !== 'failed') return job;
    at.attempt += 1;
    const firstMs = isOverQuota(job) ? quotaPauseMs : loadIntervalMs;
    const pauseMs = growing(firstMs, at.attempt - 1);
    const dueMs = Math.min(job.endedAtMs + pauseMs - nowMs(), pauseMs);
    if (dueMs <= 0) continue;
    // When our clock is behind BigQuery's, the job seems to end later: one pause follows it, and no second one.
    if (session.pausedAfter === jobIdOf(name)) continue;
    // Another writer may have made the next attempt meanwhile.
    if ((await readJob(client, jobNameOf(session, at))).kind !== 'none') continue;
    session.pausedAfter = jobIdOf(name);
    throw pauseFor(
      session,
      dueMs,
      `BigQuery could not load into ${at.remote.where} (${job.reason}: ${job.message})`,
    );
  }
}

/** Goes on over the jobs that have loaded. They are asked for by name, which costs nothing. */
export async function followJobs(
  session: LoadSession,
  at: Reached,
): Promise<Exclude<JobState, { kind: 'failed' | 'loaded' }>> {
  for (;;) {
    const job = await nextJob(session, at);
    if (job.kind !== 'loaded') return job;
    await assertOwnJob(session.options, at.remote, job);
    advance(session, at, job);
  }
}

/** @throws TableRefusedError when BigQuery has not loaded what it was sent */
export function advance(session: LoadSession, at: Reached, { through, rows, loadedRows }: LoadedJob): void {
  if (!(through > at.after) || loadedRows !== rows) {
    throw new TableRefusedError(
      `The load after position ${at.after} of ${at.remote.where} has ${loadedRows} rows up to ${through}, and should have ${rows}. Remove the table, and it is made and loaded anew.`,
    );
  }
  at.after = through;
  at.through = Math.max(at.through, through);
  at.attempt = 0;
  session.quotaFailures = 0;
}

/** @returns the error to throw; until the pause has ended, every reading throws it too */
export function pauseFor(session: LoadSession, ms: number, why: string): TableRefusedError {
  const nextTry = new Date(session.options.nowMs() + ms).toISOString();
  session.pause = {
    endsAtMs: session.monotonicMs() + ms,
    sentence: `${why}. The next try is at ${nextTry}.`,
  };
  return stillPaused(session);
}

/** The same words as long as the pause lasts: they are told once. */
function stillPaused({ pause }: LoadSession): TableRefusedError {
  return new TableRefusedError(pause.sentence);
}

/** The pause after so many failures before, in milliseconds. */
export function growing(firstMs: number, failures: number): number {
  return Math.min(firstMs * 2 ** failures, failurePauseMaxMs);
}
