/** Forgets files that were removed from a table so long ago that no reader needs them. */
import type { TableState } from './table-state.ts';

/**
 * How long a table's state and its checkpoints tell of a removed file, so that a vacuum leaves it to readers who began
 * before. A busy table has 17,000 small files a day, of which compaction makes few.
 */
export const removedFileRetentionMs = 2 * 86_400_000;

/** Between two looks through the removed files of a state, in milliseconds. */
const betweenMs = 3_600_000;

/** When the removed files of a state were last looked through. */
const lookedAtMs = new WeakMap<TableState, number>();

/**
 * For states that live long without a checkpoint of their own: those of sessions that compact, stand by, or read. Looks
 * through the removed files once an hour; a clock that was put back makes it look at once.
 */
export function forgetRemovedHourly(state: TableState, nowMs: number): void {
  const before = lookedAtMs.get(state);
  if (before !== undefined && nowMs >= before && nowMs - before < betweenMs) return;
  forgetRemoved(state, nowMs);
}

export function forgetRemoved(state: TableState, nowMs: number): void {
  lookedAtMs.set(state, nowMs);
  for (const [path, { deletionTimestamp = 0 }] of state.removed)
    if (nowMs - deletionTimestamp > removedFileRetentionMs) state.removed.delete(path);
}
