/**
 * Finds percent-encoded bytes that are no UTF-8. A decoder puts U+FFFD in their place (URL Standard, §5.1), so that a
 * name sent in Latin-1 would be stored as another name.
 */

const encodedBytes = /(?:%[0-9a-f]{2})+/gi;
const encodedNonAscii = /%[89a-f][0-9a-f]/i;

/** Of a form or a query: many times those of ours, and few enough to be read in no time. */
export const encodedFieldsMax = 200;

/** One parameter with nothing to decode, as the link to an order has it: ten times as fast as the general way. */
export const onePlainParameter = /^(\w+)=([\w.-]*)$/;

/** @param encoded as {@link misencodedFields} takes it */
export function hasTooManyFields(encoded: string): boolean {
  let fields = 1;
  for (let at = encoded.indexOf('&'); at !== -1; at = encoded.indexOf('&', at + 1)) {
    fields += 1;
    if (fields > encodedFieldsMax) return true;
  }
  return false;
}

/** @param encoded fields as `application/x-www-form-urlencoded` has them: a form's body, or a query */
export function misencodedFields(encoded: string): ReadonlySet<string> {
  if (!encodedNonAscii.test(encoded)) return noFields;
  const misencoded = encoded.split('&').filter((field) => !isUtf8(field));
  return new Set(new URLSearchParams(misencoded.join('&')).keys());
}

const noFields: ReadonlySet<string> = new Set();

function isUtf8(encoded: string): boolean {
  for (const [bytes] of encoded.matchAll(encodedBytes)) {
    try {
      decodeURIComponent(bytes);
    } catch {
      return false;
    }
  }
  return true;
}
