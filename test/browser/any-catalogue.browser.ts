/** Catalogues unlike the demo: other pictures, long names, other scripts, huge prices, and very many products. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { formatCents } from '../../src/domain/money.ts';
import { aProduct } from '../builders.ts';
import { until } from '../journeys/behind-the-service.ts';
import type { Shop } from '../journeys/open-shop.ts';
import { place } from '../journeys/shop-client.ts';
import { restock as restockWith } from './restock.ts';
import {
  axeViolations,
  browserTest,
  fillCustomer,
  narrow,
  placeButton,
  placeOrder,
  receiptLines,
  wide,
} from './shop-visit.ts';

/** The names a merchant may think of; the rest are plain. */
const names = [
  'Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft Teapot',
  'A name that goes on and on, because whoever typed it into the catalogue could not stop before it was full',
  '手作り陶器の急須（京都・清水焼）',
  'إبريق شاي نحاسي (صغير)',
  'Чайник «Самовар»',
  'Golden Yacht',
];
const yacht = 5;

const goods = Array.from({ length: 200 }, (_, index) =>
  aProduct({
    sku: `goods-${String(index).padStart(3, '0')}`,
    name: names[index] ?? `Plain Thing ${index}`,
    category: `Aisle ${index % 8}`,
    priceCents: index === yacht ? 900_719_925_474 : 1_999 + index,
    // No picture has the name of a SKU.
    imageUrl: ['/images/honey-jar.svg', '/images/fig-candle.svg', '/images/awning-mug.svg'][index % 3] ?? '',
    onHand: 1_000_000,
  }),
);
const skus = goods.map(({ sku }) => sku);

const restock = (shop: Shop, products = goods) => restockWith(shop, products);

async function openWithBasket(page: Page, basketSkus: readonly string[], quantity = 1): Promise<void> {
  await keepBasket(page, basketSkus, quantity);
  await page.goto('/');
  await page.locator('#order.ready').waitFor();
}

async function keepBasket(page: Page, basketSkus: readonly string[], quantity: number): Promise<void> {
  const basket = JSON.stringify(basketSkus.map((sku) => ({ sku, quantity })));
  await page.goto('/');
  await page.evaluate(`localStorage.setItem('nozama.basket.v1', ${JSON.stringify(basket)})`);
}

/** By the list that can be searched. */
async function pickProduct(page: Page, sku: string): Promise<void> {
  const name = goods.find((product) => product.sku === sku)?.name ?? assert.fail();
  await page.getByRole('combobox', { name: 'Product', exact: true }).fill(name);
  await page.getByRole('option', { name }).first().click();
}

const brokenPictures = `[...document.images].filter((image) => image.loading !== 'lazy' &&
  !(image.complete && image.naturalWidth > 0)).map((image) => image.src)`;

browserTest('pictures are the catalogue’s own, whatever the SKUs are', async ({ shop, visit }) => {
  await restock(shop);
  const { page } = await visit();
  await openWithBasket(page, skus.slice(0, 3));
  await page.waitForLoadState('networkidle');
  assert.equal(await page.locator('.order-line img').count(), 3);
  assert.deepEqual(await page.evaluate(brokenPictures), []);
  await fillCustomer(page);
  await placeOrder(page);
  await page.waitForLoadState('networkidle');
  assert.equal(await page.locator('.receipt-lines img').count(), 3);
  assert.deepEqual(await page.evaluate(brokenPictures), []);
});

/** How far the page, or a control within the order's card, sticks out to the right. */
const overhang = `Math.max(
  document.documentElement.scrollWidth - document.documentElement.clientWidth,
  ...[...document.querySelectorAll('#order :is(input:not([type=hidden]), select, button, output), .receipt *')]
    .filter((each) => each.checkVisibility())
    .map((each) => each.getBoundingClientRect().right - each.closest('#order, .receipt').getBoundingClientRect().right))`;

browserTest('nothing sticks out, however long the names and high the prices', async ({ shop, visit }) => {
  await restock(shop);
  const long = skus.slice(0, names.length);
  const total = 900 * goods.slice(0, names.length).reduce((sum, { priceCents }) => sum + priceCents, 0);
  const order = await place(shop.url, {
    customer_name: 'W'.repeat(200),
    street_address: 'x'.repeat(200),
    city: 'y'.repeat(200),
    lines: long.map((sku) => ({ sku, quantity: 900 })),
  });
  const { page } = await visit({ refusalsExpected: true });
  // 640 px is what a screen of 1280 shows at a zoom of 200 %.
  for (const width of [360, 390, 640, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const sku of long) {
      await page.goto(`/?product=${sku}`);
      assert.ok((await page.evaluate<number>(overhang)) <= 0, `${sku} at ${width} px`);
    }
    await openWithBasket(page, long, 900);
    assert.equal(await page.locator('#order-total').innerText(), formatCents(total));
    assert.ok((await page.evaluate<number>(overhang)) <= 0, `a basket at ${width} px`);
    await page.goto(order.confirmation_url);
    assert.ok((await page.evaluate<number>(overhang)) <= 0, `a receipt at ${width} px`);
    const title = await page.locator('h1').boundingBox();
    assert.ok(title !== null && title.height < 200, 'a name is not the whole page');
  }
});

