import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backupTimeMs, isBackupName, newBackupName } from './backup-name.ts';

test('names of backups hold their time, and sort by it', () => {
  const times = [0, 999, 1_000, Date.parse('2026-11-25T10:55:01.123Z'), Date.parse('2031-01-01T00:00:00Z')];
  const names = times.map(newBackupName);
  assert.deepEqual(names.map(backupTimeMs), times);
  assert.deepEqual(names.toSorted(), names);
  assert.match(newBackupName(times[3] ?? 0), /^nozama-20261125T105501\.123Z-[0-9a-f]{6}$/);
});

test('two of the same millisecond have different names', () => {
  assert.equal(new Set(Array.from({ length: 100 }, () => newBackupName(1_000))).size, 100);
});

test('other names are not taken for backups', () => {
  for (const name of [
    '',
    'nozama-20261125T105501.123Z',
    'nozama-20261325T105501.123Z-123456',
    '.nozama-20261125T105501.123Z-123456.part',
    'nozama-20261125T105501.123Z-123456/../x',
    'nozama.db',
  ])
    assert.equal(isBackupName(name), false, name);
});
