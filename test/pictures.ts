/** Pictures for tests, made chunk by chunk (PNG, Third Edition, §5). */
import { crc32, deflateSync } from 'node:zlib';

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

export const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');

export interface PngHead {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample; 8 unless told. */
  readonly depth?: number;
  /** 0 (grey) unless told. */
  readonly colour?: number;
  /** 1: Adam7; 0 unless told. */
  readonly interlace?: number;
}

export function pngHead({ width, height, depth = 8, colour = 0, interlace = 0 }: PngHead): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, colour, 0, 0, interlace], 8);
  return pngChunk('IHDR', data);
}

export interface PngParts {
  /** Chunks before the pixels. */
  readonly more?: readonly Buffer[];
  /** The packed pixels; black grey ones of 8 bits unless told. */
  readonly packed?: Uint8Array;
}

export function png(head: PngHead, { more = [], packed }: PngParts = {}): Buffer {
  const pixels = packed ?? deflateSync(Buffer.alloc(head.height * (head.width + 1)));
  return Buffer.concat([
    pngSignature,
    pngHead(head),
    ...more,
    pngChunk('IDAT', pixels),
    pngChunk('IEND', new Uint8Array()),
  ]);
}

/**
 * So many sound PNG files of the size that takes the most memory when it is unpacked, 128 MiB; each has other bytes.
 */
export function largestPngs(count: number): readonly Buffer[] {
  const side = 4_096;
  const packed = deflateSync(Buffer.alloc(side * (side * 8 + 1)));
  return Array.from({ length: count }, (_, i) =>
    png(
      { width: side, height: side, depth: 16, colour: 6 },
      { packed, more: [pngChunk('tEXt', Buffer.from(`Comment\0${i}`, 'latin1'))] },
    ),
  );
}

/** 32 × 16 pixels of one colour. */
export const jpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAAQACABAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q==',
  'base64',
);

/** A segment of a JPEG (ITU-T T.81, §B.1.1.4); a text is in Latin-1. */
export function jpegSegment(marker: number, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const data = joined(parts);
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** {@link jpeg} with these instead of its JFIF segment. */
export function jpegWith(...segments: readonly Uint8Array[]): Buffer {
  const jfifEnd = 20;
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(jfifEnd)]);
}

/** One pixel. */
export const webp = Buffer.from('UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA', 'base64');

/** A chunk of a WebP (RFC 9649, §2.3); a text is in Latin-1. */
export function webpChunk(type: string, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const data = joined(parts);
  const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

export function webpOf(...chunks: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks]);
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

function joined(parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
}

/** A box of an AVIF (ISO/IEC 14496-12, §4.2). */
export function avifBox(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 8);
  return Buffer.concat([length, Buffer.from(type, 'latin1'), body]);
}

export const avifType = avifBox('ftyp', Buffer.from('avif\0\0\0\0avifmif1miaf', 'latin1'));
export const avifData = avifBox('mdat', Buffer.alloc(9));
export const avifPrimaryItem = avifBox('pitm', Buffer.from([0, 0, 0, 0, 0, 1]));
/** How AV1 is decoded. */
export const avifDecoding = avifBox('av1C', Buffer.from([0x81, 0, 0x0c, 0]));

export function avifSize(width: number, height: number): Buffer {
  const size = Buffer.alloc(12);
  size.writeUInt32BE(width, 4);
  size.writeUInt32BE(height, 8);
  return avifBox('ispe', size);
}

export function avifMeta(properties: readonly Buffer[], item: Buffer = avifPrimaryItem): Buffer {
  return avifBox('meta', Buffer.alloc(4), item, avifBox('iprp', avifBox('ipco', ...properties)));
}

/** The boxes that say its size; nothing here decodes it. */
export function avif(width: number, height: number): Buffer {
  return Buffer.concat([avifType, avifMeta([avifSize(width, height), avifDecoding]), avifData]);
}
