/** A picture as a reader of its format found it: walked once, part by part, and not decoded. */

/**
 * Parts of one picture: segments of a JPEG, chunks of a PNG or a WebP, boxes of an AVIF that lie in one box. Encoders write
 * some ten; a colour profile of a JPEG takes 255 at most, and 1 MiB of pixels in chunks of 4 KiB takes 256.
 */
export const partsMax = 2_000;

/** The picture has more than {@link partsMax}. Small ones are many in 1 MiB, and the walk holds the event loop. */
export class TooManyPartsError extends Error {}

export interface ReadPicture {
  /** In pixels, as its head says; null when that can't be read. */
  readonly size: PictureSize | null;
  /** Whether it moves; the size of its further pictures is not checked. */
  readonly isAnimated: boolean;
  /** Whether all of its parts are as the format says. Asked when its size is within bounds. */
  readonly isWhole: () => boolean | Promise<boolean>;
  /** Its bytes without its notes. Asked when it is whole. */
  readonly withoutNotes: () => Buffer;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** @throws {TooManyPartsError} */
export function addPart<Part>(parts: Part[], part: Part): void {
  if (parts.length === partsMax) throw new TooManyPartsError();
  parts.push(part);
}
