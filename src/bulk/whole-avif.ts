/**
 * Reads an AVIF (ISO/IEC 23000-22; boxes: ISO/IEC 14496-12 §4.2). It is whole when its boxes fill the file, one item is the
 * picture, every size that it names is within bounds, and something says how AV1 is decoded. Nothing is decoded: which size
 * the AV1 data has by itself is not looked at.
 */
import { imageSideMax } from '../domain/product-image.ts';
import { addPart, type PictureSize, type ReadPicture } from './picture-parts.ts';

interface Box {
  readonly type: string;
  readonly data: Buffer;
}

/** Its notes are items among others, and stay. @returns null when its boxes don't fill the file */
export function readAvif(file: Buffer): ReadPicture | null {
  const boxes = boxesOf(file);
  if (boxes === null) return null;
  const meta = only(boxes, 'meta');
  const parts = boxesOf(meta?.subarray(versionBytes) ?? noBytes) ?? [];
  const properties = boxesOf(only(boxesOf(only(parts, 'iprp') ?? noBytes) ?? [], 'ipco') ?? noBytes) ?? [];
  const sizes = properties.filter(({ type }) => type === 'ispe').map(({ data }) => sizeOf(data));
  return {
    size: sizes[0] ?? null,
    isAnimated: boxes.some(({ type }) => type === 'moov'),
    isWhole: () =>
      boxes[0]?.type === 'ftyp' &&
      [...boxes, ...parts].some(({ type }) => type === 'mdat' || type === 'idat') &&
      only(parts, 'pitm') !== null &&
      properties.some(({ type }) => type === 'av1C') &&
      sizes.every((size) => size !== null && isWithinBounds(size.width) && isWithinBounds(size.height)),
    withoutNotes: () => file,
  };
}

const noBytes = Buffer.alloc(0);

/** Of a full box: its version and its flags. */
const versionBytes = 4;

/** The data of the one box of this type; null when there is none, or more than one. */
function only(boxes: readonly Box[], type: string): Buffer | null {
  const [first, ...others] = boxes.filter((box) => box.type === type);
  return first === undefined || others.length > 0 ? null : first.data;
}

function sizeOf(data: Buffer): PictureSize | null {
  if (data.length < versionBytes + 8) return null;
  return { width: data.readUInt32BE(versionBytes), height: data.readUInt32BE(versionBytes + 4) };
}

function isWithinBounds(side: number): boolean {
  return side >= 1 && side <= imageSideMax;
}

/** Null when they don't follow each other to the very end. A box without a size reaches there. */
function boxesOf(buffer: Buffer): readonly Box[] | null {
  const boxes: Box[] = [];
  let at = 0;
  while (at + 8 <= buffer.length) {
    const said = buffer.readUInt32BE(at);
    const size = said === 0 ? buffer.length - at : said;
    if (size < 8 || at + size > buffer.length) return null;
    addPart(boxes, {
      type: buffer.toString('latin1', at + 4, at + 8),
      data: buffer.subarray(at + 8, at + size),
    });
    at += size;
  }
  return at === buffer.length ? boxes : null;
}
