import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clockWords,
  countWords,
  dateWords,
  msWords,
  rateWords,
  secondsWords,
  shareWords,
} from './figure-words.ts';

test('figures have as many digits as can be believed', () => {
  assert.deepEqual([0.084, 2.5, 12.44, 99.96, 356.6, 12_345.6, null].map(msWords), [
    '0.08',
    '2.50',
    '12.4',
    '100.0',
    '357',
    '12,346',
    '–',
  ]);
  assert.deepEqual([0, 0.5, 42.55, 99, 5_229.2].map(rateWords), ['0', '0.5', '42.6', '99', '5,229']);
  assert.deepEqual([0, 1_234_567.4].map(countWords), ['0', '1,234,567']);
  assert.deepEqual([0, 0.000_001, 0.0075, 1].map(shareWords), ['0 %', '< 0.01 %', '0.75 %', '100 %']);
});

test('times are read without counting', () => {
  assert.deepEqual([0.25, 24.0006, 119, 150, 179.7, 7_260, 7_199.9].map(secondsWords), [
    '0.3 s',
    '24 s',
    '119 s',
    '2 min 30 s',
    '3 min 0 s',
    '2 h 1 min',
    '2 h 0 min',
  ]);
  assert.deepEqual([-1, 5.9, 750, 3_600, 36_061].map(clockWords), [
    '0:00',
    '0:05',
    '12:30',
    '1:00:00',
    '10:01:01',
  ]);
  assert.equal(dateWords('2026-11-25T04:55:35.917Z'), '25 November 2026, 04:55:35 UTC');
  assert.equal(dateWords('yesterday'), 'yesterday');
});
