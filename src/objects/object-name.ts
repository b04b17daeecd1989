/** Names of objects: their bounds and their order. */
import { ObjectStoreError } from './object-store-error.ts';

/** UTF-8 bytes of a name, with the prefix of the store: S3, Azure and Google allow 1,024, folders 255 for a segment. */
export const nameBytesMax = 1_000;
export const segmentBytesMax = 200;

/**
 * A name may come from a file that somebody else has written. It must not lead out of the store.
 * @throws ObjectStoreError
 */
export function assertObjectName(name: string): void {
  const segments = name.split('/');
  const isWrong =
    !name.isWellFormed() ||
    /[\p{Cc}\\\ufffe\uffff]/u.test(name) ||
    Buffer.byteLength(name) > nameBytesMax ||
    segments.some(
      (one) => one === '' || one === '.' || one === '..' || Buffer.byteLength(one) > segmentBytesMax,
    );
  if (!isWrong) return;
  throw new ObjectStoreError(
    `${JSON.stringify(name.slice(0, 100))} can't be the name of an object: it needs 1 to ${nameBytesMax} bytes in segments of 1 to ${segmentBytesMax}, none of them "." or "..", without control characters and "\\".`,
  );
}

/** By UTF-8 bytes, as stores list. JavaScript compares UTF-16 units, which puts U+FFFF behind U+10000. */
export function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
