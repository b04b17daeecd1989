/**
 * Loaded before a program (`bun --preload`, `node --import`), this makes its clock run ahead of the machine's
 * by the seconds in the file that CLOCK_AHEAD_FILE names, a number of 8 bytes, in each of its threads.
 *
 * Only `Date` is moved. Timers and `performance.now()` go by another clock, that no one can set; and the `Date`
 * header of answers is the runtime's own.
 */
import { openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';

/** How late a thread may notice, in milliseconds: less than anybody sees. */
const readEveryMs = 10;

const path = process.env['CLOCK_AHEAD_FILE'];
if (path === undefined) throw new Error('CLOCK_AHEAD_FILE is not set');

const file = openSync(path, 'r');
const bytes = new DataView(new ArrayBuffer(8));
const RealDate = globalThis.Date;
const realNow = RealDate.now;
let aheadMs = 0;

// Always, since programs keep it; a proxy for the constructor costs more, and so is there only when needed.
RealDate.now = () => realNow() + aheadMs;
const MovedDate = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [RealDate.now()] : args, newTarget),
  apply: () => new RealDate(RealDate.now()).toString(),
});

function readClock(): void {
  if (readSync(file, bytes, 0, 8, 0) !== 8) return;
  aheadMs = bytes.getFloat64(0) * 1_000;
  globalThis.Date = aheadMs === 0 ? RealDate : MovedDate;
}

readClock();
setInterval(readClock, readEveryMs).unref();

// Node hands `--import` on to its worker threads; Bun does not hand `--preload` on.
if (process.versions['bun'] !== undefined) {
  const threads: typeof import('node:worker_threads') = createRequire(import.meta.url)('node:worker_threads');
  threads.Worker = class extends threads.Worker {
    constructor(program: string | URL, options: object = {}) {
      super(program, { ...options, preload: [import.meta.filename] } as object);
    }
  };
}
