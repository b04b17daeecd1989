/** What hyparquet needs to read a Parquet file that is in memory. */
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { AsyncBuffer, Compressors } from 'hyparquet';

export function toAsyncBuffer(bytes: Uint8Array): AsyncBuffer {
  const copy = (start: number, end?: number) => new Uint8Array(bytes.subarray(start, end)).buffer;
  return { byteLength: bytes.length, slice: copy };
}

/** Snappy is built in. Ours are compressed by Zstandard, those of others by any of them. */
export const parquetCompressors: Compressors = {
  ZSTD: (bytes) => zstdDecompressSync(bytes),
  GZIP: (bytes) => gunzipSync(bytes),
};
