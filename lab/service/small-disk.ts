/** A file system of a few megabytes that can be filled and emptied: a tmpfs of our own. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly folder: string;
  /** Leaves not a byte. */
  fill(): void;
  /** Gives back the room that {@link fill} took. */
  empty(): void;
  /** Everything on it must be closed. */
  remove(): void;
}

/** Only root may mount, or a user who may make a namespace and be root in it. */
export type Mounting = 'allowed' | 'allowed in a namespace' | { readonly refusedBecause: string };

/** As root of a namespace of their own, this is how anybody runs a program. */
export const inNamespace = ['unshare', '--user', '--map-root-user', '--mount', '--'] as const;

export function mounting(): Mounting {
  const probe = mkdtempSync(join(tmpdir(), 'nozama-disk-'));
  try {
    const script = `mount -t tmpfs -o size=64k nozama-test "${probe}" && umount "${probe}"`;
    const [direct, namespaced] = [[], inNamespace].map((prefix) => {
      const [program = '', ...args] = [...prefix, 'sh', '-c', script];
      return spawnSync(program, args, { encoding: 'utf8' });
    });
    if (direct?.status === 0) return 'allowed';
    if (namespaced?.status === 0) return 'allowed in a namespace';
    const said = `${direct?.stderr ?? ''}${namespaced?.stderr ?? namespaced?.error?.message ?? ''}`;
    return {
      refusedBecause: `No small file system can be mounted here: ${said.trim().replaceAll('\n', '; ')}`,
    };
  } finally {
    rmdirSync(probe);
  }
}

/** @throws when it can't be mounted: see {@link mounting} */
export function mountSmallDisk(megabytes: number, within = tmpdir()): SmallDisk {
  const folder = mkdtempSync(join(within, 'nozama-disk-'));
  const { status, stderr } = spawnSync(
    'mount',
    ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'nozama-test', folder],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) {
    rmdirSync(folder);
    throw new Error(`no small disk could be mounted: ${stderr.trim()}`);
  }
  const filler = join(folder, 'filler');
  return {
    folder,
    fill() {
      const file = openSync(filler, 'a');
      try {
        for (const size of [65_536, 4_096, 1]) writeUntilFull(file, Buffer.alloc(size));
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(filler, { force: true }),
    remove() {
      spawnSync('umount', [folder]);
      rmdirSync(folder);
    },
  };
}

function writeUntilFull(file: number, bytes: Buffer): void {
  try {
    for (;;) if (writeSync(file, bytes) < bytes.length) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
