/**
 * Bytes that are sent again and again. Each encoding is made when a client first takes it, on the thread pool of
 * the runtime and not on the serving thread, and is kept as long as the bytes are.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { madeOnce } from '../program/made-once.ts';

const zlibGzip = promisify(gzip);
const zlibBrotli = promisify(brotliCompress);

export type Compress = (plain: Uint8Array) => Promise<Uint8Array>;

const compressGzip: Compress = (plain) => zlibGzip(plain, { level: 9 });

/** Quality 9 of 11: a few per cent larger, but a first request waits some ms instead of tens. */
const compressBrotli: Compress = (plain) =>
  zlibBrotli(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });

export interface EncodedBytes {
  readonly plain: Uint8Array;
  /** The first 48 bits of SHA-256, in hexadecimal. */
  readonly digest: string;
  /** Weak (RFC 9110 §8.8.1), as one tag stands for every encoding. */
  readonly etag: string;
  /** Rejects when there is no memory for it; the next call tries again. */
  gzip(): Promise<Uint8Array>;
  /** As {@link EncodedBytes.gzip}. */
  brotli(): Promise<Uint8Array>;
}

/** For bytes that change with the program alone. */
export function encodedBytes(
  plain: Uint8Array,
  compress: { readonly gzip: Compress; readonly brotli: Compress } = {
    gzip: compressGzip,
    brotli: compressBrotli,
  },
): EncodedBytes {
  const digest = createHash('sha256').update(plain).digest('hex').slice(0, 12);
  return {
    plain,
    digest,
    etag: `W/"${digest}"`,
    gzip: madeOnce(() => compress.gzip(plain)),
    brotli: madeOnce(() => compress.brotli(plain)),
  };
}
