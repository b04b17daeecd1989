import { after, describe, test } from 'node:test';

describe('a suite', () => {
  after(() => {
    throw new Error('The hook fails.');
  });
  test('passes', () => undefined);
});
