/**
 * Reads a JPEG (ITU-T T.81, Annex B): its segments follow each other from SOI to EOI; one frame header says its size, and at
 * least one scan follows with data. Nothing is decoded.
 *
 * Notes are left out: they say where and when a picture was taken, and by which device, and may hold a smaller picture from
 * before it was cropped. Phones append second pictures and notes behind the end, which are left out, too.
 */
import { exifBegin, orientationAlone } from './exif-orientation.ts';
import { addPart, type PictureSize, type ReadPicture } from './picture-parts.ts';

/** Scans of a progressive JPEG; encoders write some ten, and a browser goes over all pixels for each. */
export const scansMax = 100;

const startOfImage = Buffer.from([0xff, 0xd8]);
const endOfImage = Buffer.from([0xff, 0xd9]);
const endMarker = 0xd9;
const huffmanTables = 0xc4;
const startOfScan = 0xda;
const quantizationTables = 0xdb;
const restartInterval = 0xdd;
const comment = 0xfe;
const otherMarkers = [huffmanTables, startOfScan, quantizationTables, restartInterval, comment];

interface Segment {
  readonly marker: number;
  /** Behind its length. */
  readonly data: Buffer;
  /** With its marker and length, and with the coded pixels that follow a scan's. */
  readonly whole: Buffer;
}

/** A segment of an application that says how to show the picture. Any other is a note. */
interface Shown {
  readonly begin: Buffer;
  /** A picture has one; readers take the first. */
  readonly isOnce: boolean;
  /** Null when it says nothing to a reader. */
  readonly kept: (data: Buffer) => Buffer | null;
}

const jfifBytes = 14;
const adobeBytes = 12;

/** By marker: JFIF in APP0, EXIF in APP1, colour profiles in APP2, Adobe's kind of colours in APP14. */
const shownByMarker: ReadonlyMap<number, Shown> = new Map<number, Shown>([
  [0xe0, { begin: Buffer.from('JFIF\0', 'latin1'), isOnce: true, kept: jfifAlone }],
  [0xe1, { begin: exifBegin, isOnce: true, kept: exifAlone }],
  [0xe2, { begin: Buffer.from('ICC_PROFILE\0', 'latin1'), isOnce: false, kept: (data) => data }],
  [0xee, { begin: Buffer.from('Adobe', 'latin1'), isOnce: true, kept: adobeAlone }],
]);

/** @returns null when its segments don't lead to its end */
export function readJpeg(file: Buffer): ReadPicture | null {
  const segments = segmentsOf(file);
  if (segments === null) return null;
  const frames = segments.filter(({ marker }) => isFrameHeader(marker));
  return {
    size: sizeOf(frames[0]),
    isAnimated: false,
    isWhole: () => frames.length === 1 && segments.every(hasRightLength) && hasScans(segments),
    withoutNotes() {
      const seen = new Set<number>();
      return Buffer.concat([
        startOfImage,
        ...segments.map((segment) => withoutNote(segment, seen)),
        endOfImage,
      ]);
    },
  };
}

/** SOF0 to SOF2: baseline, extended and progressive, which browsers show. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xc2;
}

function isOfApplication(marker: number): boolean {
  return marker >= 0xe0 && marker <= 0xef;
}

/**
 * Others are refused: RST0 to RST7 and TEM have no length; SOI would begin another picture; DNL, DHP and EXP say another
 * size; to a browser the rest says nothing.
 */
function isKnown(marker: number): boolean {
  return isFrameHeader(marker) || isOfApplication(marker) || otherMarkers.includes(marker);
}

/** Between SOI and EOI; null when they don't follow each other up to there. */
function segmentsOf(file: Buffer): readonly Segment[] | null {
  const segments: Segment[] = [];
  for (let at = startOfImage.length; at + 2 <= file.length; ) {
    if (file[at] !== 0xff) return null;
    const marker = file[at + 1] ?? 0;
    if (marker === 0xff) {
      // Any number of fill bytes may precede a marker (§B.1.1.2).
      at += 1;
      continue;
    }
    if (marker === endMarker) return segments;
    if (!isKnown(marker) || at + 4 > file.length) return null;
    const dataEnd = at + 2 + file.readUInt16BE(at + 2);
    if (dataEnd < at + 4 || dataEnd > file.length) return null;
    const end = marker === startOfScan ? scanEnd(file, dataEnd) : dataEnd;
    addPart(segments, { marker, data: file.subarray(at + 4, dataEnd), whole: file.subarray(at, end) });
    at = end;
  }
  return null;
}

