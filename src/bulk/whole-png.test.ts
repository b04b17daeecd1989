import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { pngChunk as chunk, type PngHead, pngHead, png as pngOf } from '../../test/pictures.ts';
import { kept, orientationTiff, secret, secretTiffs, taken } from '../../test/taken-picture.ts';
import { imageBytesMax } from '../domain/product-image.ts';
import { profileBytesMax } from './whole-png.ts';

/** A grey PNG; `more` goes before its pixels. */
function png(width: number, height: number, more: readonly Buffer[] = [], packed?: Buffer): Buffer {
  return pngOf({ width, height }, packed === undefined ? { more } : { more, packed });
}

/** Of this name, or of the one that is kept. */
function profile(packed: Uint8Array, name = 'icc'): Buffer {
  return chunk('iCCP', Buffer.concat([Buffer.from(`${name}\0\0`, 'latin1'), packed]));
}

describe('a PNG', () => {
  test('is refused when it unpacks to more than its pixels need', async () => {
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024));
    assert.ok(bomb.length < imageBytesMax);
    assert.equal(await taken(png(4, 4, [], bomb)), 'damaged');
    assert.equal(await taken(png(4, 4, [], Buffer.from('no zlib'))), 'damaged');
    const text = Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), bomb]);
    const noted = await kept(png(4, 4, [chunk('zTXt', text)]));
    assert.deepEqual(noted, png(4, 4), 'a text is left out without unpacking it');
  });

  test('unpacks to exactly the rows of its pixels', async () => {
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

  test('has right checksums, one header and no second picture', async () => {
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

  test('may have a colour profile that unpacks to 1 MiB', async () => {
    const packed = (bytes: number) => deflateSync(Buffer.alloc(bytes));
    assert.equal(await taken(png(1, 1, [profile(packed(profileBytesMax))])), 'image/png 1×1');
    assert.equal(await taken(png(1, 1, [profile(packed(profileBytesMax + 1))])), 'damaged');
    // A window of another size changes the first byte of a zlib stream to 0x68.
    const bomb = deflateSync(Buffer.alloc(64 * 1024 * 1024), { windowBits: 14 });
    assert.equal(bomb[0], 0x68);
    assert.equal(await taken(png(1, 1, [profile(bomb)])), 'damaged');
  });

  test('is kept without notes, but with the way the camera was held', async () => {
    const shown = chunk('gAMA', Buffer.from([0, 0, 0xb1, 0x8f]));
    const notes = ['tEXt', 'eXIf', 'iTXt', 'noTe', 'tIME'].map((type) =>
      chunk(type, Buffer.concat([Buffer.from('Comment\0\0\0\0\0'), secret])),
    );
    assert.deepEqual(await kept(png(3, 2, [...notes, shown])), png(3, 2, [shown]));
    const turned = chunk('eXIf', orientationTiff(6));
    for (const tiff of secretTiffs(6)) {
      const again = chunk('eXIf', secretTiffs(3)[0] ?? secret);
      assert.deepEqual(await kept(png(3, 2, [chunk('eXIf', tiff), again])), png(3, 2, [turned]), 'the first');
    }
  });

  test('is kept without chunks that are longer than their content, or come twice', async () => {
    for (const [type, colour, bytes] of [
      ['sBIT', 0, 1],
      ['sBIT', 2, 3],
      ['sBIT', 4, 2],
      ['sBIT', 6, 4],
      ['bKGD', 3, 1],
      ['bKGD', 6, 6],
      ['tRNS', 0, 2],
      ['tRNS', 2, 6],
      ['tRNS', 3, 256],
      ['cHRM', 0, 32],
      ['cICP', 0, 4],
      ['gAMA', 0, 4],
      ['mDCV', 0, 24],
      ['cLLI', 0, 8],
      ['sRGB', 0, 1],
      ['pHYs', 0, 9],
    ] as const) {
      const samples = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colour];
      const packed = deflateSync(Buffer.alloc(2 * (3 * samples + 1)));
      const made = (...more: readonly Buffer[]) => pngOf({ width: 3, height: 2, colour }, { packed, more });
      const right = chunk(type, Buffer.alloc(bytes));
      const long = chunk(type, Buffer.concat([Buffer.alloc(bytes), secret]));
      assert.deepEqual(await kept(made(right, right)), made(right), `${type} of ${colour}`);
      assert.deepEqual(await kept(made(long)), made(), `${type} of ${colour}`);
      assert.deepEqual(
        await kept(made(chunk(type, Buffer.alloc(bytes + 1)))),
        made(),
        `${type} of ${colour}`,
      );
    }
    const profiles = deflateSync(Buffer.from('colours'));
    assert.deepEqual(
      await kept(png(3, 2, [profile(profiles, secret.toString()), profile(secret)])),
      png(3, 2, [profile(profiles)]),
    );
    assert.deepEqual(await kept(png(3, 2, [chunk('iCCP', secret)])), png(3, 2));
  });

  test('is refused with a critical chunk that no reader knows, or that is too long', async () => {
    const end = chunk('IEND', new Uint8Array());
    const colours = (count: number) => chunk('PLTE', Buffer.alloc(3 * count));
    const packed = deflateSync(Buffer.alloc(8));
    const indexed = (...more: readonly Buffer[]) =>
      pngOf({ width: 3, height: 2, colour: 3 }, { packed, more });
    assert.deepEqual(await kept(indexed(colours(256))), indexed(colours(256)));
    for (const [why, file] of Object.entries({
      'a private one': png(3, 2, [chunk('ABCD', secret)]),
      'too many colours': indexed(colours(257)),
      'a colour cut short': indexed(chunk('PLTE', Buffer.alloc(4))),
      'two palettes': indexed(colours(2), colours(2)),
      'colours of a grey picture': png(3, 2, [colours(2)]),
      'an end with content': Buffer.concat([png(3, 2).subarray(0, -end.length), chunk('IEND', secret)]),
    }))
      assert.equal(await taken(file), 'damaged', why);
  });
});
