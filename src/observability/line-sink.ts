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
  /** As `write`, for a line that a reader waits for: it is out within {@link promptMs}. */
  writePromptly(line: string): void;
  /** Resolves when all lines so far are in the file, or a try to write them has failed. */
  flush(): Promise<void>;
  /**
   * Writes all that is pending before it returns, for a process that is about to end badly; a write under
   * way is repeated, since its fate is unknown. Never throws.
   */
  flushNow(): void;
  /** Lines lost so far, because the target failed or was slow for longer than memory allows. */
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
  const lines = createPendingLines();
  const file = createFileWriter(target, { onWritten, onFailed: wakeFlushWaiters });
  let timer: NodeJS.Timeout | null = null;
  let flushWaiters: (() => void)[] = [];

  function writeLine(line: string): void {
    if (!lines.add(line)) return;
    if (lines.chars() >= flushCharsMin && timer !== null && !file.isBusy()) {
      clearTimeout(timer);
      timer = null;
      flush();
    } else if (timer === null && !file.isBusy()) {
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

  function flush(): void {
    if (!file.isBusy() && lines.chars() > 0) file.write(lines.take());
  }

  function onWritten(): void {
    if (lines.chars() >= flushCharsMin || flushWaiters.length > 0) flush();
    else if (lines.chars() > 0 && timer === null) later(flushMs);
    if (!file.isBusy()) wakeFlushWaiters();
  }

  function wakeFlushWaiters(): void {
    const waiters = flushWaiters;
    flushWaiters = [];
    for (const wake of waiters) wake();
  }

  return {
    write: writeLine,
    writePromptly(line) {
      writeLine(line);
      if (file.isBusy()) return;
      if (timer !== null) clearTimeout(timer);
      later(promptMs);
    },
    flush: () =>
      new Promise((resolve) => {
        flushWaiters.push(resolve);
        flush();
        if (!file.isBusy()) wakeFlushWaiters();
      }),
    flushNow: () => file.writeNow(() => lines.take()),
    linesDropped: lines.dropped,
    close: () => target.close(),
  };
}

/** Lines that are not on their way to the file yet, up to {@link pendingCharsMax}. */
function createPendingLines() {
  let pending = '';
  let dropped = 0;
  let droppedReported = 0;

  return {
    /** @returns false when there was no room for it, and it is lost */
    add(line: string): boolean {
      if (pending.length + line.length > pendingCharsMax) {
        dropped += 1;
        return false;
      }
      pending += line;
      return true;
    },
    chars: () => pending.length,
    /** All of them, behind a line that says how many were lost since the last one that said so. */
    take(): Buffer {
      const report = dropped > droppedReported ? droppedLine(dropped - droppedReported) : '';
      droppedReported = dropped;
      const bytes = Buffer.from(report + pending);
      pending = '';
      return bytes;
    },
    dropped: () => dropped,
  };
}

interface FileWriterEvents {
  /** All that was given is in the file. */
  readonly onWritten: () => void;
  /** A try has failed. There will be others. */
  readonly onFailed: () => void;
}

/** Writes one piece after the other. A piece that could not be written is tried again, before any newer one. */
function createFileWriter(target: LineTarget, { onWritten, onFailed }: FileWriterEvents) {
  let inFlight: Buffer | null = null;

  function send(bytes: Buffer): void {
    inFlight = bytes;
    let file: number;
    try {
      file = target.prepare(bytes.length);
    } catch {
      sendAgain(bytes, retryMs);
      return;
    }
    write(file, bytes, 0, bytes.length, null, (error, written) => {
      if (inFlight !== bytes) return;
      if (error !== null) {
        sendAgain(bytes, 'code' in error && error.code === 'EAGAIN' ? fullPipeRetryMs : retryMs);
      } else if (written < bytes.length) {
        send(bytes.subarray(written));
      } else {
        inFlight = null;
        onWritten();
      }
    });
  }

  function sendAgain(bytes: Buffer, afterMs: number): void {
    setTimeout(() => {
      if (inFlight === bytes) send(bytes);
    }, afterMs).unref();
    if (afterMs === retryMs) onFailed();
  }

  return {
    isBusy: () => inFlight !== null,
    write: send,
    /** @param takeRest takes the lines behind the piece that is on its way */
    writeNow(takeRest: () => Buffer): void {
      const begun = inFlight === null ? [] : [inFlight];
      inFlight = null;
      try {
        for (const bytes of [...begun, takeRest()]) {
          if (bytes.length > 0) writeSync(target.prepare(bytes.length), bytes);
        }
      } catch {
        // There is nowhere left to say it.
      }
    },
  };
}

function droppedLine(count: number): string {
  const time = new Date().toISOString();
  return `{"level":"warn","time":"${time}","msg":"log lines were lost","lines_lost":${count}}\n`;
}

/** A file descriptor that is always there, such as standard output. */
export function fixedTarget(file: number): LineTarget {
  return { prepare: () => file, close: () => undefined };
}