/** Behind the data of a scan: at the first marker that is no restart. */
function scanEnd(file: Buffer, start: number): number {
  for (let at = start; at < file.length; at += 1) {
    if (file[at] !== 0xff) continue;
    const next = file[at + 1] ?? 0;
    // A data byte of 255 is followed by 0 (§B.1.1.5).
    const isData = next === 0 || (next >= 0xd0 && next <= 0xd7);
    if (!isData) return at;
  }
  return file.length;
}

function sizeOf(frame: Segment | undefined): PictureSize | null {
  if (frame === undefined || frame.data.length < 6) return null;
  return { width: frame.data.readUInt16BE(3), height: frame.data.readUInt16BE(1) };
}

/** Whether nothing stands behind what a reader takes from it (§B.2). */
function hasRightLength({ marker, data }: Segment): boolean {
  if (isFrameHeader(marker)) return data.length === 6 + 3 * (data[5] ?? 0);
  switch (marker) {
    case startOfScan:
      return data.length === 4 + 2 * (data[0] ?? 0);
    case restartInterval:
      return data.length === 2;
    case quantizationTables:
      return isFilled(data, (at) => ((data[at] ?? 0) >> 4 === 0 ? 65 : 129));
    case huffmanTables:
      return isFilled(data, (at) => {
        let codes = 0;
        for (let bits = 1; bits <= 16; bits += 1) codes += data[at + bits] ?? 0;
        return 17 + codes;
      });
    default:
      return true;
  }
}

/** @param lengthAt of the table that begins there */
function isFilled(data: Buffer, lengthAt: (at: number) => number): boolean {
  let at = 0;
  while (at < data.length) at += lengthAt(at);
  return at === data.length;
}

/** Each with data, and the first behind the frame header. */
function hasScans(segments: readonly Segment[]): boolean {
  const scans = segments.filter(({ marker }) => marker === startOfScan);
  const [firstOfPixels] = segments.filter(({ marker }) => isFrameHeader(marker) || marker === startOfScan);
  return (
    scans.length > 0 &&
    scans.length <= scansMax &&
    firstOfPixels?.marker !== startOfScan &&
    scans.every(({ data, whole }) => whole.length > 4 + data.length)
  );
}

/** @param seen markers of segments that a picture has once and has had */
function withoutNote({ marker, data, whole }: Segment, seen: Set<number>): Buffer {
  if (marker !== comment && !isOfApplication(marker)) return whole;
  const shown = shownByMarker.get(marker);
  if (shown === undefined || !data.subarray(0, shown.begin.length).equals(shown.begin)) return nothing;
  if (shown.isOnce && seen.has(marker)) return nothing;
  seen.add(marker);
  const kept = shown.kept(data);
  if (kept === null) return nothing;
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(2 + kept.length, 2);
  return Buffer.concat([head, kept]);
}

const nothing = Buffer.alloc(0);

/** Without the smaller picture, whose sides are its last two bytes (ITU-T T.871, §10.1). */
function jfifAlone(data: Buffer): Buffer | null {
  return data.length < jfifBytes
    ? null
    : Buffer.concat([data.subarray(0, jfifBytes - 2), Buffer.from([0, 0])]);
}

function exifAlone(data: Buffer): Buffer | null {
  const orientation = orientationAlone(data.subarray(exifBegin.length));
  return orientation === null ? null : Buffer.concat([exifBegin, orientation]);
}

/** Adobe Technical Note 5116, §18. */
function adobeAlone(data: Buffer): Buffer | null {
  return data.length < adobeBytes ? null : data.subarray(0, adobeBytes);
}
