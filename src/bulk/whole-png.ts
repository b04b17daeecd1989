/**
 * Tells whether a PNG is sound and still (PNG, Third Edition). Its pixels are unpacked only to count them: no more than
 * a few hundred KiB of them are held at any time, and unpacking ends with the first byte that is too many.
 */
import { crc32, createInflate } from 'node:zlib';
import { orientationAlone } from './exif-orientation.ts';

/** Bytes that all profiles and texts of a PNG may unpack to together. */
export const ancillaryBytesMax = 1024 * 1024;

/** Bytes that are unpacked at a time. */
const portionBytes = 64 * 1024;

/** Samples of a pixel, by colour type (§11.2.1). */
const samplesByColour: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

const depthsByColour: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** First column, first row, and the distance to the next of each, of the passes of Adam7 (§8.1). */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  /** With length, type and checksum. */
  readonly whole: Buffer;
}

/** Chunks that are not critical and say how to show the pixels. The others are notes: texts, EXIF, times, an editor's own. */
const shownBy = /^(?:tRNS|cHRM|cICP|gAMA|iCCP|mDCV|cLLI|sBIT|sRGB|bKGD|pHYs)$/;

/**
 * @param width that its reader found
 * @param height that its reader found
 */
export async function isWholePng(file: Buffer, width: number, height: number): Promise<boolean> {
  const chunks = chunksOf(file);
  const [head] = chunks ?? [];
  if (chunks === null || head?.type !== 'IHDR' || head.data.length !== 13) return false;
  if (head.data.readUInt32BE(0) !== width || head.data.readUInt32BE(4) !== height) return false;
  const bytes = unpackedBytesOf(head.data, width, height);
  if (bytes === null || chunks.filter(({ type }) => type === 'IHDR').length > 1) return false;
  let left = ancillaryBytesMax;
  for (const chunk of chunks) {
    const packed = packedPartOf(chunk);
    if (packed === null) continue;
    const unpacked = await unpackedLength([packed], left);
    if (unpacked === null) return false;
    left -= unpacked;
  }
  const pixels = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  return (await unpackedLength(pixels, bytes)) === bytes;
}

/** Of EXIF the way the camera was held is kept. @param file that is whole */
export function pngWithoutNotes(file: Buffer): Buffer {
  const kept = (chunksOf(file) ?? []).map(({ type, data, whole }) => {
    if (/^[A-Z]/.test(type) || shownBy.test(type)) return whole;
    const orientation = type === 'eXIf' ? orientationAlone(data) : null;
    return orientation === null ? Buffer.alloc(0) : exifChunk(orientation);
  });
  return Buffer.concat([file.subarray(0, 8), ...kept]);
}

function exifChunk(tiff: Buffer): Buffer {
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  const body = Buffer.concat([Buffer.from('eXIf', 'latin1'), tiff]);
  length.writeUInt32BE(tiff.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** Whether it moves; the size of its further pictures is not checked. */
export function isAnimatedPng(file: Buffer): boolean {
  return chunksOf(file)?.some(({ type }) => ['acTL', 'fcTL', 'fdAT'].includes(type)) ?? false;
}

/** From behind the signature to IEND, which ends the file; null when they are not so or a checksum is wrong. */
function chunksOf(file: Buffer): readonly Chunk[] | null {
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= file.length; ) {
    const end = at + 12 + file.readUInt32BE(at);
    if (end > file.length) return null;
    if (crc32(file.subarray(at + 4, end - 4)) !== file.readUInt32BE(end - 4)) return null;
    const type = file.toString('latin1', at + 4, at + 8);
    chunks.push({ type, data: file.subarray(at + 8, end - 4), whole: file.subarray(at, end) });
    if (type === 'IEND') return end === file.length ? chunks : null;
    at = end;
  }
  return null;
}

/** Of its rows, each with its filter byte (§7.2); null when the header names no kind of pixel that there is. */
function unpackedBytesOf(head: Buffer, width: number, height: number): number | null {
  const [depth = 0, colour = 0, compression, filter, interlace] = head.subarray(8);
  const samples = samplesByColour[colour];
  if (samples === undefined || depthsByColour[colour]?.includes(depth) !== true) return null;
  if (compression !== 0 || filter !== 0) return null;
  const bytesOf = (columns: number, rows: number) =>
    columns === 0 ? 0 : rows * (1 + Math.ceil((columns * samples * depth) / 8));
  if (interlace === 0) return bytesOf(width, height);
  if (interlace !== 1) return null;
  return adam7.reduce((sum, [left, top, across, down]) => {
    const columns = Math.ceil(Math.max(width - left, 0) / across);
    return sum + bytesOf(columns, Math.ceil(Math.max(height - top, 0) / down));
  }, 0);
}

/** Of a profile or a text (§11.3.2.3, §11.3.3); null when nothing in it is packed. */
function packedPartOf({ type, data }: Chunk): Buffer | null {
  const nameEnd = data.indexOf(0);
  if (type === 'iCCP' || type === 'zTXt') return data.subarray(nameEnd + 2);
  if (type !== 'iTXt' || data[nameEnd + 1] !== 1) return null;
  const languageEnd = data.indexOf(0, nameEnd + 3);
  return data.subarray(data.indexOf(0, languageEnd + 1) + 1);
}

/**
 * Bytes that a zlib stream unpacks to; none are kept.
 * @returns null when it is damaged, does not end with the last part, or unpacks to more than `bytesMax`
 */
async function unpackedLength(parts: readonly Buffer[], bytesMax: number): Promise<number | null> {
  const inflate = createInflate({ chunkSize: portionBytes });
  let length = 0;
  try {
    for (const part of parts) inflate.write(part);
    inflate.end();
    for await (const portion of inflate) {
      length += (portion as Buffer).length;
      if (length > bytesMax) return null;
    }
  } catch {
    return null;
  } finally {
    inflate.destroy();
  }
  const packed = parts.reduce((sum, part) => sum + part.length, 0);
  return inflate.bytesWritten === packed ? length : null;
}
