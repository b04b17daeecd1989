/**
 * Takes a picture of a product: recognized by its content, never by its name, and only within its bounds. It is never
 * decoded here; the checks keep a browser from decoding more than its size says. Of PNG, JPEG and WebP the notes are left
 * out, which may say where it was taken, but for the way the camera was held. An AVIF is kept as it is.
 *
 * The process checks one picture at a time: up to {@link checksWaitingMax} wait, each with its bytes and nothing more. It
 * remembers the sound ones by their hash, so that an import, which reads its list twice, checks each picture once.
 */
import { createHash } from 'node:crypto';
import { imageSize } from 'image-size';
import {
  type ImageMediaType,
  imageBytesMax,
  imageSideMax,
  type ProductImage,
} from '../domain/product-image.ts';
import { isAnimatedAvif, isWholeAvif } from './whole-avif.ts';
import { wholeJpeg } from './whole-jpeg.ts';
import { isAnimatedPng, isWholePng, pngWithoutNotes } from './whole-png.ts';
import { isAnimatedWebp, isWholeWebp, webpWithoutNotes } from './whole-webp.ts';

export interface PictureRefused {
  /** Stable, for programs. */
  readonly code:
    | 'empty'
    | 'too_large'
    | 'unknown_format'
    | 'too_many_pixels'
    | 'animated'
    | 'damaged'
    | 'busy';
  /** The mistake and the remedy, for people. */
  readonly detail: string;
}

const mediaTypes: Readonly<Record<string, ImageMediaType>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  avif: 'image/avif',
};

const unknownFormat: PictureRefused = {
  code: 'unknown_format',
  detail:
    'This is no PNG, JPEG, WebP or AVIF, whatever its name says. Save the picture in one of these formats.',
};

const damaged: PictureRefused = {
  code: 'damaged',
  detail:
    'The picture is damaged or cut short, or holds something else besides. Save it anew in a picture program.',
};

const animated: PictureRefused = {
  code: 'animated',
  detail: 'The picture moves. Save it as a still one.',
};

type SoundPicture = Omit<ProductImage, 'bytes'>;

/** Pictures that are remembered as sound; some 300 bytes each. */
const soundMax = 10_000;

/** By the hash of the bytes that were sent. */
const soundByHash = new Map<string, SoundPicture>();

/** Pictures that wait for their check, with the one that is checked; each takes its bytes. */
export const checksWaitingMax = 32;

const busy: PictureRefused = {
  code: 'busy',
  detail: 'Too many pictures are being checked. Send it again in a moment.',
};

let checksWaiting = 0;

let lastCheck: Promise<unknown> = Promise.resolve();

export async function takePicture(bytes: Uint8Array): Promise<ProductImage | PictureRefused> {
  if (bytes.length === 0) return { code: 'empty', detail: 'The picture is empty. Send its bytes.' };
  if (bytes.length > imageBytesMax) {
    const detail = `The picture is larger than ${imageBytesMax / 1024} KiB. Save it smaller or with a lower quality.`;
    return { code: 'too_large', detail };
  }
  const hash = hashOf(bytes);
  const known = soundByHash.get(hash);
  if (known !== undefined) return withBytes(known, bytes);
  if (checksWaiting === checksWaitingMax) return busy;
  checksWaiting += 1;
  const check = lastCheck.then(() => checkPicture(bytes)).finally(() => (checksWaiting -= 1));
  lastCheck = check.catch(() => undefined);
  const checked = await check;
  if ('code' in checked) return checked;
  remember(hash, checked);
  return withBytes(checked, bytes);
}

function remember(sentHash: string, picture: SoundPicture): void {
  const [oldest] = soundByHash.keys();
  if (soundByHash.size >= soundMax && oldest !== undefined) soundByHash.delete(oldest);
  soundByHash.set(sentHash, picture);
}

function withBytes(sound: SoundPicture, sent: Uint8Array): ProductImage {
  return { ...sound, bytes: withoutNotes(bufferOf(sent), sound) ?? sent };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function checkPicture(bytes: Uint8Array): Promise<SoundPicture | PictureRefused> {
  const mediaType = mediaTypeOf(bytes);
  if (mediaType === null) return unknownFormat;
  const file = bufferOf(bytes);
  if (isAnimated(file, mediaType)) return animated;
  const size = sizeOf(bytes);
  if (size === null) return damaged;
  const { width, height } = size;
  if (width > imageSideMax || height > imageSideMax) {
    const detail = `The picture is ${width} × ${height} pixels. Scale it to ${imageSideMax} at most on each side.`;
    return { code: 'too_many_pixels', detail };
  }
  if (mediaType !== 'image/jpeg' && !(await isWhole(file, mediaType, width, height))) return damaged;
  const found = { mediaType, width, height };
  const kept = withoutNotes(file, found);
  return kept === null ? damaged : { ...found, hash: hashOf(kept) };
}

/** By the signatures of WHATWG MIME Sniffing §6.1, and of ISO/IEC 23000-22 for AVIF. */
function mediaTypeOf(bytes: Uint8Array): ImageMediaType | null {
  const hex = Buffer.from(bytes.subarray(0, 12)).toString('hex');
  const text = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  if (hex.startsWith('89504e470d0a1a0a')) return 'image/png';
  if (hex.startsWith('ffd8ff')) return 'image/jpeg';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'image/webp';
  if (text.slice(4, 8) !== 'ftyp') return null;
  const brands = text.slice(8, Math.min(Buffer.from(bytes).readUInt32BE(0), 64));
  return /^avi[fs]|^.{8}(?:.{4})*?avi[fs]/s.test(brands) ? 'image/avif' : null;
}

/** Pixels as the header has them; null when it can't be read, or when it is of another format than the signature. */
function sizeOf(bytes: Uint8Array): Pick<SoundPicture, 'width' | 'height'> | null {
  try {
    const { width, height, type } = imageSize(bytes);
    const known = type !== undefined && mediaTypes[type] === mediaTypeOf(bytes);
    return known && width >= 1 && height >= 1 ? { width, height } : null;
  } catch {
    return null;
  }
}

function isAnimated(file: Buffer, mediaType: ImageMediaType): boolean {
  switch (mediaType) {
    case 'image/png':
      return isAnimatedPng(file);
    case 'image/webp':
      return isAnimatedWebp(file);
    case 'image/avif':
      return isAnimatedAvif(file);
    case 'image/jpeg':
      return false;
  }
}

/** The bytes that are kept of a picture that is whole; null for a JPEG that is not. */
function withoutNotes(file: Buffer, found: Omit<SoundPicture, 'hash'>): Buffer | null {
  switch (found.mediaType) {
    case 'image/jpeg':
      return wholeJpeg(file, found.width, found.height);
    case 'image/png':
      return pngWithoutNotes(file);
    case 'image/webp':
      return webpWithoutNotes(file);
    case 'image/avif':
      return file;
  }
}

async function isWhole(
  file: Buffer,
  mediaType: Exclude<ImageMediaType, 'image/jpeg'>,
  width: number,
  height: number,
): Promise<boolean> {
  switch (mediaType) {
    case 'image/png':
      return isWholePng(file, width, height);
    case 'image/webp':
      return isWholeWebp(file, width, height);
    case 'image/avif':
      return isWholeAvif(file, width, height);
  }
}
