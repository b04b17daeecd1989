/** Code 39 (ISO/IEC 16388): five bars and four spaces a character, three of the nine wide. */
const patterns: Readonly<Record<string, string>> = {
  '0': 'nnnwwnwnn',
  '1': 'wnnwnnnnw',
  '2': 'nnwwnnnnw',
  '3': 'wnwwnnnnn',
  '4': 'nnnwwnnnw',
  '5': 'wnnwwnnnn',
  '6': 'nnwwwnnnn',
  '7': 'nnnwnnwnw',
  '8': 'wnnwnnwnn',
  '9': 'nnwwnnwnn',
  '*': 'nwnnwnwnn',
};

/** Each character as the dashes and gaps of a stroke, with the narrow gap that follows it. */
const dashes = new Map(
  Object.entries(patterns).map(([character, pattern]) => {
    const widths = Array.from(pattern, (width) => (width === 'w' ? '3' : '1')).join(' ');
    return [character, `${widths} 1 `];
  }),
);

/** Three wide and six narrow elements and the gap. */
const characterWidth = 16;

/** A bar code of the order's number that a scanner can read: one line, dashed. */
export function orderBarcode(orderNumber: number): string {
  const digits = String(orderNumber);
  const width = (digits.length + 2) * characterWidth;
  let widths = dashes.get('*') ?? '';
  for (const digit of digits) widths += dashes.get(digit) ?? '';
  widths += dashes.get('*') ?? '';
  return (
    `<svg class="barcode" viewBox="0 0 ${width} 26" width="${width * 1.5}" height="39" aria-hidden="true">` +
    `<path d="M0 13H${width - 1}" stroke="currentColor" stroke-width="26" stroke-dasharray="${widths}"/></svg>`
  );
}
