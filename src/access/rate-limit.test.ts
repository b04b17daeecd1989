import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { callersMax, createRateLimit } from './rate-limit.ts';

/** Without what nobody holds any more. */
function heapBytes(): number {
  const { Bun: bun } = globalThis as { readonly Bun?: { gc(isForced: true): void } };
  if (bun !== undefined) bun.gc(true);
  else {
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
  }
  return process.memoryUsage().heapUsed;
}

describe('a rate limit', () => {
  test('allows a minute’s requests at once, and then as many as come back', () => {
    const limit = createRateLimit(60);
    for (let nth = 1; nth <= 60; nth += 1) {
      const { isAllowed, remaining } = limit.take('a', 1_000);
      assert.deepEqual([isAllowed, remaining], [true, 60 - nth]);
    }
    assert.deepEqual(limit.take('a', 1_000), {
      isAllowed: false,
      remaining: 0,
      resetMs: 60_000,
      retryMs: 1_000,
    });
    assert.equal(limit.take('a', 1_999).isAllowed, false);
    assert.equal(limit.take('a', 2_000).isAllowed, true);
    assert.equal(limit.take('a', 2_000).isAllowed, false);
    assert.equal(limit.look('a', 62_000).remaining, 60);
  });

  test('counts each caller alone, and a look not at all', () => {
    const limit = createRateLimit(1);
    assert.equal(limit.look('a', 0).isAllowed, true);
    assert.equal(limit.look('a', 0).remaining, 1);
    assert.equal(limit.take('a', 0).isAllowed, true);
    assert.equal(limit.look('a', 0).isAllowed, false);
    assert.equal(limit.take('b', 0).isAllowed, true);
    assert.equal(limit.take('a', 59_999).isAllowed, false);
    assert.equal(limit.take('a', 60_000).isAllowed, true);
  });

  test('tells truly how long to wait, at any rate and any pace', () => {
    const pace = fc.array(fc.nat({ max: 5_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), pace, (perMinute, pauses) => {
        const limit = createRateLimit(perMinute);
        let nowMs = 0;
        let allowed = 0;
        for (const pause of pauses) {
          nowMs += pause;
          const { isAllowed, retryMs, remaining } = limit.take('a', nowMs);
          if (isAllowed) allowed += 1;
          else {
            assert.ok(retryMs > 0 && remaining === 0);
            assert.ok(limit.look('a', nowMs + Math.ceil(retryMs)).isAllowed);
          }
        }
        assert.ok(
          allowed <= perMinute + Math.ceil((nowMs / 60_000) * perMinute) + 1,
          `${allowed} were allowed`,
        );
      }),
    );
  });

  test('forgets callers whose minute is whole again, as others come', () => {
    const limit = createRateLimit(60);
    for (let i = 0; i < 1_000; i += 1) limit.take(`early ${i}`, 0);
    limit.take('late', 60_000);
    assert.equal(limit.size(), 1_001);
    limit.take('late', 120_000);
    assert.equal(limit.size(), 2, 'late, twice');
  });

  test('forgets no debt for its age', () => {
    const limit = createRateLimit(1);
    limit.take('first', 0);
    limit.take('a', 59_999);
    limit.take('b', 60_000);
    limit.take('c', 119_998);
    assert.equal(limit.take('a', 119_998).isAllowed, false);
    assert.equal(limit.take('b', 119_999).isAllowed, false);
    assert.equal(limit.take('a', 119_999).isAllowed, true);
  });

  test('of an hour forgets no debt for a minute’s age', () => {
    const limit = createRateLimit(1, callersMax, 3_600_000);
    limit.take('a', 0);
    for (let minute = 1; minute < 60; minute += 1) limit.take(`other ${minute}`, minute * 60_000);
    assert.deepEqual(limit.take('a', 3_599_999), {
      isAllowed: false,
      remaining: 0,
      resetMs: 1,
      retryMs: 1,
    });
    assert.equal(limit.take('a', 3_600_000).isAllowed, true);
  });

  test('remembers the callers that asked last, when there are too many', () => {
    const limit = createRateLimit(1, 4);
    for (const caller of ['a', 'b', 'c', 'd']) limit.take(caller, 0);
    for (const caller of ['a', 'b', 'c', 'd']) assert.equal(limit.take(caller, 0).isAllowed, false, caller);
    limit.take('e', 0);
    assert.equal(limit.size(), 3);
    for (const caller of ['c', 'd', 'e']) assert.equal(limit.take(caller, 0).isAllowed, false, caller);
    assert.equal(limit.take('a', 0).isAllowed, true, 'the first are forgotten');
  });

  test('of a million addresses keeps its memory flat and its pace', () => {
    const limit = createRateLimit(10);
    const startedAt = performance.now();
    const attack = (from: number) => {
      for (let i = from; i < from + 500_000; i += 1)
        limit.take(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, i / 100);
      assert.ok(limit.size() <= callersMax && limit.size() >= callersMax / 2, `${limit.size()}`);
      return heapBytes();
    };
    const first = attack(0);
    const grown = attack(500_000) - first;
    // A list that is searched for the oldest took minutes.
    assert.ok(performance.now() - startedAt < 20_000);
    assert.ok(grown < 32 * 1024 ** 2, `${Math.round(grown / 1024 ** 2)} MiB more`);
  });
});
