/**
 * Takes a picture of a product: recognized by its content, never by its name, and only within its bounds. It is never
 * decoded here; the checks keep a browser from decoding more than its size says. Of PNG, JPEG and WebP the notes are left
 * out, which may say where it was taken, but for the way the camera was held. An AVIF is kept as it is.
 *
 * The process checks one picture at a time: up to {@link checksWaitingMax} wait, each with its bytes and nothing more. It
 * remembers the sound ones by the hash of what was sent, so that an import, which reads its list twice, checks each picture
 * once. Of a known one only the notes are left out again, which walks at most {@link partsMax} parts.
 */
import { createHash } from 'node:crypto';
import {
  type ImageMediaType,
  imageBytesMax,
  imageSideMax,
  type ProductImage,
} from '../domain/product-image.ts';
import { partsMax, type ReadPicture, TooManyPartsError } from './picture-parts.ts';
import { readAvif } from './whole-avif.ts';
import { readJpeg } from './whole-jpeg.ts';
import { readPng } from './whole-png.ts';
import { readWebp } from './whole-webp.ts';

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

const readers: Readonly<Record<ImageMediaType, (file: Buffer) => ReadPicture | null>> = {
  'image/png': readPng,
  'image/jpeg': readJpeg,
  'image/webp': readWebp,
  'image/avif': readAvif,
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

const crowded: PictureRefused = {
  code: 'damaged',
  detail: `The picture has more than ${partsMax} parts. Save it anew in a picture program.`,
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
  if (known !== undefined) return { ...known, bytes: knownBytes(known, hash, bytes) };
  if (checksWaiting === checksWaitingMax) return busy;
  checksWaiting += 1;
  const check = lastCheck.then(() => checkPicture(bytes)).finally(() => (checksWaiting -= 1));
  lastCheck = check.catch(() => undefined);
  const checked = await check;
  if ('code' in checked) return checked;
  const { bytes: _, ...sound } = checked;
  remember(hash, sound);
  return checked;
}

function remember(sentHash: string, picture: SoundPicture): void {
  const [oldest] = soundByHash.keys();
  if (soundByHash.size >= soundMax && oldest !== undefined) soundByHash.delete(oldest);
  soundByHash.set(sentHash, picture);
}

function knownBytes({ mediaType, hash }: SoundPicture, sentHash: string, sent: Uint8Array): Uint8Array {
  return hash === sentHash ? sent : (readers[mediaType](bufferOf(sent))?.withoutNotes() ?? sent);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function checkPicture(bytes: Uint8Array): Promise<ProductImage | PictureRefused> {
  const file = bufferOf(bytes);
  const mediaType = mediaTypeOf(file);
  if (mediaType === null) return unknownFormat;
  try {
    const picture = readers[mediaType](file);
    return picture === null ? damaged : await checkRead(picture, mediaType);
  } catch (error) {
    if (error instanceof TooManyPartsError) return crowded;
    throw error;
  }
}

async function checkRead(
  { size, isAnimated, isWhole, withoutNotes }: ReadPicture,
  mediaType: ImageMediaType,
): Promise<ProductImage | PictureRefused> {
  if (isAnimated) return animated;
  if (size === null || size.width < 1 || size.height < 1) return damaged;
  const { width, height } = size;
  if (width > imageSideMax || height > imageSideMax) {
    const detail = `The picture is ${width} × ${height} pixels. Scale it to ${imageSideMax} at most on each side.`;
    return { code: 'too_many_pixels', detail };
  }
  if (!(await isWhole())) return damaged;
  const kept = withoutNotes();
  return { hash: hashOf(kept), mediaType, width, height, bytes: kept };
}

/** By the signatures of WHATWG MIME Sniffing §6.1, and of ISO/IEC 23000-22 for AVIF. */
function mediaTypeOf(file: Buffer): ImageMediaType | null {
  const hex = file.toString('hex', 0, 12);
  const text = file.toString('latin1', 0, 64);
  if (hex.startsWith('89504e470d0a1a0a')) return 'image/png';
  if (hex.startsWith('ffd8ff')) return 'image/jpeg';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'image/webp';
  if (text.slice(4, 8) !== 'ftyp') return null;
  const brands = text.slice(8, Math.min(file.readUInt32BE(0), 64));
  return /^avi[fs]|^.{8}(?:.{4})*?avi[fs]/s.test(brands) ? 'image/avif' : null;
}
