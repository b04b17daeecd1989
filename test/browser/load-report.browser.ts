/** The report of a real run, opened from a disk without a network. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openLab } from '../../lab/control/lab-desk.ts';
import type { RunView } from '../../lab/control/live.ts';
import { renderReport } from '../../lab/page/report.ts';
import { axeViolations, closeBrowser, narrow, openBrowser, wide } from './shop-visit.ts';

const plan = {
  scenario: 'order-pipeline',
  pace: { kind: 'users', users: 8, spawnPerSecond: 8 },
  seconds: 4,
  warmupSeconds: 1,
  workers: 1,
  objective: { p99MsMax: 0.01 },
};

const folder = mkdtempSync(join(tmpdir(), 'nozama-report-'));
let browser: Browser;
let view: RunView;

/** A service that is killed and started again, so that there is something to see. */
async function runDrill(): Promise<RunView> {
  const desk = await openLab({
    plan,
    service: { engine: 'sqlite', isOnSmallDisk: false, runtime: 'bun', stock: 100_000 },
    resultsFolder: join(folder, 'results'),
    warn: (sentence) => assert.fail(sentence),
  });
  try {
    const stopListening = desk.listen(({ name, data }) => {
      if (name !== 'sample' || data.phase !== 'measuring') return;
      stopListening();
      desk.doFault({ name: 'kill', durationMs: 200 });
    });
    desk.start(plan);
    const ended = await desk.ended();
    assert.ok(ended !== null);
    return ended;
  } finally {
    await desk.close();
  }
}

before(async () => {
  view = await runDrill();
  browser = await openBrowser();
});

after(async () => {
  await closeBrowser();
  rmSync(folder, { recursive: true, force: true });
});

let reportCount = 0;

/** Opens the file; whatever it complains of, or asks of a network, fails the test. */
async function readReport(
  shown: RunView,
  options: BrowserContextOptions,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  reportCount += 1;
  const url = pathToFileURL(join(folder, `report-${reportCount}.html`));
  writeFileSync(url, renderReport(shown));
  const context = await browser.newContext({ viewport: wide, offline: true, ...options });
  try {
    const page = await context.newPage();
    const trouble: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') trouble.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => trouble.push(`script: ${error.message}`));
    page.on('request', (request) => {
      if (request.url() !== url.href) trouble.push(`request: ${request.url()}`);
    });
    page.on('dialog', (dialog) => trouble.push(`dialog: ${dialog.message()}`));
    await page.goto(url.href);
    await look(page);
    assert.deepEqual(trouble, []);
  } finally {
    await context.close();
  }
}

/** Pixels with some colour on each canvas, once every chart is drawn. */
function paintedPixels(page: Page): Promise<number[]> {
  return page.evaluate(`new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
    resolve(Array.from(document.querySelectorAll('canvas'), (canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let painted = 0;
      for (let i = 3; i < data.length; i += 4) if (data[i] > 0) painted += 1;
      return painted;
    }));
  })))`);
}

test('the report of a run with a fault draws every chart, and says the verdict first', {
  timeout: 60_000,
}, async () => {
  assert.equal(view.truth?.kind, 'kept', view.problem ?? view.truth?.sentence);
  await readReport(view, {}, async (page) => {
    const painted = await paintedPixels(page);
    assert.equal(painted.length, 6);
    for (const pixels of painted) assert.ok(pixels > 1_000, String(painted));
    const text = await page.locator('main').innerText();
    assert.ok(text.indexOf('Every order kept') < text.indexOf('What did not hold'), text);
    assert.match(text, /Killed \(SIGKILL\)/);
    const table = page.locator('.chart').first();
    await table.locator('summary').click();
    // It is filled when the browser has told that it is open, a moment later.
    await table
      .getByRole('row')
      .filter({ hasText: /answered.*\d/ })
      .waitFor();
    const logarithmic = page.getByLabel('Logarithmic');
    await logarithmic.check();
    assert.ok((await paintedPixels(page)).every((pixels) => pixels > 1_000));
  });
});

test('what stands in an answer is not run', { timeout: 60_000 }, async () => {
  const nasty = '</script><img src=x onerror=alert(1)><script>alert(2)</script>';
  const events = [...view.events, { atSecond: 1, kind: 'warning' as const, text: nasty }];
  const failures = [{ route: nasty, reason: nasty, count: 1, example: nasty }];
  const hostile: RunView = {
    ...view,
    events,
    totals: view.totals && { ...view.totals, failuresByKind: failures },
  };
  await readReport(hostile, {}, async (page) => {
    assert.equal(await page.locator('img').count(), 0);
    assert.equal((await paintedPixels(page)).length, 6);
    assert.match(await page.locator('.event-list').innerText(), /onerror/);
  });
});

test('without scripts the tables are there, and the charts say what they need', {
  timeout: 60_000,
}, async () => {
  await readReport(view, { javaScriptEnabled: false }, async (page) => {
    await page.getByText('The charts need scripts').waitFor();
    assert.ok(await page.getByRole('region', { name: 'The run in equal parts' }).isVisible());
  });
});

const narrowest = { width: 360, height: 740 };
const widest = { width: 1600, height: 900 };

for (const colorScheme of ['light', 'dark'] as const) {
  for (const viewport of colorScheme === 'light' ? [wide, narrow, narrowest, widest] : [wide, narrow]) {
    test(`nothing is too wide, axe-core is content: ${colorScheme}, ${viewport.width} px`, {
      timeout: 60_000,
    }, async () => {
      const step = {
        answeredPerSecond: 990,
        p50Ms: 1,
        p99Ms: 9,
        failureShare: 0,
        voidReasons: [],
        isConfirmation: false,
      };
      const limit = {
        objective: { p99MsMax: 20, failureShareMax: 0.01 },
        steps: [1_000, 2_000, 3_000].map((perSecond) => ({ ...step, perSecond, holds: perSecond < 3_000 })),
        tryingPerSecond: null,
        holdsPerSecond: 2_000,
        ending: 'At 3,000/s the service lagged.',
      };
      const voidReasons = ['the generator was late: p99 60.0 ms'];
      await readReport({ ...view, limit, voidReasons }, { colorScheme, viewport }, async (page) => {
        await paintedPixels(page);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), viewport.width);
        assert.equal(await page.locator('#curve .curve-broke').count(), 2);
        assert.deepEqual(await axeViolations(page), []);
      });
    });
  }
}
