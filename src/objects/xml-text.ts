/** Texts in the listings of S3 and Azure, which are XML that programs have made. */

/** @returns the text of the first such tag; null without one */
export function xmlText(xml: string, tag: string): string | null {
  const text = new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
  if (text === undefined) return null;
  return text.replaceAll(/&(?:#(x?)([0-9a-f]{1,6})|(lt|gt|quot|apos|amp));/gi, (_, hex, code, name) =>
    name === undefined ? characterOf(Number.parseInt(code, hex === '' ? 10 : 16)) : (entities[name] ?? ''),
  );
}

/** A number that is no character is shown as the replacement character. */
function characterOf(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
