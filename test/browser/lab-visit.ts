/** A load lab of its own, with a real service, and the pages that look at it; watched as those of the shop are. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { type LabDesk, openLab } from '../../lab/control/lab-desk.ts';
import { type LabServer, startLabServer } from '../../lab/control/lab-server.ts';
import { labPages } from '../../lab/page/lab-page.ts';
import { renderReport } from '../../lab/page/report.ts';
import { runtimeUnderTest } from '../service.ts';
import { axeViolations, closeBrowser, openBrowser, type Visit, watch, wide } from './shop-visit.ts';

export interface VisitedLab {
  readonly desk: LabDesk;
  readonly url: string;
  visit(options?: BrowserContextOptions): Promise<Visit>;
  /** The lab's end as its pages see it; its desk goes on. */
  closeServer(): Promise<void>;
  /** On the port it had. */
  openServer(): Promise<void>;
}

/**
 * A test in a lab of its own; refusals and a lost connection are part of it.
 *
 * @param asSeen what the lab's server is given for the desk, where the pages are to see another run than one of its own
 */
export function labTest(
  name: string,
  plan: unknown,
  use: (lab: VisitedLab) => Promise<void>,
  asSeen: (desk: LabDesk) => LabDesk = (desk) => desk,
): void {
  after(closeBrowser);
  test(name, { timeout: 120_000 }, async () => {
    const browser = await openBrowser();
    const resultsFolder = mkdtempSync(join(tmpdir(), 'lab-results-'));
    const service = {
      engine: 'sqlite',
      isOnSmallDisk: false,
      runtime: runtimeUnderTest(),
      stock: 1_000_000,
    } as const;
    const desk = await openLab({ plan, service, resultsFolder, warn: assert.fail });
    const open = (port: number) =>
      startLabServer({ desk: asSeen(desk), pages: { ...labPages, renderReport }, port });
    let server: LabServer = await open(0);
    const { url } = server;
    const trouble: string[] = [];
    const contexts: AsyncDisposable[] = [];
    try {
      await use({
        desk,
        url,
        async visit(options = {}) {
          const context = await browser.newContext({
            viewport: wide,
            baseURL: url,
            // A colour on its way to another is none that axe-core could judge.
            reducedMotion: 'reduce',
            ...options,
          });
          contexts.push(context);
          context.setDefaultTimeout(20_000);
          return watch(await context.newPage(), url, trouble, true);
        },
        closeServer: () => server.close(),
        async openServer() {
          server = await open(Number(new URL(url).port));
        },
      });
      assert.deepEqual(trouble, []);
    } finally {
      for (const context of contexts) await context[Symbol.asyncDispose]();
      await desk.close();
      await server.close();
      rmSync(resultsFolder, { recursive: true, force: true });
    }
  });
}

export const tab = (page: Page, name: string) => page.getByRole('tab', { name });

/** Waits until a page's script holds of the text of an element. */
export async function waitForText(page: Page, selector: string, form: RegExp): Promise<string> {
  const found = page.locator(selector).filter({ hasText: form });
  await found.first().waitFor({ state: 'attached' });
  return (await page.locator(selector).first().innerText()).trim();
}

/** The figure of the till with this name, as a number. */
export async function figureOf(page: Page, name: string): Promise<number> {
  return Number((await page.locator(`#figure-${name}`).innerText()).replaceAll(/[^\d.]/g, ''));
}

/** Waits until a figure is at least so much. */
export async function waitForFigure(page: Page, name: string, least: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while ((await figureOf(page, name)) < least) {
    assert.ok(Date.now() < deadline, `the figure ${name} stays below ${least}`);
    await page.waitForTimeout(100);
  }
}

/** Axe-core is content in both themes, and nothing is wider than the window on a desk or on a phone. */
export async function assertShown(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await axeViolations(page), [], `${what}, ${colorScheme}`);
  }
  for (const width of [360, 390, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const wider = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    assert.equal(wider, 0, `${what} is wider than ${width} px`);
  }
}
