/** A shop with more products than its page shows: they are searched, and the drop-down becomes a combobox. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Product } from '../../src/domain/product.ts';
import { aProduct } from '../builders.ts';
import { until } from '../journeys/behind-the-service.ts';
import { restock } from './restock.ts';
import {
  axeViolations,
  browserTest,
  fillCustomer,
  follow,
  narrow,
  placeOrder,
  receiptLines,
  wide,
} from './shop-visit.ts';

const goods: readonly Product[] = Array.from({ length: 300 }, (_, index) =>
  aProduct({
    sku: `goods-${String(index).padStart(3, '0')}`,
    name:
      index === 250
        ? 'Crème brûlée torch'
        : index === 251
          ? 'إبريق شاي “صغير”'
          : `Plain Thing ${String(index).padStart(3, '0')}`,
    category: index >= 250 ? 'Kitchen' : `Aisle ${index % 4}`,
    description:
      index === 250 ? 'Burns sugar well. '.repeat(200) : `What there is to say about number ${index}.`,
    priceCents: index === 252 ? 0 : index === 253 ? 100_000_000 : 1_000 + index,
    imageUrl: '/images/honey-jar.svg',
    onHand: index === 254 ? 0 : 100,
  }),
);

const combobox = (page: Page) => page.getByRole('combobox', { name: 'Product', exact: true });
const options = (page: Page) => page.locator('#product-options [role=option]');
const cards = (page: Page) => page.locator('.product-card');

async function openShopPage(page: Page, path = '/'): Promise<void> {
  await page.goto(path);
  await page.locator('#order.ready').waitFor();
}

browserTest('a product is found and ordered by keyboard alone', async ({ shop, visit }) => {
  await restock(shop, goods);
  const { page, layoutShift } = await visit();
  await openShopPage(page);
  assert.equal(await page.locator('select#chosen-product').isVisible(), false);
  await combobox(page).focus();
  assert.equal(await combobox(page).getAttribute('aria-expanded'), 'false');
  await page.keyboard.press('ArrowDown');
  assert.equal(await combobox(page).getAttribute('aria-expanded'), 'true');
  assert.equal(await options(page).count(), 20);
  assert.equal(await combobox(page).getAttribute('aria-activedescendant'), 'product-option-0');
  await page.keyboard.press('Escape');
  assert.equal(await combobox(page).getAttribute('aria-expanded'), 'false');
  const before = await combobox(page).inputValue();

  await combobox(page).fill('brulee');
  await options(page).getByText('Crème brûlée torch').waitFor();
  assert.equal(await options(page).count(), 1);
  await page.keyboard.press('Escape');
  assert.equal(await combobox(page).inputValue(), before, 'what was not chosen is no product');

  await combobox(page).fill('thing 12');
  await options(page).getByText('Plain Thing 120').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  assert.equal(
    await combobox(page).getAttribute('aria-activedescendant'),
    'product-option-9',
    'round and round',
  );
  await page.keyboard.press('Enter');
  assert.equal(await combobox(page).inputValue(), 'Plain Thing 129');
  assert.equal(await combobox(page).getAttribute('aria-activedescendant'), null);
  assert.equal(await page.locator('#stage-name').innerText(), 'Plain Thing 129');
  assert.equal(await page.locator('#order-total').innerText(), '$11.29');
  await fillCustomer(page);
  await placeOrder(page);
  assert.deepEqual(await receiptLines(page), ['Plain Thing 129 1 × $11.29 $11.29']);
  assert.ok(layoutShift() <= 0.02, String(layoutShift()));
});

browserTest(
  'Enter in the open list never sends the order, and what is sold out is not chosen',
  async ({ shop, visit }) => {
    await restock(shop, goods);
    const { page } = await visit();
    await openShopPage(page);
    await fillCustomer(page);
    const before = await combobox(page).inputValue();
    await combobox(page).fill('254');
    await options(page).getByText('Plain Thing 254').waitFor();
    assert.match(await options(page).innerText(), /Sold out/);
    await page.keyboard.press('Enter');
    await options(page).click({ force: true });
    await combobox(page).fill('no such thing');
    await page.keyboard.press('Enter');
    await page.locator('#product-options').getByText('Nothing we sell goes by “no such thing”.').waitFor();
    await page.keyboard.press('Enter');
    await combobox(page).fill('thing');
    await options(page).getByText('Plain Thing 000').waitFor();
    await page.keyboard.press('Enter');
    assert.equal(new URL(page.url()).pathname, '/');
    await page.getByLabel('Full name').focus();
    assert.equal(await combobox(page).inputValue(), before);
  },
);

browserTest('the newest answer wins, however late an older one comes', async ({ shop, visit }) => {
  await restock(shop, goods);
  const { page } = await visit();
  await openShopPage(page);
  let isHeld = false;
  await page.route(/[?&]q=brulee/, async (route) => {
    isHeld = true;
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await route.continue().catch(() => undefined);
  });
  for (const [field, shown] of [
    [combobox(page), options(page)],
    [page.getByLabel('Find a product'), cards(page)],
  ] as const) {
    isHeld = false;
    await field.fill('brulee');
    await until(async () => isHeld, 'the first question');
    await field.fill('thing 007');
    await until(async () => (await shown.count()) === 1, 'one product');
    assert.match(await shown.innerText(), /Plain Thing 007/);
    await page.waitForTimeout(1_500);
    assert.match(await shown.innerText(), /Plain Thing 007/);
    await page.keyboard.press('Escape');
  }
});

browserTest(
  'the counter follows what is typed and chosen, and its address tells it',
  async ({ shop, visit }) => {
    await restock(shop, goods);
    const { page } = await visit();
    await openShopPage(page);
    const picked = await combobox(page).inputValue();
    assert.equal(await cards(page).count(), 48);
    await page.getByLabel('Find a product').fill('brûlée');
    await until(async () => (await cards(page).count()) === 1, 'one card');
    assert.match(page.url(), /\?q=br%C3%BBl%C3%A9e/);
    assert.equal(await page.locator('#found').innerText(), '1 product');
    assert.equal(await combobox(page).inputValue(), picked, 'the order stays as it is');
    await cards(page).locator('.card-link').click();
    assert.equal(await page.locator('#stage-name').innerText(), 'Crème brûlée torch');
    assert.equal(await combobox(page).inputValue(), 'Crème brûlée torch');
    await page.locator('#stage-more summary').click();
    await until(
      async () => (await page.locator('#stage-rest').innerText()).length > 3_000,
      'the rest of the words',
    );

    await page.getByLabel('Find a product').fill('xyzzy');
    await page.getByText('Nothing we sell goes by “xyzzy”.').waitFor();
    await page.getByLabel('Find a product').fill('');
    await page.getByLabel('Category').selectOption('Kitchen');
    await until(async () => (await cards(page).count()) === 48, 'the first of the category');
    await page.getByLabel('Sort by').selectOption('cheapest');
    await until(async () => /\$0\.00/.test(await cards(page).first().innerText()), 'the cheapest first');
    await page.getByRole('link', { name: 'More products' }).click();
    await until(async () => (await cards(page).count()) === 50, 'all of the category');
    assert.match(await cards(page).last().innerText(), /\$1,000,000\.00/);
    assert.equal(await page.getByRole('link', { name: 'More products' }).count(), 0);
    await cards(page).last().locator('[data-add]').click();
    await page.locator('.order-line').getByText('Plain Thing 253').waitFor();

    await page.reload();
    await page.locator('#order.ready').waitFor();
    assert.equal(await page.getByLabel('Category').inputValue(), 'Kitchen');
    assert.match(await cards(page).first().innerText(), /\$0\.00/);
    await page.route(/category=Aisle/, (route) => route.abort());
  },
);

browserTest('a search without an answer says so and keeps the cards', async ({ shop, visit }) => {
  await restock(shop, goods);
  const { page } = await visit({ refusalsExpected: true });
  await openShopPage(page);
  await page.route(/[?&]q=/, (route) => route.abort());
  await page.getByLabel('Find a product').fill('thing');
  await page.locator('#found', { hasText: 'no answer' }).waitFor();
  assert.equal(await cards(page).count(), 48);
  await combobox(page).fill('thing');
  await page.locator('#product-options', { hasText: 'no answer' }).waitFor();
});

browserTest(
  'without scripts a form searches, links lead on, and a card picks its product',
  async ({ shop, visit }) => {
    await restock(shop, goods);
    const { page } = await visit({ javaScriptEnabled: false });
    await page.goto('/');
    await page.getByLabel('Find a product').fill('kitchen thing');
    await follow(page, page.getByRole('button', { name: 'Search' }));
    assert.match(page.url(), /q=kitchen\+thing&category=&sort=name#counter-title$/);
    assert.equal(await cards(page).count(), 48);
    assert.equal(await page.getByLabel('Find a product').inputValue(), 'kitchen thing');
    await page.goBack();
    await page.getByLabel('Category').selectOption('Kitchen');
    await follow(page, page.getByRole('button', { name: 'Search' }));
    await follow(page, page.getByRole('link', { name: 'More products' }));
    assert.equal(await cards(page).count(), 2);
    await page.getByRole('link', { name: 'First page' }).waitFor();
    await follow(page, cards(page).last().locator('.card-link'));
    assert.equal(await page.getByLabel('Product', { exact: true }).inputValue(), 'goods-251');
    await fillCustomer(page);
    await placeOrder(page);
    assert.deepEqual(await receiptLines(page), ['إبريق شاي “صغير” 1 × $12.51 $12.51']);
  },
);

for (const colorScheme of ['light', 'dark'] as const) {
  browserTest(`axe-core is content with a large catalogue, ${colorScheme}`, async ({ shop, visit }) => {
    await restock(shop, goods);
    for (const viewport of [wide, narrow]) {
      const { page, layoutShift } = await visit({ viewport, colorScheme });
      await openShopPage(page);
      assert.deepEqual(await axeViolations(page), [], 'first view');
      await combobox(page).fill('thing');
      await options(page).first().waitFor();
      await page.keyboard.press('ArrowDown');
      assert.deepEqual(await axeViolations(page), [], 'an open list');
      const small = await page.evaluate<string[]>(`[...document.querySelectorAll(
          '#finder :is(input, select, button), #found-link a, #pager a, #product-options [role=option], .picker input')]
        .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44).map((each) => each.outerHTML)`);
      assert.deepEqual(small, [], 'large enough to be tapped');
      await page.keyboard.press('Escape');
      await page.getByLabel('Find a product').fill('xyzzy');
      await page.locator('#nothing-found p').waitFor();
      assert.deepEqual(await axeViolations(page), [], 'nothing found');
      assert.ok(layoutShift() <= 0.02, String(layoutShift()));
    }
  });
}

browserTest('on a phone, what is found is a tap away from where it was typed', async ({ shop, visit }) => {
  await restock(shop, goods);
  const { page } = await visit({ viewport: narrow });
  await openShopPage(page);
  await page.getByLabel('Find a product').fill('thing 01');
  const link = page.getByRole('link', { name: '10 products' });
  await link.waitFor();
  const box = await link.boundingBox();
  assert.ok(box !== null && box.y + box.height < narrow.height, 'in the first view');
  await link.click();
  assert.ok(
    await page.evaluate<boolean>(
      "document.getElementById('counter-title').getBoundingClientRect().top < 100",
    ),
  );
});
