/** How far a copy has come: a bar that is drawn over itself on a terminal, lines now and then elsewhere. */
import type { CopyProgress } from '../storage/copy-shop.ts';
import { countOfSection } from '../storage/shop-transfer.ts';

export interface ProgressOutput {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Of the terminal, which may be resized meanwhile. */
  readonly columns: () => number;
  readonly nowMs: () => number;
}

/** Between two lines about the same section, where there is no terminal. */
export const lineIntervalMs = 10_000;

/** Between two drawings of the bar. */
const drawIntervalMs = 100;

const barWidth = 20;

const nouns: Readonly<Record<CopyProgress['section'], string>> = {
  ...countOfSection,
  verification: 'verification',
};

export interface ProgressReport {
  show(progress: CopyProgress): void;
  /** Leaves the terminal at the beginning of a line. */
  end(): void;
}

export function createProgressReport({ write, isTerminal, columns, nowMs }: ProgressOutput): ProgressReport {
  let began: { readonly atMs: number; readonly copiedInAll: number } | null = null;
  let shownAtMs = Number.NEGATIVE_INFINITY;
  let shownSection: CopyProgress['section'] | null = null;
  let isOnLine = false;

  /** Of this run alone: what an earlier one has copied took none of our time. */
  function pace({ copiedInAll, totalInAll }: CopyProgress, atMs: number): string {
    const seconds = (atMs - (began?.atMs ?? atMs)) / 1000;
    const rows = copiedInAll - (began?.copiedInAll ?? copiedInAll);
    if (seconds < 1 || rows === 0) return '';
    const perSecond = rows / seconds;
    const left = totalInAll - copiedInAll;
    const rate = `, ${grouped(Math.round(perSecond))} rows/s`;
    return left === 0 ? rate : `${rate}, about ${duration(left / perSecond)} left`;
  }

  return {
    show(progress) {
      const atMs = nowMs();
      began ??= { atMs, copiedInAll: progress.copiedInAll };
      const isDone = progress.copied === progress.total;
      const isDue = atMs - shownAtMs >= (isTerminal ? drawIntervalMs : lineIntervalMs);
      if (progress.section === shownSection && !isDone && !isDue) return;
      shownAtMs = atMs;
      shownSection = progress.section;
      const line = `${describe(progress)}${pace(progress, atMs)}`;
      isOnLine = isTerminal;
      // A line that wraps could not be drawn over. Cleared to its end: the text before may have been longer.
      const drawn = `${bar(progress)} ${line}`.slice(0, Math.max(columns() - 1, 1));
      write(isTerminal ? `\r${drawn}\u001b[K` : `${line}\n`);
    },
    end() {
      if (isOnLine) write('\n');
      isOnLine = false;
    },
  };
}

function describe({ section, copied, total }: CopyProgress): string {
  if (section === 'verification') return 'everything is there; recounting the target';
  return `${nouns[section]} ${grouped(copied)} of ${grouped(total)}`;
}

function share({ copiedInAll, totalInAll }: CopyProgress): number {
  return totalInAll === 0 ? 1 : copiedInAll / totalInAll;
}

function bar(progress: CopyProgress): string {
  const filled = Math.floor(share(progress) * barWidth);
  const percent = `${Math.floor(share(progress) * 100)}`.padStart(3);
  return `[${'#'.repeat(filled)}${'-'.repeat(barWidth - filled)}] ${percent} %`;
}

export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return `${Math.ceil(seconds / 60)} min`;
}
