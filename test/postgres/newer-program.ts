/** The program as it will be one day: this one, and a migration more. */
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface NewerProgram extends Disposable {
  /** Where it is, as `test/service.ts` has it. */
  readonly folder: string;
  /** Its schema version, and that of the program that is here. */
  readonly version: number;
  readonly olderVersion: number;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const migrations = 'src/storage/postgres/migrations';

/** @param sql of its migration */
export function makeNewerProgram(sql: string): NewerProgram {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-newer-'));
  for (const name of ['src', 'package.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const olderVersion = readdirSync(join(folder, migrations)).length;
  const version = olderVersion + 1;
  writeFileSync(join(folder, migrations, `${String(version).padStart(4, '0')}-one-more.sql`), sql);
  return {
    folder,
    version,
    olderVersion,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
