import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

describe('a suite', () => {
  test('passes', () => undefined);
  test('fails', () => assert.equal(1, 2, 'one is not <two> & "never" was'));
});
