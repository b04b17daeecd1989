/** What is shown of a stage that lasts: a line that is drawn over itself on a terminal, plain lines elsewhere. */
import { lineIntervalMs } from './copy-progress.ts';

/** From the beginning of the command: what takes no longer says nothing, so that scripts stay quiet. */
export const quietMs = 2_000;

export const clearLine = '\r\u001b[K';

export interface Stage {
  readonly name: string;
  /** Done of it, 0 to 1; null for what can't be told. */
  readonly share: number | null;
}

export interface StageDrawingOptions {
  readonly isTerminal: boolean;
  /** Of the terminal. */
  readonly columns: number;
  readonly beganMs: number;
}

/** @returns what is to be written now; an empty text for nothing */
export type StageDrawing = (stage: Stage, atMs: number) => string;

export function createStageDrawing({ isTerminal, columns, beganMs }: StageDrawingOptions): StageDrawing {
  let current = { name: '', sinceMs: beganMs };
  let shown = { name: '', text: '', atMs: beganMs };
  return ({ name, share }, atMs) => {
    if (name !== current.name) current = { name, sinceMs: atMs };
    if (atMs - beganMs < quietMs) return '';
    const text = describe({ name, share }, Math.floor((atMs - current.sinceMs) / 1_000));
    const isDue = isTerminal
      ? text !== shown.text
      : name !== shown.name || atMs - shown.atMs >= lineIntervalMs;
    if (!isDue) return '';
    shown = { name, text, atMs };
    // A line that wraps could not be drawn over.
    return isTerminal ? `${clearLine}${text.slice(0, Math.max(columns - 1, 1))}` : `${text}\n`;
  };
}

function describe({ name, share }: Stage, seconds: number): string {
  const done = share === null ? '' : ` ${Math.floor(share * 100)} %`;
  return `${name}${done} …${seconds === 0 ? '' : ` ${seconds} s`}`;
}
