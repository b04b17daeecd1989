import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginPace, loadIntervalMs, loadsKeptMax } from './load-pace.ts';

const dayMs = 86_400_000;
/** "Load jobs per table per day", failed ones included. */
const loadsOfADay = 1_500;

/** Loads as often as it may. @returns when */
function loadsWithin(ms: number, changedAtMs: number | null): readonly number[] {
  let now = 0;
  const pace = beginPace(changedAtMs, () => now);
  const loads: number[] = [];
  for (;;) {
    now += pace.waitMs();
    if (now >= ms) return loads;
    pace.take();
    loads.push(now);
  }
}

describe('the pace of loads into a table', () => {
  it('has no more loads within a day than BigQuery allows', () => {
    assert.equal(loadsWithin(dayMs + 1, null).length, loadsOfADay);
  });

  it('keeps the minutes without a load, up to an hour', () => {
    assert.equal(loadsWithin(1, null).length, loadsKeptMax);
    assert.equal(loadsWithin(1, -10 * loadIntervalMs).length, 10);
    assert.equal(loadsWithin(1, -100 * loadIntervalMs).length, loadsKeptMax);
  });

  it('waits for the rest of a minute after the last change', () => {
    assert.deepEqual(loadsWithin(2 * loadIntervalMs, -1), [loadIntervalMs - 1, 2 * loadIntervalMs - 1]);
  });

  it('waits no longer when the clock of BigQuery is ahead', () => {
    assert.equal(loadsWithin(loadIntervalMs + 1, dayMs).at(0), loadIntervalMs);
  });
});
