/** A picture that is taken, as the tests of its format look at it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { takePicture } from '../src/bulk/product-picture.ts';

/** Its format and size, or the code of its refusal. */
export async function taken(bytes: Uint8Array): Promise<string> {
  const picture = await takePicture(bytes);
  return 'code' in picture ? picture.code : `${picture.mediaType} ${picture.width}×${picture.height}`;
}

/** Stands for a place, a person or a camera. */
export const secret = Buffer.from('GPS 52.3N 4.9E');

/** The bytes that are kept, without {@link secret}. */
export async function kept(file: Buffer): Promise<Buffer> {
  const first = await takePicture(file);
  assert.ok('bytes' in first, JSON.stringify(first));
  assert.ok(!Buffer.from(first.bytes).includes(secret), 'the secret is left out');
  assert.deepEqual(await takePicture(file), first, 'also when it is known');
  const again = await takePicture(Buffer.from(first.bytes));
  assert.deepEqual(again, first, 'nothing more is left out of what was kept');
  assert.equal(first.hash, createHash('sha256').update(first.bytes).digest('hex'));
  return Buffer.from(first.bytes);
}

/** EXIF that says how the camera was held, and nothing else. */
export function orientationTiff(orientation: number): Buffer {
  return Buffer.from(`4d4d002a0000000800010112000300000001000${orientation}000000000000`, 'hex');
}

/** EXIF of either byte order, with a secret. */
export function secretTiffs(orientation: number): readonly Buffer[] {
  const littleEndian = `49492a0008000000010012010300010000000${orientation}00000000000000`;
  return [orientationTiff(orientation), Buffer.from(littleEndian, 'hex')].map((tiff) =>
    Buffer.concat([tiff, secret]),
  );
}
