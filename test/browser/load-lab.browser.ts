/** The load lab's page, in a lab with a real service: a run from its form to its report. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Download, Page } from 'playwright-core';
import type { LabDesk } from '../../lab/control/lab-desk.ts';
import type { RunView } from '../../lab/control/live.ts';
import { startScriptedServer } from '../../lab/load/scripted-server.ts';
import {
  assertShown,
  figureOf,
  labTest,
  tab,
  type VisitedLab,
  waitForFigure,
  waitForText,
} from './lab-visit.ts';

const layoutShiftMax = 0.02;
const fewUsers = { kind: 'users', users: 4, spawnPerSecond: 20 };

async function download(page: Page, name: string): Promise<Download> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('#verdict-downloads').getByRole('link', { name }).click(),
  ]);
  return file;
}

labTest(
  'a run of the pipeline: started, changed, killed and stopped from the page',
  { scenario: 'order-pipeline', pace: fewUsers, seconds: null },
  async ({ desk, visit }) => {
    const { page, layoutShift } = await visit();
    await page.goto('/');
    await page.getByRole('button', { name: 'Start the run' }).waitFor();
    await waitForText(page, '#connection', /Connected/);
    assert.ok(layoutShift() <= layoutShiftMax, `the form moves by ${layoutShift()}`);
    await assertShown(page, 'the form');
    await seeMistakeBesideItsField(page);
    await startByKeyboard(page);
    await seeCharts(page);
    await changeUsers(page);
    await seeTheSameInASecondPage(visit);
    await killTheService(page);
    const view = await stopAndSeeVerdict(page, desk);
    await assertDownloads(page, view);
  },
);

/** The typed text stays. */
async function seeMistakeBesideItsField(page: Page): Promise<void> {
  const users = page.locator('#run-pace-users');
  await users.fill('many');
  await users.press('Enter');
  await waitForText(page, '#run-pace-users-error', /whole number from 1 to 20,000, not "many"/);
  assert.equal(await users.getAttribute('aria-invalid'), 'true');
  assert.equal(await users.inputValue(), 'many');
  assert.equal(await page.evaluate('document.activeElement.id'), 'run-pace-users');
  await assertShown(page, 'the form with a mistake');
}

/** The form, then the tabs. */
async function startByKeyboard(page: Page): Promise<void> {
  const users = page.locator('#run-pace-users');
  await users.press('Control+a');
  await page.keyboard.type('4');
  assert.equal(await page.locator('#run-pace-users-error').innerText(), '');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate('document.activeElement.id'), 'run-pace-spawnPerSecond');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Stop' }).waitFor();
  await tab(page, 'Charts').focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await tab(page, 'Statistics').getAttribute('aria-selected'), 'true');
  await page.keyboard.press('End');
  assert.equal(await page.evaluate('document.activeElement.id'), 'tab-runs');
  await page.keyboard.press('Home');
  await page.locator('#panel-charts').waitFor();
}

async function seeCharts(page: Page): Promise<void> {
  await waitForFigure(page, 'requests', 50);
  const before = await figureOf(page, 'requests');
  await waitForFigure(page, 'requests', before + 50);
  assert.equal(await figureOf(page, 'users'), 4);
  await assertShown(page, 'charts');
}

async function changeUsers(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Change users' }).click();
  await page.locator('#pace-pace-users').fill('6');
  await page.getByRole('button', { name: 'Change it now' }).click();
  await waitForText(page, '#figure-users', /^6$/);
}

async function seeTheSameInASecondPage(visit: VisitedLab['visit']): Promise<void> {
  const { page, layoutShift } = await visit();
  await page.goto('/#statistics');
  await waitForText(page, '#run-what', /Order pipeline · 6 users/);
  await waitForText(page, '#statistics tbody', /POST \/api\/v1\/orders/);
  const seen = await figureOf(page, 'requests');
  await waitForFigure(page, 'requests', seen + 50);
  assert.ok(layoutShift() <= layoutShiftMax, `moves by ${layoutShift()}`);
  await assertShown(page, 'statistics');
  await page.close();
}

async function killTheService(page: Page): Promise<void> {
  await tab(page, 'Drills').click();
  await assertShown(page, 'drills');
  await page.getByRole('button', { name: 'Kill the service and start it again' }).click();
  await waitForText(page, '#service-state[data-state="down"]', /does not answer/);
  await waitForText(page, '#service-state[data-state="up"]', /answers again, after/);
  for (const kind of ['fault', 'down', 'up', 'change']) {
    await page.locator(`#events [data-kind="${kind}"]`).first().waitFor();
  }
  const answeredBefore = await figureOf(page, 'requests');
  await waitForFigure(page, 'requests', answeredBefore + 50);
  await waitForText(page, '#drill-kill .drill-outcome', /Done once: survived\./);
  await assertShown(page, 'a drill and its verdict');
  await tab(page, 'Failures').click();
  await waitForText(page, '#failures tbody', /POST \/api\/v1\/orders|GET \/orders/);
  await assertShown(page, 'failures');
}

