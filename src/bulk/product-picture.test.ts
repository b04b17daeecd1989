import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { imageSize } from 'image-size';
import { pngChunk as chunk, type PngHead, pngHead, png as pngOf, pngSignature } from '../../test/pictures.ts';
import { imageBytesMax, imageSideMax } from '../domain/product-image.ts';
import { checksWaitingMax, takePicture } from './product-picture.ts';
import { scansMax } from './whole-jpeg.ts';
import { ancillaryBytesMax } from './whole-png.ts';

/** A grey PNG; `more` goes before its pixels. */
function png(width: number, height: number, more: readonly Buffer[] = [], packed?: Buffer): Buffer {
  return pngOf({ width, height }, packed === undefined ? { more } : { more, packed });
}

const jpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAAQACABAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q==',
  'base64',
);
const webp = Buffer.from('UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA', 'base64');

function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 8);
  return Buffer.concat([length, Buffer.from(type, 'latin1'), body]);
}

const avifType = box('ftyp', Buffer.from('avif\0\0\0\0avifmif1miaf', 'latin1'));
const avifData = box('mdat', Buffer.alloc(9));
const primaryItem = box('pitm', Buffer.from([0, 0, 0, 0, 0, 1]));
const decoding = box('av1C', Buffer.from([0x81, 0, 0x0c, 0]));

function extent(width: number, height: number): Buffer {
  const size = Buffer.alloc(12);
  size.writeUInt32BE(width, 4);
  size.writeUInt32BE(height, 8);
  return box('ispe', size);
}

function avifMeta(properties: readonly Buffer[], item: Buffer = primaryItem): Buffer {
  return box('meta', Buffer.alloc(4), item, box('iprp', box('ipco', ...properties)));
}

/** The boxes that say its size; nothing here decodes it. */
function avif(width: number, height: number): Buffer {
  return Buffer.concat([avifType, avifMeta([extent(width, height), decoding]), avifData]);
}

/** By libavif 1.3, through Pillow: 8 × 6 pixels of one colour. */
const madeAvif = Buffer.from(
  'AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAJQAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAACAAAAAYAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAALW1kYXQSAAoIGAi9aICGg0IyFxxHh4Xd0000wsAAAJA1jjx/E5gB8FjA',
  'base64',
);

async function taken(bytes: Uint8Array): Promise<string> {
  const picture = await takePicture(bytes);
  return 'code' in picture ? picture.code : `${picture.mediaType} ${picture.width}×${picture.height}`;
}

