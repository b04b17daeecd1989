/** The pages that a shopper sees when the shop is too busy or can't store orders, and when it can again. */
import assert from 'node:assert/strict';
import { holdWriteLock, takeAwayTable, until } from '../journeys/behind-the-service.ts';
import type { Shop } from '../journeys/open-shop.ts';
import {
  type Answer,
  anOrder,
  get,
  jsonOf,
  place,
  postForm,
  postOrder,
  ranking,
} from '../journeys/shop-client.ts';
import { axeViolations, browserTest, fillCustomer, follow, placeButton, receiptLines } from './shop-visit.ts';

const smallQueue = { QUEUE_DEPTH_MAX: '1' };

/** The shop's store is held up and its queue is full, for as long as `use` runs; then all of it is taken. */
async function whileFull(shop: Shop, use: () => Promise<void>): Promise<void> {
  const lock = holdWriteLock(shop.file);
  let accepted: Promise<Answer> | undefined;
  try {
    accepted = postOrder(shop.url, anOrder({ state: 'CA' }), 'other');
    await until(async () => jsonOf(await get(`${shop.url}/readyz`)).checks.queue === 'full', 'a full queue');
    await use();
  } finally {
    lock.release();
  }
  const answer = await accepted;
  assert.equal(answer?.status, 201, answer?.text);
}

const productForm = {
  product_name: 'Sundown Four-Person Tent',
  quantity: '1',
  customer_name: 'Grace Hopper',
  street_address: '1 Harbor Way',
  state: 'TX',
  zip_code: '78701',
};

browserTest(
  'a shop that is too full says so, keeps everything, and can be asked again',
  async ({ shop, visit }) => {
    const { page } = await visit({ refusalsExpected: true });
    await page.goto('/?product=tent-4p');
    await fillCustomer(page);
    const notice = page.locator('#order-notice');
    await whileFull(shop, async () => {
      const answered = page.waitForResponse('**/api/v1/orders');
      await placeButton(page).click();
      assert.equal((await answered).status(), 503);
      await notice.getByText('Nothing you typed is lost', { exact: false }).waitFor();
      assert.equal(await placeButton(page).getAttribute('aria-disabled'), null);
      assert.equal(await page.getByLabel('Street address').inputValue(), '12 Analytical Way');
      assert.equal(await page.evaluate('document.activeElement.textContent'), 'Try again');
    });
    await notice.getByRole('button', { name: 'Try again' }).click();
    await page.waitForURL(/\/orders\//);
    assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
  },
  smallQueue,
);

browserTest(
  'a full shop without scripts gives the form back as it was sent, to be sent again',
  async ({ shop, visit }) => {
    const { page } = await visit({ javaScriptEnabled: false, refusalsExpected: true });
    await page.goto('/?product=tent-4p');
    await page.getByLabel('Quantity', { exact: true }).fill('3');
    await fillCustomer(page);
    const key = page.locator('[name=idempotency_key]');
    const keyBefore = await key.getAttribute('value');
    await whileFull(shop, async () => {
      const answered = page.waitForResponse((response) => response.request().method() === 'POST');
      await placeButton(page).click();
      const answer = await answered;
      assert.equal(answer.status(), 503);
      assert.match(answer.headers()['retry-after'] ?? '', /^[1-9]\d*$/);
      await page.getByText('your order was not taken yet', { exact: false }).waitFor();
      assert.equal(await page.getByLabel('Full name').inputValue(), 'Ada Lovelace');
      assert.equal(await page.getByLabel('Quantity', { exact: true }).inputValue(), '3');
      assert.equal(await key.getAttribute('value'), keyBefore);

      // A program that sends a form and asks for JSON gets no page.
      const program = await postForm(`${shop.url}/`, productForm, { accept: 'application/json' });
      assert.equal(program.status, 503);
      assert.equal(jsonOf(program).code, 'overloaded');
    });
    await placeButton(page).click();
    await page.waitForURL(/\/orders\//);
    assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 3']);
  },
  smallQueue,
);

browserTest(
  'an order book that is held up too long costs nothing that was typed',
  async ({ shop, visit }) => {
    const { page } = await visit({ javaScriptEnabled: false, refusalsExpected: true });
    await page.goto('/?product=tent-4p');
    await fillCustomer(page);
    const lock = holdWriteLock(shop.file);
    try {
      await placeButton(page).click({ noWaitAfter: true });
      await page.getByText('We can’t reach our order book', { exact: false }).waitFor({ timeout: 20_000 });
      assert.equal(await page.getByLabel('Street address').inputValue(), '12 Analytical Way');
    } finally {
      lock.release();
    }
    await placeButton(page).click();
    await page.waitForURL(/\/orders\//);
    assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
  },
);

for (const colorScheme of ['light', 'dark'] as const) {
  browserTest(
    `a receipt that can’t be read is an outage, never “not found”: ${colorScheme}`,
    async ({ shop, visit }) => {
      const order = await place(shop.url);
      const { page } = await visit({ colorScheme, refusalsExpected: true });
      const orders = takeAwayTable(shop.file, 'orders');
      const answer = await page.goto(order.confirmation_url);
      assert.equal(answer?.status(), 503);
      assert.match(answer?.headers()['retry-after'] ?? '', /^[1-9]\d*$/);
      assert.equal(
        await page.getByRole('heading', { level: 1 }).innerText(),
        'We can’t reach our order book',
      );
      assert.deepEqual(await axeViolations(page), []);
      orders.putBack();
      await follow(page, page.getByRole('link', { name: 'Try again' }));
      // The key is still in the address: it is the link that came with the order.
      await page.getByRole('heading', { level: 1, name: 'Thank you, Ada Lovelace!' }).waitFor();
      assert.deepEqual(await receiptLines(page), ['Sundown Four-Person Tent 1 × $199.99 $199.99']);
    },
  );
}

browserTest('a shop whose shelves can’t be read says so, and opens again', async ({ shop, visit }) => {
  const { page } = await visit({ refusalsExpected: true });
  const products = takeAwayTable(shop.file, 'products');
  assert.equal((await page.goto('/'))?.status(), 503);
  products.putBack();
  await follow(page, page.getByRole('link', { name: 'Try again' }));
  await page.getByRole('heading', { level: 1, name: 'What would you like?' }).waitFor();
});
