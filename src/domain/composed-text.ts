/** Unicode NFC (UAX #15), in a time that grows with the length of the text and no faster. */

/** The longest run of combining marks that is composed. UAX #15 §13: no text that people read has a longer one. */
const marksMax = 30;

const tooManyMarks = new RegExp(`\\p{M}{${marksMax + 1}}`, 'u');

/**
 * The text in NFC; as it is when more than {@link marksMax} combining marks follow each other, because sorting them
 * takes a time that grows with the square of their number: seconds for a request's worth of them.
 */
export function composed(text: string): string {
  return text.length > marksMax && tooManyMarks.test(text) ? text : text.normalize('NFC');
}
