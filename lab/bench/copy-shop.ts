/** Copies a shop that sells by one of the ways that were compared; see measure-backup.ts. */
import { backup, DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { makeSqliteBackupCopy } from '../../src/storage/sqlite/backup-copy.ts';

const { values } = parseArgs({
  options: { file: { type: 'string' }, into: { type: 'string' }, way: { type: 'string' } },
});
const { file = '', into = '', way } = values;
const rest = { positions: [], onProgress: () => undefined };
const never = new Int32Array(new SharedArrayBuffer(4));

/** SQLite's backup as it comes, a step each few milliseconds. @param isHeld in one read transaction */
async function copyPlainly(isHeld: boolean): Promise<void> {
  const db = new DatabaseSync(file, { readOnly: true });
  if (isHeld) db.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
  await backup(db, into, { rate: 64, progress: () => void Atomics.wait(never, 0, 0, 2) });
  db.close();
}

if (way === 'vacuum') {
  const db = new DatabaseSync(file, { readOnly: true });
  db.prepare('VACUUM INTO ?').run(into);
  db.close();
} else if (way === 'unpaced') {
  await makeSqliteBackupCopy(file, into, { pagesPerStep: 64, idleShare: 0, ...rest });
} else if (way === 'paced') {
  await makeSqliteBackupCopy(file, into, { pagesPerStep: 64, idleShare: 0.8, ...rest });
} else if (way === 'unsynced') {
  await copyPlainly(true);
} else if (way === 'unheld') {
  await copyPlainly(false);
} else {
  throw new Error('--way is vacuum, unpaced, paced, unsynced or unheld');
}
