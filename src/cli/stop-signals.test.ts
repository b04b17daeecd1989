import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endSignal, stopSignals } from './stop-signals.ts';

test('on Windows the console says that it closes; elsewhere nohup has the last word', () => {
  assert.deepEqual(stopSignals('linux'), ['SIGTERM', 'SIGINT']);
  assert.deepEqual(stopSignals('win32'), ['SIGTERM', 'SIGINT', 'SIGBREAK', 'SIGHUP']);
});

test('a process can end itself by the signal that it is given', () => {
  assert.equal(endSignal('SIGINT', 'linux'), 'SIGINT');
  // libuv's kill knows SIGINT, SIGTERM, SIGKILL and SIGQUIT there, and refuses the others.
  for (const signal of stopSignals('win32')) assert.equal(endSignal(signal, 'win32'), 'SIGTERM');
});
