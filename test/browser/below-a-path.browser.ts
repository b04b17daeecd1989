/** A shop below a path of its host, through each kind of proxy: ordering never leads out of the path. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Page } from 'playwright-core';
import { openShop } from '../journeys/open-shop.ts';
import { openPathProxy, type PathProxy, type PathProxyKind, pathProxyKinds } from '../path-proxy.ts';
import {
  chooseProduct,
  closeBrowser,
  fillCustomer,
  follow,
  openBrowser,
  placeOrder,
  popularProducts,
  receiptLines,
  watch,
  wide,
} from './shop-visit.ts';

after(closeBrowser);

async function visitBelow(
  kind: PathProxyKind,
  javaScriptEnabled: boolean,
  use: (page: Page, proxy: PathProxy) => Promise<void>,
): Promise<void> {
  const browser = await openBrowser();
  await using proxy = await openPathProxy('/our/shop', kind);
  const shop = await openShop({ settings: { PUBLIC_URL: proxy.url } });
  const trouble: string[] = [];
  try {
    proxy.passTo(shop.url);
    await using context = await browser.newContext({ viewport: wide, javaScriptEnabled });
    context.setDefaultTimeout(10_000);
    const { page } = await watch(await context.newPage(), proxy.host, trouble, false);
    await use(page, proxy);
    assert.deepEqual(trouble, []);
    assert.deepEqual(proxy.strays, []);
  } finally {
    await shop.close();
  }
}

async function assertPicturesShown(page: Page): Promise<void> {
  const widths = await page.evaluate<number[]>(`Promise.all([...document.images].map(async (image) => {
    image.loading = 'eager';
    await image.decode();
    return image.naturalWidth;
  }))`);
  assert.ok(widths.length > 10 && widths.every((width) => width > 0), String(widths));
}

async function orderAndReturn(page: Page, { url }: PathProxy): Promise<void> {
  // As people type it, without a slash at the end.
  await page.goto(url);
  await chooseProduct(page, 'awning-mug', 2);
  await fillCustomer(page);
  await placeOrder(page);
  assert.ok(page.url().startsWith(`${url}/orders/`), page.url());
  // The name is shown to the holder of the cookie alone, whose path must be this one.
  await page.reload();
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'Thank you, Ada Lovelace!');
  assert.equal((await receiptLines(page)).length, 1);
  assert.equal((await popularProducts(page)).length, 1);
  await follow(page, page.locator('.popular li a').first());
  assert.equal(page.url(), `${url}/?product=awning-mug#order`);
  assert.match(await page.getByLabel('Product', { exact: true }).inputValue(), /^awning-mug$/);
  await follow(page, page.getByRole('link', { name: 'For developers' }));
  assert.equal(page.url(), `${url}/docs`);
  await follow(page, page.locator('.home-link'));
  assert.equal(page.url(), `${url}/`);
}

for (const kind of pathProxyKinds) {
  const timeout = { timeout: 60_000 };
  test(`a shop behind a proxy that ${kind} takes an order with scripts`, timeout, () =>
    visitBelow(kind, true, async (page, proxy) => {
      await page.goto(proxy.url);
      await assertPicturesShown(page);
      await page.getByRole('button', { name: 'Add Fig & Amber Candle to your order' }).click();
      assert.deepEqual(await page.evaluate('Object.keys(localStorage)'), ['nozama.basket.v1 /our/shop/']);
      await page.getByRole('button', { name: 'Remove Fig & Amber Candle' }).click();
      await orderAndReturn(page, proxy);
    }),
  );

  test(`a shop behind a proxy that ${kind} takes an order without scripts`, timeout, () =>
    visitBelow(kind, false, orderAndReturn),
  );
}
