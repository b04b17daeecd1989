/** Ordering with scripts on: from the shop page to the confirmation. */
import assert from 'node:assert/strict';
import { inStock, place, ranking } from '../journeys/shop-client.ts';
import {
  browserTest,
  chooseProduct,
  fillCustomer,
  follow,
  narrow,
  placeButton,
  placeOrder,
  popularProducts,
  receiptLines,
} from './shop-visit.ts';

browserTest('an order ends on its confirmation, with the top three of its state', async ({ shop, visit }) => {
  const order = (sku: string, state: string, quantity = 1) =>
    place(shop.url, { state, lines: [{ sku, quantity }] });
  // By orders: kettle 3, then mug and tent 2 each with the order below; candle has units, but one order.
  for (const sku of [
    'kettle-enamel',
    'kettle-enamel',
    'kettle-enamel',
    'awning-mug',
    'awning-mug',
    'tent-4p',
  ]) {
    await order(sku, 'TX');
  }
  await order('fig-candle', 'TX', 500);
  for (let i = 0; i < 5; i += 1) await order('dutch-oven', 'OK');

  const { page } = await visit();
  await page.goto('/');
  assert.match(await page.title(), /Nozama/);
  await chooseProduct(page, 'tent-4p', 2);
  assert.equal(await page.locator('#order-total').innerText(), '$399.98');
  assert.equal(await placeButton(page).innerText(), 'Place order · $399.98');
  await fillCustomer(page);
  await placeOrder(page);

  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'Thank you, Ada Lovelace!');
  assert.deepEqual(await receiptLines(page), ['Sundown Four-Person Tent 2 × $199.99 $399.98']);
  assert.equal(await page.locator('.receipt-total strong').innerText(), '$399.98');
  assert.equal(
    await page.locator('address').innerText(),
    'Ada Lovelace\n12 Analytical Way\nAustin, Texas 78701\nada@example.com',
  );
  assert.deepEqual(await popularProducts(page), [
    'Daisy Enamel Kettle Ordered 3 times',
    // A tie in orders: the tent has more units.
    'Sundown Four-Person Tent Ordered 2 times',
    'Market Awning Mug Ordered 2 times',
  ]);
  assert.equal(await page.locator('.popular img').count(), 3);
  assert.equal(
    await page.evaluate('[...document.images].every((image) => image.complete && image.naturalWidth > 0)'),
    true,
  );
});

browserTest('one order holds several products from cards and drop-down', async ({ shop, visit }) => {
  const { page } = await visit();
  await page.goto('/');
  const add = (name: string) => page.getByRole('button', { name: `Add ${name} to your order` }).click();
  await add('Market Awning Mug');
  await add('Market Awning Mug');
  await add('Fig & Amber Candle');
  await chooseProduct(page, 'tent-4p', 1);
  assert.equal(await page.locator('#basket-count').innerText(), '4');
  assert.equal(await page.locator('#order-total').innerText(), '$247.74');

  // The basket stays with the browser.
  await page.reload();
  assert.equal(await page.locator('#basket-count').innerText(), '3');
  await page.getByRole('textbox', { name: 'Quantity of Fig & Amber Candle' }).fill('3');
  await page.getByRole('button', { name: 'Remove Market Awning Mug' }).click();
  await chooseProduct(page, 'tent-4p', 1);
  assert.equal(await page.locator('#order-total').innerText(), '$256.24');
  await fillCustomer(page);
  await placeOrder(page);

  assert.deepEqual(await receiptLines(page), [
    'Fig & Amber Candle 3 × $18.75 $56.25',
    'Sundown Four-Person Tent 1 × $199.99 $199.99',
  ]);
  assert.deepEqual(await ranking(shop.url, 'TX'), ['fig-candle 1 3', 'tent-4p 1 1']);
  await follow(page, page.getByRole('link', { name: 'Back to the shop' }));
  await page.locator('#order.ready').waitFor();
  assert.equal(await page.locator('#order-lines li').count(), 0);
});

