/**
 * How often a second the disk makes 4 KiB durable: the floor under every commit.
 * `bun lab/baselines/fdatasync.ts --folder /tmp --seconds 1`; prints JSON.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const secondsMax = 60;
/** The file stays below this size. */
const pagesMax = 16_384;
const page = Buffer.alloc(4_096, 1);

const { values } = parseArgs({
  options: { folder: { type: 'string', default: '/tmp' }, seconds: { type: 'string', default: '1' } },
});
const seconds = Math.min(secondsMax, Number(values.seconds));

/** @param pages how many different places are written, one after the other, again and again */
function syncsPerSecond(fd: number, pages: number): number {
  const startedAtMs = performance.now();
  let syncs = 0;
  while (performance.now() - startedAtMs < seconds * 1_000) {
    writeSync(fd, page, 0, page.length, (syncs % pages) * page.length);
    fdatasyncSync(fd);
    syncs += 1;
  }
  return Math.round((syncs / (performance.now() - startedAtMs)) * 1_000);
}

const folder = mkdtempSync(join(values.folder, 'fdatasync-'));
try {
  const fd = openSync(join(folder, 'file'), 'w');
  // Growing a file also syncs its length; a write-ahead log that starts over writes in place.
  const appending = syncsPerSecond(fd, pagesMax);
  const overwriting = syncsPerSecond(fd, 64);
  closeSync(fd);
  process.stdout.write(`${JSON.stringify({ appending, overwriting })}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
