/**
 * Work on the tables of a lake that can wait: large files instead of many small ones, and once a day the removal of files
 * that no reader needs any more. It goes on beside the writing of rows, with sessions of its own. A day or a table for
 * which it fails does not keep the others from it.
 */
import { compactTable } from '../events/lake/compact-table.ts';
import { removedFileRetentionMs } from '../events/lake/forget-removed.ts';
import type { LakeSession } from '../events/lake/lake-session.ts';
import { logRetentionMs, vacuumFiles, vacuumLog } from '../events/lake/vacuum.ts';
import { TableRefusedError } from '../events/tables/table-refused-error.ts';

/** Between two looks for days to compact, in milliseconds. */
const upkeepMs = 60_000;

/** Between two vacuums of a table, which list the whole table. */
export const vacuumMs = 86_400_000;

/** After a vacuum that failed, or was stopped. */
export const vacuumRetryMs = 3_600_000;

/** The first follows the first compaction: a service that starts every day has one every day. */
export type VacuumDue = Map<string, number>;

export type UpkeepWork = 'compaction' | 'vacuum';

export interface UpkeepFailure {
  readonly work: UpkeepWork;
  readonly table: string;
  readonly error: unknown;
  /** Days of the table with failures of their own. */
  readonly moreDays: number;
}

export interface UpkeepEvents {
  /** Days of a table were compacted. */
  readonly onCompacted: (table: string, removedFiles: number, addedFiles: number) => void;
  /** Files that no reader needs were removed from a table, and from its log. */
  readonly onVacuumed: (table: string, removedFiles: number, removedBytes: number) => void;
  readonly onUpkeepFailure: (failure: UpkeepFailure) => void;
}

export interface Upkeep {
  /** Does the work that is due. Resolves at its end, and at once when none is due; never rejects. */
  begin(): Promise<void>;
  stop(): void;
}

/**
 * @param vacuumDue by table, when its next vacuum is due by `monotonicMs`; it outlives the upkeep, which begins anew when a
 * store or a database was away
 * @param monotonicMs a clock that is never put back
 */
export function createUpkeep(
  sessions: readonly LakeSession[],
  { onCompacted, onVacuumed, onUpkeepFailure }: UpkeepEvents,
  vacuumDue: VacuumDue,
  monotonicMs: () => number = () => performance.now(),
): Upkeep {
  let begunAtMs = Number.NEGATIVE_INFINITY;
  let isBusy = false;
  let isStopped = false;
  const hasStopped = () => isStopped;

  async function compact(session: LakeSession): Promise<void> {
    const { name: table } = session.options.table;
    const { removedFiles, addedFiles, failures } = await compactTable(session, hasStopped);
    if (removedFiles > 0) onCompacted(table, removedFiles, addedFiles);
    const [error, ...more] = failures;
    if (failures.length > 0 && !isStopped)
      onUpkeepFailure({ work: 'compaction', table, error, moreDays: more.length });
  }

  async function vacuum(session: LakeSession): Promise<void> {
    const { name: table } = session.options.table;
    if (isStopped || monotonicMs() < (vacuumDue.get(table) ?? Number.NEGATIVE_INFINITY)) return;
    vacuumDue.set(table, monotonicMs() + vacuumRetryMs);
    const data = await vacuumFiles(session, removedFileRetentionMs, hasStopped);
    const log = await vacuumLog(session, logRetentionMs, hasStopped);
    if (!isStopped) vacuumDue.set(table, monotonicMs() + vacuumMs);
    const removedFiles = data.removedFiles + log.removedFiles;
    if (removedFiles > 0) onVacuumed(table, removedFiles, data.removedBytes + log.removedBytes);
  }

  /** @returns whether the work came to its end */
  async function attempt(work: UpkeepWork, session: LakeSession): Promise<boolean> {
    try {
      await (work === 'compaction' ? compact : vacuum)(session);
      return true;
    } catch (error) {
      const { name: table } = session.options.table;
      // The writer finds the same of a table that this shop can't write, and tells of it.
      if (!(error instanceof TableRefusedError || isStopped))
        onUpkeepFailure({ work, table, error, moreDays: 0 });
      return false;
    }
  }

  async function tendAll(): Promise<void> {
    for (const session of sessions)
      if (!isStopped && (await attempt('compaction', session))) await attempt('vacuum', session);
  }

  return {
    async begin() {
      if (isBusy || isStopped || monotonicMs() - begunAtMs < upkeepMs) return;
      begunAtMs = monotonicMs();
      isBusy = true;
      await tendAll().finally(() => {
        isBusy = false;
      });
    },
    stop() {
      isStopped = true;
    },
  };
}
