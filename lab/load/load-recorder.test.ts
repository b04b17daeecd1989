import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addSparse, latencyUsMax, newHistogram, takeSparse } from './histogram.ts';
import { createLoadRecorder, failureKindsMax, type LoadRecorder, routesMax } from './load-recorder.ts';
import { recordedLoad } from './recorded-load.ts';

const post = 'POST /orders';
const noExample = () => '';

function recorderOf(measureBy: 'wait' | 'intent'): LoadRecorder {
  const recorder = createLoadRecorder(() => measureBy);
  recorder.route(post);
  recorder.route('GET');
  return recorder;
}

const reportOf = (recorder: LoadRecorder, windowMs: number) =>
  recordedLoad(recorder, { placingRoute: post }, windowMs);

function aboutEqual(found: number, expected: number): void {
  assert.ok(Math.abs(found / expected - 1) < 0.02, `${found} is not about ${expected}`);
}

test('percentiles are right to 2 %', () => {
  const recorder = recorderOf('wait');
  recorder.openWindow(0);
  // 1 to 10,000 tenths of a millisecond, in an order that is not sorted.
  for (let i = 0; i < 10_000; i += 1) {
    const latencyMs = (((i * 7_919) % 10_000) + 1) / 10;
    recorder.answered(recorder.route(post), 201, true, 5_000 - latencyMs, 5_000, noExample);
  }
  recorder.closeWindow(10_000);
  const { latency } = reportOf(recorder, 10_000);
  assert.equal(latency.count, 10_000);
  aboutEqual(latency.meanMs, 500);
  aboutEqual(latency.p50Ms, 500);
  aboutEqual(latency.p90Ms, 900);
  aboutEqual(latency.p99Ms, 990);
  aboutEqual(latency.p999Ms, 999);
  aboutEqual(latency.maxMs, 1_000);
});

test('a service that hangs until the end of the window is seen, in a closed loop too', () => {
  const recorder = recorderOf('wait');
  const route = recorder.route(post);
  recorder.openWindow(1_000);
  recorder.answered(route, 201, true, 1_000, 1_001, noExample);
  recorder.closeWindow(9_000);
  // One was asked before all of it, and is answered after all of it; one never is; one is of no concern.
  recorder.answered(route, 201, true, 999, 12_000, noExample);
  recorder.lost(route, 'unanswered_at_end', true, 4_000, 12_000);
  recorder.answered(route, 201, true, 9_001, 12_000, noExample);
  assert.deepEqual([route.measured.requests, route.measured.failures], [3, 1]);
  assert.ok(route.measured.latency.maxValue >= 10_900_000);
  const { answered } = reportOf(recorder, 8_000);
  assert.equal(answered, 1);
});

test('the window takes what is under way in it, or what was meant to be sent in it', () => {
  for (const [measureBy, measured] of [
    ['wait', 2],
    ['intent', 1],
  ] as const) {
    const recorder = recorderOf(measureBy);
    const route = recorder.route(post);
    recorder.answered(route, 201, true, 90, 95, noExample);
    recorder.openWindow(100);
    recorder.answered(route, 201, true, 95, 105, noExample);
    recorder.answered(route, 201, true, 110, 120, noExample);
    recorder.closeWindow(2_200);
    const { latency, answered, ordersPlaced, perSecond } = reportOf(recorder, 2_100);
    assert.equal(latency.count, measured);
    assert.equal(answered, 2);
    assert.equal(ordersPlaced, 3);
    assert.deepEqual(perSecond, [2]);
    assert.equal(route.measured.requests + route.unmeasured.requests, 3);
  }
});

test('what never came is recorded as the wait it was, and an order among it is unknown', () => {
  const recorder = recorderOf('wait');
  recorder.openWindow(0);
  const [order, page] = [recorder.route(post), recorder.route('GET')];
  recorder.lost(order, 'timeout', true, 100, 900);
  recorder.lost(order, 'ECONNREFUSED', false, 100, 900);
  recorder.gaveUp(page, 0, 1e9);
  recorder.lost(page, 'timeout', false, 0, 1e9);
  const { latency, errors, ordersUnknown, answered } = reportOf(recorder, 1_000);
  assert.deepEqual([errors, ordersUnknown, answered], [{ timeout: 2, ECONNREFUSED: 1 }, 1, 0]);
  aboutEqual(latency.maxMs, latencyUsMax / 1_000);
  assert.equal(latency.count, 2);
});

test('failures keep one example of each kind, and what is beyond the bounds is counted together', () => {
  const recorder = recorderOf('wait');
  for (let i = 0; i < 2 * failureKindsMax; i += 1) {
    recorder.answered(recorder.route(`GET /${i}`), 503, false, 0, 1, () => `busy ${i} ${'x'.repeat(600)}`);
    recorder.answered(recorder.route(`GET /0`), 503, false, 0, 1, () => 'never asked for');
  }
  assert.equal(recorder.routes.length, routesMax + 1);
  const failures = recorder.takeFailures();
  assert.equal(
    failures.reduce((sum, { count }) => sum + count, 0),
    4 * failureKindsMax,
  );
  assert.equal(failures[0]?.example.length, 500);
  assert.ok(failures[0]?.example.startsWith('busy 0 '));
  assert.deepEqual(recorder.takeFailures(), []);
});

test('histograms merged from what two workers send are those of one', () => {
  const one = newHistogram();
  const merged = newHistogram();
  for (const worker of [1, 2]) {
    const own = newHistogram();
    for (let i = 1; i <= 5_000; i += 1) {
      const us = (i * i * worker * 7) % 40_000_000;
      own.recordValue(us);
      one.recordValue(us);
    }
    addSparse(merged, takeSparse(own));
    assert.equal(own.totalCount, 0);
  }
  assert.equal(merged.totalCount, 10_000);
  assert.equal(merged.maxValue, one.maxValue);
  assert.equal(merged.mean, one.mean);
  for (const percentile of [0.1, 10, 50, 90, 99, 99.9, 100])
    assert.equal(merged.getValueAtPercentile(percentile), one.getValueAtPercentile(percentile));
});
