/**
 * Writes what a shop's logs gain, round after round, so that each entry is outside within a given time.
 *
 * Several loops may be at work on the same tables. Nothing is lost or doubled then, but work is done in vain; so a loop that
 * was overtaken stands by, and goes on when the tables fall behind.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TableProgress, TableWriter } from './table-writer.ts';

/** After failures in a row, the pause grows to this, in milliseconds. */
export const pauseMsMax = 60_000;

/** A loop that stands by takes over when an entry is in no table for this many times the time it should take … */
const overdueFactor = 3;

/** … or is missing in one of them for this long: a writer that lives moves every table within a minute. */
const unfinishedMs = 150_000;

export interface LoopNews {
  readonly progress: readonly TableProgress[];
  /** When the oldest entry was made that some table lacks; null when none lacks any. */
  readonly oldestUnwrittenAtMs: number | null;
  readonly isStandingBy: boolean;
}

export interface LoopOptions {
  /** Opens database and place; called again after each failure. */
  readonly open: () => Promise<OpenedWriter>;
  /** From an entry's commit in the shop until it can be read outside, in milliseconds. */
  readonly withinMs: number;
  readonly nowMs: () => number;
  /** From 0 to 1: spreads the work of several loops. */
  readonly random: () => number;
  readonly onNews: (news: LoopNews) => void;
  /** @param oldestUnwrittenAtMs as in {@link LoopNews}; null also when it can't be told */
  readonly onFailure: (error: unknown, oldestUnwrittenAtMs: number | null) => void;
}

export interface OpenedWriter {
  readonly writer: TableWriter;
  /** Begins work on the tables that is due and can wait; called after each round of a loop that does not stand by. */
  readonly beginUpkeep: () => void;
  close(): Promise<void>;
}

export interface WritingLoop {
  /** Writes what there is once more, unless that takes longer than `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

export function startWritingLoop(options: LoopOptions): WritingLoop {
  const stopping = new AbortController();
  const given = new AbortController();
  const ended = run(options, stopping.signal, given.signal);
  return {
    async stop(graceMs) {
      stopping.abort();
      // A request to a place that hangs may take longer. What it did shows in the tables, at the next start.
      const overdue = sleep(graceMs, undefined, { signal: given.signal }).then(
        () => given.abort(),
        () => undefined,
      );
      await Promise.race([ended, overdue]);
      given.abort();
    },
  };
}

async function run(options: LoopOptions, stopping: AbortSignal, given: AbortSignal): Promise<void> {
  const { withinMs } = options;
  let opened: OpenedWriter | null = null;
  let failures = 0;
  let isStandingBy = false;
  for (;;) {
    const isLast = stopping.aborted;
    // Not by the clock of the day, which may be put back.
    const beganMs = performance.now();
    let pauseMs: number;
    try {
      opened ??= await options.open();
      isStandingBy = await doRound(options, opened.writer, isStandingBy, given);
      if (!isStandingBy && !isLast) opened.beginUpkeep();
      failures = 0;
      pauseMs = isStandingBy
        ? (overdueFactor + options.random()) * withinMs
        : paceOf(withinMs, performance.now() - beganMs);
    } catch (error) {
      const oldest = await opened?.writer.readOldestUnwritten('all').catch(() => null);
      options.onFailure(error, oldest ?? null);
      pauseMs = Math.min(withinMs * 2 ** failures, pauseMsMax) * (0.75 + options.random() / 4);
      failures += 1;
      await opened?.close().catch(() => undefined);
      opened = null;
    }
    if (isLast) break;
    await pause(pauseMs, stopping);
  }
  await opened?.close();
}

/** Until the next round begins: an entry that has just missed this round is to be outside at the end of the next one. */
function paceOf(withinMs: number, roundMs: number): number {
  return Math.max(0, Math.min(withinMs * 0.8, withinMs - roundMs * 2) - roundMs);
}

/** @returns whether this loop stands by from now on */
async function doRound(
  { withinMs, nowMs, onNews }: LoopOptions,
  writer: TableWriter,
  wasStandingBy: boolean,
  given: AbortSignal,
): Promise<boolean> {
  const tell = async (isStandingBy: boolean) => {
    const oldestUnwrittenAtMs = await writer.readOldestUnwritten(isStandingBy ? 'any' : 'all');
    onNews({ progress: writer.progress(), oldestUnwrittenAtMs, isStandingBy });
    return isStandingBy;
  };
  if (wasStandingBy) {
    await writer.readPositions();
    const age = (atMs: number | null) => (atMs === null ? 0 : nowMs() - atMs);
    const isOverdue = age(await writer.readOldestUnwritten('any')) > overdueFactor * withinMs;
    const isUnfinished = age(await writer.readOldestUnwritten('all')) > unfinishedMs;
    if (!isOverdue && !isUnfinished) return tell(true);
  }
  return tell((await writer.writeNews(() => given.aborted)) === 'overtaken');
}

async function pause(ms: number, stopping: AbortSignal): Promise<void> {
  // Ended early by a stop, after which the last round follows.
  await sleep(ms, undefined, { signal: stopping }).catch(() => undefined);
}
