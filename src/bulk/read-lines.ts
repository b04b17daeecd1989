/**
 * The lines of a list of products, one at a time: a file of any length takes no more memory than its longest line. Here a
 * file is recognized and decoded; `read-csv.ts` and `read-ndjson.ts` take its text apart.
 */

import { type ReadLine, UnreadableListError } from './list-line.ts';
import { readCsv } from './read-csv.ts';
import { readNdjson } from './read-ndjson.ts';
import { strangeFileProblem } from './recognized-file.ts';

export type ListFormat = 'csv' | 'ndjson';

/** Bytes that are looked at to recognize the kind of a file. */
const headBytes = 512;

/**
 * @param format null: by the first character, as an NDJSON file begins with a brace
 * @throws UnreadableListError
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  format: ListFormat | null,
): AsyncGenerator<ReadLine> {
  const { head, all } = await peek(chunks);
  const strange = strangeFileProblem(head);
  if (strange !== null) throw new UnreadableListError(1, 'not_a_list', strange);
  const texts = decode(all);
  const found = format ?? (/^\ufeff?\s*\{/.test(Buffer.from(head).toString('utf8')) ? 'ndjson' : 'csv');
  yield* found === 'ndjson' ? readNdjson(texts) : readCsv(texts);
}

async function peek(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < headBytes) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    taken.push(value);
    bytes += value.length;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* taken;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { head: Buffer.concat(taken).subarray(0, headBytes), all: all() };
}

/** UTF-8 without its byte order mark. */
async function* decode(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let lines = 1;
  try {
    for await (const chunk of chunks) {
      const text = decoder.decode(chunk, { stream: true });
      lines += countLineBreaks(text);
      if (text !== '') yield text;
    }
    decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UnreadableListError(
      lines,
      'not_utf8',
      `At or soon after line ${lines} there are bytes that are not UTF-8. Save the file in UTF-8 (in a spreadsheet: Save as, “CSV UTF-8”).`,
    );
  }
}

function countLineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
