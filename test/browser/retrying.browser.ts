/** An order is placed once, whatever the fingers and the network do. */
import assert from 'node:assert/strict';
import type { Page, Route } from 'playwright-core';
import { ranking } from '../journeys/shop-client.ts';
import { browserTest, fillCustomer, placeButton, placeOrder, receiptLines } from './shop-visit.ts';

/** Meets the first order on its way; what comes after goes through. Collects the keys of all. */
async function meetFirstOrder(page: Page, meet: (route: Route) => Promise<void>): Promise<readonly string[]> {
  const keys: string[] = [];
  await page.route('**/api/v1/orders', async (route) => {
    keys.push(route.request().headers()['idempotency-key'] ?? '');
    if (keys.length === 1) await meet(route);
    else await route.continue();
  });
  return keys;
}

const cutBefore = (route: Route) => route.abort('connectionreset');

/** The service takes the order, and its answer is lost. */
async function cutAfter(route: Route): Promise<void> {
  await route.fetch();
  await route.abort('connectionreset');
}

async function openTent(page: Page): Promise<void> {
  await page.goto('/?product=tent-4p');
  await fillCustomer(page);
}

const notice = (page: Page) => page.locator('#order-notice');

browserTest('a double click makes one order', async ({ shop, visit }) => {
  const { page } = await visit();
  await openTent(page);
  const keys: string[] = [];
  await page.route('**/api/v1/orders', async (route) => {
    keys.push(route.request().headers()['idempotency-key'] ?? '');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue();
  });
  await placeButton(page).dblclick();
  assert.equal(await placeButton(page).innerText(), 'Placing order…');
  assert.equal(await placeButton(page).getAttribute('aria-disabled'), 'true');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/orders\//);
  assert.equal(keys.length, 1);
  assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
});

for (const [when, cut] of [
  ['before it arrived', cutBefore],
  ['after it was taken', cutAfter],
] as const) {
  browserTest(`a connection cut ${when}: trying again makes one order`, async ({ shop, visit }) => {
    const { page } = await visit({ refusalsExpected: true });
    await openTent(page);
    const keys = await meetFirstOrder(page, cut);
    await placeButton(page).click();
    await notice(page).getByText('Nothing you typed is lost').waitFor();
    assert.equal(await page.getByLabel('Full name').inputValue(), 'Ada Lovelace');
    await notice(page).getByRole('button', { name: 'Try again' }).click();
    await page.waitForURL(/\/orders\//);
    assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), 'Thank you, Ada Lovelace!');
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
    assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
  });
}

browserTest(
  'an answer lost, then the page reloaded: trying again makes one order',
  async ({ shop, visit }) => {
    const { page } = await visit({ refusalsExpected: true });
    await openTent(page);
    const keys = await meetFirstOrder(page, cutAfter);
    await placeButton(page).click();
    await notice(page).getByRole('button', { name: 'Try again' }).waitFor();
    await page.reload();
    assert.equal(await page.getByLabel('Full name').inputValue(), 'Ada Lovelace');
    await notice(page).getByRole('button', { name: 'Try again' }).click();
    await page.waitForURL(/\/orders\//);
    assert.equal(keys[0], keys[1]);
    assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
  },
);

async function loseAnswerThenEdit(page: Page): Promise<void> {
  await openTent(page);
  await meetFirstOrder(page, cutAfter);
  await placeButton(page).click();
  await notice(page).getByRole('button', { name: 'Try again' }).waitFor();
  await page.getByLabel('Quantity', { exact: true }).fill('2');
  await placeButton(page).click();
  await notice(page)
    .getByText('We don’t know yet whether the first one got through', { exact: false })
    .waitFor();
}

browserTest(
  'an answer lost, then the order edited: the first can be sent again, unchanged',
  async ({ shop, visit }) => {
    const { page } = await visit({ refusalsExpected: true });
    await loseAnswerThenEdit(page);
    assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
    await notice(page).getByRole('button', { name: 'Send the first one again, unchanged' }).click();
    await page.waitForURL(/\/orders\//);
    assert.deepEqual(await receiptLines(page), ['Sundown Four-Person Tent 1 × $199.99 $199.99']);
    assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
  },
);

browserTest(
  'an answer lost, then the order edited: both are placed only when that is asked for',
  async ({ shop, visit }) => {
    const { page } = await visit({ refusalsExpected: true });
    await loseAnswerThenEdit(page);
    await notice(page).getByRole('button', { name: 'Place this one as well' }).click();
    await page.waitForURL(/\/orders\//);
    assert.deepEqual(await receiptLines(page), ['Sundown Four-Person Tent 2 × $199.99 $399.98']);
    assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 2 3']);
  },
);

browserTest('a service that is down and comes back takes the order once', async ({ shop, visit }) => {
  const { page } = await visit({ refusalsExpected: true });
  await openTent(page);
  const { port } = shop.service;
  await shop.stop();
  await placeButton(page).click();
  await notice(page).getByRole('button', { name: 'Try again' }).waitFor();
  await shop.start({ PORT: String(port) });
  await notice(page).getByRole('button', { name: 'Try again' }).click();
  await page.waitForURL(/\/orders\//);
  assert.deepEqual(await ranking(shop.url, 'TX'), ['tent-4p 1 1']);
});

browserTest('back from the confirmation, the order is not offered again', async ({ shop, visit }) => {
  const { page } = await visit();
  await page.goto('/');
  await page.getByRole('button', { name: 'Add Market Awning Mug to your order' }).click();
  await fillCustomer(page);
  await placeOrder(page);
  await page.goBack();
  await page.locator('#order.ready').waitFor();
  assert.equal(await page.locator('#order-lines li').count(), 0);
  assert.equal(await notice(page).innerText(), '');
  assert.equal(await placeButton(page).getAttribute('aria-disabled'), null);
  assert.deepEqual(await ranking(shop.url, 'TX'), ['awning-mug 1 1']);
});