browserTest('the drop-down, the cards and a link choose the same product', async ({ visit }) => {
  const { page } = await visit();
  await page.goto('/');
  const stage = page.locator('#stage-name');
  // The dearest that is well in stock is in the window.
  assert.equal(await stage.innerText(), 'Sundown Four-Person Tent');
  await page.getByRole('link', { name: 'Daisy Enamel Kettle' }).click();
  assert.equal(await stage.innerText(), 'Daisy Enamel Kettle');
  assert.match(await page.getByLabel('Product', { exact: true }).inputValue(), /^kettle-enamel$/);
  await page.goto('/?product=wool-throw');
  assert.equal(await stage.innerText(), 'Orchard Wool Throw');
  assert.equal(await page.locator('#order-total').innerText(), '$79.50');
});

browserTest('cards stand by category, the sold-out ones last and not to be had', async ({ visit }) => {
  const { page } = await visit();
  await page.goto('/');
  const categories = await page.locator('.product-card .eyebrow').allInnerTexts();
  assert.equal(categories[0], 'Outdoors');
  const inStockCategories = categories.slice(0, -1);
  assert.equal(
    inStockCategories.filter((category, i) => category !== inStockCategories[i - 1]).length,
    new Set(inStockCategories).size,
  );
  const soldOut = page.locator('.product-card').last();
  assert.match(await soldOut.innerText(), /Porch Song Ukulele[\s\S]*Sold out/);
  assert.equal(await soldOut.getByRole('link').count(), 0);
  assert.equal(await soldOut.getByRole('button').count(), 0);
  assert.ok(await page.locator('option[data-sku="ukulele"]').isDisabled());
  assert.match(await page.locator('.product-card', { hasText: 'Reading Chair' }).innerText(), /Only 3 left/);
});

browserTest('an order by keyboard alone', async ({ shop, visit }) => {
  const { page } = await visit();
  await page.goto('/');
  const focused = () => page.evaluate<string>('document.activeElement?.id ?? ""');
  const tabTo = async (id: string) => {
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await focused()) === id) return;
      assert.notEqual(
        await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'),
        'none',
        `the focus on ${await page.evaluate('document.activeElement.outerHTML.slice(0, 120)')} can't be seen`,
      );
    }
    assert.fail(`no way to ${id} by Tab, from ${await focused()}`);
  };
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the content');
  await page.keyboard.press('Enter');
  await tabTo('field-product_name');
  await page.keyboard.type('Daisy');
  await tabTo('field-quantity');
  await page.keyboard.press('ArrowUp');
  for (const [id, typed] of [
    ['field-customer_name', 'Ada Lovelace'],
    ['field-street_address', '12 Analytical Way'],
    ['field-city', 'Austin'],
    ['field-state', 'Texas'],
    ['field-zip_code', '78701'],
    ['field-email', 'ada@example.com'],
  ] as const) {
    await tabTo(id);
    await page.keyboard.type(typed);
  }
  await tabTo('place-order');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/orders\//);
  assert.deepEqual(await receiptLines(page), ['Daisy Enamel Kettle 2 × $54.50 $109.00']);
  assert.deepEqual(await ranking(shop.url, 'TX'), ['kettle-enamel 1 2']);
});

