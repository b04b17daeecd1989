/** How far a copy has come, how fast it goes, and how long the rest takes at that pace. */
import type { CopyProgress } from '../storage/copy-shop.ts';
import { grouped } from './figures.ts';

/** Counts from its first call: rows that an earlier run has copied took none of this run's time. */
export function describePace(nowMs: () => number): (progress: CopyProgress) => string {
  let began: { readonly atMs: number; readonly copied: number } | null = null;
  return ({ section, copied, total, copiedInAll, totalInAll }) => {
    began ??= { atMs: nowMs(), copied: copiedInAll };
    if (section === 'verification') return '';
    const done = `${grouped(copied)} of ${grouped(total)}`;
    const seconds = (nowMs() - began.atMs) / 1_000;
    const rows = copiedInAll - began.copied;
    if (seconds < 1 || rows === 0) return done;
    const perSecond = rows / seconds;
    const left = duration((totalInAll - copiedInAll) / perSecond);
    return `${done}, ${grouped(Math.round(perSecond))} rows/s, about ${left} left`;
  };
}

function duration(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
