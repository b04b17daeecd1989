import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBenchOptions } from './bench-options.ts';
import { compareRounds, judge, judgeSoak, type Round } from './comparison.ts';
import type { LoadFigure } from './measure.ts';

function aFigure(id: string, requestsPerSecond: number, voidReasons: readonly string[] = []): LoadFigure {
  const latency = { count: 1, meanMs: 1, p50Ms: 1, p90Ms: 1, p99Ms: 9, p999Ms: 60, maxMs: 70 };
  const load = { latency, voidReasons, perSecond: [] } as unknown as LoadFigure['load'];
  return {
    id,
    requestsPerSecond,
    load,
    readyAfterMs: 300,
    durability: null,
    memory: null,
    machine: null,
    work: null,
    ordersPlaced: 0,
    ordersStored: 0,
    faults: [],
  };
}

function aRound(...figures: LoadFigure[]): Round {
  return new Map(figures.map((figure) => [figure.id, figure]));
}

const options = readBenchOptions([]);

test('ratios are taken within a round, so a machine that drifts does not change them', () => {
  const rounds = [1, 0.5, 3].map((speed) =>
    aRound(aFigure('nozama.pipeline@bun', 20_000 * speed), aFigure('ceiling.pipeline@bun', 50_000 * speed)),
  );
  const ratio = compareRounds(rounds, options).find(({ under }) => under === 'ceiling.pipeline@bun');
  assert.deepEqual(ratio?.spread, { median: 0.4, min: 0.4, max: 0.4, count: 3 });
});

test('a void run is in no figure', () => {
  const good = aRound(aFigure('nozama.pipeline@bun', 20_000), aFigure('ceiling.pipeline@bun', 50_000));
  const bad = aRound(
    aFigure('nozama.pipeline@bun', 20_000),
    aFigure('ceiling.pipeline@bun', 9, ['saturated']),
  );
  const ratio = compareRounds([good, bad], options).find(({ under }) => under === 'ceiling.pipeline@bun');
  assert.equal(ratio?.spread?.count, 1);
});

test('each bar says pass, fail, or that it was not measured', () => {
  const rounds = [aRound(aFigure('nozama.pipeline@bun', 16_000), aFigure('nozama.open@bun', 8_000))];
  const verdicts = judge(rounds, compareRounds(rounds, options), options);
  const outcomeOf = (label: string) => verdicts.find((verdict) => verdict.label.startsWith(label))?.outcome;
  assert.equal(outcomeOf('POST then GET (bun)'), 'pass');
  assert.equal(outcomeOf('Orders only (bun)'), 'not measured');
  assert.equal(outcomeOf('Open loop at half the peak, p99 '), 'pass');
  assert.equal(outcomeOf('Open loop at half the peak, p99.9 '), 'fail');
});

test('a long run is compared with its own beginning', () => {
  const figure = aFigure('nozama.pipeline@bun', 1);
  const perSecond = [...Array<number>(100).fill(100), ...Array<number>(100).fill(80)];
  const samples = Array.from({ length: 100 }, (_, x) => ({ x, y: 100 }));
  const memory = { maxMib: 100, slopeMibPerMinute: 0, samples };
  const [pace, growth] = judgeSoak({ ...figure, load: { ...figure.load, perSecond }, memory });
  assert.equal(pace?.outcome, 'fail');
  assert.equal(growth?.outcome, 'pass');
});

test('options are checked all at once', () => {
  assert.equal(readBenchOptions(['--quick']).rounds, 2);
  assert.deepEqual(readBenchOptions(['--runtime', 'both']).runtimes, ['bun', 'node']);
  assert.throws(
    () => readBenchOptions(['--rounds', '0', '--sides', 'x']),
    /--sides knows no x.*|--rounds is 0/,
  );
});
