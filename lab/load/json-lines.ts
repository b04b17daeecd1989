/**
 * Reads lines that end in a line feed, and in nothing else: node:readline also ends one at U+2028 and U+2029,
 * which JSON leaves as they are within a string.
 */
import type { Readable } from 'node:stream';

/** A line of ours has some tens of thousands. */
export const lineCharactersMax = 16 * 1024 * 1024;

/** @param onProblem gets one sentence about a line beyond {@link lineCharactersMax}; nothing is read after it */
export function readLines(
  stream: Readable,
  onLine: (line: string) => void,
  onProblem: (sentence: string) => void,
): void {
  let begun = '';
  let isGivenUp = false;
  stream.setEncoding('utf8').on('data', (text: string) => {
    if (isGivenUp) return;
    const lines = (begun + text).split('\n');
    begun = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (begun.length <= lineCharactersMax) return;
    isGivenUp = true;
    begun = '';
    onProblem(`a line of more than ${lineCharactersMax} characters was written`);
  });
  stream.on('end', () => {
    if (begun !== '') onLine(begun);
  });
}
