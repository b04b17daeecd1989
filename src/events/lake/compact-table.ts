/** Compacts the days of a table that have many small files: those that are over, and today when it has very many. */
import { compactDay, isSmallFile } from './compact-day.ts';
import { type LakeSession, readNewest } from './lake-session.ts';

const dayMs = 86_400_000;

/** A day that is over is compacted after this time, when a clock that is slow has written its last rows. */
const settledMs = 15 * 60_000;

/** Small files of a day that goes on: at this many it is compacted. */
export const smallFilesMax = 200;

export interface CompactedDays {
  readonly days: number;
  readonly removedFiles: number;
  readonly addedFiles: number;
  /** Of days that stay as they are, the oldest first: what {@link compactDay} threw. */
  readonly failures: readonly unknown[];
}

/**
 * A day that can't be compacted does not keep the others from it.
 * @param isStopped asked between two days
 * @throws as readNewest does
 */
export async function compactTable(session: LakeSession, isStopped: () => boolean): Promise<CompactedDays> {
  const sum = { days: 0, removedFiles: 0, addedFiles: 0 };
  const failures: unknown[] = [];
  for (const day of await daysDue(session)) {
    if (isStopped()) break;
    try {
      const compacted = await compactDay(session, day);
      if (compacted.kind !== 'compacted') continue;
      sum.days += 1;
      sum.removedFiles += compacted.removed;
      sum.addedFiles += compacted.added;
    } catch (error) {
      failures.push(error);
    }
  }
  return { ...sum, failures };
}

/** The oldest first. */
async function daysDue(session: LakeSession): Promise<readonly string[]> {
  const { table, nowMs } = session.options;
  const { state } = await readNewest(session);
  const counts = new Map<string, number>();
  for (const file of state.files.values()) {
    const day = file.partitionValues[table.partitionColumn];
    if (day !== undefined && day !== null && isSmallFile(file)) counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  const firstOpenDay = new Date(Math.floor((nowMs() - settledMs) / dayMs) * dayMs).toISOString().slice(0, 10);
  return Array.from(counts)
    .filter(([day, count]) => count >= (day < firstOpenDay ? 2 : smallFilesMax))
    .map(([day]) => day)
    .sort();
}