browserTest('an order on a phone', async ({ shop, visit }) => {
  const { page } = await visit({ viewport: narrow, hasTouch: true, isMobile: true });
  await page.goto('/?product=diamond-kite');
  await page.getByRole('button', { name: 'One more' }).tap();
  await fillCustomer(page, { state: 'PR', zip: '00901-1234' });
  await placeButton(page).tap();
  await page.waitForURL(/\/orders\//);
  assert.match(await page.locator('address').innerText(), /Puerto Rico 00901-1234/);
  assert.deepEqual(await ranking(shop.url, 'PR'), ['diamond-kite 1 2']);
});

browserTest('mistakes stand beside their fields, and the first has the focus', async ({ shop, visit }) => {
  const { page } = await visit({ refusalsExpected: true });
  await page.goto('/?product=tent-4p');
  await page.getByLabel('Full name').fill('Grace');
  await page.getByLabel('ZIP code').fill('123');
  await page.getByLabel('Email').fill('nowhere');
  await placeButton(page).click();
  await page.locator('#field-zip_code[aria-invalid="true"]').waitFor();
  for (const name of ['street_address', 'state', 'zip_code', 'email']) {
    assert.ok((await page.locator(`#error-${name}`).innerText()).length > 10, name);
    assert.equal(await page.locator(`#field-${name}`).getAttribute('aria-describedby'), `error-${name}`);
  }
  assert.equal(await page.locator('#error-customer_name').innerText(), '');
  // In a shopper's terms, not the API's.
  assert.equal(await page.locator('#error-state').innerText(), 'Choose a state from the list.');
  assert.match(await page.locator('#error-zip_code').innerText(), /^Enter 5 digits/);
  assert.equal(await page.evaluate('document.activeElement.id'), 'field-street_address');
  assert.equal(await page.getByLabel('ZIP code').inputValue(), '123');

  // A field that is not on the page has no error.
  await page.getByLabel('ZIP code').fill('');
  await placeButton(page).click();
  await page.locator('#error-zip_code', { hasText: 'Enter your ZIP code.' }).waitFor();

  // A field that is typed anew loses its error.
  await page.getByLabel('ZIP code').fill('78701');
  assert.equal(await page.locator('#error-zip_code').innerText(), '');
  await fillCustomer(page, { name: 'Grace' });
  await placeOrder(page);
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'Thank you, Grace!');
  assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
});

browserTest('a quantity that is none is found before anything is sent', async ({ shop, visit }) => {
  const { page } = await visit();
  await page.goto('/?product=tent-4p');
  await fillCustomer(page);
  for (const typed of ['0', '1.5', 'two', '10001']) {
    await page.getByLabel('Quantity', { exact: true }).fill(typed);
    assert.equal(await page.locator('#order-total').innerText(), '—');
    await placeButton(page).click();
    assert.match(await page.locator('#error-quantity').innerText(), /whole number from 1 to 10,000/);
    assert.equal(await page.evaluate('document.activeElement.id'), 'field-quantity');
  }
  assert.deepEqual(await ranking(shop.url, 'TX'), []);
});

browserTest('stock that others have bought meanwhile: what is left can be taken', async ({ shop, visit }) => {
  const { page } = await visit({ refusalsExpected: true });
  await page.goto('/?product=reading-chair');
  await page.getByLabel('Quantity', { exact: true }).fill('3');
  await fillCustomer(page);
  await place(shop.url, { state: 'CA', lines: [{ sku: 'reading-chair', quantity: 1 }] });
  await placeButton(page).click();
  await page.getByRole('button', { name: 'Take the last 2' }).click();
  assert.equal(await page.locator('#order-total').innerText(), '$799.98');
  assert.equal(await page.locator('#stage-stock').innerText(), 'Only 2 left');
  await placeOrder(page);
  assert.equal(await inStock(shop.url, 'reading-chair'), 0);
});

browserTest(
  'what has sold out meanwhile is said at its line and can be taken off',
  async ({ shop, visit }) => {
    const { page } = await visit({ refusalsExpected: true });
    await page.goto('/');
    await page.getByRole('button', { name: 'Add Long Chapter Reading Chair to your order' }).click();
    await page.getByRole('button', { name: 'Add Market Awning Mug to your order' }).click();
    await fillCustomer(page);
    await place(shop.url, { state: 'CA', lines: [{ sku: 'reading-chair', quantity: 3 }] });
    await placeButton(page).click();
    const chair = page.locator('.order-line', { hasText: 'Reading Chair' });
    await chair.getByText('Long Chapter Reading Chair has just sold out.').waitFor();
    await chair.getByRole('button', { name: 'Take it off the order' }).click();
    await placeOrder(page);
    assert.deepEqual(await receiptLines(page), ['Market Awning Mug 1 × $14.50 $14.50']);
    assert.deepEqual(await ranking(shop.url, 'TX'), ['awning-mug 1 1']);
  },
);
