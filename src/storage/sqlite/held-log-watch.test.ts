import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createHeldLogWatch } from './held-log-watch.ts';

const [short, long] = [false, true];

describe('a log that a reader holds', () => {
  it('counts from when it was due, and there is a warning now and then', () => {
    const watch = createHeldLogWatch({ warnAfterMs: 30, warnEveryMs: 100 });
    const warnings: number[] = [];
    assert.deepEqual(watch.see(0, 5, short), { isHeld: false, forMs: 0, changed: false, isToWarn: false });
    assert.deepEqual(watch.see(10, 10, long), { isHeld: true, forMs: 0, changed: true, isToWarn: false });
    for (let nowMs = 20; nowMs <= 300; nowMs += 10) {
      const { isHeld, forMs, changed, isToWarn } = watch.see(nowMs, nowMs, long);
      assert.deepEqual([isHeld, forMs, changed], [true, nowMs - 10, false]);
      if (isToWarn) warnings.push(nowMs);
      assert.equal(watch.hasWarned(), nowMs >= 40);
    }
    assert.deepEqual(warnings, [40, 140, 240]);
  });

  it('is held no more once it has started anew, even when it is long again by then', () => {
    const watch = createHeldLogWatch({ warnAfterMs: 30, warnEveryMs: 100 });
    watch.see(0, 10, long);
    assert.equal(watch.see(40, 20, long).isToWarn, true);
    assert.deepEqual(watch.see(50, 12, long), { isHeld: false, forMs: 0, changed: true, isToWarn: false });
    assert.equal(watch.hasWarned(), false);
    assert.deepEqual(watch.see(60, 13, long), { isHeld: true, forMs: 0, changed: true, isToWarn: false });
    assert.equal(watch.see(89, 14, long).isToWarn, false);
    assert.equal(watch.see(90, 15, long).isToWarn, true);
  });
});
