/**
 * Texts in a CSV file that a spreadsheet opens. A cell that begins with one of some characters is run as a formula, which
 * may reach other programs and hosts (OWASP, CSV Injection). An apostrophe before it makes it a text; it is taken away
 * again when the file comes back, so that nothing has changed.
 */

/** Also the full-width forms, which some spreadsheets read alike. */
const formula = /^'*[=+\-@\t\r＝＋－＠]/;

export function neutralized(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

/** The text that {@link neutralized} was given. */
export function restored(cell: string): string {
  return cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell;
}
