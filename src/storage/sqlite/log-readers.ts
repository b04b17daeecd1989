/** Names the processes that read a database right now, so that an operator knows whom to end. */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';

/** Bytes of the index in shared memory by whose locks readers say what they read (sqlite.org/walformat.html). */
const readMarkFirst = 123;
const readMarkLast = 127;

/**
 * Such as `sqlite3 (process 4711)`, without this process. Empty where the system does not tell, as everywhere but on
 * Linux, and when nobody reads.
 */
export function findLogReaders(file: string): readonly string[] {
  try {
    const { ino } = statSync(`${file}-shm`);
    const readers = new Set(readLocksOn(ino, readFileSync('/proc/locks', 'utf8')));
    readers.delete(process.pid);
    return Array.from(readers, (pid) => `${nameOf(pid)} (process ${pid})`);
  } catch {
    return [];
  }
}

/** @param locks as proc_locks(5) has them, such as `1: POSIX  ADVISORY  READ 4711 08:01:131 124 124` */
function readLocksOn(inode: number, locks: string): readonly number[] {
  return Array.from(
    locks.matchAll(/^\d+: POSIX\s+ADVISORY\s+READ\s+(\d+)\s+[\da-f]+:[\da-f]+:(\d+)\s+(\d+)\s+(\d+)$/gm),
    ([, pid, ino, first, last]) =>
      Number(ino) === inode && Number(first) <= readMarkLast && Number(last) >= readMarkFirst
        ? Number(pid)
        : 0,
  ).filter((pid) => pid > 0);
}

/** Without its arguments, which may hold anything. */
function nameOf(pid: number): string {
  try {
    const [program = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return basename(program);
  } catch {
    return 'a program';
  }
}
