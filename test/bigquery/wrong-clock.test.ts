/** The clock of the machine may jump, or differ from BigQuery's: loads go on. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { loadIntervalMs } from '../../src/events/bigquery/load-pace.ts';
import { jobWaitMs } from '../../src/events/bigquery/load-rows.ts';
import { failurePauseMaxMs, quotaPauseMs } from '../../src/events/bigquery/load-session.ts';
import type { TableWriter } from '../../src/events/table-writer.ts';
import { aBusyShop, aClock, loadAll, openLoader, type TestClock } from './loading-shop.ts';
import { type ScriptedBigQuery, startBigQuery } from './scripted-bigquery.ts';

let bigQuery: ScriptedBigQuery;
let clock: TestClock;
beforeEach(async () => {
  bigQuery = await startBigQuery();
  clock = aClock();
  bigQuery.nowMs = clock.trueMs;
});
afterEach(() => bigQuery[Symbol.asyncDispose]());

/** Of a pause that has just begun. */
const nextTry = (pauseMs: number) => `The next try is at ${new Date(clock.nowMs() + pauseMs).toISOString()}.`;
const openOrders = () => openLoader(bigQuery, aBusyShop(5), { clock, tables: ['orders'] });
const refusalOf = (loader: TableWriter) => loader.progress()[0]?.refusal ?? '';
const loadedRows = () => bigQuery.tables.get('orders')?.rows.length;

describe('a clock that is wrong', () => {
  const dayMs = 86_400_000;

  it('and is put back by a day makes no pause longer', async () => {
    clock.aheadMs = dayMs;
    const loader = await openOrders();
    const overQuota = { status: 403, reason: 'quotaExceeded', message: 'Quota exceeded: loads.' };
    bigQuery.faults.set('POST upload', [overQuota]);
    await loader.writeNews();
    const told = refusalOf(loader);
    assert.ok(told.endsWith(nextTry(quotaPauseMs)), told);
    clock.aheadMs = 0;
    await clock.sleep(quotaPauseMs - 1);
    await loader.writeNews();
    assert.equal(refusalOf(loader), told);
    await clock.sleep(1);
    await loadAll(loader);
    assert.equal(loadedRows(), 5);
  });

  it("and is a day behind BigQuery's makes no pause after a failed job longer", async () => {
    clock.aheadMs = -dayMs;
    const loader = await openOrders();
    for (let failure = 0; failure < 9; failure += 1) {
      bigQuery.jobErrors.push({ reason: 'backendError', message: 'Try again.' });
      await loader.writeNews();
      assert.equal(bigQuery.jobs.size, failure + 1);
      const pauseMs = Math.min(loadIntervalMs * 2 ** failure, failurePauseMaxMs);
      assert.ok(refusalOf(loader).endsWith(nextTry(pauseMs)), refusalOf(loader));
      await clock.sleep(pauseMs);
    }
    await loadAll(loader);
    assert.equal(loadedRows(), 5);
  });

  it('and is put back by a day makes no waiting for a job longer', async () => {
    const loader = await openLoader(bigQuery, aBusyShop(5), {
      tables: ['orders'],
      clock: {
        ...clock,
        async sleep(ms) {
          await clock.sleep(ms);
          this.aheadMs = -dayMs;
        },
      },
    });
    bigQuery.jobRuns = 2_000;
    await loader.writeNews();
    assert.match(refusalOf(loader), /still runs after 10 minutes/);
    const waitedMs = clock.monotonicMs();
    assert.ok(waitedMs < 2 * jobWaitMs, `${waitedMs} ms`);
  });
});
