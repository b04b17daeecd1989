/**
 * Reads a PNG (Third Edition). Its pixels are unpacked only to count them: no more than a few hundred KiB of them are held
 * at any time, and unpacking ends with the first byte that is too many.
 */
import { crc32, createInflate } from 'node:zlib';
import { orientationAlone } from './exif-orientation.ts';
import { addPart, type PictureSize, type ReadPicture } from './picture-parts.ts';

/** Bytes that the colour profile of a PNG may unpack to. */
export const profileBytesMax = 1024 * 1024;

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

const headBytes = 13;
const coloursMax = 256;

/**
 * Bytes of the chunks that say how to show the pixels (§11.3), by colour type when it matters. A chunk of another length is a
 * note, and so is each of another type: texts, EXIF, times, an editor's own.
 */
const bytesOfShown: ReadonlyMap<string, number | Readonly<Record<number, number>>> = new Map<
  string,
  number | Readonly<Record<number, number>>
>([
  ['cHRM', 32],
  ['cICP', 4],
  ['gAMA', 4],
  ['mDCV', 24],
  ['cLLI', 8],
  ['sRGB', 1],
  ['pHYs', 9],
  ['tRNS', { 0: 2, 2: 6 }],
  ['sBIT', { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 }],
  ['bKGD', { 0: 2, 2: 6, 3: 1, 4: 2, 6: 6 }],
]);

/** @returns null when its chunks don't lead to its end or a checksum is wrong */
export function readPng(file: Buffer): ReadPicture | null {
  const chunks = chunksOf(file);
  const [head] = chunks ?? [];
  if (chunks === null || head?.type !== 'IHDR' || head.data.length !== headBytes) return null;
  const size = { width: head.data.readUInt32BE(0), height: head.data.readUInt32BE(4) };
  const colour = head.data[9] ?? 0;
  return {
    size,
    isAnimated: chunks.some(({ type }) => ['acTL', 'fcTL', 'fdAT'].includes(type)),
    isWhole: () => isWhole(chunks, head.data, size),
    withoutNotes() {
      const seen = new Set<string>();
      const kept = chunks.map((chunk) => {
        if (isCritical(chunk)) return chunk.whole;
        if (seen.has(chunk.type)) return nothing;
        seen.add(chunk.type);
        return ancillaryAlone(chunk, colour);
      });
      return Buffer.concat([file.subarray(0, signatureBytes), ...kept]);
    },
  };
}

const signatureBytes = 8;
const nothing = Buffer.alloc(0);

function isCritical({ type }: Chunk): boolean {
  return /^[A-Z]/.test(type);
}

async function isWhole(chunks: readonly Chunk[], head: Buffer, size: PictureSize): Promise<boolean> {
  const bytes = unpackedBytesOf(head, size);
  const colour = head[9] ?? 0;
  if (bytes === null || !chunks.every((chunk) => !isCritical(chunk) || isRight(chunk, colour))) return false;
  if (['IHDR', 'PLTE'].some((once) => chunks.filter(({ type }) => type === once).length > 1)) return false;
  const profile = chunks.find(({ type }) => type === 'iCCP');
  const packed = profile === undefined ? null : packedProfileOf(profile.data);
  if (packed !== null && (await unpackedLength([packed], profileBytesMax)) === null) return false;
  const pixels = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  return (await unpackedLength(pixels, bytes)) === bytes;
}

/** Of a critical chunk: no reader shows a picture with one that it does not know (§5.4). */
function isRight({ type, data }: Chunk, colour: number): boolean {
  switch (type) {
    case 'IHDR':
      return data.length === headBytes;
    case 'PLTE':
      return [2, 3, 6].includes(colour) && data.length % 3 === 0 && data.length / 3 <= coloursMax;
    case 'IEND':
      return data.length === 0;
    default:
      return type === 'IDAT';
  }
}

/** Nothing of a note, but of EXIF the way the camera was held. */
function ancillaryAlone({ type, data, whole }: Chunk, colour: number): Buffer {
  if (type === 'eXIf') {
    const orientation = orientationAlone(data);
    return orientation === null ? nothing : chunkOf(type, orientation);
  }
  if (type === 'iCCP') {
    const packed = packedProfileOf(data);
    // Without the name that its program gave it.
    return packed === null
      ? nothing
      : chunkOf(type, Buffer.concat([Buffer.from('icc\0\0', 'latin1'), packed]));
  }
  if (type === 'tRNS' && colour === 3) return data.length <= coloursMax ? whole : nothing;
  const bytes = bytesOfShown.get(type);
  return data.length === (typeof bytes === 'object' ? bytes[colour] : bytes) ? whole : nothing;
}

/** Behind the name of a profile and its kind of packing, of which there is one (§11.3.2.3); null when it is not so. */
function packedProfileOf(data: Buffer): Buffer | null {
  const nameEnd = data.indexOf(0);
  return nameEnd >= 1 && nameEnd <= 79 && data[nameEnd + 1] === 0 ? data.subarray(nameEnd + 2) : null;
}

function chunkOf(type: string, data: Buffer): Buffer {
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** From behind the signature to IEND, which ends the file; null when they are not so or a checksum is wrong. */
function chunksOf(file: Buffer): readonly Chunk[] | null {
  const chunks: Chunk[] = [];
  for (let at = signatureBytes; at + 12 <= file.length; ) {
    const end = at + 12 + file.readUInt32BE(at);
    if (end > file.length) return null;
    if (crc32(file.subarray(at + 4, end - 4)) !== file.readUInt32BE(end - 4)) return null;
    const type = file.toString('latin1', at + 4, at + 8);
    addPart(chunks, { type, data: file.subarray(at + 8, end - 4), whole: file.subarray(at, end) });
    if (type === 'IEND') return end === file.length ? chunks : null;
    at = end;
  }
  return null;
}

/** Of its rows, each with its filter byte (§7.2); null when the header names no kind of pixel that there is. */
function unpackedBytesOf(head: Buffer, { width, height }: PictureSize): number | null {
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
