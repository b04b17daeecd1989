/** The shop as a plain form: everything but the basket works with scripts off. */
import assert from 'node:assert/strict';
import { place, ranking } from '../journeys/shop-client.ts';
import {
  browserTest,
  chooseProduct,
  fillCustomer,
  follow,
  placeButton,
  placeOrder,
  popularProducts,
  receiptLines,
} from './shop-visit.ts';

const noScripts = { javaScriptEnabled: false } as const;

browserTest('an order without scripts ends on its confirmation', async ({ shop, visit }) => {
  await place(shop.url, { state: 'TX', lines: [{ sku: 'awning-mug', quantity: 1 }] });
  await place(shop.url, { state: 'TX', lines: [{ sku: 'awning-mug', quantity: 1 }] });
  const { page } = await visit(noScripts);
  await page.goto('/');
  for (const scriptOnly of ['#basket-link', '#add-another', '[data-add]', '#quantity-more', '.order-total']) {
    assert.equal(await page.locator(scriptOnly).first().isVisible(), false, scriptOnly);
  }
  await chooseProduct(page, 'tent-4p', 3);
  await fillCustomer(page);
  await placeOrder(page);
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'Thank you, Ada Lovelace!');
  assert.deepEqual(await receiptLines(page), ['Sundown Four-Person Tent 3 × $199.99 $599.97']);
  assert.deepEqual(await popularProducts(page), [
    'Market Awning Mug Ordered 2 times',
    'Sundown Four-Person Tent Ordered once',
  ]);
  assert.equal(await page.getByRole('button', { name: 'Print receipt' }).isVisible(), false);
});

browserTest(
  'mistakes without scripts stand beside their fields, and what was typed is kept',
  async ({ shop, visit }) => {
    const { page } = await visit({ ...noScripts, refusalsExpected: true });
    await page.goto('/');
    await chooseProduct(page, 'wool-throw');
    await page.getByLabel('Quantity', { exact: true }).fill('1.5');
    await fillCustomer(page, { name: '  ', zip: '123', email: 'nowhere' });
    await follow(page, placeButton(page));
    await page.locator('#error-summary').waitFor();
    for (const name of ['quantity', 'customer_name', 'zip_code', 'email']) {
      assert.ok((await page.locator(`#error-${name}`).innerText()).length > 10, name);
      assert.equal(await page.locator(`#field-${name}`).getAttribute('aria-invalid'), 'true');
    }
    assert.equal(await page.locator('#error-summary a').count(), 4);
    assert.equal(await page.locator('#error-customer_name').innerText(), 'Enter your full name.');
    assert.match(await page.locator('#error-zip_code').innerText(), /^Enter 5 digits/);
    assert.equal(await page.evaluate('document.activeElement.id'), 'error-summary');
    assert.equal(await page.getByLabel('Quantity', { exact: true }).inputValue(), '1.5');
    assert.equal(await page.getByLabel('Street address').inputValue(), '12 Analytical Way');
    assert.equal(await page.getByLabel('State', { exact: true }).inputValue(), 'TX');
    assert.match(await page.getByLabel('Product', { exact: true }).inputValue(), /^wool-throw$/);

    await page.getByLabel('Quantity', { exact: true }).fill('2');
    await fillCustomer(page);
    await placeOrder(page);
    assert.deepEqual(await ranking(shop.url, 'TX'), ['wool-throw 1 2']);
  },
);

browserTest('a double click without scripts makes one order', async ({ shop, visit }) => {
  const { page } = await visit(noScripts);
  await page.goto('/?product=tent-4p');
  await fillCustomer(page);
  await placeButton(page).dblclick();
  await page.waitForURL(/\/orders\//);
  assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
});

browserTest('the form sent again after the confirmation leads to the same order', async ({ shop, visit }) => {
  const { page } = await visit(noScripts);
  await page.goto('/?product=tent-4p');
  const key = await page.locator('[name=idempotency_key]').getAttribute('value');
  await fillCustomer(page);
  await placeOrder(page);
  const first = page.url();
  const answer = await page.request.post('/', {
    form: {
      idempotency_key: key ?? '',
      product_name: 'Sundown Four-Person Tent',
      quantity: '1',
      customer_name: 'Ada Lovelace',
      street_address: '12 Analytical Way',
      city: 'Austin',
      state: 'TX',
      zip_code: '78701',
      email: 'ada@example.com',
    },
    maxRedirects: 0,
  });
  assert.equal(answer.status(), 303);
  assert.equal(new URL(answer.headers()['location'] ?? '', first).pathname, new URL(first).pathname);
  assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
});

browserTest(
  'stock that others have bought meanwhile is said beside the quantity',
  async ({ shop, visit }) => {
    const { page } = await visit({ ...noScripts, refusalsExpected: true });
    await page.goto('/?product=reading-chair');
    await page.getByLabel('Quantity', { exact: true }).fill('3');
    await fillCustomer(page);
    await place(shop.url, { state: 'CA', lines: [{ sku: 'reading-chair', quantity: 2 }] });
    await follow(page, placeButton(page));
    await page.locator('#error-quantity', { hasText: 'Only 1' }).waitFor();
    assert.equal(await page.getByLabel('Full name').inputValue(), 'Ada Lovelace');
    await page.getByLabel('Quantity', { exact: true }).fill('1');
    await placeOrder(page);
    assert.deepEqual(await receiptLines(page), ['Long Chapter Reading Chair 1 × $399.99 $399.99']);
  },
);

browserTest('what has sold out meanwhile is said beside the product', async ({ shop, visit }) => {
  const { page } = await visit({ ...noScripts, refusalsExpected: true });
  await page.goto('/?product=reading-chair');
  await fillCustomer(page);
  await place(shop.url, { state: 'CA', lines: [{ sku: 'reading-chair', quantity: 3 }] });
  await follow(page, placeButton(page));
  await page.locator('#error-product_name', { hasText: 'sold out' }).waitFor();
  assert.equal(await page.getByLabel('Product', { exact: true }).inputValue(), '');
});
