/**
 * A program that waits for the end of the one that started it, however that ends, and then removes what it has
 * left behind. It reads on its input what there is (`+`) and what there is no more (`-`):
 *
 *     + process 4711
 *     + mount /tmp/…/disk
 *     + folder /tmp/…
 *     - process 4711
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const endMsMax = 5_000;

const left = new Set<string>();
for await (const line of createInterface({ input: process.stdin })) {
  const thing = line.slice(2);
  if (line.startsWith('+ ')) left.add(thing);
  else left.delete(thing);
}

const all = (kind: string) =>
  [...left].filter((thing) => thing.startsWith(`${kind} `)).map((thing) => thing.slice(kind.length + 1));
const pids = all('process').map(Number);
for (const pid of pids) send(pid, 'SIGKILL');
for (const endMs = performance.now() + endMsMax; performance.now() < endMs && pids.some(isThere); ) {
  await sleep(10);
}
for (const folder of all('mount')) spawnSync('umount', ['--lazy', folder]);
for (const folder of all('folder')) {
  // A database's processes may go on for a moment after their first one.
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** An ended process that its parent never waited for, as in a container without an init, is a zombie, and harmless. */
function isThere(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform !== 'linux' && send(pid, 0);
  }
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
