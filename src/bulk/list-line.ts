/** What each reader of a list gives: a line that was read, or the fault that stops the reading. */
import type { Cells, LineProblem } from './product-fields.ts';

/** A line of the file: its cells by column, or why it can't be read. */
export type ReadLine =
  | { readonly line: number; readonly cells: Cells; readonly problem: null }
  | { readonly line: number; readonly cells: null; readonly problem: LineProblem };

/** The file can't be read as a list of products at all; the problem has the line and the remedy. */
export class UnreadableListError extends Error {
  override readonly name = 'UnreadableListError';
  readonly problem: LineProblem;

  constructor(line: number, code: string, detail: string, column: string | null = null) {
    super(detail);
    this.problem = { line, column, code, detail };
  }
}

/** The longest line, in bytes: a description of 5,000 characters and the rest several times over. */
export const lineBytesMax = 128 * 1024;

export function tooLong(line: number): UnreadableListError {
  const detail = `Line ${line} is longer than ${lineBytesMax} bytes. Is this a list with one product on each line?`;
  return new UnreadableListError(line, 'line_too_long', detail);
}
