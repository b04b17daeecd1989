/** How many connections a process may have open here. */
import { execFileSync } from 'node:child_process';

/** For files, pipes and the database, besides connections. */
export const otherFilesMax = 64;

/** `ulimit -n` of this process, which the processes it starts inherit; null where it is unknown. */
export function readOpenFilesMax(): number | null {
  try {
    const text = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8', timeout: 5_000 }).trim();
    if (text === 'unlimited') return Number.POSITIVE_INFINITY;
    return /^\d+$/.test(text) ? Number(text) : null;
  } catch {
    return null;
  }
}
