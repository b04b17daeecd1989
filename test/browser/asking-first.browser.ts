/**
 * Questions before an order: when a price has changed, and when the same order comes once more. And what
 * their own order shows in a browser that keeps no cookies.
 */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { aProduct } from '../builders.ts';
import { changeProduct, saveProducts } from '../journeys/behind-the-service.ts';
import { inFolder, type Shop } from '../journeys/open-shop.ts';
import { inStock, ranking } from '../journeys/shop-client.ts';
import {
  axeViolations,
  browserArguments,
  browserTest,
  fillCustomer,
  follow,
  placeButton,
  placeOrder,
  receiptLines,
  watch,
} from './shop-visit.ts';

const ways = [
  { name: 'with scripts', options: { refusalsExpected: true } },
  { name: 'without scripts', options: { refusalsExpected: true, javaScriptEnabled: false } },
] as const;

const notice = (page: Page) => page.locator('#order-notice .notice');

for (const { name, options } of ways) {
  const hasScripts = !('javaScriptEnabled' in options);

  browserTest(`a price that has changed is asked about first, ${name}`, async ({ shop, visit }) => {
    const { page } = await visit(options);
    await page.goto('/?product=tent-4p');
    await page.getByLabel('Quantity', { exact: true }).fill('2');
    await fillCustomer(page);
    await page.getByLabel('Apt, suite').fill('Apt 4');
    await changeProduct(shop, 'tent-4p', { priceCents: 99_999 });
    await placeButton(page).click();
    await notice(page).waitFor();
    assert.match(
      await notice(page).innerText(),
      /Sundown Four-Person Tent now costs \$999\.99[\s\S]*\$1,999\.98/,
    );
    assert.equal(await page.locator('#stage-price').innerText(), '$999.99');
    assert.equal(await page.locator('[data-sku=tent-4p] .price').innerText(), '$999.99');
    assert.match(await page.locator('#field-product_name option:checked').innerText(), /\$999\.99$/);
    assert.equal(await page.getByLabel('Full name').inputValue(), 'Ada Lovelace');
    assert.equal(await page.getByLabel('Apt, suite').inputValue(), 'Apt 4');
    if (hasScripts) {
      assert.equal(await placeButton(page).innerText(), 'Place order · $1,999.98');
      assert.deepEqual(await axeViolations(page), []);
    }
    assert.deepEqual(await ranking(shop.url, 'TX'), []);
    await placeOrder(page);
    assert.deepEqual(await receiptLines(page), ['Sundown Four-Person Tent 2 × $999.99 $1,999.98']);
    assert.match(await page.locator('address').innerText(), /12 Analytical Way\nApt 4\nAustin/);
  });

  browserTest(`the same order by Back and submit is asked about first, ${name}`, async ({ shop, visit }) => {
    const { page } = await visit(options);
    await page.goto('/?product=tent-4p');
    await fillCustomer(page);
    await placeOrder(page);
    const first = new URL(page.url()).pathname;
    const number = await page.locator('.order-number').innerText();

    await page.goBack();
    await fillCustomer(page);
    await placeButton(page).click();
    await notice(page).waitFor();
    assert.match(await notice(page).innerText(), new RegExp(`same order .* ago: it is order ${number}\\.`));
    assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
    if (hasScripts) assert.deepEqual(await axeViolations(page), []);

    // Enter in a field is not the button that orders again.
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.getByLabel('Full name').press('Enter'),
    ]);
    assert.equal(answer.status(), 409);
    await notice(page)
      .getByRole('link', { name: `See order ${number}` })
      .waitFor();
    assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
    await follow(page, notice(page).getByRole('link', { name: `See order ${number}` }));
    assert.equal(new URL(page.url()).pathname, first);
    assert.match(await page.locator('address').innerText(), /Ada Lovelace/);

    await page.goto('/?product=tent-4p');
    await fillCustomer(page);
    await placeButton(page).click();
    await notice(page).getByRole('button', { name: 'Order it again' }).click();
    await page.waitForURL((url) => url.pathname.startsWith('/orders/') && url.pathname !== first);
    assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 2 2']);

    await page.goto('/?product=tent-4p');
    await page.getByLabel('Quantity', { exact: true }).fill('2');
    await fillCustomer(page);
    await placeOrder(page);
    assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 3 4'], 'another order is not asked about');
  });

  browserTest(`a browser that keeps no cookies sees its own order, ${name}`, async ({ shop }) => {
    await withoutCookies(shop, hasScripts, async (page) => {
      await page.goto('/?product=tent-4p');
      await fillCustomer(page);
      await placeButton(page).click();
      await page.waitForURL(/\/orders\/[0-9a-f-]{36}\?key=[\w-]{43}$/);
      for (let reload = 0; reload < 2; reload += 1) {
        assert.match(await page.locator('address').innerText(), /Ada Lovelace\n12 Analytical Way/);
        await page.reload();
        await page.waitForLoadState('networkidle');
      }
      assert.match(page.url(), /\?key=[\w-]{43}$/);
    });
  });

  browserTest(`a link to what is not sold selects nothing, ${name}`, async ({ shop, visit }) => {
    await changeProduct(shop, 'wool-throw', { active: false });
    const { page } = await visit(options);
    for (const sku of ['wool-throw', 'no-such']) {
      await page.goto(`/?product=${sku}`);
      await page.getByRole('heading', { name: 'This is not on our counter' }).waitFor();
      assert.equal(await page.getByLabel('Product', { exact: true }).inputValue(), '');
      assert.equal(await page.locator('#stage-name').isVisible(), false);
      if (hasScripts) assert.equal(await placeButton(page).innerText(), 'Place order');
    }
    await page.getByRole('link', { name: 'Daisy Enamel Kettle' }).click();
    await page.locator('#stage-name', { hasText: 'Daisy Enamel Kettle' }).waitFor();
    assert.equal(await page.getByText('This is not on our counter').isVisible(), false);
    assert.match(await page.getByLabel('Product', { exact: true }).inputValue(), /^kettle-enamel$/);
  });

  browserTest(
    `a product that the page does not list can be ordered by its link, ${name}`,
    async ({ shop, visit }) => {
      await saveProducts(shop, manyProducts, 5);
      const { page } = await visit(options);
      await page.goto('/?product=z-1018');
      assert.equal(await page.locator('#stage-name').innerText(), 'Zither 1018');
      assert.equal(
        await page.getByLabel('Product', { exact: true }).inputValue(),
        hasScripts ? 'Zither 1018' : 'z-1018',
      );
      await fillCustomer(page);
      await placeOrder(page);
      assert.deepEqual(await receiptLines(page), ['Zither 1018 1 × $12.50 $12.50']);
      assert.equal(await inStock(shop.url, 'z-1018'), 4);
    },
  );
}

