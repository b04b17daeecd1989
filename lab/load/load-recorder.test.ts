import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLoadRecorder, type LoadRecorderOptions, latencyUsMax } from './load-recorder.ts';

const options: LoadRecorderOptions = { kinds: ['POST', 'GET'], placingKind: 0, measureBy: 'answer' };

function aboutEqual(found: number, expected: number): void {
  assert.ok(Math.abs(found / expected - 1) < 0.02, `${found} is not about ${expected}`);
}

test('percentiles are right to 2 %', () => {
  const recorder = createLoadRecorder(options);
  recorder.openWindow(0);
  // 1 to 10,000 tenths of a millisecond, in an order that is not sorted.
  for (let i = 0; i < 10_000; i += 1) {
    const latencyMs = (((i * 7_919) % 10_000) + 1) / 10;
    recorder.answered(0, 201, true, 5_000 - latencyMs, 5_000);
  }
  recorder.closeWindow(10_000);
  const { latency } = recorder.report();
  assert.equal(latency.count, 10_000);
  aboutEqual(latency.meanMs, 500);
  aboutEqual(latency.p50Ms, 500);
  aboutEqual(latency.p90Ms, 900);
  aboutEqual(latency.p99Ms, 990);
  aboutEqual(latency.p999Ms, 999);
  aboutEqual(latency.maxMs, 1_000);
});

test('the window takes what is answered in it, or what was meant to be sent in it', () => {
  for (const [measureBy, measured] of [
    ['answer', 2],
    ['intent', 1],
  ] as const) {
    const recorder = createLoadRecorder({ ...options, measureBy });
    recorder.answered(0, 201, true, 90, 95);
    recorder.openWindow(100);
    recorder.answered(0, 201, true, 95, 105);
    recorder.answered(0, 201, true, 110, 120);
    recorder.closeWindow(2_200);
    const { latency, answered, ordersPlaced, perSecond } = recorder.report();
    assert.equal(latency.count, measured);
    assert.equal(answered, 2);
    assert.equal(ordersPlaced, 3);
    assert.deepEqual(perSecond, [2]);
  }
});

test('what never came is recorded as the wait it was, and an order among it is unknown', () => {
  const recorder = createLoadRecorder(options);
  recorder.openWindow(0);
  recorder.gaveUp(0, 100, 900);
  recorder.lost(0, 'timeout');
  recorder.lost(1, 'timeout');
  recorder.gaveUp(1, 0, 1e9);
  const { latency, errors, ordersUnknown, answered } = recorder.report();
  assert.deepEqual([errors, ordersUnknown, answered], [{ timeout: 2 }, 1, 0]);
  aboutEqual(latency.maxMs, latencyUsMax / 1_000);
  assert.equal(latency.count, 2);
});
