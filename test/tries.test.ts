import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { repeatWhenDisturbed } from './tries.ts';

/** Runs the check until it is not repeated any more. */
async function triesOf(isDisturbed: boolean, error: Error | null, failuresMax = 9) {
  let tries = 0;
  const outcome = await repeatWhenDisturbed(async (tell) => {
    tries += 1;
    tell(isDisturbed && 'the machine stood still');
    if (error !== null && tries <= failuresMax) throw error;
  }).then(
    () => 'passed',
    (failure: Error) => failure.message,
  );
  return { tries, outcome };
}

describe('a check of durations', () => {
  const failure = new assert.AssertionError({ message: 'too slow' });

  test('is repeated when the machine disturbed it, a few times', async () => {
    assert.deepEqual(await triesOf(true, failure, 2), { tries: 3, outcome: 'passed' });
    assert.deepEqual(await triesOf(true, failure), { tries: 3, outcome: 'too slow' });
  });

  test('fails at once when nothing disturbed it', async () => {
    assert.deepEqual(await triesOf(false, failure), { tries: 1, outcome: 'too slow' });
  });

  test('fails at once by what is no assertion', async () => {
    assert.deepEqual(await triesOf(true, new Error('gone')), { tries: 1, outcome: 'gone' });
  });

  test('is made once when it passes', async () => {
    assert.deepEqual(await triesOf(true, null), { tries: 1, outcome: 'passed' });
  });
});