browserTest('the 51st product is refused with a word, not left out', async ({ shop, visit }) => {
  await restock(shop);
  const { page } = await visit();
  await openWithBasket(page, skus.slice(10, 60));
  await fillCustomer(page);
  const full = /One order holds up to 50 different products/;
  const [first = '', another = '', third = ''] = skus.slice(100, 103);
  const choose = (sku: string) => pickProduct(page, sku);

  await choose(first);
  assert.match(await page.locator('#error-product_name').innerText(), full);
  assert.equal(await page.locator('#order-total').innerText(), '—');
  await placeButton(page).click();
  assert.match(await page.locator('#error-product_name').innerText(), full);
  assert.equal(await page.evaluate('document.activeElement.id'), 'field-product_name');
  await page.getByRole('button', { name: 'Another product' }).click();
  assert.match(await page.locator('#error-product_name').innerText(), full);
  await page.locator(`[data-sku="${another}"] [data-add]`).click();
  assert.match(await page.locator('#toast').innerText(), full);
  assert.equal(await page.locator('.order-line').count(), 50);

  // More units of a chosen product always fit. Once a product is taken off, the refused one fits too.
  await choose(skus[10] ?? '');
  assert.equal(await page.locator('#error-product_name').innerText(), '');
  await choose(third);
  await page.locator('.order-line .remove').first().click();
  assert.equal(await page.locator('#error-product_name').innerText(), '');
  await placeOrder(page);
  const lines = await receiptLines(page);
  assert.equal(lines.length, 50);
  assert.match(lines.at(-1) ?? '', /^Plain Thing 102 1 × /);
});

browserTest('more of a product than an order may hold is refused, not cut', async ({ shop, visit }) => {
  await restock(shop);
  const { page } = await visit();
  await openWithBasket(page, [skus[10] ?? ''], 9_000);
  await pickProduct(page, skus[10] ?? '');
  await page.getByLabel('Quantity', { exact: true }).fill('1001');
  assert.equal(await page.locator('#order-total').innerText(), '—');
  await placeButton(page).click();
  assert.match(await page.locator('#error-quantity').innerText(), /up to 10,000 of a product.*9,000/);
  await page.getByLabel('Quantity', { exact: true }).fill('1000');
  assert.equal(await page.locator('#error-quantity').innerText(), '');
  assert.equal(await page.locator('#basket-count').innerText(), '10,000');
});

browserTest(
  'however long the order, its button stays in sight and covers no field',
  async ({ shop, visit }) => {
    await restock(shop);
    const { page } = await visit({ viewport: wide });
    await openWithBasket(page, skus.slice(0, 50));
    const isInSight = async () => {
      const box = await placeButton(page).boundingBox();
      return box !== null && box.y >= 0 && box.y + box.height <= wide.height;
    };
    assert.ok(await isInSight(), 'at the top');
    await page.mouse.move(300, 400);
    await page.mouse.wheel(0, 900);
    await until(() => page.evaluate<boolean>('scrollY > 800'), 'scrolling');
    assert.ok(await isInSight(), 'while looking at the counter');
    for (const label of ['Full name', 'ZIP code', 'Email']) {
      await page.getByLabel(label).focus();
      const field = await page.getByLabel(label).boundingBox();
      const bar = await page.locator('.order-end').boundingBox();
      assert.ok(
        field !== null && bar !== null && field.y + field.height <= bar.y,
        `${label}: ${JSON.stringify([field, bar])}`,
      );
    }
    assert.deepEqual(await axeViolations(page), []);
  },
);

browserTest('of 200 products the page shows one page, on a desk and on a phone', async ({ shop, visit }) => {
  await restock(shop);
  for (const viewport of [wide, narrow]) {
    const { page, layoutShift } = await visit({ viewport });
    await page.goto('/', { waitUntil: 'networkidle' });
    assert.equal(await page.locator('.product-card').count(), 48);
    assert.ok(layoutShift() <= 0.02, String(layoutShift()));
    assert.deepEqual(await axeViolations(page), []);
  }
});

browserTest('a receipt of 50 lines prints on two sheets, one of 20 on one', async ({ shop, visit }) => {
  await restock(shop);
  const { page } = await visit({ colorScheme: 'dark' });
  for (const [count, sheets] of [
    [50, 2],
    [20, 1],
  ] as const) {
    const lines = skus.slice(10, 10 + count).map((sku) => ({ sku, quantity: 12 }));
    await page.goto((await place(shop.url, { lines })).confirmation_url);
    for (const format of ['Letter', 'A4']) {
      const pdf = (await page.pdf({ format, preferCSSPageSize: false })).toString('latin1');
      assert.ok(
        (pdf.match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 99) <= sheets,
        `${count} lines on ${format}`,
      );
    }
  }
});

browserTest(
  'a product of an old basket that is no longer sold is shown as left out',
  async ({ shop, visit }) => {
    await restock(shop);
    const { page } = await visit();
    await openWithBasket(page, ['tent-4p']);
    assert.match(
      await page.locator('.order-line').innerText(),
      /No longer in the shop; left out of your order/,
    );
    await placeButton(page).click();
    assert.equal(await page.locator('#error-product_name').innerText(), 'Choose a product first.');
    assert.deepEqual(await axeViolations(page), []);
  },
);

browserTest(
  'an empty shop says so and shows no form, also to a browser with an old basket',
  async ({ shop, visit }) => {
    await restock(shop, []);
    const { page } = await visit();
    await keepBasket(page, ['tent-4p'], 1);
    await page.goto('/');
    assert.ok(await page.getByText('Nothing on the counter right now.').isVisible());
    assert.equal(await page.getByRole('heading', { name: 'On the counter' }).count(), 0);
    assert.equal(await page.locator('form, .js-only').count(), 0);
    assert.deepEqual(await axeViolations(page), []);
  },
);
