import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTooOld } from './read-table.ts';

const hourMs = 3_600_000;

describe('a state that was read', () => {
  it('is good for an hour', () => {
    assert.equal(isTooOld(5, 5), false);
    assert.equal(isTooOld(5, 5 + hourMs), false);
    assert.equal(isTooOld(5, 6 + hourMs), true);
  });

  it('is too old when the clock has run backwards: how long ago it was is not known', () => {
    assert.equal(isTooOld(5, 4), true);
  });
});
