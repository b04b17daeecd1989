/** Pictures of products: the bytes that a seller has given, kept by their hash. */

/** The formats that are taken, by media type, each with the ending of its address. */
export const imageEndings = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/avif': 'avif',
} as const;

export type ImageMediaType = keyof typeof imageEndings;

export interface ProductImage {
  /** SHA-256 of the bytes, in lower-case hexadecimal digits. */
  readonly hash: string;
  readonly mediaType: ImageMediaType;
  /** Pixels, 1 to {@link imageSideMax}. */
  readonly width: number;
  readonly height: number;
  /** 1 to {@link imageBytesMax} of them. */
  readonly bytes: Uint8Array;
}

/** The picture of a product that has none of its own. */
export const placeholderImagePath = '/images/placeholder.svg';

/** Bytes of a picture. */
export const imageBytesMax = 1024 * 1024;

/** Bytes of the pictures that a store is given at once: they are in memory, and one statement writes them. */
export const imagesBytesMax = 8 * imageBytesMax;

/**
 * So long a picture stays that no product names any more, in milliseconds: 30 days. An open page still shows it, and a list
 * that was exported before can be imported again.
 */
export const unnamedImagesKeptMs = 30 * 24 * 60 * 60 * 1000;

/** Pictures that a store looks at in one transaction, when it takes away those that no product names: some 30 ms on SQLite. */
export const imagesLookedAtMax = 20;

/** Pixels of a picture's longer side. */
export const imageSideMax = 4_096;

/** Path of a kept picture on this service: the same address never shows another. */
export function imagePath({ hash, mediaType }: Pick<ProductImage, 'hash' | 'mediaType'>): string {
  return `/images/${hash}.${imageEndings[mediaType]}`;
}

/** The hash in the path of a kept picture, or null for another path. */
export function hashInImagePath(path: string): string | null {
  return /^\/images\/([0-9a-f]{64})\.(?:png|jpg|webp|avif)$/.exec(path)?.[1] ?? null;
}
