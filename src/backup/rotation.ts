/** Which backups are kept. Pure. */

/** How many to keep of each kind, such as 24 hours; kinds that are absent keep none. */
export type KeepRule = Readonly<Partial<Record<Period, number>>>;

const periods = ['last', 'h', 'd', 'w', 'm'] as const;
type Period = (typeof periods)[number];

/** Of one kind. */
const countMax = 10_000;

export interface StoredBackup {
  readonly name: string;
  readonly takenAtMs: number;
  /** Of the order log. */
  readonly lastPosition: number;
  readonly isVerified: boolean;
}

/**
 * `24h,7d,8w` keeps the newest backup of each of the last 24 hours, 7 days and 8 weeks that have one; `m` is
 * for months, and a number alone for that many of the newest. Null when it is no rule.
 */
export function parseKeepRule(text: string): KeepRule | null {
  const rule: Partial<Record<Period, number>> = {};
  for (const part of text.split(',')) {
    const [, digits, letter] = /^([1-9]\d{0,4})([hdwm]?)$/.exec(part.trim()) ?? [];
    const period = periods.find((one) => one === (letter || 'last'));
    const count = Number(digits);
    if (digits === undefined || period === undefined || count > countMax || period in rule) return null;
    rule[period] = count;
  }
  return rule;
}

/**
 * The backups that a rule does not keep, oldest first. It always keeps the newest, the newest that was verified, the one
 * with the most orders, which may hold orders that a restored shop has lost, and the one that was just made: when it is
 * not the newest, it may be of such a shop, and then no other backup holds its last orders.
 * Several rules keep each backup that one of them keeps. Hours, days, weeks (from Monday) and months are those of UTC, by the
 * time in a backup's name.
 * @param newestFirst see backup-history.ts: which one is newer does not depend on a clock
 * @param fresh the name of the one that was just made
 */
export function expired(
  newestFirst: readonly StoredBackup[],
  rule: KeepRule,
  fresh: string,
): readonly StoredBackup[] {
  const kept = new Set<StoredBackup | undefined>([
    newestFirst[0],
    newestFirst.find(({ isVerified }) => isVerified),
    newestFirst.find(({ name }) => name === fresh),
    // The newest of several with as many.
    newestFirst.toSorted((a, b) => b.lastPosition - a.lastPosition)[0],
  ]);
  for (const period of periods) {
    const seen = new Set<string>();
    for (const backup of newestFirst) {
      const slot = period === 'last' ? backup.name : slotOf(backup.takenAtMs, period);
      if (seen.has(slot)) continue;
      if (seen.size >= (rule[period] ?? 0)) break;
      seen.add(slot);
      kept.add(backup);
    }
  }
  return newestFirst.filter((backup) => !kept.has(backup)).reverse();
}

const dayMs = 86_400_000;

/** 1970-01-01 was a Thursday. */
const mondayOffsetDays = 3;

function slotOf(timeMs: number, period: Exclude<Period, 'last'>): string {
  const time = new Date(timeMs).toISOString();
  if (period === 'h') return time.slice(0, 13);
  if (period === 'd') return time.slice(0, 10);
  if (period === 'm') return time.slice(0, 7);
  return String(Math.floor((Math.floor(timeMs / dayMs) + mondayOffsetDays) / 7));
}
