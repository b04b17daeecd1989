/**
 * Shows the stage of a long command: one line that is drawn over itself on a terminal, plain lines elsewhere.
 *
 * It draws only when the command calls `show`. A stage during which SQLite keeps the thread busy shows its name and
 * does not count on.
 */
import { writeSync } from 'node:fs';

export interface Progress {
  /**
   * @param stage such as `copying`
   * @param detail how far the stage is, such as `40 %`; may change with each call
   */
  show(stage: string, detail?: string): void;
  /** Removes the line from a terminal. Call it before anything else is written. */
  end(): void;
}

export interface ProgressOutput {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** The width of the terminal, which may be resized meanwhile. */
  readonly columns: () => number;
  readonly nowMs: () => number;
}

/** Without a terminal, a command that takes no longer than this shows nothing, so that scripts stay quiet. */
export const quietMs = 2_000;

/** Between two plain lines about one stage. */
export const lineIntervalMs = 10_000;

/** Between two drawings of one stage on a terminal. */
export const drawIntervalMs = 100;

export const clearLine = '\r\u001b[K';

export function createProgress({ write, isTerminal, columns, nowMs }: ProgressOutput): Progress {
  const beganMs = nowMs();
  let shown: { readonly stage: string; readonly text: string; readonly atMs: number } | null = null;
  let isDrawn = false;

  function isDue(stage: string, text: string, atMs: number): boolean {
    if (!isTerminal && atMs - beganMs < quietMs) return false;
    if (shown?.stage !== stage) return true;
    return text !== shown.text && atMs - shown.atMs >= (isTerminal ? drawIntervalMs : lineIntervalMs);
  }

  return {
    show(stage, detail = '') {
      const atMs = nowMs();
      const text = `${stage}${detail === '' ? '' : ` ${detail}`} …`;
      if (!isDue(stage, text, atMs)) return;
      shown = { stage, text, atMs };
      isDrawn = isTerminal;
      // A line that wraps could not be drawn over.
      write(isTerminal ? `${clearLine}${text.slice(0, Math.max(columns() - 1, 1))}` : `${text}\n`);
    },
    end() {
      if (isDrawn) write(clearLine);
      isDrawn = false;
    },
  };
}

/** A terminal that does not know its width says 0 or nothing. */
const columnsUsual = 80;

/** On standard error, so that standard output holds the result alone. */
export function showProgress(): Progress {
  const { stderr } = process;
  return createProgress({
    write: (text) => {
      try {
        // At once: SQLite may keep this thread busy afterwards, and then nothing is written.
        writeSync(stderr.fd, text);
      } catch {
        // The reader has gone or is slow. The command goes on.
      }
    },
    isTerminal: stderr.isTTY === true,
    columns: () => stderr.columns || columnsUsual,
    nowMs: Date.now,
  });
}

/** @param share 0 to 1 */
export function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}
