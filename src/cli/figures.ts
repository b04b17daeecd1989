/** How figures are written for people. */

/** `1234567` → `1,234,567` */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1` and `line` → `1 line`; `1234` → `1,234 lines`. @param one a noun whose plural ends in s */
export function counted(count: number, one: string): string {
  return `${grouped(count)} ${count === 1 ? one : `${one}s`}`;
}
