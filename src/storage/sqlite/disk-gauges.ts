/** The disk that a database file is on, as metrics show it. */
import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DiskGauges } from '../engine.ts';

export function diskGauges(file: string): DiskGauges {
  return {
    freeBytes: () =>
      orNull(() => {
        const { bavail, bsize } = statfsSync(dirname(file));
        return bavail * bsize;
      }),
    walBytes: () => orNull(() => statSync(`${file}-wal`).size),
  };
}

function orNull(read: () => number): number | null {
  try {
    return read();
  } catch {
    return null;
  }
}
