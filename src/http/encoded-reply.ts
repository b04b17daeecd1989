/**
 * How bytes that seldom change are sent: not at all to a client that has them (If-None-Match), else in the smallest
 * encoding that the client takes.
 */
import type { EncodedBytes } from '../web/encoded-bytes.ts';
import { encodingPreferenceOf } from './request/content-negotiation.ts';
import { matchesEtag } from './request/entity-tag.ts';

/** Null: the client has them, and is told so by 304. */
export async function encodedReply(
  { plain, etag, gzip, brotli }: EncodedBytes,
  cacheControl: string,
  sent: Headers,
) {
  const headers = { 'cache-control': cacheControl, etag, vary: 'Accept-Encoding' };
  if (matchesEtag(sent.get('if-none-match'), etag)) return { headers, bytes: null };
  const encoding = encodingPreferenceOf(sent);
  if (encoding === 'identity') return { headers, bytes: plain };
  // A client that takes an encoding takes the bytes themselves, too: they go out when there is no memory to compress.
  const bytes = await (encoding === 'br' ? brotli() : gzip()).catch(() => null);
  return bytes === null
    ? { headers, bytes: plain }
    : { headers: { ...headers, 'content-encoding': encoding }, bytes };
}

/** Of an endpoint that answers so. */
export const etagHeader = { etag: { description: 'Weak, as one stands for every encoding.' } };

export const unchangedAnswer = {
  description: 'Unchanged since the ETag in If-None-Match.',
  headers: etagHeader,
};
