/** What can be told of the disk that a database file is on, when somebody reads the metrics. */
import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ProcessGauges } from './metrics.ts';

/** @param file of a SQLite database */
export function diskGauges(file: string): NonNullable<ProcessGauges['disk']> {
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
