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
