/**
 * The files of a new cluster, as `initdb` makes them.
 *
 * `initdb` takes most of a second of the processor and makes the same each time, so its first result is kept in
 * node_modules/.cache and copied. All copies share one system identifier, by which only replication knows a cluster.
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const cache = resolve(import.meta.dirname, '../../node_modules/.cache/postgres');

export interface NewCluster {
  /** The folder of PostgreSQL's programs. */
  readonly bin: string;
  /** An empty folder that belongs to the owner. */
  readonly dataFolder: string;
  /** Where the write-ahead log goes when not into the data folder; its segments are small then, for a small disk. */
  readonly walFolder: string | null;
  readonly superuser: string;
  /** Who runs the server; null is this process's own user. */
  readonly owner: { readonly uid: number; readonly gid: number } | null;
}

export async function makeCluster(cluster: NewCluster): Promise<void> {
  if (cluster.walFolder !== null)
    return initdb(cluster, [`--waldir=${cluster.walFolder}`, '--wal-segsize=1']);
  const kept = join(cache, keyOf(cluster));
  if (existsSync(kept)) {
    cpSync(kept, cluster.dataFolder, { recursive: true });
    chmodSync(cluster.dataFolder, 0o700);
    giveTo(cluster.owner, cluster.dataFolder);
  } else {
    await initdb(cluster, []);
    keep(cluster.dataFolder, kept);
  }
}

/** A new version has other files, `initdb` writes the time zone into the configuration, and only their owner may read them. */
function keyOf({ bin, superuser }: NewCluster): string {
  const version = execFileSync(join(bin, 'initdb'), ['--version'], { encoding: 'utf8' });
  const words = [version, superuser, process.getuid?.() ?? '', process.env['TZ'] ?? ''];
  return words.join(' ').replace(/[^\w.-]+/g, '-');
}

async function initdb(
  { bin, dataFolder, superuser, owner }: NewCluster,
  more: readonly string[],
): Promise<void> {
  const options = ['-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', ...more];
  await promisify(execFile)(join(bin, 'initdb'), ['-D', dataFolder, '-U', superuser, ...options], {
    ...owner,
    cwd: dataFolder,
  });
}

/** Under another name first: several processes may do this at the same time, and the first one wins. */
function keep(dataFolder: string, kept: string): void {
  const unfinished = `${kept}.${process.pid}`;
  try {
    mkdirSync(cache, { recursive: true });
    cpSync(dataFolder, unfinished, { recursive: true });
    renameSync(unfinished, kept);
  } catch {
    // Another process has kept its own, or this folder cannot be written: the next cluster is made anew.
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function giveTo(owner: NewCluster['owner'], folder: string): void {
  if (owner === null) return;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    chownSync(path, owner.uid, owner.gid);
    if (lstatSync(path).isDirectory()) giveTo(owner, path);
  }
}
