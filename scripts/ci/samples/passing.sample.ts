import { describe, test } from 'node:test';

describe('a suite', () => {
  describe('in a suite', () => {
    test('passes', () => undefined);
  });
});
test('passes <too> & "well"', () => undefined);
