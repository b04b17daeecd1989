/**
 * By Unicode code point, as databases compare texts in bytes (SQLite: `COLLATE BINARY` over UTF-8, PostgreSQL:
 * `COLLATE "C"`). JavaScript compares UTF-16 units, which puts U+FFFF before U+10000.
 */
export function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  for (let i = 0; i < left.length && i < right.length; i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
