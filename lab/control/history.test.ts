import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { checkPlan } from './check-plan.ts';
import { evidenceKeptMax, type History, openHistory, runId, runsKeptMax } from './history.ts';
import type { LiveSample, RunView } from './live.ts';
import { samplesCsv } from './samples-csv.ts';

const sample: LiveSample = {
  atSecond: 0.25,
  phase: 'measuring',
  requestsPerSecond: 1234.56789,
  failuresPerSecond: 0,
  intendedPerSecond: null,
  p50Ms: 0.5,
  p95Ms: 1,
  p99Ms: 2,
  p999Ms: null,
  users: 10,
  inFlight: 3,
  waiting: 0,
  generatorCores: 0.25,
  latenessP99Ms: null,
  service: { batchSize: 4, commitMs: 1.5, queueDepth: 2 },
};

function viewOf(second: number): RunView {
  const startedAt = new Date(Date.UTC(2026, 0, 1, 0, 0, second));
  return {
    id: runId(startedAt, 'health-check'),
    plan: checkPlan({}),
    state: 'ended',
    problem: null,
    startedAt: startedAt.toISOString(),
    url: 'http://127.0.0.1:5000',
    samples: [sample],
    events: [],
    routes: [],
    failures: [],
    checking: null,
    totals: null,
    truth: null,
    voidReasons: [],
    broken: [],
    limit: null,
  };
}

describe('runs of the past', () => {
  let folder = '';
  let warnings: string[] = [];
  const open = () => openHistory(folder, (sentence) => warnings.push(sentence));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lab-history-'));
    warnings = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are there again, newest first, when the lab is started again', () => {
    const views = [3, 1, 2].map(viewOf);
    const history = open();
    for (const view of views) history.save(view);
    const again = open();
    assert.deepEqual(
      again.list().map(({ id }) => id),
      [viewOf(3), viewOf(2), viewOf(1)].map(({ id }) => id),
    );
    assert.deepEqual(again.read(viewOf(2).id), viewOf(2));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });

  it('are kept up to a bound, and the oldest go first', () => {
    const history = open();
    for (let second = 0; second <= runsKeptMax; second += 1) history.save(viewOf(second));
    assert.equal(history.list().length, runsKeptMax);
    assert.equal(history.read(viewOf(0).id), null);
    assert.notEqual(history.read(viewOf(1).id), null);
  });

  it('say whether a limit broke, and which are searches for the limit', () => {
    const history = open();
    const limit = {
      objective: { p99MsMax: 50, failureShareMax: 0.001 },
      steps: [],
      tryingPerSecond: null,
      holdsPerSecond: null,
      ending: 'The search was stopped before it had found the limit.',
    };
    history.save(viewOf(1));
    history.save({ ...viewOf(2), broken: ['p99 was 61.0 ms, above 50 ms'] });
    history.save({ ...viewOf(3), limit });
    // A lab that knew no search has not written that there was none.
    const { limit: _limit, ...withoutSearch } = viewOf(4);
    writeFileSync(history.fileOf(withoutSearch.id, 'json'), JSON.stringify(withoutSearch));
    for (const lab of [history, open()]) {
      assert.deepEqual(
        lab.list().map(({ isBroken, isSearch }) => ({ isBroken, isSearch })),
        [
          { isBroken: false, isSearch: false },
          { isBroken: false, isSearch: true },
          { isBroken: true, isSearch: false },
          { isBroken: false, isSearch: false },
        ],
      );
    }
  });

  /** What a run leaves whose verdict is in doubt. */
  function keepEvidence(history: History, second: number): void {
    const folderOfRun = history.evidenceFolderOf(viewOf(second).id);
    mkdirSync(folderOfRun);
    writeFileSync(join(folderOfRun, 'ledger-0.tsv'), 'key\t201\n');
  }

  it('keep their evidence up to a bound, the newest', () => {
    const history = open();
    writeFileSync(join(folder, 'my-ledger'), 'mine');
    for (let second = 0; second <= evidenceKeptMax; second += 1) {
      keepEvidence(history, second);
      history.save(viewOf(second));
    }
    const isKept = (second: number) => existsSync(history.evidenceFolderOf(viewOf(second).id));
    assert.equal(isKept(0), false);
    for (let second = 1; second <= evidenceKeptMax; second += 1) assert.ok(isKept(second), `${second}`);
    assert.equal(history.list().length, evidenceKeptMax + 1);
    assert.ok(existsSync(join(folder, 'my-ledger')));
  });

  it('take their evidence with them when they are removed', () => {
    const history = open();
    keepEvidence(history, 0);
    keepEvidence(history, 1);
    for (let second = 0; second <= runsKeptMax; second += 1) history.save(viewOf(second));
    assert.equal(existsSync(history.evidenceFolderOf(viewOf(0).id)), false);
    assert.ok(existsSync(history.evidenceFolderOf(viewOf(1).id)));
  });

  it('of two labs that began in the same second are two, and an older lab’s is still one', () => {
    const [first, second] = [125, 126].map((ms) => runId(new Date(ms), 'health-check'));
    assert.notEqual(first, second);
    const old = { ...viewOf(1), id: '2025-12-31T23-59-59Z-health-check' };
    const history = open();
    history.save(old);
    history.save(viewOf(1));
    assert.deepEqual(
      open()
        .list()
        .map(({ id }) => id),
      [viewOf(1).id, old.id],
    );
  });

  it('do not fail for a damaged file, of which is said once', () => {
    const history = open();
    history.save(viewOf(5));
    const cut = viewOf(6).id;
    writeFileSync(join(folder, `${cut}.json`), '{"id":');
    writeFileSync(join(folder, `${viewOf(7).id}.json`), '{"id":5}');
    writeFileSync(join(folder, 'notes.json'), 'mine');
    assert.deepEqual(
      open()
        .list()
        .map(({ id }) => id),
      [viewOf(5).id],
    );
    assert.equal(warnings.length, 2);
    assert.equal(open().read(cut), null);
    assert.match(warnings[0] ?? '', /is left out, it is damaged/);
  });

  it('can’t be asked for by a path', () => {
    assert.equal(open().read('../../etc/passwd'), null);
    assert.throws(() => open().fileOf('../x', 'html'), RangeError);
    assert.throws(() => open().evidenceFolderOf('../x'), RangeError);
    assert.match(runId(new Date(0), '../Odd name'), /^1970-01-01T00-00-00-000Z----odd-name$/);
  });
});

describe('samples as a table', () => {
  it('has a line for each, with units in its header and nothing where nothing was measured', () => {
    const lines = samplesCsv([sample, { ...sample, atSecond: 0.5, service: null }]).split('\r\n');
    assert.equal(lines.length, 4);
    assert.match(lines[0] ?? '', /^at \(s\),phase,requests \(1\/s\),.*,p50 \(ms\)/);
    assert.equal(lines[1], '0.25,measuring,1234.568,0,,0.5,1,2,,10,3,0,0.25,,4,1.5,2');
    assert.equal(lines[2], '0.5,measuring,1234.568,0,,0.5,1,2,,10,3,0,0.25,,,,');
    assert.equal(lines[3], '');
  });
});
