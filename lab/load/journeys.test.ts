import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get, order, pause } from '../scenarios/requests.ts';
import type { Scenario, Step, Task } from '../scenarios/scenario.ts';
import { scenarioTraffic } from './journeys.ts';
import type { NextStep, UserJourneys } from './traffic.ts';

const products = [{ sku: 'mug', priceCents: 900, onHand: 5 }];
const body = (text: string) => () => Buffer.from(text);

function traffic(seed: number, ...tasks: readonly Task[]) {
  const scenario: Scenario = { title: 'Test', about: 'A test.', tasks };
  return scenarioTraffic(scenario, { seed, products });
}

/** Goes through a journey, answering 200 to everything. */
function journey(journeys: UserJourneys): readonly NextStep[] {
  const steps: NextStep[] = [];
  for (let step = journeys.begin(); step !== null; ) {
    steps.push(step);
    step = step.kind === 'pause' ? journeys.resumed() : journeys.answered(200, body('{}'));
  }
  return steps;
}

test('tasks are chosen by their weights', () => {
  const counts = new Map<number, number>();
  const tasks = [1, 2, 7].map((weight) => ({
    weight,
    *run() {
      counts.set(weight, (counts.get(weight) ?? 0) + 1);
      yield get('/');
    },
  }));
  const journeys = traffic(1, ...tasks).journeysOf(0);
  for (let i = 0; i < 10_000; i += 1) journey(journeys);
  for (const [weight, count] of counts)
    assert.ok(Math.abs(count / 1_000 - weight) < 0.3, `weight ${weight}: ${count}`);
});

test('the same seed gives the same users, each one another', () => {
  const task: Task = {
    weight: 1,
    *run({ random }) {
      yield get(`/${random.whole(1, 1e6)}`, { route: 'GET' });
      yield pause(10, 1_000);
      yield order(random, random.pick(products));
    },
  };
  const seen = (seed: number, id: number) =>
    Array.from({ length: 3 }, () => journey(traffic(seed, task).journeysOf(id)))
      .flat()
      .map((step) =>
        step.kind === 'pause' ? step.ms : String(step.order === null ? step.bytes : step.order.body),
      );
  assert.deepEqual(seen(1, 0), seen(1, 0));
  for (const other of [seen(1, 1), seen(2, 0)]) assert.notDeepEqual(seen(1, 0), other);
  const [, paused] = seen(1, 0);
  assert.ok(typeof paused === 'number' && paused >= 10 && paused <= 1_000);
});

test('values are carried from one answer to the next, and stay', () => {
  const seen: unknown[] = [];
  const journeys = traffic(1, {
    weight: 1,
    *run({ products: [product] }) {
      const first = yield get('/first', { keepsBody: true });
      const paused = yield pause(0);
      const second = yield get('/second');
      seen.push(first.json(), paused === first, second.status, second.text(), product?.sku);
    },
  }).journeysOf(0);
  const memory = Buffer.from('{"a":1}');
  journeys.begin();
  journeys.answered(200, () => memory);
  memory.fill(0);
  journeys.resumed();
  assert.equal(journeys.answered(404, body('not kept')), null);
  assert.deepEqual(seen, [{ a: 1 }, true, 404, '', 'mug']);
});

test('what is neither a request nor a pause is refused, and a journey that is given up cleans up', () => {
  const odd = traffic(1, {
    weight: 1,
    *run() {
      yield 'GET /' as unknown as Step;
    },
  }).journeysOf(0);
  assert.throws(() => odd.begin(), /neither a request nor a pause/);
  const endless = traffic(1, {
    weight: 1,
    *run() {
      yield pause(1, Number.POSITIVE_INFINITY);
    },
  }).journeysOf(0);
  assert.throws(() => endless.begin(), /a pause is/);
  let isCleanedUp = false;
  const tidy = traffic(1, {
    weight: 1,
    *run() {
      try {
        yield get('/');
      } finally {
        isCleanedUp = true;
      }
    },
  }).journeysOf(0);
  tidy.begin();
  tidy.end();
  assert.ok(isCleanedUp);
  assert.equal(tidy.answered(200, body('')), null);
});
