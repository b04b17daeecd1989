import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish, finishInSlices, type Slices } from './slices.ts';

function* sum(parts: number, partMs = 0): Slices<number> {
  let total = 0;
  for (let part = 1; part <= parts; part += 1) {
    for (const end = performance.now() + partMs; performance.now() < end; );
    total += part;
    yield;
  }
  return total;
}

test('sliced work ends with its result, with and without interruptions', async () => {
  assert.equal(finish(sum(10)), 55);
  assert.equal(await finishInSlices(sum(10), 1_000), 55);
  assert.equal(await finishInSlices(sum(10), 0), 55);
});

test('the event loop goes on between slices', async () => {
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await finishInSlices(sum(10, 2), 1);
  isDone = true;
  assert.ok(turns >= 9, `${turns} turns`);
});

test('sliced work that throws rejects', async () => {
  function* fails(): Slices<never> {
    yield;
    throw new Error('no');
  }
  await assert.rejects(finishInSlices(fails(), 0), /^Error: no$/);
});
