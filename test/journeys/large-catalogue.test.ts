/** The shop page of a catalogue of ten thousand products: light and quick, and searched without scripts. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { productsShownMax } from '../../src/http/pages/first-view.ts';
import { aProduct } from '../builders.ts';
import { openLargeShop } from '../large-catalogue.ts';
import { saveProducts } from './behind-the-service.ts';
import type { Shop } from './open-shop.ts';
import { aForm, get, inStock, postForm } from './shop-client.ts';

const page = { accept: 'text/html' };
const pageBytesMax = 60 * 1024;

/** Texts that no compression makes small: each letter is one of many, and seldom the same as another. */
function denseText(letters: number, seed: number): string {
  let state = seed + 1;
  return Array.from({ length: letters }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCodePoint(0x4e00 + (state % 20_000));
  }).join('');
}

let shop: Shop;
before(async () => {
  shop = await openLargeShop(10_000);
});
after(() => shop?.close());

const skusOn = (text: string) =>
  Array.from(text.matchAll(/<li class="product-card[^>]* data-sku="([^"]*)"/g), ([, sku]) => sku);
const linkIn = (text: string, id: string) =>
  new RegExp(`id="${id}"[^>]* href="([^"#]*)#counter-title"`).exec(text)?.[1]?.replaceAll('&amp;', '&');

describe('the shop page of 10,000 products', () => {
  it('shows the first of them, and leads through all that are asked for, each once', async () => {
    const first = await get(`${shop.url}/`, page);
    assert.equal(skusOn(first.text).length, productsShownMax);
    const seen: (string | undefined)[] = [];
    let next: string | undefined = '/?q=goods-00';
    for (let pages = 0; next !== undefined; pages += 1) {
      assert.ok(pages < 10, 'the pages come to an end');
      const answer = await get(`${shop.url}${next}`, page);
      assert.equal(answer.status, 200);
      seen.push(...skusOn(answer.text));
      assert.equal(linkIn(answer.text, 'first-page') === undefined, pages === 0);
      next = linkIn(answer.text, 'next-page');
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 100 }, (_, i) => `goods-00${String(i).padStart(2, '0')}`),
    );
  });

  it('is found through by category and by price', async () => {
    const cheapest = await get(`${shop.url}/?sort=cheapest&category=&q=`, page);
    assert.match(cheapest.text, /<option value="cheapest" selected>/);
    assert.equal(skusOn(cheapest.text)[0], 'wildflower-seeds');
    const outdoors = await get(`${shop.url}/?category=Outdoors&sort=cheapest`, page);
    assert.match(outdoors.text, /<option value="Outdoors" selected>/);
    const categories = Array.from(outdoors.text.matchAll(/<p class="eyebrow">([^<]*)</g), ([, name]) => name);
    assert.deepEqual(
      categories,
      Array.from({ length: productsShownMax }, () => 'Outdoors'),
    );
  });

  it('says so when nothing is found, and keeps the window and the question', async () => {
    for (const question of ['no such thing', '!?', '"><script>alert(1)</script>']) {
      const { status, text } = await get(`${shop.url}/?q=${encodeURIComponent(question)}`, page);
      assert.equal(status, 200);
      assert.match(text, /Nothing we sell goes by/);
      assert.match(text, /id="stage-name"/);
      assert.deepEqual(skusOn(text), []);
      assert.doesNotMatch(text, /<script>alert/);
    }
  });

  it('begins at the start for a cursor of another order, and refuses one that it never gave', async () => {
    const next = linkIn((await get(`${shop.url}/?sort=cheapest`, page)).text, 'next-page') ?? assert.fail();
    const cursor = new URLSearchParams(next.slice(2)).get('after');
    const other = await get(`${shop.url}/?sort=name&after=${cursor}`, page);
    assert.deepEqual(skusOn(other.text), skusOn((await get(`${shop.url}/`, page)).text));
    for (const wrong of ['x', 'n.%00.tent-4p', 'c.1.TENT']) {
      assert.equal((await get(`${shop.url}/?after=${wrong}`, page)).status, 400, wrong);
    }
    assert.equal((await get(`${shop.url}/?q=${'a'.repeat(201)}`, page)).status, 400);
  });

  it('takes an order without scripts of a product that was found', async () => {
    const chosen = await get(`${shop.url}/?product=goods-9876`, page);
    assert.match(chosen.text, /<option value="goods-9876"[^>]* selected>/);
    const before = await inStock(shop.url, 'goods-9876');
    const { product_name: _, ...fields } = aForm();
    assert.equal(
      (await postForm(`${shop.url}/`, { ...fields, sku: 'goods-9876', quantity: '2' })).status,
      303,
    );
    assert.equal(await inStock(shop.url, 'goods-9876'), before - 2);
  });

  it('is at most 60 KiB over the wire, also with the longest names and descriptions there may be', async () => {
    const bytesOf = async (path: string) => {
      const { text } = await get(`${shop.url}${path}`, page);
      return gzipSync(text, { level: 4 }).length;
    };
    assert.ok((await bytesOf('/')) < pageBytesMax / 4, 'plain names');
    const dense = Array.from({ length: 200 }, (_, i) => {
      const { onHand: _onHand, ...product } = aProduct({
        sku: `dense-${'x'.repeat(50)}-${i}`,
        name: denseText(200, 3 * i),
        description: denseText(5_000, 3 * i + 1),
        category: denseText(30, i % 20),
      });
      return product;
    });
    await saveProducts(shop, dense, 1);
    for (const path of ['/?q=dense', `/?q=dense&product=${dense[150]?.sku}`]) {
      const bytes = await bytesOf(path);
      assert.ok(bytes <= pageBytesMax, `${path}: ${bytes} bytes`);
    }
  });
});
