/**
 * Long parts that many pages share, encoded once. To put a text of 800 KB together and to encode it takes milliseconds
 * of the serving thread; to copy as many bytes takes a tenth of one.
 */
import { Html } from './html.ts';

export function encoded(part: Html): Html {
  return new Html(part.bytes);
}

/** Entries that stand one after the other. A page shows them all, or one of them otherwise. */
export interface EncodedEntries {
  readonly all: Html;
  /** @param index of the entry that `other` stands for */
  replaced(index: number, other: Html): Html;
}

export function encodedEntries(entries: readonly Html[]): EncodedEntries {
  const bytes = Buffer.concat(entries.map((entry) => entry.bytes));
  const ends: number[] = [];
  for (const entry of entries) ends.push((ends.at(-1) ?? 0) + entry.bytes.length);
  return {
    all: new Html(bytes),
    replaced: (index, other) =>
      new Html(bytes.subarray(0, ends[index - 1] ?? 0), ...other.pieces, bytes.subarray(ends[index])),
  };
}
