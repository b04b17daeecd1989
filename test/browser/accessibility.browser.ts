/** axe-core finds nothing on any page, in either theme, on a desk and on a phone. */
import assert from 'node:assert/strict';
import { place } from '../journeys/shop-client.ts';
import { openOrderStates, orderStates } from './order-states.ts';
import { axeViolations, browserTest, follow, narrow, placeButton, wide } from './shop-visit.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  for (const viewport of [wide, narrow]) {
    browserTest(`axe-core is content: ${colorScheme}, ${viewport.width} px`, async ({ shop, visit }) => {
      const order = await place(shop.url);
      const { page } = await visit({ colorScheme, viewport, refusalsExpected: true });
      const check = async (name: string) => assert.deepEqual(await axeViolations(page), [], name);

      await page.goto(`/orders/${order.order_id}`);
      await check('confirmation without personal data');
      await page.goto(order.confirmation_url);
      await check('confirmation');
      await page.goto('/orders/0199a7b2-6c1e-7d40-9c51-3f2b8a6d4e10');
      await check('no such order');
      await page.goto('/docs');
      await check('reference');
      await page.goto('/');
      await check('shop');
      await page.getByRole('button', { name: 'Add Market Awning Mug to your order' }).click();
      await page.getByRole('button', { name: 'Another product' }).waitFor({ state: 'hidden' });
      await check('shop with a basket');
      await placeButton(page).click();
      await page.locator('#field-zip_code[aria-invalid="true"]').waitFor();
      await check('shop with errors');
      await page.route('**/api/v1/orders', (route) => route.abort());
      await placeButton(page).click();
      await page.getByRole('button', { name: 'Try again' }).waitFor();
      await check('shop with a retry');
    });
  }
}

for (const colorScheme of ['light', 'dark'] as const) {
  browserTest(
    `axe-core is content with an order at each point of its life, and with looking for it: ${colorScheme}`,
    async ({ shop, visit }) => {
      const { placeAs } = await openOrderStates(shop);
      const { page } = await visit({ colorScheme, viewport: narrow, refusalsExpected: true });
      const check = async (name: string) => assert.deepEqual(await axeViolations(page), [], name);
      for (const state of orderStates) {
        const order = await placeAs(state);
        await page.goto(order.confirmation_url);
        await check(state);
        await page.goto(`/orders/${order.order_id}/cancel`);
        await check(`cancelling, ${state}`);
      }
      await page.goto('/track');
      await check('tracking');
      for (const [number, proof] of [
        ['1', '78701'],
        ['none', 'nothing'],
      ] as const) {
        await page.getByLabel('Order number').fill(number);
        await page.getByLabel('ZIP code or email').fill(proof);
        await follow(page, page.getByRole('button', { name: 'Find my order' }));
        await check(`tracking ${number}`);
      }
    },
  );
}

browserTest('axe-core is content with the page of a form full of mistakes', async ({ visit }) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page: plain } = await visit({ javaScriptEnabled: false, refusalsExpected: true });
    await plain.goto('/');
    await plain.evaluate("document.getElementById('order').noValidate = true");
    await follow(plain, placeButton(plain));
    await plain.locator('#error-summary').waitFor();
    const answered = await plain.content();
    const { page } = await visit({ colorScheme });
    await page.route('**/', (route) => route.fulfill({ contentType: 'text/html', body: answered }));
    await page.goto('/');
    await page.locator('#order.ready').waitFor();
    assert.deepEqual(await axeViolations(page), []);
  }
});
