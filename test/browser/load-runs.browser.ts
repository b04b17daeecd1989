/** The load lab's runs of the past: their table and their comparison. */
import assert from 'node:assert/strict';
import { assertShown, labTest, tab, waitForText } from './lab-visit.ts';

const pace = { kind: 'arrivals', profile: { shape: 'constant', perSecond: 20 }, usersMax: 20 };

labTest(
  'a run that broke its limit is not called good, and a search is told from a run',
  { scenario: 'order-pipeline', pace, seconds: 0.5 },
  async ({ desk, visit }) => {
    const { plan } = desk.view();
    desk.start(plan);
    await desk.ended();
    desk.start({ ...plan, objective: { p99MsMax: 0.01 } });
    const broken = await desk.ended();
    assert.equal(broken?.truth?.kind, 'kept', broken?.truth?.sentence);
    desk.start(plan, { fromPerSecond: 20, toPerSecond: 20, secondsPerStep: 0.5, p99MsMax: 10_000 });
    await desk.ended();

    const { page } = await visit();
    await page.goto('/#runs');
    await tab(page, 'Runs').click();
    const rows = page.locator('#runs tbody tr');
    await rows.nth(2).waitFor();
    const tagsIn = (place: string) => page.locator(`${place} .tag`).allInnerTexts();
    assert.ok((await tagsIn('#runs tr:nth-child(1)')).includes('Search, last step'));
    assert.ok((await tagsIn('#runs tr:nth-child(2)')).includes('Limit broken'));
    assert.equal(await rows.nth(1).locator('.tag.good').count(), 0);
    assert.ok(!(await tagsIn('#runs tr:nth-child(3)')).some((words) => /Search|Limit/.test(words)));

    const boxes = page.getByRole('checkbox', { name: /^Compare/ });
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await waitForText(page, '#comparison', /Requests\/s[\s\S]*%/);
    assert.ok((await tagsIn('#comparison th:nth-child(3)')).includes('Search, last step'));
    assert.deepEqual(await tagsIn('#comparison th:nth-child(2)'), []);
    assert.ok((await tagsIn('#comparison td:nth-child(2)')).includes('Limit broken'));
    assert.equal(await page.locator('#comparison td:nth-child(2) .tag.good').count(), 0);
    await assertShown(page, 'the runs');
  },
);
