import { BackupRefusedError } from '../storage/backup-copy.ts';
import type { ShopFile } from '../storage/engine.ts';
import { databaseAt } from '../storage/engines.ts';

/** The shop that `nozama backup` and `nozama restore` work on. @throws BackupRefusedError when it is no file */
export function shopFileAt(databaseUrl: string): ShopFile {
  const { file, engine } = databaseAt(databaseUrl);
  if (file === null) throw new BackupRefusedError(engine.lacks.liveBackup ?? '');
  return file;
}
