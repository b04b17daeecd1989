import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { createAccessMetrics, expiringKeysMax } from './access-metrics.ts';

const dayMs = 24 * 60 * 60 * 1000;

function observed() {
  let now = 1_000 * dayMs;
  const registry = new Registry();
  const metrics = createAccessMetrics([registry], () => now);
  const expiry = async () =>
    /^nozama_api_key_expiry_timestamp_seconds (\S+)$/m.exec(await registry.metrics())?.[1] ?? null;
  const inDays = (days: number) => now + days * dayMs;
  const pass = (ms: number) => {
    now += ms;
  };
  return { metrics, expiry, inDays, pass };
}

test('the first key in use that expires is told, until a day after its last use', async () => {
  const { metrics, expiry, inDays, pass } = observed();
  assert.equal(await expiry(), null);
  const [soon, late] = [inDays(3), inDays(90)];
  metrics.expiringKeyUsed('late', late);
  metrics.expiringKeyUsed('soon', soon);
  assert.equal(await expiry(), String(soon / 1000));
  pass(dayMs - 1);
  metrics.expiringKeyUsed('late', late);
  assert.equal(await expiry(), String(soon / 1000));
  pass(1);
  assert.equal(await expiry(), String(late / 1000), 'its program has another key by now');
});

test('a key that has expired is told no more', async () => {
  const { metrics, expiry, inDays, pass } = observed();
  metrics.expiringKeyUsed('short', inDays(0.5));
  pass(dayMs / 2);
  assert.equal(await expiry(), null);
});

test('so many keys are remembered, those that were used last', async () => {
  const { metrics, expiry, inDays } = observed();
  const first = inDays(1);
  metrics.expiringKeyUsed('first', first);
  for (let n = 1; n < expiringKeysMax; n += 1) metrics.expiringKeyUsed(`key ${n}`, inDays(2));
  assert.equal(await expiry(), String(first / 1000));
  metrics.expiringKeyUsed('one more', inDays(2));
  assert.equal(await expiry(), String(inDays(2) / 1000));
});
