import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkSearch } from './check-plan.ts';
import { type FindLimitOptions, findLimit, type RateTried } from './find-limit.ts';
import type { LimitSearchView } from './live.ts';

const search = checkSearch({ p99MsMax: 50, fromPerSecond: 100 });

/** A queue with a server of fixed speed: below it waits are short, beyond it they grow with time. */
function queue(capacity: number, seconds: number) {
  return (perSecond: number): RateTried => {
    const load = perSecond / capacity;
    const serviceMs = 1_000 / capacity;
    const queueMs = load < 1 ? Math.min(20, (serviceMs * load) / (1 - load)) : (load - 1) * seconds * 1_000;
    return {
      perSecond,
      answeredPerSecond: Math.min(perSecond, capacity),
      p50Ms: serviceMs + queueMs / 2,
      p99Ms: serviceMs + queueMs,
      failureShare: 0,
      voidReasons: [],
    };
  };
}

async function run(tryRate: (perSecond: number, isConfirmation: boolean) => RateTried, options = {}) {
  const views: LimitSearchView[] = [];
  const found = await findLimit({
    search,
    tryRate: (perSecond, isConfirmation) => Promise.resolve(tryRate(perSecond, isConfirmation)),
    onChange: (view) => views.push(view),
    isStopped: () => false,
    ...options,
  } satisfies FindLimitOptions);
  return { found, views };
}

describe('looking for the limit', () => {
  it('finds the speed of a queue within 5 %, and confirms it', async () => {
    for (const capacity of [60, 97, 333, 1_234, 9_876, 54_321]) {
      const { found } = await run(queue(capacity, 5));
      const holds = found.holdsPerSecond ?? 0;
      assert.ok(Math.abs(holds / capacity - 1) <= 0.05, `${capacity}: ${holds}`);
      assert.deepEqual(
        { ...found.steps.at(-1), isConfirmation: true, holds: true, perSecond: holds },
        found.steps.at(-1),
      );
      assert.match(found.ending ?? '', /The objective broke at .*p99 was/);
      assert.ok(found.steps.length < 40);
    }
  });

  it('tells of each step when it is over, and what is being tried', async () => {
    const { found, views } = await run(queue(333, 5));
    assert.deepEqual(views.at(-1), found);
    assert.equal(views[0]?.tryingPerSecond, 100);
    for (const view of views.slice(0, -1)) assert.equal(view.holdsPerSecond, null);
    assert.deepEqual(
      views.map(({ steps }) => steps.length),
      views.map(({ steps }) => steps.length).toSorted((a, b) => a - b),
    );
  });

  it('does not take one stall for the limit', async () => {
    const stalled = new Set<number>();
    const model = queue(5_000, 5);
    const { found } = await run((perSecond) => {
      const isStall = perSecond < 3_000 && !stalled.has(perSecond);
      stalled.add(perSecond);
      return isStall ? { ...model(perSecond), p99Ms: 900 } : model(perSecond);
    });
    assert.ok((found.holdsPerSecond ?? 0) > 4_750, String(found.holdsPerSecond));
  });

  it('does not take a generator that was late once for one at its end', async () => {
    const tries = new Map<number, number>();
    const model = queue(5_000, 5);
    const { found } = await run((perSecond) => {
      tries.set(perSecond, (tries.get(perSecond) ?? 0) + 1);
      const isLate = (tries.get(perSecond) ?? 0) % 3 !== 0;
      return isLate ? { ...model(perSecond), p99Ms: 400, voidReasons: ['late'] } : model(perSecond);
    });
    assert.ok((found.holdsPerSecond ?? 0) > 4_750, String(found.holdsPerSecond));
  });

  it('goes lower when what held does not hold for longer', async () => {
    const { found } = await run((perSecond, isConfirmation) =>
      queue(isConfirmation ? 900 : 1_000, 5)(perSecond),
    );
    const holds = found.holdsPerSecond ?? 0;
    assert.ok(holds <= 909 && holds >= 855, String(holds));
    assert.ok(found.steps.some((step) => step.isConfirmation && !step.holds));
  });

  it('does not look above a rate at which the generator was at its end, and says so', async () => {
    const { found } = await run((perSecond) => ({
      ...queue(100_000, 5)(perSecond),
      ...(perSecond > 2_000 && { p99Ms: 700, voidReasons: ['a worker used 0.99 cores'] }),
    }));
    const holds = found.holdsPerSecond ?? 0;
    assert.ok(holds > 1_900 && holds <= 2_000, String(holds));
    assert.match(found.ending ?? '', /generator, not the service.*0\.99 cores/);
  });

  it('ends at the highest rate asked for', async () => {
    const { found } = await run(queue(9_999, 5), { search: { ...search, toPerSecond: 400 } });
    assert.equal(found.holdsPerSecond, 400);
    assert.match(found.ending ?? '', /highest rate that was to be tried holds: 400\/s/);
  });

  it('ends at a highest rate of any number of digits, and never goes beyond it', async () => {
    const triesMax = 60;
    for (const toPerSecond of [100, 100.04, 12_344, 12_345, 12_346, 99_999, 123_456, 499_999.5, 500_000]) {
      let tries = 0;
      const { found } = await run(
        (perSecond) => {
          tries += 1;
          assert.ok(tries <= triesMax, `up to ${toPerSecond}: no end after ${triesMax} tries`);
          return queue(9_999_999, 5)(perSecond);
        },
        { search: { ...search, toPerSecond } },
      );
      assert.equal(found.holdsPerSecond, toPerSecond);
      assert.equal(Math.max(...found.steps.map(({ perSecond }) => perSecond)), toPerSecond);
      assert.match(found.ending ?? '', /highest rate that was to be tried holds/);
    }
  });

  it('finds a limit just below a highest rate of many digits', async () => {
    const toPerSecond = 12_346;
    const { found } = await run(queue(12_000, 5), { search: { ...search, toPerSecond } });
    const holds = found.holdsPerSecond ?? 0;
    assert.ok(Math.abs(holds / 12_000 - 1) <= 0.05, String(holds));
    assert.ok(found.steps.every(({ perSecond }) => perSecond <= toPerSecond));
  });

  it('finds none where every request fails, or none is answered', async () => {
    const failing = await run((perSecond) => ({ ...queue(9_999, 5)(perSecond), failureShare: 0.5 }));
    assert.equal(failing.found.holdsPerSecond, null);
    assert.match(failing.found.ending ?? '', /not hold at any rate: .*50\.00 % failed, above 0\.10 %/);
    const silent = await run((perSecond) => ({
      ...queue(9_999, 5)(perSecond),
      p99Ms: null,
      p50Ms: null,
      answeredPerSecond: 0,
    }));
    assert.match(silent.found.ending ?? '', /nothing was answered/);
  });

  it('can be stopped between two tries', async () => {
    let tries = 0;
    const { found } = await run(
      (perSecond) => {
        tries += 1;
        return queue(9_999, 5)(perSecond);
      },
      { isStopped: () => tries >= 3 },
    );
    assert.equal(tries, 3);
    assert.equal(found.holdsPerSecond, null);
    assert.equal(found.tryingPerSecond, null);
    assert.match(found.ending ?? '', /stopped before/);
  });
});
