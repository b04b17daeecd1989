import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitWords } from './wait-words.ts';

test('a wait is told in the unit that is easy to read', () => {
  for (const [seconds, words] of [
    [0, 'a second'],
    [1, 'a second'],
    [2, '2 seconds'],
    [89, '89 seconds'],
    [90, '2 minutes'],
    [4_320, '72 minutes'],
    [7_199, '120 minutes'],
    [7_200, '2 hours'],
    [7_201, '3 hours'],
    [86_400, '24 hours'],
  ] as const)
    assert.equal(waitWords(seconds), words);
});
