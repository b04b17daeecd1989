import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  avifBox,
  avifData,
  avifDecoding,
  avifMeta,
  avifPrimaryItem,
  avifSize,
  avifType,
} from '../../test/pictures.ts';
import { taken } from '../../test/taken-picture.ts';
import { imageSideMax } from '../domain/product-image.ts';
import { partsMax } from './picture-parts.ts';

describe('an AVIF', () => {
  test('is one still picture whose sizes are all within bounds', async () => {
    const made = (...parts: readonly Buffer[]) => taken(Buffer.concat(parts));
    const [size, large, tooWide] = [avifSize(40, 30), avifSize(900, 900), avifSize(imageSideMax + 1, 1)];
    const sound = 'image/avif 40×30';
    assert.equal(
      await made(avifType, avifMeta([size, avifDecoding, avifSize(8, 8)]), avifData),
      sound,
      'tiles',
    );
    for (const [why, parts] of Object.entries({
      'another size beyond bounds': [avifType, avifMeta([large, avifDecoding, tooWide]), avifData],
      'a size of nothing': [avifType, avifMeta([size, avifDecoding, avifSize(0, 8)]), avifData],
      'no AV1': [avifType, avifMeta([size]), avifData],
      'no primary item': [avifType, avifMeta([size, avifDecoding], Buffer.alloc(0)), avifData],
      'two primary items': [
        avifType,
        avifMeta([size, avifDecoding], Buffer.concat([avifPrimaryItem, avifPrimaryItem])),
        avifData,
      ],
      'no data': [avifType, avifMeta([size, avifDecoding])],
      'two lists of items': [
        avifType,
        avifMeta([size, avifDecoding]),
        avifMeta([size, avifDecoding]),
        avifData,
      ],
      'a box longer than the file': [avifType, avifMeta([size, avifDecoding]), avifData.subarray(0, -1)],
    }))
      assert.equal(await made(...parts), 'damaged', why);
    const moving = [avifType, avifMeta([size, avifDecoding]), avifBox('moov', Buffer.alloc(8)), avifData];
    assert.equal(await made(...moving), 'animated');
  });

  test('has so many properties at most', async () => {
    const made = (properties: number) => {
      const sizes = Array.from({ length: properties - 1 }, () => avifSize(9, 9));
      return taken(Buffer.concat([avifType, avifMeta([...sizes, avifDecoding]), avifData]));
    };
    assert.equal(await made(partsMax), 'image/avif 9×9');
    assert.equal(await made(partsMax + 1), 'damaged');
  });
});
