import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RoundOutcome, TableWriter } from './table-writer.ts';
import { type LoopNews, startWritingLoop, type WritingLoop } from './writing-loop.ts';

interface Scripted {
  /** What each round does, in order; `done` when none is left. */
  readonly rounds?: readonly (RoundOutcome | Error | 'hangs')[];
  readonly failsToOpen?: number;
  /** By the loop's clock. */
  readonly oldest?: { any: number | null; all: number | null };
}

/** A loop whose rounds follow a script; its pauses are a few milliseconds. */
function aLoop({ rounds = [], failsToOpen = 0, oldest = { any: null, all: null } }: Scripted) {
  const done: string[] = [];
  const failures: string[] = [];
  let opens = 0;
  let waiting: { readonly isSeen: (news: LoopNews) => boolean; readonly resolve: () => void } | null = null;
  const left = [...rounds];
  const writer: TableWriter = {
    async writeNews() {
      const next = left.shift() ?? 'done';
      done.push(next instanceof Error ? 'failed' : next);
      if (next instanceof Error) throw next;
      if (next === 'hangs') return new Promise(() => undefined);
      return next;
    },
    async readPositions() {
      done.push('positions');
    },
    readOldestUnwritten: async (among) => oldest[among],
    progress: () => [],
  };
  const loop: WritingLoop = startWritingLoop({
    async open() {
      opens += 1;
      if (opens <= failsToOpen) throw new Error('no lake there');
      return { writer, beginUpkeep: () => done.push('upkeep'), close: async () => void done.push('closed') };
    },
    withinMs: 4,
    nowMs: () => 1_000_000,
    random: () => 0,
    onNews(news) {
      if (waiting?.isSeen(news) === true) waiting.resolve();
    },
    onFailure: (error) => failures.push((error as Error).message),
  });
  return {
    loop,
    done,
    failures,
    opens: () => opens,
    seen: (isSeen: (news: LoopNews) => boolean) =>
      new Promise<void>((resolve) => {
        waiting = { isSeen, resolve };
      }),
  };
}

describe('the loop that writes tables', () => {
  it('does round after round, and a last one when it is stopped', async () => {
    const { loop, done, seen } = aLoop({});
    await seen(() => done.filter((what) => what === 'done').length === 3);
    const before = done.length;
    await loop.stop(10_000);
    assert.deepEqual(done.slice(before), ['upkeep', 'done', 'closed']);
  });

  it('opens everything anew after a failure', async () => {
    const rounds = [new Error('the disk is full'), 'done'] as const;
    const { loop, done, failures, opens, seen } = aLoop({ failsToOpen: 2, rounds });
    await seen(() => true);
    await loop.stop(10_000);
    assert.deepEqual(failures, ['no lake there', 'no lake there', 'the disk is full']);
    assert.equal(opens(), 4);
    assert.deepEqual(done.slice(0, 3), ['failed', 'closed', 'done']);
  });

  it('stands by once another is faster, and takes over when an entry is overdue', async () => {
    const oldest: { any: number | null; all: number | null } = { any: 999_999, all: 999_999 };
    const { loop, done, seen } = aLoop({ rounds: ['overtaken'], oldest });
    await seen(
      ({ isStandingBy }) => isStandingBy && done.filter((what) => what === 'positions').length === 2,
    );
    assert.deepEqual(done, ['overtaken', 'positions', 'positions']);
    oldest.any = 1_000;
    await seen(({ isStandingBy }) => !isStandingBy);
    assert.deepEqual(done.slice(3), ['positions', 'done']);
    await loop.stop(10_000);
  });

  it('takes over when one table alone was left behind', async () => {
    const oldest = { any: null, all: 0 };
    const { loop, done, seen } = aLoop({ rounds: ['overtaken'], oldest });
    await seen(({ isStandingBy }) => !isStandingBy);
    assert.deepEqual(done, ['overtaken', 'positions', 'done']);
    await loop.stop(10_000);
  });

  it('is stopped in time though a round hangs', async () => {
    const { loop, done } = aLoop({ rounds: ['hangs'] });
    while (done.length === 0) await new Promise(setImmediate);
    await loop.stop(5);
    assert.deepEqual(done, ['hangs']);
  });
});