const manyProducts = Array.from({ length: 1_020 }, (_, index) => {
  const number = String(index).padStart(4, '0');
  const { onHand: _stock, ...product } = aProduct({
    sku: `z-${number}`,
    name: `Zither ${number}`,
    priceCents: 1_250,
    imageUrl: '/images/ukulele.svg',
  });
  return product;
});

browserTest('a basket keeps a product that the page does not list', async ({ shop, visit }) => {
  await saveProducts(shop, manyProducts, 5);
  const { page } = await visit();
  await page.goto('/?product=z-1018');
  await page.getByRole('button', { name: 'Another product' }).click();
  await page.goto('/?product=tent-4p');
  const line = page.locator('#order-lines li');
  await line.filter({ hasText: 'Zither 1018' }).waitFor();
  assert.match(await line.innerText(), /\$12\.50 each/);
  assert.equal(await placeButton(page).innerText(), 'Place order · $212.49');
  await fillCustomer(page);
  await placeOrder(page);
  assert.deepEqual(await receiptLines(page), [
    'Zither 1018 1 × $12.50 $12.50',
    'Sundown Four-Person Tent 1 × $199.99 $199.99',
  ]);
});

browserTest('a form sent before the scripts were there is known to them', async ({ shop, visit }) => {
  const { page } = await visit({ refusalsExpected: true });
  await page.goto('/?product=tent-4p');
  await fillCustomer(page);
  // As a browser sends it when the scripts have not arrived.
  await Promise.all([
    page.waitForURL(/\/orders\/[0-9a-f-]{36}$/),
    page.evaluate('HTMLFormElement.prototype.submit.call(document.forms.order)'),
  ]);
  await page.goto('/?product=tent-4p');
  await fillCustomer(page);
  await placeButton(page).click();
  await notice(page).getByRole('button', { name: 'Order it again' }).waitFor();
  assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
});

/** A browser whose settings refuse cookies; then it refuses scripts their storage, too. */
async function withoutCookies(
  shop: Shop,
  javaScriptEnabled: boolean,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    await mkdir(join(folder, 'Default'));
    const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
    await writeFile(join(folder, 'Default/Preferences'), JSON.stringify(preferences));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: browserArguments,
      baseURL: shop.url,
      javaScriptEnabled,
    });
    try {
      const trouble: string[] = [];
      const page = await context.newPage();
      await watch(page, shop.url, trouble, false);
      await use(page);
      assert.deepEqual(await context.cookies(), []);
      assert.deepEqual(trouble, []);
    } finally {
      await context.close();
    }
  });
}
