/** Headers that keep a browser from unintended uses of our answers. */

/** On every page. No inline script or style, no outside host, no frame. */
export const pageSecurityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'",
  'x-content-type-options': 'nosniff',
  // The link of a confirmation carries the order's key, which no other site may learn.
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const;

/** On everything else. */
export const dataSecurityHeaders = { 'x-content-type-options': 'nosniff' } as const;

/** RFC 6797; only where TLS is certain, as it can't be taken back for a year. */
export const strictTransportSecurity = 'max-age=31536000';
