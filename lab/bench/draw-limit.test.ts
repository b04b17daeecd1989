import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LimitStep } from '../control/live.ts';
import { drawLimit } from './draw-limit.ts';

function step(perSecond: number, p50Ms: number, p99Ms: number, given: Partial<LimitStep> = {}): LimitStep {
  return {
    perSecond,
    answeredPerSecond: perSecond,
    p50Ms,
    p99Ms,
    failureShare: 0,
    holds: p99Ms <= 50,
    isConfirmation: false,
    voidReasons: [],
    ...given,
  };
}

const objective = { p99MsMax: 50, failureShareMax: 0.001 };

test('the curve has a mark for each rate, hollow where the objective broke, and the rate that holds', () => {
  const steps = [
    step(1_000, 0.5, 2),
    step(2_000, 0.7, 5),
    step(4_000, 40, 600),
    step(8_000, 1, 1, { voidReasons: ['the generator was late'] }),
    step(3_000, 1, 20),
  ];
  const svg = drawLimit({ objective, steps, holdsPerSecond: 3_000 }, 'order-pipeline', '');
  assert.match(svg, /^<svg [^>]+role="img">.*<\/svg>\n$/s);
  assert.equal(svg.match(/<circle class="ours"/g)?.length, 3);
  assert.equal(svg.match(/<circle class="ours hollow"/g)?.length, 1);
  assert.match(svg, /holds 3,000\/s/);
  assert.match(svg, /p99 ≤ 50 ms/);
  // From left to right, whatever the order in which the rates were tried.
  const path = /<path class="ours" d="([^"]+)"/.exec(svg)?.[1] ?? '';
  const places = Array.from(path.matchAll(/[ML]([\d.]+)/g), (match) => Number(match[1]));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  // Higher values stand higher.
  const levels = Array.from(path.matchAll(/ ([\d.]+)/g), (match) => Number(match[1]));
  assert.deepEqual(
    levels,
    levels.toSorted((a, b) => b - a),
  );
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
});

test('a search in which nothing was answered has no curve', () => {
  assert.throws(
    () => drawLimit({ objective, steps: [], holdsPerSecond: null }, 'health-check', ''),
    /a line chart needs a point/,
  );
});
