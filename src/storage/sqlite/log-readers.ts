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
    const readers = new Set(findReadLocks(readFileSync('/proc/locks', 'utf8'), ino, process.pid));
    readers.delete(process.pid);
    return Array.from(readers, (pid) => `${nameOf(pid)} (process ${pid})`);
  } catch {
    return [];
  }
}

/**
 * Two files on two devices may have one inode number. Which device it is, the lock tells that each connection of this
 * process holds on the file: stat(2) tells another device than /proc/locks on some file systems, such as btrfs.
 * @param locks as proc_locks(5) has them, such as `1: POSIX  ADVISORY  READ 4711 08:01:131 124 124`
 * @param ownPid of a process that has the database open
 * @returns the processes that hold a read mark of the file
 */
export function findReadLocks(locks: string, inode: number, ownPid: number): readonly number[] {
  const found = Array.from(
    locks.matchAll(/^\d+: POSIX\s+ADVISORY\s+READ\s+(\d+)\s+([\da-f]+:[\da-f]+:(\d+))\s+(\d+)\s+(\d+)$/gm),
    ([, pid, place, ino, first, last]) => ({
      pid: Number(pid),
      place,
      isOfInode: Number(ino) === inode,
      isReadMark: Number(first) <= readMarkLast && Number(last) >= readMarkFirst,
    }),
  ).filter(({ isOfInode }) => isOfInode);
  const own = new Set(found.filter(({ pid }) => pid === ownPid).map(({ place }) => place));
  return found.filter(({ place, isReadMark }) => isReadMark && own.has(place)).map(({ pid }) => pid);
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
