import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { webp, webpChunk, webpOf } from '../../test/pictures.ts';
import { kept, orientationTiff, secret, secretTiffs, taken } from '../../test/taken-picture.ts';

describe('a WebP', () => {
  test('is one still picture of the size that the file says', async () => {
    const canvas = (width: number, height: number) => {
      const data = Buffer.alloc(10);
      data.writeUIntLE(width - 1, 4, 3);
      data.writeUIntLE(height - 1, 7, 3);
      return webpChunk('VP8X', data);
    };
    const lossy = (width: number, height: number) => {
      const data = Buffer.from('300100' + '9d012a' + '00000000' + '00', 'hex');
      data.writeUInt16LE(width, 6);
      data.writeUInt16LE(height, 8);
      return webpChunk('VP8 ', data);
    };
    const lossless = (width: number, height: number) => {
      const data = Buffer.alloc(6, 0x2f);
      data.writeUInt32LE((width - 1) | ((height - 1) << 14), 1);
      return webpChunk('VP8L', data);
    };
    const made = (...chunks: readonly Buffer[]) => taken(webpOf(...chunks));

    const sound = 'image/webp 8×6';
    const text = webpChunk('EXIF', Buffer.from('abc'));
    for (const parts of [
      [lossy(8, 6)],
      [lossless(8, 6)],
      [canvas(8, 6), lossy(8, 6), text],
      [canvas(8, 6), webpChunk('ALPH', Buffer.from([0, 1])), lossy(8, 6)],
      [canvas(8, 6), text, lossless(8, 6)],
    ])
      assert.equal(await made(...parts), sound);
    for (const [why, parts] of Object.entries({
      'a larger lossy picture': [canvas(8, 6), lossy(16_383, 16_383)],
      'a larger lossless picture': [canvas(8, 6), lossless(16_383, 16_383)],
      'two pictures': [canvas(8, 6), lossy(8, 6), lossless(16_383, 16_383)],
      'a canvas with more': [webpChunk('VP8X', canvas(8, 6).subarray(8), secret), lossy(8, 6)],
      'a second canvas': [canvas(8, 6), canvas(16_384, 16_384), lossy(8, 6)],
      'a canvas behind the picture': [lossy(8, 6), canvas(16_384, 16_384)],
      'no picture': [canvas(8, 6)],
      'a chunk longer than the file': [lossy(8, 6), Buffer.from('EXIF\u00ff\0\0\0', 'latin1')],
      'bytes that are no chunk': [lossy(8, 6), Buffer.from('html')],
    }))
      assert.equal(await made(...parts), 'damaged', why);
    assert.equal(
      await made(canvas(8, 6), webpChunk('ANIM', Buffer.alloc(6)), webpChunk('ANMF', lossy(8, 6))),
      'animated',
    );
  });

  test('is kept without notes, which its head announces no more, but with the way the camera was held', async () => {
    const canvas = (flags: number, reserved = 0) =>
      webpChunk('VP8X', Buffer.from([flags, reserved, reserved, reserved, 0, 0, 0, 0, 0, 0]));
    const [profile, pixels] = [webpChunk('ICCP', 'odd'), webp.subarray(12)];
    const notes = ['EXIF', 'XMP ', 'note'].map((type) => webpChunk(type, secret));
    const twice = webpChunk('ICCP', secret);
    assert.deepEqual(
      await kept(webpOf(canvas(0xed, 65), profile, twice, pixels, ...notes)),
      webpOf(canvas(0x20), profile, pixels),
    );
    assert.deepEqual(await kept(webpOf(canvas(0x0c), pixels)), webpOf(canvas(0), pixels));
    for (const begin of ['', 'Exif\0\0']) {
      for (const tiff of secretTiffs(6)) {
        const turned = webpChunk('EXIF', begin, tiff);
        assert.deepEqual(
          await kept(webpOf(canvas(0x2c), profile, pixels, turned, ...notes)),
          webpOf(canvas(0x28), profile, pixels, webpChunk('EXIF', orientationTiff(6))),
        );
      }
    }
  });
});
