/** Databases that already hold orders. SQLite's are made once for each version of the schema and kept. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { FilledDatabase } from '../engine/fill-engine.ts';
import type { StoringSide } from './bench-options.ts';
import { runProcess } from './child-process.ts';
import { repository } from './environment.ts';

export const freshCopyBytesMax = 2 * 2 ** 30;
const fillTimeoutMs = 3_600_000;
const copyTimeoutMs = 600_000;

export interface FilledOriginal extends Omit<FilledDatabase, 'pagePaths'> {
  readonly file: string;
  /** One path of a confirmation page on each line. */
  readonly pagePathsFile: string;
  /** From where orders of a run are counted. */
  readonly position: number;
  readonly bytes: number;
  readonly isNew: boolean;
}

/** Files that shape a database: a change in any of these makes the kept databases stale. */
const sources: Readonly<Record<StoringSide, readonly string[]>> = {
  nozama: ['src/storage/sqlite', 'src/domain', 'src/catalog', 'lab/engine'],
  textbook: ['lab/baselines/textbook'],
};

export async function findFilledDatabase(
  bun: string,
  folder: string,
  side: StoringSide,
  orders: number,
): Promise<FilledOriginal> {
  const home = join(folder, 'filled', `${side}-${orders}-${fingerprint(sources[side])}`);
  const file = join(home, 'orders.db');
  const about = join(home, 'about.json');
  const isNew = !existsSync(about);
  if (isNew) {
    // Made aside and then renamed, so that one cut short is never taken for whole.
    const draft = `${home}.draft`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    const databaseUrl = `sqlite:${join(draft, 'orders.db')}`;
    const { pagePaths, ...filled } = await runFill(bun, side, orders, databaseUrl, draft);
    writeFileSync(join(draft, 'page-paths.txt'), pagePaths.join('\n'));
    writeFileSync(join(draft, 'about.json'), JSON.stringify(filled));
    // The ones of other versions are of no use any more, and large.
    for (const name of readdirSync(join(folder, 'filled'))) {
      if (name.startsWith(`${side}-${orders}-`) && join(folder, 'filled', name) !== draft) {
        rmSync(join(folder, 'filled', name), { recursive: true, force: true });
      }
    }
    renameSync(draft, home);
  }
  const known = JSON.parse(readFileSync(about, 'utf8')) as FilledDatabase;
  const position = side === 'textbook' ? orders : known.logPosition;
  const pagePathsFile = join(home, 'page-paths.txt');
  return { ...known, file, pagePathsFile, position, bytes: statSync(file).size, isNew };
}

/** Into an empty database, in a process of its own. */
export async function runFill(
  bun: string,
  side: StoringSide,
  orders: number,
  databaseUrl: string,
  cwd: string,
): Promise<FilledDatabase> {
  const program = join(repository, 'lab/engine/fill-database.ts');
  const args = [program, '--side', side, '--orders', String(orders), '--database', databaseUrl];
  return JSON.parse(await runProcess({ program: bun, args, cwd, env: {} }, fillTimeoutMs)) as FilledDatabase;
}

export function describeFill(
  side: StoringSide,
  { orders, seconds, bytes, isNew }: Pick<FilledOriginal, 'orders' | 'seconds' | 'bytes' | 'isNew'>,
): string {
  const rate = Math.round(orders / seconds / 1_000);
  return (
    `${isNew ? 'Filled' : 'Kept from before'}: ${side}, ${orders} orders, ${Math.round(bytes / 2 ** 20)} MiB, ` +
    `made in ${seconds.toFixed(1)} s (${rate},000 orders/s)`
  );
}

/** Copies without reading where the file system can, and waits until the copy is on disk. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  await runProcess({ program: 'cp', args: ['--reflink=auto', from, to], cwd: '/', env: {} }, copyTimeoutMs);
  // Else the kernel would write it back in the middle of the run.
  const fd = openSync(to, 'r+');
  fsyncSync(fd);
  closeSync(fd);
}

function fingerprint(folders: readonly string[]): string {
  const digest = createHash('sha256');
  for (const folder of folders) {
    const names = readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' }).toSorted();
    for (const name of names) {
      if (!/(?<!\.test)\.(ts|sql)$/.test(name)) continue;
      digest.update(`${folder}/${name}\n`).update(readFileSync(join(repository, folder, name)));
    }
  }
  return digest.digest('hex').slice(0, 12);
}
