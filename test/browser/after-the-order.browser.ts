/** The shopper's pages after the order, with scripts and without: following, cancelling, finding again. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { cancellationFields } from '../../src/web/cancellation/cancellation-page.ts';
import { inStock, place, ranking } from '../journeys/shop-client.ts';
import { openOrderStates } from './order-states.ts';
import { browserTest, fillCustomer, follow, placeOrder } from './shop-visit.ts';

const status = (page: Page) => page.locator('.receipt-head .tag').innerText();
const stepsOf = (page: Page) => page.locator('.timeline > li > strong').allInnerTexts();
const heading = (page: Page) => page.getByRole('heading', { level: 1 }).innerText();

for (const hasScripts of [true, false]) {
  const name = hasScripts ? 'with scripts' : 'without scripts';
  const options = { javaScriptEnabled: hasScripts, refusalsExpected: true };

  browserTest(`a shopper follows an order and its carrier, ${name}`, async ({ shop, visit }) => {
    const { placeAs, step } = await openOrderStates(shop);
    const order = await placeAs('part shipped');
    const { page } = await visit(options);
    await page.goto(order.confirmation_url);
    assert.equal(await status(page), 'Partly shipped');
    assert.deepEqual(await stepsOf(page), [
      'Placed',
      'Packed',
      'Parcel 1 shipped',
      'Still to ship',
      'Delivered',
    ]);
    const link = page.getByRole('link', { name: /^Follow it at …/ });
    assert.match((await link.getAttribute('href')) ?? '', /^https:\/\/tracking\..*\.carrier\.example\/1Z$/);
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');
    const time = page.locator('.timeline time').first();
    assert.match((await time.getAttribute('title')) ?? '', / UTC$/);
    assert.match(await time.innerText(), hasScripts ? /\d/ : / UTC$/);
    await step(order, 'shipments', { carrier: 'UPS' });
    await page.reload();
    assert.equal(await status(page), 'Shipped');
    assert.match(await page.locator('main').innerText(), /Ada Lovelace/);
  });

  browserTest(`a shopper cancels an order, ${name}`, async ({ shop, visit }) => {
    const stock = await inStock(shop.url, 'tent-4p');
    const { page } = await visit(options);
    await page.goto('/?product=tent-4p');
    await fillCustomer(page);
    await placeOrder(page);
    const order = page.url();
    assert.deepEqual(await stepsOf(page), ['Placed', 'Packed', 'Shipped', 'Delivered']);
    await follow(page, page.getByRole('link', { name: 'Cancel order' }));
    assert.equal(await heading(page), 'Cancel this order?');
    await follow(page, page.getByRole('link', { name: 'Keep the order' }));
    assert.equal(page.url(), order);
    assert.equal(await status(page), 'Placed');

    await follow(page, page.getByRole('link', { name: 'Cancel order' }));
    await page.getByRole('button', { name: /^Cancel order \d+$/ }).dblclick();
    await page.waitForURL(order);
    assert.equal(await heading(page), 'This order is cancelled');
    assert.deepEqual(await stepsOf(page), ['Placed', 'Cancelled']);
    assert.equal(await page.getByRole('link', { name: 'Cancel order' }).count(), 0);
    assert.equal(await inStock(shop.url, 'tent-4p'), stock);
    assert.deepEqual(await ranking(shop.url, 'TX'), []);
  });

  browserTest(
    `an order that left while a shopper thought is not cancelled, ${name}`,
    async ({ shop, visit }) => {
      const { placeAs, step } = await openOrderStates(shop);
      const order = await placeAs('placed');
      const { page } = await visit(options);
      await page.goto(order.confirmation_url);
      await follow(page, page.getByRole('link', { name: 'Cancel order' }));
      await step(order, 'pack');
      await follow(page, page.getByRole('button', { name: /^Cancel order/ }));
      assert.match(await page.getByRole('alert').innerText(), /it is packed now\. You can still cancel it/);
      await step(order, 'shipments', { carrier: 'UPS' });
      await follow(page, page.getByRole('button', { name: /^Cancel order/ }));
      assert.equal(await heading(page), 'Too late to cancel');
      await follow(page, page.getByRole('link', { name: 'See the order' }));
      assert.equal(await status(page), 'Shipped');
    },
  );

  browserTest(`a shopper finds an order again by its number, ${name}`, async ({ shop, visit }) => {
    const order = await place(shop.url);
    const { page } = await visit(options);
    await page.goto('/');
    await follow(page, page.getByRole('link', { name: 'Track an order' }));
    const find = page.getByRole('button', { name: 'Find my order' });
    await page.getByLabel('Order number').fill(`#${order.number}`);
    await page.getByLabel('ZIP code or email').fill('eve@example.com');
    await follow(page, find);
    assert.match(await page.getByRole('alert').innerText(), /There is no order with this number/);
    assert.equal(await page.getByLabel('Order number').inputValue(), `#${order.number}`);
    await page.getByLabel('ZIP code or email').fill('nothing');
    await follow(page, find);
    assert.match(await page.locator('#error-zip_or_email').innerText(), /Enter a ZIP code/);
    assert.equal(await page.evaluate('document.activeElement.id'), 'field-zip_or_email');
    await page.getByLabel('ZIP code or email').fill('ADA@example.com');
    await find.click();
    await page.waitForURL((url) => url.pathname === `/orders/${order.order_id}`);
    assert.match(await page.locator('address').innerText(), /Ada Lovelace/);
    // The key is in the cookie from here on.
    await page.goto(`/orders/${order.order_id}`);
    assert.match(await page.locator('address').innerText(), /Ada Lovelace/);
  });

  browserTest(
    `whoever has no right to an order can find it, and cancel nothing, ${name}`,
    async ({ shop, visit }) => {
      const order = await place(shop.url);
      const { page } = await visit(options);
      await page.goto(`/orders/${order.order_id}`);
      assert.equal(await page.getByRole('link', { name: 'Cancel order' }).count(), 0);
      await page.goto(`/orders/${order.order_id}/cancel`);
      assert.equal(await heading(page), 'This needs the link of your order');
      await follow(page, page.getByRole('link', { name: 'Find your order' }));
      assert.equal(await heading(page), 'Where is my order?');
    },
  );
}

/** The browser sends the cookie along to another port of a host, and to another host not. */
const otherOrigins = [
  { name: 'another port of the shop’s host', host: '127.0.0.1', heading: 'Cancel this order?' },
  { name: 'another host', host: 'localhost', heading: 'This needs the link of your order' },
] as const;

for (const { name, host, heading: asked } of otherOrigins) {
  browserTest(`a page on ${name} can’t cancel an order`, async ({ shop, visit }) => {
    const order = await place(shop.url);
    const { page } = await visit();
    await page.goto(order.confirmation_url);
    await using stranger =
      await openOtherOrigin(`<form method="post" action="${shop.url}/orders/${order.order_id}/cancel">
      <input name="${cancellationFields.revision}" value="1">
      <input name="${cancellationFields.confirmation}" value="made up"><button>Win a tent</button></form>`);
    // With the cookies of the shopper, and free to leave the shop.
    const lure = await page.context().newPage();
    await lure.goto(`http://${host}:${stranger.port}/`);
    await follow(lure, lure.getByRole('button', { name: 'Win a tent' }));
    assert.equal(new URL(lure.url()).origin, shop.url);
    assert.equal(await heading(lure), asked);
    await page.reload();
    assert.equal(await status(page), 'Placed');
  });
}

/** One page, on a port of its own. */
async function openOtherOrigin(html: string): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((_, answer) =>
    answer.writeHead(200, { 'content-type': 'text/html' }).end(html),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
