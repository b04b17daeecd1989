import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  avif,
  avifBox,
  pngChunk as chunk,
  jpeg,
  jpegSegment,
  jpegWith,
  png as pngOf,
  pngSignature,
  webp,
  webpChunk,
  webpOf,
} from '../../test/pictures.ts';
import { taken } from '../../test/taken-picture.ts';
import { imageBytesMax, imageSideMax } from '../domain/product-image.ts';
import { partsMax } from './picture-parts.ts';
import { checksWaitingMax, takePicture } from './product-picture.ts';

/** A grey PNG; `more` goes before its pixels. */
function png(width: number, height: number, more: readonly Buffer[] = []): Buffer {
  return pngOf({ width, height }, { more });
}

/** By libavif 1.3, through Pillow: 8 × 6 pixels of one colour. */
const madeAvif = Buffer.from(
  'AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAJQAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAACAAAAAYAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAALW1kYXQSAAoIGAi9aICGg0IyFxxHh4Xd0000wsAAAJA1jjx/E5gB8FjA',
  'base64',
);

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
      avifBox('ftyp', Buffer.from('heic\0\0\0\0heicmif1', 'latin1')),
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

  test('has so many parts at most, and is refused before its walk goes on', async () => {
    const many = (count: number, part: Buffer) => Array.from({ length: count }, () => part);
    const [comment, note] = [jpegSegment(0xfe), webpChunk('note')];
    const [text, free] = [chunk('tEXt', Buffer.alloc(0)), avifBox('free')];
    /** Of the JPEG without JFIF: tables, frame and scan. */
    const ofJpeg = 5;
    for (const [format, ofParts] of Object.entries({
      'image/jpeg 32×16': (count: number) => jpegWith(...many(count - ofJpeg, comment)),
      'image/png 1×1': (count: number) => png(1, 1, many(count - 3, text)),
      'image/webp 1×1': (count: number) => webpOf(webp.subarray(12), ...many(count - 1, note)),
      'image/avif 9×9': (count: number) => Buffer.concat([avif(9, 9), ...many(count - 3, free)]),
    })) {
      assert.equal(await taken(ofParts(partsMax)), format);
      const crowded = await takePicture(ofParts(partsMax + 1));
      assert.ok('code' in crowded, format);
      assert.equal(crowded.code, 'damaged');
      assert.match(crowded.detail, /more than 2000 parts/);
    }
  });
});
