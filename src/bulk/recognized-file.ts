/** Recognizes files that are no list of products by their first bytes, so that they can be called by their name. */

const signatures: readonly (readonly [signature: string, is: string])[] = [
  ['504b0304', 'a spreadsheet or a ZIP archive'],
  ['504b0506', 'an empty ZIP archive'],
  ['d0cf11e0', 'an old spreadsheet or document (OLE)'],
  ['89504e47', 'a picture (PNG)'],
  ['ffd8ff', 'a picture (JPEG)'],
  ['47494638', 'a picture (GIF)'],
  ['52494646', 'a picture or a sound (RIFF)'],
  ['0000001c66747970', 'a picture (AVIF)'],
  ['0000002066747970', 'a picture (AVIF)'],
  ['25504446', 'a PDF document'],
  ['1f8b', 'compressed (gzip)'],
  ['28b52ffd', 'compressed (zstd)'],
  ['53514c697465', 'a SQLite database'],
  ['7b5c727466', 'a text document (RTF)'],
  ['fffe', 'a text in UTF-16'],
  ['feff', 'a text in UTF-16'],
];

const asCsv = 'Save it as CSV in UTF-8 (in a spreadsheet: Save as, “CSV UTF-8”), and import that.';

/**
 * What is wrong with a file that begins so, in a sentence with the remedy; null when it may be a list.
 * @param head the first bytes, 512 or all of them
 */
export function strangeFileProblem(head: Uint8Array): string | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const hex = bytes.subarray(0, 16).toString('hex');
  const found = signatures.find(([signature]) => hex.startsWith(signature));
  if (found !== undefined) return `This is ${found[1]}, and no list of products. ${asCsv}`;
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  if (text.trim() === '') {
    return bytes.length === 0
      ? 'The file is empty. Its first line must name the columns: sku, name and price, and those that you like.'
      : 'The file begins with nothing but blanks. Its first line must name the columns: sku, name and price, and those that you like.';
  }
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(text))
    return `This is a web page or XML, and no list of products. ${asCsv}`;
  if (/^\s*\[/.test(text))
    return 'This is a JSON array, and no list of products. Write one object on each line and nothing around them (NDJSON), or save it as CSV.';
  if (bytes.includes(0)) return `This is no text: it has bytes that no text has. ${asCsv}`;
  return null;
}
