import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback } from './loopback.ts';

test('this machine is known by its loopback addresses', () => {
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]', '::1'])
    assert.equal(isLoopback(host), true, host);
  for (const host of [
    '',
    'localhost.example',
    '127.0.0.1.example',
    '128.0.0.1',
    '10.0.0.1',
    '::2',
    '0.0.0.0',
  ])
    assert.equal(isLoopback(host), false, host);
});
