/**
 * Which email addresses are taken: those that mail can be sent to. Only a mail shows whether it is read.
 *
 * Plain addresses follow the pattern of `<input type=email>` (HTML, §4.10.5.1.5) with these rules besides: dots as
 * RFC 5322 §3.2.3 allows them, a domain of two labels or more whose last is no number (RFC 3696 §2), and the
 * lengths of RFC 5321 §4.5.3.1. Addresses in other scripts (RFC 6531) follow the same rules, with the domain as
 * IDNA writes it in ASCII.
 */

/** RFC 5321 §4.5.3.1.3: a path of 256 octets, less its angle brackets. Octets of UTF-8. */
export const emailLengthMax = 254;

/** Octets before the @ (RFC 5321 §4.5.3.1.1). */
export const emailLocalLengthMax = 64;

/** Why an address can't be delivered to. */
export type EmailProblem =
  /** More than the bare address: `mailto:`, a name, angle brackets. */
  | 'not_bare'
  /** A comma or a semicolon. */
  | 'several'
  /** No @, more than one, or nothing before or after it. */
  | 'no_at'
  /** A dot at the start, at the end, or beside another. */
  | 'dots'
  /** A space, a control character, or another that no address has. */
  | 'characters'
  /** The text after the @ is no domain name with a top level. */
  | 'domain'
  | 'too_long';

const atom = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+";
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const topLabel = '(?!\\d+$)[a-zA-Z0-9][a-zA-Z0-9-]{0,61}[a-zA-Z0-9]';

/** The ASCII addresses that are taken, up to {@link emailLengthMax}. */
const plainEmail = new RegExp(
  `^(?=.{1,${emailLocalLengthMax}}@)${atom}(?:\\.${atom})*@(?:${label}\\.)+${topLabel}$`,
);

/** The same for documents, also of a text that is empty. */
export const optionalEmailPattern = `^$|${plainEmail.source}`;

const plainDomain = new RegExp(`^(?:${label}\\.)+${topLabel}$`);

/** Of ASCII only what a host has: a URL would read the others as something else. */
const hostCharacters = /^(?:[^\p{ASCII}]|[a-zA-Z0-9.-])+$/u;

/** Characters that no address has, in any script: separators, controls, invisible ones, RFC 5322's specials. */
const forbidden = /[\p{White_Space}\p{C}\p{Default_Ignorable_Code_Point}\u2800\ufffd"(),:;<>[\\\]]/u;

/** @param email as `normalizeCustomerText` leaves it */
export function emailProblem(email: string): EmailProblem | null {
  if (email.length <= emailLengthMax && plainEmail.test(email)) return null;
  if (octets(email) > emailLengthMax) return 'too_long';
  if (/^mailto:|[<>]/i.test(email)) return 'not_bare';
  if (/[,;]/.test(email)) return 'several';
  const [local = '', domain = '', ...more] = email.split('@');
  if (local === '' || domain === '' || more.length > 0) return 'no_at';
  // A character that NFKC replaces, such as a full-width letter, is not the one the mailbox is called by.
  if (forbidden.test(email) || email.normalize('NFKC') !== email) return 'characters';
  if (hasStrayDot(local) || hasStrayDot(domain)) return 'dots';
  if (octets(local) > emailLocalLengthMax) return 'too_long';
  return plainDomain.test(asciiDomain(domain)) ? null : 'domain';
}

function hasStrayDot(text: string): boolean {
  return text.startsWith('.') || text.endsWith('.') || text.includes('..');
}

/** `例え.jp` → `xn--r8jz45g.jp` (UTS #46, as the URL standard has it); empty when it can't be a host. */
function asciiDomain(domain: string): string {
  const url = `http://${domain}/`;
  return hostCharacters.test(domain) && URL.canParse(url) ? new URL(url).hostname : '';
}

function octets(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * Whether two addresses are one mailbox, as nearly every mail server sees it: capitals make no difference, though RFC
 * 5321 §2.4 lets a server tell them apart before the @.
 */
export function isSameEmail(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase();
}
