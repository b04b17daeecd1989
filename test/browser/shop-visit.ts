/**
 * A shop and the browsers that visit it. Every visit is watched: an error in the console, a request to
 * another host, a breach of the security policy or a dialog fails the test, whatever it is about.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { openShop, type Settings, type Shop } from '../journeys/open-shop.ts';

export const wide = { width: 1280, height: 800 };
export const narrow = { width: 390, height: 844 };

export interface VisitOptions extends BrowserContextOptions {
  /** Whether answers of 400 and above are part of the test; the browser calls each an error. */
  readonly refusalsExpected?: boolean;
}

export interface Visit {
  readonly page: Page;
  /** The sum of all layout shifts since the page at this address was opened (web.dev/cls, no windows). */
  layoutShift(): number;
}

export interface Visited {
  readonly shop: Shop;
  visit(options?: VisitOptions): Promise<Visit>;
}

let browserSoFar: Promise<Browser> | null = null;

export async function closeBrowser(): Promise<void> {
  const open = browserSoFar;
  browserSoFar = null;
  await (await open)?.close();
}

/** Chromium runs as root in CI, and sends requests to the shop only. */
export const browserArguments: string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function openBrowser(): Promise<Browser> {
  browserSoFar ??= chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: browserArguments,
  });
  return browserSoFar;
}

/** A test in a shop of its own. */
export function browserTest(
  name: string,
  use: (visited: Visited) => Promise<void>,
  settings: Settings = {},
): void {
  // For each file: a runner may load this module once for all of them.
  after(closeBrowser);
  test(name, { timeout: 60_000 }, async () => {
    const browser = await openBrowser();
    const shop = await openShop({ settings });
    const trouble: string[] = [];
    const contexts: AsyncDisposable[] = [];
    try {
      await use({
        shop,
        async visit(options = {}) {
          const context = await browser.newContext({ viewport: wide, baseURL: shop.url, ...options });
          contexts.push(context);
          context.setDefaultTimeout(10_000);
          const page = await context.newPage();
          return watch(page, shop.url, trouble, options.refusalsExpected ?? false);
        },
      });
      assert.deepEqual(trouble, []);
    } finally {
      for (const context of contexts) await context[Symbol.asyncDispose]();
      await shop.close();
    }
  });
}

const observer = `
addEventListener('securitypolicyviolation', (event) => report('policy', event.violatedDirective + ' ' + event.blockedURI));
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) report('shift', String(entry.value));
  }
}).observe({ type: 'layout-shift', buffered: true });`;

export async function watch(
  page: Page,
  url: string,
  trouble: string[],
  refusalsExpected: boolean,
): Promise<Visit> {
  let shift = 0;
  await page.exposeFunction('report', (kind: string, text: string) => {
    if (kind === 'shift') shift += Number(text);
    else trouble.push(`${kind}: ${text}`);
  });
  await page.addInitScript(observer);
  page.on('console', (message) => {
    const isRefusal = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !(isRefusal && refusalsExpected)) {
      trouble.push(`console: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => trouble.push(`script: ${error.message}`));
  page.on('request', (request) => {
    if (request.isNavigationRequest()) shift = 0;
    const to = request.url();
    if (!to.startsWith(`${url}/`) && !to.startsWith('data:')) trouble.push(`other host: ${to}`);
  });
  page.on('dialog', async (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  return { page, layoutShift: () => shift };
}

export interface Customer {
  readonly name?: string;
  readonly street?: string;
  readonly city?: string;
  readonly state?: string;
  readonly zip?: string;
  readonly email?: string;
}

/** Fills in the customer: Ada Lovelace in Austin unless given. */
export async function fillCustomer(page: Page, customer: Customer = {}): Promise<void> {
  const { name = 'Ada Lovelace', street = '12 Analytical Way', city = 'Austin' } = customer;
  await page.getByLabel('Full name').fill(name);
  await page.getByLabel('Street address').fill(street);
  await page.getByLabel('City').fill(city);
  await page.getByLabel('State', { exact: true }).selectOption(customer.state ?? 'TX');
  await page.getByLabel('ZIP code').fill(customer.zip ?? '78701');
  await page.getByLabel('Email').fill(customer.email ?? 'ada@example.com');
}

/** Picks a product by its SKU, as the form's drop-down has it. */
export async function chooseProduct(page: Page, sku: string, quantity = 1): Promise<void> {
  const value = await page.locator(`#field-product_name option[data-sku="${sku}"]`).getAttribute('value');
  assert.ok(value, `${sku} is not in the drop-down`);
  await page.getByLabel('Product', { exact: true }).selectOption(value);
  await page.getByLabel('Quantity', { exact: true }).fill(String(quantity));
}

export const placeButton = (page: Page) => page.locator('#place-order');

/** Presses the button, and waits for the confirmation. */
export async function placeOrder(page: Page): Promise<void> {
  await placeButton(page).click();
  await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
}

/**
 * Follows a link, and waits until all of the page is there: its heading can be seen before the part that
 * stands below it has arrived.
 */
export async function follow(page: Page, link: Locator): Promise<void> {
  await Promise.all([page.waitForEvent('load'), link.click()]);
}

/** The lines of the confirmation: product, quantity and price of each. */
export function receiptLines(page: Page): Promise<readonly string[]> {
  return textsOf(page, '.receipt-lines li');
}

/** The ranking on the confirmation. */
export function popularProducts(page: Page): Promise<readonly string[]> {
  return textsOf(page, '.popular li .what');
}

async function textsOf(page: Page, selector: string): Promise<readonly string[]> {
  const texts = await page.locator(selector).allInnerTexts();
  return texts.map((text) => text.replace(/\s+/g, ' ').trim());
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The violations that axe-core finds in the page as it is now. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // Evaluated by the debugger, which the page's policy doesn't bind.
  await page.evaluate(axeSource);
  return page.evaluate<string[]>(
    `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => id + ' ' + target.join(' ') + ' ' + failureSummary)))`,
  );
}
