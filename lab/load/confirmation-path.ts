/** The page of an order, by the answer that placed the order. */

/** Bytes at most: a longer path is not one of ours. */
export const pathBytesMax = 1_024;

const urlMark = Buffer.from('"confirmation_url":"');
const idMark = Buffer.from('"order_id":"');
const ordersPrefix = Buffer.from('/orders/');

/**
 * The path in confirmation_url, which carries the key to the personal data, else the one that the order_id leads to.
 * It is found without parsing the JSON, since the generator does so for each order.
 * @returns null when the answer names no order
 */
export function confirmationPath(body: Buffer): Uint8Array | null {
  const url = jsonText(body, urlMark);
  if (url !== null) {
    // A path starts with a slash; anything else is an absolute URL, and rare enough to be parsed.
    if (url[0] === 0x2f && url.indexOf(0x5c) < 0) return url;
    return pathOf(url);
  }
  const id = jsonText(body, idMark);
  return id === null ? null : Buffer.concat([ordersPrefix, id]);
}

/** The same from text to text. */
export function confirmationPathIn(answer: string): string | null {
  const path = confirmationPath(Buffer.from(answer));
  return path === null ? null : Buffer.from(path).toString();
}

function jsonText(body: Buffer, mark: Buffer): Buffer | null {
  const markAt = body.indexOf(mark);
  if (markAt < 0) return null;
  const from = markAt + mark.length;
  const to = body.indexOf(0x22, from);
  return to <= from || to - from > pathBytesMax ? null : body.subarray(from, to);
}

function pathOf(url: Buffer): Buffer | null {
  try {
    const { pathname, search } = new URL(JSON.parse(`"${url.toString()}"`) as string, 'http://localhost');
    return Buffer.from(pathname + search, 'latin1');
  } catch {
    return null;
  }
}
