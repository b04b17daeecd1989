/** The way a camera was held, in the TIFF of EXIF (CIPA DC-008, §4.5.2 and §4.6.4): 1 is upright, 2 to 8 are turned. */

const orientationTag = 0x0112;
const short = 3;
const entryBytes = 12;

/** 1 when it says none, or can't be read. */
function orientationIn(tiff: Buffer): number {
  const isLittleEndian = tiff.toString('latin1', 0, 4) === 'II*\0';
  if (!isLittleEndian && tiff.toString('latin1', 0, 4) !== 'MM\0*') return 1;
  const numberAt = (at: number, bytes: number) => {
    if (at + bytes > tiff.length) return 0;
    return isLittleEndian ? tiff.readUIntLE(at, bytes) : tiff.readUIntBE(at, bytes);
  };
  const directory = numberAt(4, 4);
  const count = numberAt(directory, 2);
  for (let nth = 0; nth < count; nth += 1) {
    const entry = directory + 2 + nth * entryBytes;
    if (entry + entryBytes > tiff.length) return 1;
    if (numberAt(entry, 2) !== orientationTag || numberAt(entry + 2, 2) !== short) continue;
    const orientation = numberAt(entry + 8, 2);
    return orientation >= 2 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

/** Precedes the TIFF of an EXIF in a JPEG. */
export const exifBegin = Buffer.from('Exif\0\0', 'latin1');

/** A TIFF that says nothing but this one's orientation; null when it is upright. */
export function orientationAlone(tiff: Buffer): Buffer | null {
  const orientation = orientationIn(tiff);
  return orientation === 1
    ? null
    : Buffer.from(`4d4d002a0000000800010112000300000001000${orientation}000000000000`, 'hex');
}
