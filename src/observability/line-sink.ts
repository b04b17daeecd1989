/**
 * Where log lines go: collected in memory and written at most {@link flushMs} later, in one piece.
 *
 * Trades: a crash of the machine may lose the lines of the last {@link flushMs}; an exit of the process does
 * not (see {@link LineSink.flushNow}). Always holds: writing never throws, never blocks the event loop on a
 * slow disk or reader, and never holds more than {@link pendingCharsMax}; what doesn't fit is counted and
 * reported with the first line that can be written again.
 */
import { write, writeSync } from 'node:fs';

/** One destination's file, which may change between writes. */
export interface LineTarget {
  /** Ready for up to `bytes` more; throws when there is no file now. */
  prepare(bytes: number): number;
  close(): void;
}

export interface LineSink {
  /** @param line ends with a line feed */
  write(line: string): void;
  /** As `write`, for a line that somebody may be waiting for: out within {@link promptMs}. */
  writePromptly(line: string): void;
  /** Resolves when what has been written so far is in the file, or lost. */
  flush(): Promise<void>;
  /**
   * Writes all that is pending before it returns, for a process that is about to end badly; a write under
   * way is repeated, since its fate is unknown. Never throws.
   */
  flushNow(): void;
  /** Lines lost so far, because the target failed or was too slow. */
  linesDropped(): number;
  close(): void;
}

export const flushMs = 250;
const promptMs = 5;
const pendingCharsMax = 8 * 1024 * 1024;
const flushCharsMin = 64 * 1024;
/** After a failed write, before the next try. */
const retryMs = 1_000;
/** A pipe whose reader is slow: asked again so soon, as nothing is lost yet. */
const fullPipeRetryMs = 20;

export function createLineSink(target: LineTarget): LineSink {
  let pending = '';
  let inFlight: Buffer | null = null;
  let timer: NodeJS.Timeout | null = null;
  let dropped = 0;
  let droppedReported = 0;
  let flushWaiters: (() => void)[] = [];

  function writeLine(line: string): void {
    if (pending.length + line.length > pendingCharsMax) {
      dropped += 1;
      return;
    }
    pending += line;
    if (pending.length >= flushCharsMin && timer !== null && inFlight === null) {
      clearTimeout(timer);
      timer = null;
      flush();
    } else if (timer === null && inFlight === null) {
      later(flushMs);
    }
  }

  function later(ms: number): void {
    timer = setTimeout(() => {
      timer = null;
      flush();
    }, ms);
    timer.unref();
  }

  function takePending(): Buffer {
    const report = dropped > droppedReported ? droppedLine(dropped - droppedReported) : '';
    droppedReported = dropped;
    const bytes = Buffer.from(report + pending);
    pending = '';
    return bytes;
  }

  function flush(): void {
    if (inFlight !== null || pending.length === 0) return;
    send(takePending());
  }

  function send(bytes: Buffer): void {
    let file: number;
    try {
      file = target.prepare(bytes.length);
    } catch {
      failed(bytes);
      return;
    }
    inFlight = bytes;
    write(file, bytes, 0, bytes.length, null, (error, written) => {
      if (inFlight !== bytes) return;
      if (error !== null && 'code' in error && error.code === 'EAGAIN') {
        setTimeout(() => inFlight === bytes && send(bytes), fullPipeRetryMs).unref();
        return;
      }
      inFlight = null;
      if (error !== null) failed(bytes);
      else if (written < bytes.length) send(bytes.subarray(written));
      else if (pending.length >= flushCharsMin || flushWaiters.length > 0) flush();
      else if (pending.length > 0 && timer === null) later(flushMs);
      wakeIfIdle();
    });
  }

  function wakeIfIdle(): void {
    if (inFlight !== null) return;
    for (const wake of flushWaiters) wake();
    flushWaiters = [];
  }

  /** Keeps the newest lines out of memory's way: these are counted as lost, and later ones get their try. */
  function failed(bytes: Buffer): void {
    dropped += countLines(bytes);
    if (timer === null) later(retryMs);
  }

  return {
    write: writeLine,
    writePromptly(line) {
      if (timer !== null) clearTimeout(timer);
      if (inFlight === null) later(promptMs);
      writeLine(line);
    },
    flush: () =>
      new Promise((resolve) => {
        flushWaiters.push(resolve);
        flush();
        wakeIfIdle();
      }),
    flushNow() {
      const rest = inFlight === null ? [] : [inFlight];
      inFlight = null;
      try {
        for (const bytes of [...rest, takePending()]) {
          if (bytes.length > 0) writeSync(target.prepare(bytes.length), bytes);
        }
      } catch {
        // There is nowhere left to say it.
      }
    },
    linesDropped: () => dropped,
    close: () => target.close(),
  };
}

function droppedLine(count: number): string {
  const time = new Date().toISOString();
  return `{"level":"warn","time":"${time}","msg":"log lines were lost","lines_lost":${count}}\n`;
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (const byte of bytes) if (byte === 10) lines += 1;
  return lines;
}

/** A file descriptor that is always there, such as standard output. */
export function fixedTarget(file: number): LineTarget {
  return { prepare: () => file, close: () => undefined };
}
