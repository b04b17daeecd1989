import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArrivalProfile } from '../control/run-plan.ts';
import type { LoadUser } from './load-user.ts';
import { createClosedLoop, createOpenLoop, newSchedule, type Pacing, type UserPool } from './pacing.ts';
import { seededRandom } from './random.ts';

/** Users that only note when they were to begin; a journey ends when the test says so. */
function notingPool({ requestsPerJourney = 1, thinking = 0 } = {}) {
  const begun: { readonly dueMs: number; readonly nowMs: number; readonly user: LoadUser }[] = [];
  const users = new Set<LoadUser>();
  const pool: UserPool = {
    size: () => users.size,
    thinking: () => thinking,
    requestsPerJourney: () => requestsPerJourney,
    add() {
      const user = {
        begin(dueMs: number, nowMs: number) {
          begun.push({ dueMs, nowMs, user });
        },
      } as LoadUser;
      users.add(user);
      return user;
    },
    remove: (user) => users.delete(user),
  };
  return { pool, begun, users };
}

function tickUntil(pacing: Pacing, fromMs: number, toMs: number, stepMs = 1): void {
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += stepMs) pacing.tick(nowMs);
}

const closed = { spawnedAtStart: 1, startMs: 0 };

test('users are spawned at their rate, and no more than there are to be', () => {
  const { pool, begun } = notingPool();
  const pacing = createClosedLoop(pool, { ...closed, users: 50, spawnPerSecond: 20 });
  tickUntil(pacing, 0, 1_000);
  assert.equal(begun.length, 21);
  tickUntil(pacing, 1_001, 10_000);
  assert.equal(begun.length, 50);
  assert.equal(pacing.intendedPerSecond(5_000), null);
});

test('a user whose journey has ended begins the next at once, unless there are to be fewer', () => {
  const { pool, begun, users } = notingPool();
  const many = createClosedLoop(pool, { ...closed, users: 10, spawnPerSecond: 1e6 });
  tickUntil(many, 0, 2);
  assert.equal(users.size, 10);
  many.freed(begun[0]?.user as LoadUser, 5);
  assert.equal(begun.length, 11);
  const few = createClosedLoop(pool, { ...closed, users: 4, spawnPerSecond: 1 });
  for (const user of Array.from(users)) few.freed(user, 6);
  assert.equal(users.size, 4);
  assert.equal(begun.length, 15);
  few.stop();
  for (const user of Array.from(users)) few.freed(user, 7);
  assert.equal(begun.length, 15);
  assert.equal(few.release().length, 4);
});

function openLoop(
  pool: UserPool,
  profile: ArrivalProfile,
  given: Partial<Parameters<typeof createOpenLoop>[1]> = {},
) {
  const schedule = newSchedule();
  const pacing = createOpenLoop(pool, {
    profile,
    share: 1,
    arrivals: 'poisson',
    random: seededRandom(7),
    startMs: 0,
    usersMax: 1e6,
    backlogMax: 1e6,
    schedule,
    ...given,
  });
  return { pacing, schedule };
}

test('each profile sends what it owes, at its times, however uneven the clock', () => {
  const profiles: readonly [ArrivalProfile, number][] = [
    [{ shape: 'constant', perSecond: 1_000 }, 10_000],
    [{ shape: 'ramp', fromPerSecond: 0, toPerSecond: 2_000, overSeconds: 10 }, 10_000],
    [{ shape: 'step', fromPerSecond: 500, byPerSecond: 500, everySeconds: 2, toPerSecond: 1_500 }, 12_000],
    [{ shape: 'spike', perSecond: 500, peakPerSecond: 5_500, atSecond: 4, forSeconds: 1 }, 10_000],
    [{ shape: 'sine', perSecond: 1_000, amplitudePerSecond: 900, periodSeconds: 5 }, 10_000],
  ];
  for (const [profile, due] of profiles) {
    for (const arrivals of ['even', 'poisson'] as const) {
      const { pool, begun } = notingPool();
      const { pacing } = openLoop(pool, profile, { arrivals });
      tickUntil(pacing, 0, 10_000, 13);
      pacing.tick(10_000);
      // Six standard deviations of a Poisson count; the seed is fixed.
      const tolerance = arrivals === 'even' ? 1 : 6 * Math.sqrt(due);
      assert.ok(Math.abs(begun.length - due) <= tolerance, `${profile.shape} ${arrivals}: ${begun.length}`);
      assert.ok(begun.every(({ dueMs }, i) => dueMs >= (begun[i - 1]?.dueMs ?? 0)));
      assert.ok(begun.every(({ dueMs, nowMs }) => dueMs <= nowMs && nowMs - dueMs <= 13.001));
    }
  }
});

test('arrivals of independent customers have gaps as spread as they are long', () => {
  const { pool, begun } = notingPool();
  const { pacing } = openLoop(pool, { shape: 'constant', perSecond: 500 });
  tickUntil(pacing, 0, 20_000);
  const gaps = begun.slice(1).map(({ dueMs }, i) => dueMs - (begun[i]?.dueMs ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  assert.ok(Math.abs(mean - 2) < 0.1, `mean ${mean}`);
  assert.ok(Math.abs(Math.sqrt(variance) / mean - 1) < 0.05, `deviation ${Math.sqrt(variance)}`);
});

test('journeys of several requests come so much less often, and workers share a rate', () => {
  const { pool, begun } = notingPool({ requestsPerJourney: 3 });
  const { pacing } = openLoop(
    pool,
    { shape: 'constant', perSecond: 1_200 },
    { share: 0.5, arrivals: 'even' },
  );
  tickUntil(pacing, 0, 1_000);
  assert.ok(Math.abs(begun.length - 200) <= 1, `${begun.length}`);
  assert.equal(pacing.intendedPerSecond(500), 600);
});

test('who finds no free user waits from when it was due, up to a bound', () => {
  const { pool, begun } = notingPool();
  const { pacing, schedule } = openLoop(
    pool,
    { shape: 'constant', perSecond: 1_000 },
    { usersMax: 2, backlogMax: 5, arrivals: 'even' },
  );
  tickUntil(pacing, 0, 10);
  assert.equal(begun.length, 2);
  assert.equal(pacing.waitingCount(), 5);
  assert.equal(schedule.journeysDropped, schedule.journeysDue - 7);
  const [oldest] = pacing.waiting();
  pacing.stop();
  pacing.freed(begun[0]?.user as LoadUser, 500);
  assert.deepEqual([begun[2]?.dueMs, begun[2]?.nowMs], [oldest, 500]);
  assert.equal(schedule.lateness.totalCount, 2);
});

test('a journey that waits for a user of ours who thinks is not put down to the service', () => {
  for (const [thinking, unready] of [
    [0, 0],
    [5, 7],
  ] as const) {
    const { pool } = notingPool({ thinking });
    const profile: ArrivalProfile = { shape: 'constant', perSecond: 10 };
    const { pacing, schedule } = openLoop(pool, profile, { arrivals: 'even', usersMax: 4 });
    tickUntil(pacing, 0, 1_000);
    assert.deepEqual(
      [schedule.journeysDue, schedule.journeysDelayed, schedule.journeysUnready],
      [11, 7, unready],
    );
  }
});
