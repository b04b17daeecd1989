import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLoopLag } from './loop-lag.ts';

const lateMs = 400;

function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

function watch() {
  const samples: number[] = [];
  const told: string[] = [];
  const lag = createLoopLag({
    lateMs,
    recoveredMs: 1_500,
    onSample: (lagMs) => samples.push(lagMs),
    onLate: (lagMs) => told.push(lagMs >= lateMs ? 'late' : `late by ${lagMs}`),
    onRecovered: (worstMs) => told.push(worstMs >= 500 ? 'recovered' : `recovered from ${worstMs}`),
  });
  return { lag, samples, told, now: () => lag.lagMs(performance.now()) };
}

describe('the lag of the event loop', () => {
  it('is sampled, and small when nothing is in the way', async () => {
    const { lag, samples, told } = watch();
    await sleep(500);
    lag.stop();
    const count = samples.length;
    assert.ok(count >= 1 && count <= 10, `${count} samples`);
    assert.deepEqual(told, []);
    await sleep(120);
    assert.equal(samples.length, count, 'nothing is measured once it has stopped');
  });

  it('is known while the loop runs no timers, and is told once by a request that looks', async () => {
    const { lag, samples, told, now } = watch();
    block(600);
    assert.ok(now() >= 500, `${now()}`);
    assert.deepEqual(samples, []);
    lag.look(performance.now());
    lag.look(performance.now());
    assert.deepEqual(told, ['late']);
    lag.stop();
  });

  it('is told once by its own timer, and its end once the loop has been in time for a while', async () => {
    const { lag, told, now } = watch();
    for (let i = 0; i < 3; i += 1) {
      block(600);
      await sleep(60);
    }
    assert.deepEqual(told, ['late']);
    for (let i = 0; i < 300 && told.length < 2; i += 1) await sleep(20);
    assert.deepEqual(told, ['late', 'recovered']);
    assert.ok(now() < lateMs);
    lag.stop();
  });
});
