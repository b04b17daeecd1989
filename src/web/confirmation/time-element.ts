const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Oct 3, 2026, 14:05 UTC`; a script may put it into the reader's own zone. */
export function timeElement(atMs: number): string {
  const iso = new Date(atMs).toISOString();
  const month = monthNames[Number(iso.slice(5, 7)) - 1];
  const words = `${month} ${Number(iso.slice(8, 10))}, ${iso.slice(0, 4)}, ${iso.slice(11, 16)} UTC`;
  return `<time datetime="${iso}" title="${words}">${words}</time>`;
}
