/**
 * Reads a WebP (RFC 9649): its chunks fill the file, and exactly one of them is a picture, of the size that the file says.
 * Nothing is decoded.
 */
import { exifBegin, orientationAlone } from './exif-orientation.ts';
import { addPart, type PictureSize, type ReadPicture } from './picture-parts.ts';

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

/** Those that say how to show the picture; a picture has each once, and readers take the first. */
const shownChunks = ['VP8X', 'ICCP', 'ALPH', 'VP8 ', 'VP8L', 'EXIF'];

/** They announce a chunk in VP8X (RFC 9649, §2.7.1). */
const profileFlag = 0x20;
const alphaFlag = 0x10;
const exifFlag = 0x08;

const canvasBytes = 10;

/** @returns null when its chunks don't fill the file */
export function readWebp(file: Buffer): ReadPicture | null {
  const chunks = chunksOf(file);
  const [first] = chunks ?? [];
  if (chunks === null || first === undefined) return null;
  const size = sizeOf(first);
  return {
    size,
    isAnimated: chunks.some(({ type }) => type === 'ANIM' || type === 'ANMF'),
    isWhole: () => isWhole(chunks, size),
    withoutNotes: () => withoutNotes(chunks),
  };
}

function isWhole(chunks: readonly Chunk[], size: PictureSize | null): boolean {
  const [first] = chunks;
  const pictures = chunks.filter(({ type }) => type === 'VP8 ' || type === 'VP8L');
  const [picture] = pictures;
  if (first === undefined || picture === undefined || pictures.length > 1) return false;
  if (first !== picture && first.type !== 'VP8X') return false;
  if (chunks.filter(({ type }) => type === 'VP8X').length > (first === picture ? 0 : 1)) return false;
  // The canvas of a still picture is the picture (§2.7).
  const shown = sizeOf(picture);
  return shown !== null && shown.width === size?.width && shown.height === size.height;
}

/** Without XMP and chunks of others; of EXIF the way the camera was held is kept. */
function withoutNotes(given: readonly Chunk[]): Buffer {
  const seen = new Set<string>();
  const chunks = given.flatMap(({ type, data }): readonly Chunk[] => {
    if (!shownChunks.includes(type) || seen.has(type)) return [];
    seen.add(type);
    const kept = type === 'EXIF' ? orientationAlone(withoutExifBegin(data)) : data;
    return kept === null ? [] : [{ type, data: kept }];
  });
  const flags = chunks.some(({ type }) => type === 'EXIF') ? exifFlag : 0;
  const parts = chunks.flatMap(({ type, data }) => {
    const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
    head.writeUInt32LE(data.length, 4);
    return [head, type === 'VP8X' ? canvasWith(data, flags) : data, Buffer.alloc(data.length % 2)];
  });
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...parts]);
  const riff = Buffer.from('RIFF\0\0\0\0', 'latin1');
  riff.writeUInt32LE(body.length, 4);
  return Buffer.concat([riff, body]);
}

/** Without the bits that are reserved (§2.7). */
function canvasWith(data: Buffer, exif: number): Buffer {
  const flags = ((data[0] ?? 0) & (profileFlag | alphaFlag)) | exif;
  return Buffer.concat([Buffer.from([flags, 0, 0, 0]), data.subarray(4)]);
}

/** Some programs put the beginning that JPEG needs before the TIFF. */
function withoutExifBegin(data: Buffer): Buffer {
  const { length } = exifBegin;
  return data.subarray(0, length).equals(exifBegin) ? data.subarray(length) : data;
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
    addPart(chunks, {
      type: file.toString('latin1', at, at + 4),
      data: file.subarray(start, start + length),
    });
    at = start + length + (length % 2);
  }
  return at === paddedBytes ? chunks : null;
}

/** Null when the chunk is of another length or begins otherwise. */
function sizeOf({ type, data }: Chunk): PictureSize | null {
  if (type === 'VP8X') {
    if (data.length !== canvasBytes) return null;
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
