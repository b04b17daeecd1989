/** What can be measured of how the pages look: weight, stillness, width, theme, motion, paper. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Shop } from '../journeys/open-shop.ts';
import { place } from '../journeys/shop-client.ts';
import { type OrderState, openOrderStates, orderStates } from './order-states.ts';
import { browserTest, narrow, placeButton, wide } from './shop-visit.ts';

/** Bytes that come over the wire until the page at this path is loaded, by its files. */
async function weigh(page: Page, path: string): Promise<ReadonlyMap<string, number>> {
  const devtools = await page.context().newCDPSession(page);
  const urls = new Map<string, string>();
  const bytes = new Map<string, number>();
  devtools.on('Network.responseReceived', ({ requestId, response }) => urls.set(requestId, response.url));
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes.set(urls.get(requestId) ?? requestId, encodedDataLength);
  });
  await devtools.send('Network.enable');
  await page.goto(path, { waitUntil: 'networkidle' });
  return bytes;
}

const shopBytesMax = 60 * 1024;
const pictureBytesMax = 8 * 1024;

browserTest('the shop page is light', async ({ visit }) => {
  const { page } = await visit({ viewport: { width: 1280, height: 4000 } });
  const bytes = await weigh(page, '/');
  const isPicture = (url: string) => url.includes('/images/');
  const pictures = Array.from(bytes).filter(([url]) => isPicture(url));
  const rest = Array.from(bytes).filter(([url]) => !isPicture(url));
  const total = rest.reduce((sum, [, size]) => sum + size, 0);
  assert.ok(total <= shopBytesMax, `${total} bytes: ${JSON.stringify(rest)}`);
  assert.ok(pictures.length >= 16, `${pictures.length} pictures`);
  for (const [url, size] of pictures) assert.ok(size <= pictureBytesMax, `${url}: ${size} bytes`);
});

/** Scripts come a good while after the first view. */
async function delayScripts(page: Page): Promise<void> {
  await page.route('**/*.js', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    await route.continue();
  });
}

const layoutShiftMax = 0.02;

/** Paths of an order at each point of its life, with all that is shown to its holder, and of the pages around it. */
async function pagesAfterTheOrder(
  shop: Shop,
  states: readonly OrderState[] = orderStates,
): Promise<readonly string[]> {
  const { placeAs } = await openOrderStates(shop);
  const paths: string[] = ['/track'];
  for (const state of states) {
    const { confirmation_url } = await placeAs(state);
    paths.push(confirmation_url, confirmation_url.replace('?', '/cancel?'));
  }
  return paths;
}

for (const viewport of [wide, narrow]) {
  browserTest(`nothing moves once shown, at ${viewport.width} px`, async ({ shop, visit }) => {
    const order = await place(shop.url);
    const { page, layoutShift } = await visit({ viewport, refusalsExpected: true });
    await delayScripts(page);
    const settle = async (path: string) => {
      await page.goto(path, { waitUntil: 'networkidle' });
      await page.waitForTimeout(150);
      assert.ok(layoutShift() <= layoutShiftMax, `${path}: ${layoutShift()}`);
    };
    await settle('/');
    await settle(order.confirmation_url);
    for (const path of await pagesAfterTheOrder(shop, ['part returned'])) await settle(path);
    await settle('/docs');
    await settle('/orders/0199a7b2-6c1e-7d40-9c51-3f2b8a6d4e10');
    await page.goto('/');
    await page.locator('#order.ready').waitFor();
    for (const name of ['Market Awning Mug', 'Fig & Amber Candle', 'Daisy Enamel Kettle']) {
      await page.getByRole('button', { name: `Add ${name} to your order` }).click();
    }
    await settle('/');
    assert.equal(await page.locator('.order-line').count(), 3);
  });
}

browserTest('no page is wider than its screen, from 360 px', async ({ shop, visit }) => {
  const order = await place(shop.url, {
    customer_name: 'Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft',
    street_address: 'x'.repeat(200),
    email: `${'a'.repeat(60)}@${'b'.repeat(60)}.example.com`,
    lines: [{ sku: 'tent-4p', quantity: 10_000 }],
  });
  const after = await pagesAfterTheOrder(shop, ['part shipped', 'erased']);
  const { page } = await visit({ refusalsExpected: true });
  for (const width of [360, 390, 768, 1024, 1600]) {
    await page.setViewportSize({ width, height: 800 });
    for (const path of ['/', order.confirmation_url, ...after, '/orders/nonsense', '/docs']) {
      await page.goto(path);
      const wider = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.ok(wider <= 0, `${path} at ${width} px is ${wider} px too wide`);
    }
    await page.goto('/');
    await page.getByRole('button', { name: 'Add Market Awning Mug to your order' }).click();
    await placeButton(page).click();
    await page.locator('#field-zip_code[aria-invalid="true"]').waitFor();
    assert.ok(
      await page.evaluate<boolean>(
        'document.documentElement.scrollWidth <= document.documentElement.clientWidth',
      ),
    );
    await page.evaluate('localStorage.clear()');
  }
});

browserTest('what can be pressed is large enough for a thumb', async ({ shop, visit }) => {
  const order = await place(shop.url);
  const after = await pagesAfterTheOrder(shop, ['part shipped', 'cancelled']);
  const { page } = await visit({ viewport: narrow });
  for (const path of ['/', order.confirmation_url, `/orders/${order.order_id}`, ...after]) {
    await page.goto(path);
    if (path === '/') await page.getByRole('button', { name: 'Add Market Awning Mug to your order' }).click();
    const small = await page.evaluate<string[]>(`[...document.querySelectorAll('button, input, select, a')]
      .filter((each) => each.checkVisibility() && !each.matches('.skip-link, .card-link'))
      .map((each) => [each.outerHTML.slice(0, 100), each.getBoundingClientRect()])
      .filter(([, { height, width, bottom }]) => bottom > 0 && (height < 43.5 || width < 28))
      .map(([html, { height, width }]) => html + ' ' + width + ' × ' + height)`);
    assert.deepEqual(small, []);
  }
});

