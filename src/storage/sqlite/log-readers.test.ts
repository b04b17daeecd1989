import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findReadLocks } from './log-readers.ts';

const line = (pid: number, place: string, kind = 'READ', byte = 124) =>
  `1: POSIX  ADVISORY  ${kind.padEnd(5)} ${pid} ${place} ${byte} ${byte}\n`;

test('the processes that read a database hold a read mark of the same file on the same device', () => {
  const others = [
    line(1, '08:01:131'),
    line(2, '08:02:131'),
    line(3, '09:01:131'),
    line(4, '08:01:132'),
    line(5, '08:01:131', 'WRITE'),
    line(6, '08:01:131', 'READ', 128),
  ].join('');
  const own = line(99, '08:01:131', 'READ', 128);
  assert.deepEqual(findReadLocks(`${others}${own}`, 131, 99), [1]);
  assert.deepEqual(findReadLocks(others, 131, 99), [], 'nobody tells which device it is');
});
