/**
 * Takes a whole JPEG without its notes (ITU-T T.81, Annex B): its segments follow each other from SOI to EOI; one frame
 * header says its size, and at least one scan follows with data. Nothing is decoded.
 *
 * Notes say where and when a picture was taken, and by which device, and may hold a smaller picture from before it was cropped.
 */

import { orientationAlone } from './exif-orientation.ts';

/** Scans of a progressive JPEG; encoders write some ten, and a browser goes over all pixels for each. */
export const scansMax = 100;

const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const exifMarker = 0xe1;
const comment = 0xfe;

/** SOF0 to SOF15; DHT, JPG and DAC stand between them and are none. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** RST0 to RST7 and TEM have no length; SOI would begin another picture, and DNL and DHP say another size. */
function isMisplaced(marker: number): boolean {
  return marker < 0xc0 || (marker >= 0xd0 && marker <= startOfImage) || marker === 0xdc || marker === 0xde;
}

/** Segments of applications (APP0 to APP15) and comments, but for those that say how to show the picture: JFIF, ICC, Adobe. */
function isNote(marker: number, segment: Buffer): boolean {
  if (marker === comment) return true;
  if (marker < 0xe0 || marker > 0xef) return false;
  const begin = segment.toString('latin1', 4, 16);
  return !/^JFIF\0|^ICC_PROFILE\0|^Adobe/.test(begin);
}

const exifBegin = Buffer.from('Exif\0\0', 'latin1');

/** Nothing, or of EXIF a segment with the way the camera was held. */
function instead(marker: number, note: Buffer): Buffer {
  const data = note.subarray(4);
  const isExif = marker === exifMarker && data.subarray(0, exifBegin.length).equals(exifBegin);
  const kept = isExif ? orientationAlone(data.subarray(exifBegin.length)) : null;
  if (kept === null) return Buffer.alloc(0);
  const head = Buffer.from([0xff, exifMarker, 0, 2 + exifBegin.length + kept.length]);
  return Buffer.concat([head, exifBegin, kept]);
}

/**
 * @param width that its reader found
 * @param height that its reader found
 * @returns null when it is not whole. Phones append second pictures and notes behind its end, which are left out, too
 */
export function wholeJpeg(file: Buffer, width: number, height: number): Buffer | null {
  const kept: Buffer[] = [];
  let keptTo = 0;
  let frames = 0;
  let scans = 0;
  for (let at = 2; at + 2 <= file.length; ) {
    if (file[at] !== 0xff) return null;
    const marker = file[at + 1] ?? 0;
    if (marker === 0xff) {
      // Any number of fill bytes may precede a marker (§B.1.1.2).
      at += 1;
      continue;
    }
    if (marker === endOfImage) {
      kept.push(file.subarray(keptTo, at + 2));
      return frames === 1 && scans > 0 ? Buffer.concat(kept) : null;
    }
    if (isMisplaced(marker) || at + 4 > file.length) return null;
    const end = at + 2 + file.readUInt16BE(at + 2);
    if (end < at + 4 || end > file.length) return null;
    if (isNote(marker, file.subarray(at, end))) {
      kept.push(file.subarray(keptTo, at), instead(marker, file.subarray(at, end)));
      keptTo = end;
    }
    if (isFrameHeader(marker)) {
      frames += 1;
      if (frames > 1 || end < at + 10) return null;
      if (file.readUInt16BE(at + 5) !== height || file.readUInt16BE(at + 7) !== width) return null;
    }
    at = end;
    if (marker !== startOfScan) continue;
    scans += 1;
    at = scanEnd(file, end);
    if (frames === 0 || scans > scansMax || at === end) return null;
  }
  return null;
}

/** Behind the data of a scan: at the first marker that is no restart. */
function scanEnd(file: Buffer, start: number): number {
  for (let at = file.indexOf(0xff, start); at !== -1; at = file.indexOf(0xff, at + 2)) {
    const next = file[at + 1] ?? 0;
    // A data byte of 255 is followed by 0 (§B.1.1.5).
    const isData = next === 0 || (next >= 0xd0 && next <= 0xd7);
    if (!isData) return at;
  }
  return file.length;
}