browserTest('product, price and form are in the first view of a desk', async ({ visit }) => {
  const { page } = await visit();
  await page.goto('/');
  for (const selector of [
    '#stage-name',
    '#stage-price',
    '#stage-picture',
    '#field-zip_code',
    '#place-order',
  ]) {
    const box = await page.locator(selector).boundingBox();
    assert.ok(box !== null && box.y >= 0 && box.y + box.height <= 800, `${selector}: ${JSON.stringify(box)}`);
  }
});

browserTest('letters of twice the size fit their pages', async ({ shop, visit }) => {
  const order = await place(shop.url);
  const after = await pagesAfterTheOrder(shop, ['part shipped', 'placed']);
  const { page } = await visit({ refusalsExpected: true });
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const path of ['/', order.confirmation_url, ...after, '/orders/nonsense', '/docs']) {
      await page.goto(path);
      await page.evaluate("document.documentElement.style.fontSize = '200%'");
      const tooWide = await page.evaluate<
        string[]
      >(`[document.documentElement, document.querySelector('#order')]
        .filter((each) => each !== null && each.scrollWidth > each.clientWidth)
        .map((each) => each.tagName + ' ' + (each.scrollWidth - each.clientWidth))`);
      assert.deepEqual(tooWide, [], `${path} at ${width} px`);
    }
  }
});

browserTest('the total stands beside its button on every screen', async ({ visit }) => {
  const { page } = await visit();
  for (const width of [360, 390, 768, 900, 1024, 1280, 1600]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto('/');
    const total = await page.locator('#order-total').boundingBox();
    const button = await placeButton(page).boundingBox();
    assert.ok(total !== null && button !== null && total.x + total.width <= button.x, `${width} px`);
    const middle = total.y + total.height / 2;
    assert.ok(middle > button.y && middle < button.y + button.height, `${width} px`);
  }
});

browserTest('each page follows the theme of the reader', async ({ shop, visit }) => {
  const order = await place(shop.url);
  const lightnessOf = async (page: Page) => {
    const channels = (await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).match(
      /\d+/g,
    );
    return Math.max(...(channels ?? ['0']).slice(0, 3).map(Number));
  };
  const light = (await visit({ colorScheme: 'light', refusalsExpected: true })).page;
  const dark = (await visit({ colorScheme: 'dark', refusalsExpected: true })).page;
  for (const path of ['/', order.confirmation_url, '/track', '/orders/nonsense', '/docs']) {
    await light.goto(path);
    await dark.goto(path);
    assert.ok((await lightnessOf(light)) > 200, path);
    assert.ok((await lightnessOf(dark)) < 60, path);
  }
});

browserTest('nothing moves for those who asked for stillness', async ({ shop, visit }) => {
  const order = await place(shop.url);
  const { page } = await visit({ reducedMotion: 'reduce' });
  for (const path of ['/', order.confirmation_url, '/docs']) {
    await page.goto(path);
    const moving = await page.evaluate<string[]>(`[...document.querySelectorAll('*')]
      .filter((each) => {
        const { transitionDuration, animationDuration } = getComputedStyle(each);
        return /[1-9]/.test(transitionDuration + animationDuration);
      }).map((each) => each.outerHTML.slice(0, 100))`);
    assert.deepEqual(moving, []);
    assert.equal(await page.evaluate('getComputedStyle(document.documentElement).scrollBehavior'), 'auto');
  }
});

browserTest('a receipt prints on one sheet, dark screen or not', async ({ shop, visit }) => {
  const skus = ['tent-4p', 'awning-mug', 'dutch-oven', 'fig-candle', 'honey-jar', 'wool-throw'];
  const order = await place(shop.url, { lines: skus.map((sku) => ({ sku, quantity: 2 })) });
  const { page } = await visit({ colorScheme: 'dark' });
  await page.goto(order.confirmation_url);
  for (const format of ['Letter', 'A4']) {
    const pdf = (await page.pdf({ format })).toString('latin1');
    assert.equal(pdf.match(/\/Type\s*\/Page\b(?!s)/g)?.length, 1, format);
  }
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.getByRole('heading', { name: 'Popular products' }).isVisible(), false);
  assert.equal(await page.getByRole('button', { name: 'Print receipt' }).isVisible(), false);
  assert.equal(await page.locator('.receipt-total').isVisible(), true);
});

browserTest('an order at any point of its life prints on one sheet', async ({ shop, visit }) => {
  const { placeAs } = await openOrderStates(shop);
  const { page } = await visit();
  for (const state of orderStates) {
    await page.goto((await placeAs(state)).confirmation_url);
    for (const format of ['Letter', 'A4']) {
      const pdf = (await page.pdf({ format })).toString('latin1');
      assert.equal(pdf.match(/\/Type\s*\/Page\b(?!s)/g)?.length, 1, `${state}, ${format}`);
    }
  }
  await page.emulateMedia({ media: 'print' });
  await page.goto((await placeAs('placed')).confirmation_url);
  assert.equal(await page.locator('.to-come').first().isVisible(), false);
  assert.equal(await page.getByRole('link', { name: 'Cancel order' }).isVisible(), false);
});
