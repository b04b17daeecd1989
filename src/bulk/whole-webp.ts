/**
 * Tells whether a WebP is whole and still (RFC 9649): its chunks fill the file, and exactly one of them is a picture, of
 * the size that the file says. Nothing is decoded.
 */

import { orientationAlone } from './exif-orientation.ts';

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

const pictureChunks = ['VP8X', 'ICCP', 'ALPH', 'VP8 ', 'VP8L'];

/** They announce a chunk in VP8X (RFC 9649, §2.7.1). */
const exifFlag = 0x08;
const xmpFlag = 0x04;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * @param width that its reader found
 * @param height that its reader found
 */
export function isWholeWebp(file: Buffer, width: number, height: number): boolean {
  const chunks = chunksOf(file) ?? [];
  const [first] = chunks;
  const pictures = chunks.filter(({ type }) => type === 'VP8 ' || type === 'VP8L');
  const [picture] = pictures;
  if (first === undefined || picture === undefined || pictures.length > 1) return false;
  if (first !== picture && first.type !== 'VP8X') return false;
  if (chunks.filter(({ type }) => type === 'VP8X').length > (first === picture ? 0 : 1)) return false;
  // The canvas of a still picture is the picture (§2.7).
  return [first, picture].map(sizeOf).every((size) => size?.width === width && size.height === height);
}

/** Without XMP and chunks of others; of EXIF the way the camera was held is kept. @param file that is whole */
export function webpWithoutNotes(file: Buffer): Buffer {
  const chunks = (chunksOf(file) ?? []).flatMap(({ type, data }): readonly Chunk[] => {
    if (pictureChunks.includes(type)) return [{ type, data }];
    const orientation = type === 'EXIF' ? orientationAlone(withoutExifBegin(data)) : null;
    return orientation === null ? [] : [{ type, data: orientation }];
  });
  const flags = chunks.some(({ type }) => type === 'EXIF') ? exifFlag : 0;
  const parts = chunks.flatMap(({ type, data }) => {
    const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
    head.writeUInt32LE(data.length, 4);
    const content = Buffer.from(data);
    if (type === 'VP8X') content[0] = ((data[0] ?? 0) & ~(exifFlag | xmpFlag)) | flags;
    return [head, content, Buffer.alloc(data.length % 2)];
  });
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...parts]);
  const riff = Buffer.from('RIFF\0\0\0\0', 'latin1');
  riff.writeUInt32LE(body.length, 4);
  return Buffer.concat([riff, body]);
}

/** Some programs put the beginning that JPEG needs before the TIFF. */
function withoutExifBegin(data: Buffer): Buffer {
  return data.toString('latin1', 0, 6) === 'Exif\0\0' ? data.subarray(6) : data;
}

/** Whether it moves; the size of its frames is not checked. */
export function isAnimatedWebp(file: Buffer): boolean {
  return chunksOf(file)?.some(({ type }) => type === 'ANIM' || type === 'ANMF') ?? false;
}

/** Null when they don't end where the file ends. The byte that pads the last one may be missing. */
function chunksOf(file: Buffer): readonly Chunk[] | null {
  const paddedBytes = file.length + (file.length % 2);
  if (file.length < 12 || file.readUInt32LE(4) + 8 !== paddedBytes) return null;
  const chunks: Chunk[] = [];
  let at = 12;
  while (at + 8 <= file.length) {
    const length = file.readUInt32LE(at + 4);
    const start = at + 8;
    if (start + length > file.length) return null;
    chunks.push({ type: file.toString('latin1', at, at + 4), data: file.subarray(start, start + length) });
    at = start + length + (length % 2);
  }
  return at === paddedBytes ? chunks : null;
}

/** Null when the chunk is too short or begins otherwise. */
function sizeOf({ type, data }: Chunk): Size | null {
  if (type === 'VP8X') {
    if (data.length < 10) return null;
    return { width: data.readUIntLE(4, 3) + 1, height: data.readUIntLE(7, 3) + 1 };
  }
  if (type === 'VP8L') {
    if (data.length < 5 || data[0] !== 0x2f) return null;
    const bits = data.readUInt32LE(1);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  // A key frame (RFC 6386 §9.1): its first bit is 0, and a start code precedes its size.
  if (data.length < 10 || ((data[0] ?? 1) & 1) !== 0 || data.readUIntBE(3, 3) !== 0x9d012a) return null;
  return { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
}
