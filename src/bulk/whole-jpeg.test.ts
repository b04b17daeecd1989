import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jpeg, jpegSegment, jpegWith } from '../../test/pictures.ts';
import { kept, orientationTiff, secret, secretTiffs, taken } from '../../test/taken-picture.ts';
import { takePicture } from './product-picture.ts';
import { scansMax } from './whole-jpeg.ts';

const exif = (...parts: readonly Buffer[]) => jpegSegment(0xe1, 'Exif\0\0', ...parts);
const jfif = (...more: readonly Buffer[]) =>
  jpegSegment(0xe0, 'JFIF\0\u0001\u0001\u0001\0\u0048\0\u0048', ...more);
const withoutPreview = Buffer.from([0, 0]);
const profile = jpegSegment(0xe2, 'ICC_PROFILE\0\u0001\u0001', 'colours');
const adobe = jpegSegment(0xee, 'Adobe\0', 'd\0\0\0\0\0');

describe('a JPEG', () => {
  test('is kept without what stands behind its end', async () => {
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

  test('is one frame with at least one scan', async () => {
    const frame = (width: number, height: number) => {
      const data = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
      data.writeUInt16BE(height, 1);
      data.writeUInt16BE(width, 3);
      return jpegSegment(0xc0, data);
    };
    const scan = (...data: readonly number[]) =>
      Buffer.concat([jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])), Buffer.from(data)]);
    const comment = jpegSegment(0xfe, Buffer.from('<script>'));
    const [start, end] = [Buffer.from([0xff, 0xd8]), Buffer.from([0xff, 0xd9])];
    const made = (...parts: readonly Buffer[]) => taken(Buffer.concat([start, comment, ...parts]));

    const sound = 'image/jpeg 32×16';
    assert.equal(await made(frame(32, 16), scan(1), end), sound);
    assert.equal(await made(frame(32, 16), scan(1, 0xff, 0, 0xff, 0xd0, 2), end), sound, 'with a restart');
    assert.equal(await made(frame(32, 16), Buffer.from([0xff]), scan(1), end), sound, 'with a fill byte');
    const interval = jpegSegment(0xdd, Buffer.from([0, 4]));
    assert.equal(await made(interval, frame(32, 16), scan(1), end), sound, 'with a restart interval');
    const tables = [
      jpegSegment(0xdb, Buffer.alloc(65), Buffer.alloc(129, 0x10)),
      jpegSegment(0xc4, Buffer.alloc(34)),
    ];
    assert.equal(await made(...tables, frame(32, 16), scan(1), end), sound, 'with two tables in one');
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
      'another height behind': [frame(32, 16), scan(1), jpegSegment(0xdc, Buffer.from([255, 255])), end],
      'too many scans': [frame(32, 16), ...scans(scansMax + 1), end],
      'no end': [frame(32, 16), scan(1)],
      'an end only in a comment': [frame(32, 16), scan(1), jpegSegment(0xfe, end)],
      'another height in DNL of text': [frame(32, 16), scan(1), jpegSegment(0xdc, secret), end],
      'a frame header with more': [jpegSegment(0xc0, frame(32, 16).subarray(4), secret), scan(1), end],
      'a scan header with more': [
        frame(32, 16),
        jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 63, 0]), secret),
        end,
      ],
      'a restart interval with more': [
        frame(32, 16),
        jpegSegment(0xdd, Buffer.alloc(2), secret),
        scan(1),
        end,
      ],
      'a quantization table with more': [
        jpegSegment(0xdb, Buffer.alloc(65), secret),
        frame(32, 16),
        scan(1),
        end,
      ],
      'a Huffman table with more': [jpegSegment(0xc4, Buffer.alloc(17), 'x'), frame(32, 16), scan(1), end],
      'a reserved segment': [jpegSegment(0xf0, secret), frame(32, 16), scan(1), end],
      'an expansion': [jpegSegment(0xdf, Buffer.alloc(1)), frame(32, 16), scan(1), end],
      'a segment longer than the file': [frame(32, 16), scan(1), Buffer.from([0xff, 0xfe, 255, 255]), end],
    }))
      assert.equal(await made(...parts), 'damaged', why);
  });

  test('is kept without notes, but with the way the camera was held', async () => {
    const notes = [
      jpegSegment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', secret),
      jpegSegment(0xe2, 'MPF\0', secret),
      jpegSegment(0xed, 'Photoshop 3.0\0', secret),
      jpegSegment(0xfe, secret),
    ];
    const shown = [profile, adobe];
    for (const upright of [
      ...secretTiffs(1),
      ...secretTiffs(9),
      Buffer.from('MM\0*'),
      Buffer.from('II*\0\u0008\0\0\0\u00ff\u00ff', 'latin1'),
    ])
      assert.deepEqual(await kept(jpegWith(exif(upright), ...notes, ...shown)), jpegWith(...shown));
    for (const orientation of [2, 6, 8]) {
      for (const tiff of secretTiffs(orientation)) {
        const file = await kept(jpegWith(exif(tiff), ...notes, ...shown));
        assert.deepEqual(file, jpegWith(exif(orientationTiff(orientation)), ...shown));
      }
    }
    const twice = [6, 3].map((orientation) => exif(orientationTiff(orientation)));
    assert.deepEqual(await kept(jpegWith(...twice)), jpegWith(...twice.slice(0, 1)), 'the first');
  });

  test('is kept without notes that have the name of another segment', async () => {
    for (const note of [
      jpegSegment(0xed, 'Adobe_Photoshop2.5:', secret),
      jpegSegment(0xed, 'AdobeAnything', secret),
      jpegSegment(0xed, 'Adobe_CM\0', secret),
      jpegSegment(0xe5, 'JFIF\0', secret),
      jpegSegment(0xe0, 'JFXX\0', secret),
      jpegSegment(0xe0, 'JFIF\0', 'short'),
      jpegSegment(0xe4, 'ICC_PROFILE\0\u0001\u0001', secret),
      jpegSegment(0xe3, 'Exif\0\0', secretTiffs(6)[0] ?? secret),
      jpegSegment(0xee, 'Adobe\0d'),
    ])
      assert.deepEqual(await kept(jpegWith(note)), jpegWith(), note.toString('latin1', 4, 20));
  });

  test('is kept without what stands behind JFIF and Adobe: a preview, a text, a second one', async () => {
    const preview = Buffer.concat([Buffer.from([2, 3]), Buffer.alloc(18), secret]);
    const tailed = jpegSegment(0xee, adobe.subarray(4), secret);
    const file = await kept(jpegWith(jfif(preview), jfif(preview), tailed, tailed));
    assert.deepEqual(file, jpegWith(jfif(withoutPreview), adobe));
    assert.deepEqual(await kept(jpeg), jpeg);
  });
});