describe('a picture', () => {
  test('is recognized by its content', async () => {
    assert.equal(await taken(png(3, 2)), 'image/png 3×2');
    assert.equal(await taken(jpeg), 'image/jpeg 32×16');
    assert.equal(await taken(webp), 'image/webp 1×1');
    assert.equal(await taken(avif(40, 30)), 'image/avif 40×30');
    assert.equal(await taken(madeAvif), 'image/avif 8×6');
  });

  test('goes by the hash of its bytes', async () => {
    const picture = await takePicture(png(1, 1));
    assert.ok('hash' in picture);
    assert.match(picture.hash, /^[0-9a-f]{64}$/);
    const other = await takePicture(png(1, 2));
    assert.ok('hash' in other && other.hash !== picture.hash);
  });

  test('has at most so many pixels a side, and no more bytes', async () => {
    assert.equal(await taken(png(imageSideMax, 1)), `image/png ${imageSideMax}×1`);
    assert.equal(await taken(png(1, imageSideMax + 1)), 'too_many_pixels');
    assert.equal(await taken(avif(imageSideMax + 1, 9)), 'too_many_pixels');
    const filler = (bytes: number) => chunk('noTe', Buffer.alloc(bytes));
    const rest = png(1, 1, [filler(0)]).length;
    assert.equal(await taken(png(1, 1, [filler(imageBytesMax - rest)])), 'image/png 1×1');
    assert.equal(await taken(png(1, 1, [filler(imageBytesMax - rest + 1)])), 'too_large');
  });

  test('waits for its check while few others do, and is told busy otherwise', async () => {
    const checked = (from: number, count: number) =>
      Promise.all(Array.from({ length: count }, (_, i) => taken(png(1, from + i))));
    assert.ok(!(await checked(100, checksWaitingMax)).includes('busy'));
    const tooMany = await checked(200, checksWaitingMax + 1);
    assert.deepEqual([tooMany.indexOf('busy'), tooMany.length - 1], [checksWaitingMax, checksWaitingMax]);
    assert.ok(!(await checked(200, checksWaitingMax + 1)).includes('busy'), 'known ones need no check');
    assert.ok(!(await checked(300, checksWaitingMax)).includes('busy'), 'and there is room again');
  });

  test('of another format is refused, whatever it is called', async () => {
    for (const bytes of [
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      Buffer.from('GIF89a\u0001\0\u0001\0'),
      Buffer.from('<html><script>alert(1)</script>'),
      Buffer.from('504b0304', 'hex'),
      Buffer.from('BM'),
      box('ftyp', Buffer.from('heic\0\0\0\0heicmif1', 'latin1')),
      Buffer.from('x'),
    ]) {
      assert.equal(await taken(bytes), 'unknown_format', bytes.toString('latin1', 0, 12));
    }
    assert.equal(await taken(new Uint8Array()), 'empty');
  });

  test('that is cut short, or has something else behind it, is refused', async () => {
    for (const whole of [png(3, 2), webp, avif(4, 4)]) {
      assert.equal(await taken(Buffer.concat([whole, Buffer.from('<script>')])), 'damaged');
      assert.equal(await taken(whole.subarray(0, whole.length - 3)), 'damaged');
    }
    for (const length of [8, 12, 20, 30, 50])
      assert.equal(await taken(png(3, 2).subarray(0, length)), 'damaged');
    assert.equal(await taken(jpeg.subarray(0, -2)), 'damaged');
    assert.equal(await taken(Buffer.from('89504e470d0a1a0a', 'hex')), 'damaged');
    assert.equal(await taken(Buffer.from('ffd8ff', 'hex')), 'damaged');
    assert.equal(await taken(Buffer.from('RIFF\0\0\0\0WEBP', 'latin1')), 'damaged');
  });

  test('that unpacks to more than its pixels need is refused', async () => {
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024));
    assert.ok(bomb.length < imageBytesMax);
    assert.equal(await taken(png(4, 4, [], bomb)), 'damaged');
    const text = Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), bomb]);
    assert.equal(await taken(png(4, 4, [chunk('zTXt', text)])), 'damaged');
    assert.equal(await taken(png(4, 4, [], Buffer.from('no zlib'))), 'damaged');
    const note = Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), deflateSync(Buffer.from('hello'))]);
    assert.equal(await taken(png(4, 4, [chunk('zTXt', note)])), 'image/png 4×4');
  });

  test('in PNG unpacks to exactly the rows of its pixels', async () => {
    // Bytes by hand: rows × (1 filter byte + packed samples), and the passes of Adam7 for 5 × 3 pixels.
    const exact: readonly (readonly [PngHead, number])[] = [
      [{ width: 5, height: 3, depth: 1, colour: 0 }, 3 * 2],
      [{ width: 9, height: 2, depth: 1, colour: 3 }, 2 * 3],
      [{ width: 5, height: 3, depth: 4, colour: 3 }, 3 * 4],
      [{ width: 5, height: 3, depth: 16, colour: 2 }, 3 * 31],
      [{ width: 5, height: 3, depth: 8, colour: 4 }, 3 * 11],
      [{ width: 5, height: 3, depth: 8, colour: 6 }, 3 * 21],
      [{ width: 5, height: 3, depth: 8, colour: 0, interlace: 1 }, 2 + 2 + 0 + 2 + 4 + 6 + 6],
    ];
    for (const [head, bytes] of exact) {
      for (const [length, code] of [
        [bytes, `image/png ${head.width}×${head.height}`],
        [bytes - 1, 'damaged'],
        [bytes + 1, 'damaged'],
      ] as const)
        assert.equal(await taken(pngOf(head, { packed: deflateSync(Buffer.alloc(length)) })), code);
    }
    assert.equal(await taken(pngOf({ width: 4, height: 4, depth: 3 })), 'damaged');
    assert.equal(await taken(png(4_096, 4_096, [], deflateSync(Buffer.alloc(5)))), 'damaged');
    const tail = Buffer.concat([deflateSync(Buffer.alloc(2)), Buffer.from('<script>')]);
    assert.equal(await taken(png(1, 1, [], tail)), 'damaged');
  });

  test('in PNG has right checksums, one header and no second picture', async () => {
    const whole = png(3, 2);
    for (const at of [30, 45, whole.length - 1]) {
      const wrong = Buffer.from(whole);
      wrong[at] = (wrong[at] ?? 0) ^ 1;
      assert.equal(await taken(wrong), 'damaged', `byte ${at}`);
    }
    assert.equal(await taken(png(3, 2, [pngHead({ width: 65_500, height: 65_500 })])), 'damaged');
    for (const type of ['acTL', 'fcTL', 'fdAT'])
      assert.equal(await taken(png(3, 2, [chunk(type, Buffer.alloc(8))])), 'animated');
  });

  test('in PNG may have profiles and texts that unpack to 1 MiB together', async () => {
    const packed = (bytes: number) => deflateSync(Buffer.alloc(bytes));
    const profile = (data: Buffer) => chunk('iCCP', Buffer.concat([Buffer.from('p\0\0', 'latin1'), data]));
    const text = (head: string, data: Uint8Array) =>
      chunk('iTXt', Buffer.concat([Buffer.from(head, 'latin1'), data]));
    const half = ancillaryBytesMax / 2;
    const compressed = 'Comment\0\u0001\0en\0Kommentar\0';
    assert.equal(
      await taken(png(1, 1, [profile(packed(half)), text(compressed, packed(half))])),
      'image/png 1×1',
    );
    assert.equal(
      await taken(png(1, 1, [profile(packed(half)), text(compressed, packed(half + 1))])),
      'damaged',
    );
    // A window of another size changes the first byte of a zlib stream to 0x68.
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024), { windowBits: 14 });
    assert.equal(bomb[0], 0x68);
    assert.equal(await taken(png(1, 1, [profile(bomb)])), 'damaged');
    // Not packed, and looks a little as if.
    assert.equal(
      await taken(png(1, 1, [text('Comment\0\0\0\0\0', Buffer.from('x marks the spot'))])),
      'image/png 1×1',
    );
  });

  test('in JPEG is kept without what stands behind its end', async () => {
    const alone = await takePicture(jpeg);
    for (const more of ['<html><script>alert(1)</script>', '\u00ff\u00d9', '\0', jpeg.toString('latin1')]) {
      const sent = Buffer.concat([jpeg, Buffer.from(more, 'latin1')]);
      // The second time it is remembered.
      for (let turn = 1; turn <= 2; turn += 1) {
        const taken = await takePicture(sent);
        assert.deepEqual(taken, alone, more);
        assert.ok('bytes' in taken && taken.bytes.length === jpeg.length);
      }
    }
    assert.deepEqual(await takePicture(jpeg), alone);
  });

  test('in JPEG is one frame with at least one scan', async () => {
    const segment = (marker: number, data: Uint8Array) =>
      Buffer.concat([Buffer.from([0xff, marker, 0, data.length + 2]), data]);
    const frame = (width: number, height: number) => {
      const data = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
      data.writeUInt16BE(height, 1);
      data.writeUInt16BE(width, 3);
      return segment(0xc0, data);
    };
    const scan = (...data: readonly number[]) =>
      Buffer.concat([segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])), Buffer.from(data)]);
    const comment = segment(0xfe, Buffer.from('<script>'));
    const [start, end] = [Buffer.from([0xff, 0xd8]), Buffer.from([0xff, 0xd9])];
    const made = (...parts: readonly Buffer[]) => taken(Buffer.concat([start, comment, ...parts]));

    const sound = 'image/jpeg 32×16';
    assert.equal(await made(frame(32, 16), scan(1), end), sound);
    assert.equal(await made(frame(32, 16), scan(1, 0xff, 0, 0xff, 0xd0, 2), end), sound, 'with a restart');
    assert.equal(await made(frame(32, 16), Buffer.from([0xff]), scan(1), end), sound, 'with a fill byte');
    const scans = (count: number) => Array.from({ length: count }, () => scan(1));
    assert.equal(await made(frame(32, 16), ...scans(scansMax), end), sound);
    for (const [why, parts] of Object.entries({
      'its end before the scan': [frame(32, 16), end, scan(1), end],
      'a second frame': [frame(32, 16), frame(65_500, 65_500), scan(1), end],
      'a second frame behind the scan': [frame(32, 16), scan(1), frame(65_500, 65_500), scan(1), end],
      'no scan': [frame(32, 16), end],
      'a scan without data': [frame(32, 16), scan(), end],
      'a scan before the frame': [scan(1), frame(32, 16), end],
      'another picture inside': [frame(32, 16), start, scan(1), end],
      'another height behind': [frame(32, 16), scan(1), segment(0xdc, Buffer.from([255, 255])), end],
      'too many scans': [frame(32, 16), ...scans(scansMax + 1), end],
      'no end': [frame(32, 16), scan(1)],
      'an end only in a comment': [frame(32, 16), scan(1), segment(0xfe, end)],
      'a segment longer than the file': [frame(32, 16), scan(1), Buffer.from([0xff, 0xfe, 255, 255]), end],
    }))
      assert.equal(await made(...parts), 'damaged', why);
  });

  test('in WebP is one still picture of the size that the file says', async () => {
    const part = (type: string, data: Buffer) => {
      const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
      head.writeUInt32LE(data.length, 4);
      return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
    };
    const canvas = (width: number, height: number) => {
      const data = Buffer.alloc(10);
      data.writeUIntLE(width - 1, 4, 3);
      data.writeUIntLE(height - 1, 7, 3);
      return part('VP8X', data);
    };
    const lossy = (width: number, height: number) => {
      const data = Buffer.from('300100' + '9d012a' + '00000000' + '00', 'hex');
      data.writeUInt16LE(width, 6);
      data.writeUInt16LE(height, 8);
      return part('VP8 ', data);
    };
    const lossless = (width: number, height: number) => {
      const data = Buffer.alloc(6, 0x2f);
      data.writeUInt32LE((width - 1) | ((height - 1) << 14), 1);
      return part('VP8L', data);
    };
    const made = (...parts: readonly Buffer[]) => {
      const body = Buffer.concat([Buffer.from('WEBP'), ...parts]);
      const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
      head.writeUInt32LE(body.length, 4);
      return taken(Buffer.concat([head, body]));
    };

    const sound = 'image/webp 8×6';
    const text = part('EXIF', Buffer.from('abc'));
    for (const parts of [
      [lossy(8, 6)],
      [lossless(8, 6)],
      [canvas(8, 6), lossy(8, 6), text],
      [canvas(8, 6), part('ALPH', Buffer.from([0, 1])), lossy(8, 6)],
      [canvas(8, 6), text, lossless(8, 6)],
    ])
      assert.equal(await made(...parts), sound);
    for (const [why, parts] of Object.entries({
      'a larger lossy picture': [canvas(8, 6), lossy(16_383, 16_383)],
      'a larger lossless picture': [canvas(8, 6), lossless(16_383, 16_383)],
      'two pictures': [canvas(8, 6), lossy(8, 6), lossless(16_383, 16_383)],
      'a second canvas': [canvas(8, 6), canvas(16_384, 16_384), lossy(8, 6)],
      'a canvas behind the picture': [lossy(8, 6), canvas(16_384, 16_384)],
      'no picture': [canvas(8, 6)],
      'a chunk longer than the file': [lossy(8, 6), Buffer.from('EXIF\u00ff\0\0\0', 'latin1')],
      'bytes that are no chunk': [lossy(8, 6), Buffer.from('html')],
    }))
      assert.equal(await made(...parts), 'damaged', why);
    assert.equal(
      await made(canvas(8, 6), part('ANIM', Buffer.alloc(6)), part('ANMF', lossy(8, 6))),
      'animated',
    );
  });

  test('in AVIF is one still picture whose sizes are all within bounds', async () => {
    const made = (...parts: readonly Buffer[]) => taken(Buffer.concat(parts));
    const [size, large, tooWide] = [extent(40, 30), extent(900, 900), extent(imageSideMax + 1, 1)];
    const sound = 'image/avif 40×30';
    assert.equal(await made(avifType, avifMeta([size, decoding, extent(8, 8)]), avifData), sound, 'tiles');
    for (const [why, parts] of Object.entries({
      'another size beyond bounds': [avifType, avifMeta([large, decoding, tooWide]), avifData],
      'a size of nothing': [avifType, avifMeta([size, decoding, extent(0, 8)]), avifData],
      'no AV1': [avifType, avifMeta([size]), avifData],
      'no primary item': [avifType, avifMeta([size, decoding], Buffer.alloc(0)), avifData],
      'two primary items': [
        avifType,
        avifMeta([size, decoding], Buffer.concat([primaryItem, primaryItem])),
        avifData,
      ],
      'no data': [avifType, avifMeta([size, decoding])],
      'two lists of items': [avifType, avifMeta([size, decoding]), avifMeta([size, decoding]), avifData],
      'a box longer than the file': [avifType, avifMeta([size, decoding]), avifData.subarray(0, -1)],
    }))
      assert.equal(await made(...parts), 'damaged', why);
    const moving = [avifType, avifMeta([size, decoding]), box('moov', Buffer.alloc(8)), avifData];
    assert.equal(await made(...moving), 'animated');
  });

  describe('is kept without what says where, when and by whom it was taken, but with the way the camera was held', () => {
    const secret = Buffer.from('GPS 52.3N 4.9E');
    const segment = (marker: number, ...parts: readonly (string | Buffer)[]) => {
      const data = Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1')));
      const head = Buffer.from([0xff, marker, 0, 0]);
      head.writeUInt16BE(data.length + 2, 2);
      return Buffer.concat([head, data]);
    };
    const [bigEndian, littleEndian] = [
      (orientation: number) => `4d4d002a0000000800010112000300000001000${orientation}000000000000`,
      (orientation: number) => `49492a0008000000010012010300010000000${orientation}00000000000000`,
    ];
    /** What is kept of EXIF; none when the picture is upright. */
    const alone = (orientation: number) => Buffer.from(bigEndian(orientation), 'hex');
    const tiff = (orientation: number, order = bigEndian) =>
      Buffer.concat([Buffer.from(order(orientation), 'hex'), secret]);
    const exif = (...parts: readonly Buffer[]) => segment(0xe1, 'Exif\0\0', ...parts);
    const kept = async (file: Buffer) => {
      const first = await takePicture(file);
      assert.ok('bytes' in first, JSON.stringify(first));
      assert.ok(!Buffer.from(first.bytes).includes(secret));
      assert.deepEqual(await takePicture(file), first, 'also when it is known');
      const again = await takePicture(Buffer.from(first.bytes));
      assert.deepEqual(again, first, 'nothing more is left out of what was kept');
      assert.equal(first.hash, createHash('sha256').update(first.bytes).digest('hex'));
      return Buffer.from(first.bytes);
    };
    const jpegWith = (...segments: readonly Buffer[]) =>
      Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);

    test('a JPEG', async () => {
      const notes = [
        segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', secret),
        segment(0xe2, 'MPF\0', secret),
        segment(0xed, 'Photoshop 3.0\0', secret),
        segment(0xfe, secret),
      ];
      const shown = [
        segment(0xe2, 'ICC_PROFILE\0\u0001\u0001', 'colours'),
        segment(0xee, 'Adobe\0', 'd\0\0\0\0\0'),
      ];
      for (const upright of [
        tiff(1),
        tiff(9),
        Buffer.from('MM\0*'),
        Buffer.from('II*\0\u0008\0\0\0\u00ff\u00ff', 'latin1'),
      ])
        assert.deepEqual(await kept(jpegWith(exif(upright), ...notes, ...shown)), jpegWith(...shown));
      for (const orientation of [2, 6, 8]) {
        for (const order of [bigEndian, littleEndian]) {
          const file = await kept(jpegWith(exif(tiff(orientation, order)), ...notes, ...shown));
          assert.deepEqual(file, jpegWith(exif(alone(orientation)), ...shown));
          assert.equal(imageSize(file).orientation, orientation);
        }
      }
    });

    test('a PNG', async () => {
      const shown = chunk('gAMA', Buffer.from([0, 0, 0xb1, 0x8f]));
      const notes = ['tEXt', 'eXIf', 'iTXt', 'noTe', 'tIME'].map((type) =>
        chunk(type, Buffer.concat([Buffer.from('Comment\0\0\0\0\0'), secret])),
      );
      assert.deepEqual(await kept(png(3, 2, [...notes, shown])), png(3, 2, [shown]));
      const turned = chunk('eXIf', tiff(6, littleEndian));
      assert.deepEqual(await kept(png(3, 2, [turned])), png(3, 2, [chunk('eXIf', alone(6))]));
    });

    test('a WebP, whose head announces them no more', async () => {
      const part = (type: string, data: Buffer) => {
        const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
        head.writeUInt32LE(data.length, 4);
        return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
      };
      const riff = (...parts: readonly Buffer[]) => {
        const body = Buffer.concat([Buffer.from('WEBP'), ...parts]);
        const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
        head.writeUInt32LE(body.length, 4);
        return Buffer.concat([head, body]);
      };
      const canvas = (flags: number) => part('VP8X', Buffer.from([flags, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
      const [profile, pixels] = [part('ICCP', Buffer.from('odd')), webp.subarray(12)];
      const notes = ['EXIF', 'XMP ', 'note'].map((type) => part(type, secret));
      assert.deepEqual(
        await kept(riff(canvas(0x2c), profile, pixels, ...notes)),
        riff(canvas(0x20), profile, pixels),
      );
      assert.deepEqual(await kept(riff(canvas(0x0c), pixels)), riff(canvas(0), pixels));
      for (const begin of ['', 'Exif\0\0']) {
        const turned = part('EXIF', Buffer.concat([Buffer.from(begin), tiff(6)]));
        assert.deepEqual(
          await kept(riff(canvas(0x2c), profile, pixels, turned, ...notes.slice(1))),
          riff(canvas(0x28), profile, pixels, part('EXIF', alone(6))),
        );
      }
    });
  });

  test('of bytes that make no sense ends with a sentence, never with a fault', async () => {
    for (const start of [
      pngSignature,
      jpeg.subarray(0, 20),
      webp.subarray(0, 16),
      avif(1, 1).subarray(0, 40),
    ]) {
      for (let seed = 0; seed < 40; seed += 1) {
        const noise = Buffer.from(Array.from({ length: 64 + seed }, (_, i) => (i * 97 + seed * 31) % 256));
        const picture = await takePicture(Buffer.concat([start, noise]));
        if ('code' in picture) assert.match(picture.detail, /\. [A-Z]/);
      }
    }
  });
});
