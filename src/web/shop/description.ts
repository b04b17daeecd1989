/** Bytes of a description that a page shows at first; a page of long ones stays light. */
const shownBytesMax = 200;

export interface SplitDescription {
  readonly shown: string;
  /** Empty when all is shown. */
  readonly rest: string;
}

/** Between words where there are any; the part that is shown then ends with an ellipsis. */
export function splitDescription(description: string): SplitDescription {
  if (Buffer.byteLength(description) <= shownBytesMax) return { shown: description, rest: '' };
  let end = 0;
  let bytes = 0;
  for (const character of description) {
    bytes += Buffer.byteLength(character);
    if (bytes > shownBytesMax) break;
    end += character.length;
  }
  const gap = description.slice(0, end).search(/\s+\S*$/);
  // Scripts without spaces, and a word that is longer than all of it, are cut where the room ends.
  if (gap > end / 2) end = gap;
  return { shown: `${description.slice(0, end)}…`, rest: description.slice(end).trimStart() };
}
