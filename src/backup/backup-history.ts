/**
 * Which backup of a shop is newer: told by log position, not by the clock in their names, which may have been wrong.
 *
 * A shop that was restored from an older backup and went on has several histories: from that backup on, the same log
 * positions hold other orders. So each backup names those that were in its location before it and hold other orders: it
 * supersedes them. The history that was backed up last wins, because a restore is a decision of the operator, and the
 * shop has sold since. A backup that merely holds fewer orders supersedes none: it may be of a stale copy.
 *
 * Some earlier backups do not say which orders they hold, because older programs took them. Of such a backup, a new one
 * believes the backups that it continues: it supersedes those that they supersede.
 */
import { isSameShop } from '../storage/backup-copy.ts';
import { holdsOtherOrders, sampledPositions } from './backup-samples.ts';
import { type Manifest, supersededMax } from './manifest.ts';

/** The part of a manifest that tells where the backup stands in the shop's history. */
export type HistoryEntry = Pick<
  Manifest,
  'name' | 'shop' | 'takenAt' | 'lastPosition' | 'lastOrder' | 'sampledOrders' | 'supersedes'
>;

/** The sums of the last orders at some positions of a log; see BackupCopyFigures. */
export type OrdersAt = ReadonlyMap<number, string>;

/** The positions of a new backup's log that tell whether it holds the orders of earlier ones. */
export function positionsToCompare(
  lastPosition: number,
  earlier: readonly HistoryEntry[],
): readonly number[] {
  return earlier.flatMap((one) =>
    one.lastPosition <= lastPosition
      ? [one.lastPosition]
      : sampledPositions(one.lastPosition).filter((position) => position <= lastPosition),
  );
}

/**
 * The names of those that a new backup supersedes, those of the highest positions when there are too many.
 * @param earlier backups of the same shop that were complete before the copy began
 * @param ordersAt from the copy, at {@link positionsToCompare}
 */
export function findSuperseded(
  { lastPosition, takenAt }: Pick<HistoryEntry, 'lastPosition' | 'takenAt'>,
  ordersAt: OrdersAt,
  earlier: readonly HistoryEntry[],
): readonly string[] {
  const isSuperseded = (one: HistoryEntry) => {
    if (one.lastPosition > lastPosition) return holdsOtherOrders(one, ordersAt);
    if (one.lastOrder !== null && one.lastOrder !== ordersAt.get(one.lastPosition)) return true;
    // As many orders as now: the clock would decide, and it was ahead or has gone back.
    return one.lastPosition === lastPosition && one.takenAt >= takenAt;
  };
  const continued = earlier.filter(
    (one) =>
      one.lastPosition <= lastPosition &&
      one.lastOrder !== null &&
      one.lastOrder === ordersAt.get(one.lastPosition),
  );
  const isSupersededBefore = (one: HistoryEntry) =>
    one.sampledOrders === null &&
    !continued.includes(one) &&
    // Of a backup at the same position, the clock may have decided.
    continued.some((past) => past.lastPosition < one.lastPosition && past.supersedes.includes(one.name));
  return earlier
    .filter((one) => isSuperseded(one) || isSupersededBefore(one))
    .toSorted((a, b) => b.lastPosition - a.lastPosition)
    .slice(0, supersededMax)
    .map(({ name }) => name);
}

/**
 * Newest first: before each that none supersedes, those that hold all of its orders and more.
 * @param backups those of several shops may be mixed
 */
export function newestFirst<Entry extends HistoryEntry>(backups: readonly Entry[]): readonly Entry[] {
  const remaining = backups.toSorted(byPositionThenTime);
  const successors = new Map<string, Set<string>>(backups.map(({ name }) => [name, new Set()]));
  for (const { name, supersedes } of backups)
    for (const superseded of supersedes) if (superseded !== name) successors.get(superseded)?.add(name);
  const ordered: Entry[] = [];
  while (remaining.length > 0) {
    // Two that supersede each other can't come from this program: then position decides.
    const index = remaining.findIndex(({ name }) => successors.get(name)?.size === 0);
    const found = remaining[Math.max(index, 0)];
    if (found === undefined) break;
    const next = remaining.find((one) => isContinuedBy(found, one)) ?? found;
    remaining.splice(remaining.indexOf(next), 1);
    ordered.push(next);
    for (const superseded of next.supersedes) successors.get(superseded)?.delete(next.name);
  }
  return ordered;
}

/** One of them was there when the other was taken, which would have superseded it for another order. */
function isContinuedBy(backup: HistoryEntry, other: HistoryEntry): boolean {
  if (other.lastPosition <= backup.lastPosition || !isSameShop(backup.shop, other.shop)) return false;
  return !backup.supersedes.includes(other.name) && !other.supersedes.includes(backup.name);
}

function byPositionThenTime(a: HistoryEntry, b: HistoryEntry): number {
  return b.lastPosition - a.lastPosition || compare(b.takenAt, a.takenAt) || compare(b.name, a.name);
}

/** Times are all of one form: RFC 3339 in UTC with milliseconds. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** Those of another history: with orders that `backup` does not hold. The one that goes furthest comes first. */
export function ofOtherHistory<Entry extends HistoryEntry>(
  backup: HistoryEntry,
  others: readonly Entry[],
): readonly Entry[] {
  const isTold = new Set(backup.supersedes);
  return others
    .filter(({ name, lastPosition, lastOrder, supersedes }) => {
      const isSameMoment =
        lastPosition === backup.lastPosition && (lastOrder === null || lastOrder === backup.lastOrder);
      return (isTold.has(name) || supersedes.includes(backup.name)) && !isSameMoment;
    })
    .toSorted(byPositionThenTime);
}