async function stopAndSeeVerdict(page: Page, desk: LabDesk): Promise<RunView> {
  await page.getByRole('button', { name: 'Stop' }).click();
  await waitForText(page, '#run-state', /Ended/);
  const view = desk.currentRun();
  assert.ok(view !== null);
  assert.equal(view.truth?.kind, 'kept', view.truth?.sentence);
  assert.equal((await page.locator('#verdict-sentence').innerText()).trim(), view.truth?.sentence);
  assert.equal(await page.locator('#verdict').getAttribute('data-kind'), 'good');
  assert.equal(await figureOf(page, 'requests'), view.totals?.requests);
  await assertShown(page, 'the verdict');
  return view;
}

async function assertDownloads(page: Page, view: RunView): Promise<void> {
  const json = JSON.parse(readFileSync(await (await download(page, 'JSON')).path(), 'utf8')) as RunView;
  assert.equal(json.id, view.id);
  const csv = readFileSync(await (await download(page, 'CSV')).path(), 'utf8')
    .trim()
    .split('\n');
  const columns = csv[0]?.split(',').length;
  assert.equal(csv.length, json.samples.length + 1);
  assert.ok(csv.every((line) => line.split(',').length === columns));
  await assertOffline(await download(page, 'Report'), page, json);
}

/** Without a network, from the disk, the report is all there. */
async function assertOffline(report: Download, page: Page, { truth }: RunView): Promise<void> {
  const browser = page.context().browser();
  assert.ok(browser !== null);
  await using context = await browser.newContext({ offline: true });
  const paper = await context.newPage();
  const trouble: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'lab-report-'));
  const file = join(folder, 'report.html');
  await report.saveAs(file);
  const address = pathToFileURL(file).href;
  paper.on('console', (message) => message.type() === 'error' && trouble.push(message.text()));
  paper.on('pageerror', (error) => trouble.push(error.message));
  paper.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('data:')) trouble.push(request.url());
  });
  await paper.goto(address);
  await paper
    .getByText(truth?.sentence ?? 'no verdict')
    .first()
    .waitFor();
  await paper.locator('canvas').first().waitFor();
  assert.deepEqual(trouble, []);
  rmSync(folder, { recursive: true });
}

const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script>';

labTest(
  'a service that fails with hostile words: text stays text; a lost lab comes again; runs are compared',
  { scenario: 'health-check', pace: fewUsers, seconds: 1 },
  async ({ desk, visit, closeServer, openServer }) => {
    await using target = await startScriptedServer(({ url }, serial) => {
      const fails = url === '/health_check' && serial % 2 === 0;
      return { status: fails ? 500 : 200, body: fails ? hostile : 'ok', delayMs: 5 };
    });
    const { page } = await visit();
    await page.goto('/#failures');
    await page.getByLabel('Host').fill(target.url);
    await page.locator('#run-objective-failureShareMax').fill('1');
    await page.getByRole('button', { name: 'Start the run' }).click();
    await waitForText(page, '#run-state', /Ended/);
    await waitForText(page, '#failures tbody', /GET \/health_check/);
    assert.match(await page.locator('#failures tbody').innerText(), /<img src=x onerror=alert\(1\)>/);
    assert.equal(await page.locator('main img').count(), 0);
    await waitForText(page, '#verdict-more', /Limit broken/);
    await tab(page, 'Drills').click();
    assert.equal(await page.locator('.drill button:not([aria-disabled="true"])').count(), 0);
    await waitForText(page, '.drill-reason', /Start a run first/);

    const plan = { scenario: 'health-check', host: target.url, pace: fewUsers, seconds: 1 };
    desk.start(plan);
    await desk.ended();
    await tab(page, 'Runs').click();
    const boxes = page.getByRole('checkbox', { name: /^Compare/ });
    await boxes.nth(1).waitFor();
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await waitForText(page, '#comparison', /Requests\/s[\s\S]*%/);
    await assertShown(page, 'the comparison');

    desk.start({ ...plan, seconds: 60 });
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await waitForFigure(page, 'requests', 10);
    await closeServer();
    await waitForText(page, '#connection', /does not answer/);
    assert.ok((await figureOf(page, 'requests')) >= 10);
    await page.getByRole('button', { name: 'Stop' }).click();
    await waitForText(page, '#verdict-more', /The lab does not answer/);
    await assertShown(page, 'a lost lab');
    await openServer();
    await waitForText(page, '#connection', /Connected/);
    const atReturn = await figureOf(page, 'requests');
    await waitForFigure(page, 'requests', atReturn + 10);
    await page.getByRole('button', { name: 'Stop' }).click();
    await waitForText(page, '#run-state', /Ended/);

    await tab(page, 'Find the limit').click();
    await page.getByLabel('Begin at').fill('none');
    await page.getByRole('button', { name: 'Find the limit' }).click();
    await waitForText(page, '#limit-fromPerSecond-error', /number from/);
    const search = { fromPerSecond: 200, secondsPerStep: 1, failureShareMax: 1, p99MsMax: 5_000 };
    desk.start(plan, search);
    await waitForText(page, '#limit-steps tbody', /Holds|Breaks|Void/);
    await waitForText(page, '#limit-label', /Trying now/);
    await page.locator('#limit-curve svg').waitFor();
    await assertShown(page, 'the search');
    await page.getByRole('button', { name: 'Stop' }).click();
    await waitForText(page, '#limit-ending', /was stopped/);
  },
);
