import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anImage } from '../../test/builders.ts';
import { imageBytesMax, imagePath, imagesBytesMax } from '../domain/product-image.ts';
import { createMemoryStore } from '../storage/memory/memory-store.ts';
import { importProducts } from './import-products.ts';

describe('the pictures of a list', () => {
  /** Imports products with pictures of so many bytes each, and tells the bytes of each save. */
  async function savesOf(sizes: readonly number[], isDryRun = false): Promise<readonly number[]> {
    const store = createMemoryStore();
    const saves: number[] = [];
    const images = sizes.map((size, i) => anImage(new Uint8Array(size).fill(i)));
    const list = ['sku,name,price,image', ...sizes.map((_, i) => `p-${i},Picture,1.00,${i}`)].join('\n');
    const report = await importProducts(
      {
        changeCatalog: store.changeCatalog,
        findProductsBySku: store.findProductsBySku,
        saveImages(portion) {
          saves.push(portion.reduce((sum, { bytes }) => sum + bytes.length, 0));
          return store.saveImages(portion);
        },
      },
      {
        open: async function* () {
          yield Buffer.from(list);
        },
        format: null,
        keepsSkusIn: 'memory',
        mayReceiveStock: true,
        actor: 'test',
        origin: { actor: 'test', keyId: null, requestId: null, address: null, detail: {} },
        atMs: 0,
        async loadPicture(name) {
          const image = images[Number(name)] ?? anImage();
          return { imageUrl: imagePath(image), image };
        },
        isDryRun,
        skipsBadLines: false,
        reference: null,
      },
    );
    assert.deepEqual([report.problems, report.added], [[], sizes.length]);
    for (const [i, image] of images.entries()) {
      if (isDryRun) break;
      assert.equal((await store.findProduct(`p-${i}`))?.imageUrl, imagePath(image));
      assert.notEqual(await store.findImage(image.hash), null);
    }
    return saves;
  }

  test('are saved in portions of 8 MiB', async () => {
    const full = Array.from({ length: 8 }, () => imageBytesMax);
    assert.deepEqual(await savesOf(full), [imagesBytesMax]);
    assert.deepEqual(await savesOf([...full, 1]), [imagesBytesMax, 1]);
    assert.deepEqual(await savesOf([1, ...full]), [imagesBytesMax - imageBytesMax + 1, imageBytesMax]);
  });

  test('are not saved by a dry run', async () => assert.deepEqual(await savesOf([5, 6], true), []));
});
