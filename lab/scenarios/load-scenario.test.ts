import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { randomData, scenarioTraffic } from '../load/journeys.ts';
import { seededRandom } from '../load/random.ts';
import { listScenarios, loadScenario, ScenarioError } from './load-scenario.ts';
import { order } from './requests.ts';

const path = mkdtempSync(join(tmpdir(), 'scenarios-'));
const folder = pathToFileURL(`${path}/`);
after(() => rmSync(path, { recursive: true }));

test('the shipped scenarios are all there, and each has a first request', async () => {
  const listed = await listScenarios();
  assert.deepEqual(
    listed.map(({ name }) => name),
    [
      'browse',
      'catalogue-crawl',
      'costly-pages',
      'duplicates-and-retries',
      'flash-sale',
      'health-check',
      'hot-product',
      'order-pipeline',
      'slow-clients',
    ],
  );
  const products = [{ sku: 'mug', priceCents: 900, onHand: 5 }];
  for (const { name, title, about } of listed) {
    const scenario = await loadScenario(name);
    assert.deepEqual([scenario.title, scenario.about], [title, about]);
    const journeys = scenarioTraffic(scenario, { seed: 1, products }).journeysOf(0);
    for (let i = 0; i < 20; i += 1) {
      const step = journeys.begin();
      if (step !== null)
        assert.match(Buffer.from((step as { bytes: Uint8Array }).bytes).toString(), /^(GET|POST) /);
    }
  }
});

test('the scenario in lab/README.md can be run', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const shown = /```ts\n([^`]*export const scenario[^`]*)```/.exec(readme)?.[1] ?? '';
  const seen = shown.replaceAll("'./", `'${new URL('./', import.meta.url).pathname}`);
  writeFileSync(join(path, 'shown.ts'), seen);
  const scenario = await loadScenario('shown', folder);
  const products = [{ sku: 'mug', priceCents: 900, onHand: 5 }];
  const first = scenarioTraffic(scenario, { seed: 1, products }).journeysOf(0).begin();
  assert.match(Buffer.from((first as { bytes: Uint8Array }).bytes).toString(), /^GET \/ /);
  rmSync(join(path, 'shown.ts'));
});

test('a scenario with an error is one sentence that names it', async () => {
  const task = 'tasks: [{ weight: 1, *run() {} }]';
  const files: readonly [string, string, RegExp][] = [
    ['syntax', 'export const scenario = {{', /^Scenario syntax can't be read: [^\n]+$/],
    [
      'throws',
      'throw new Error("no such thing\\nat all");',
      /^Scenario throws can't be read: no such thing$/,
    ],
    [
      'import',
      'import { nothing } from "./nowhere.ts"; nothing();',
      /^Scenario import can't be read: [^\n]*nowhere/,
    ],
    ['empty', 'export const other = 1;', /^Scenario empty: it has no `export const scenario`\.$/],
    ['untitled', `export const scenario = { ${task} };`, /title is missing/],
    [
      'idle',
      'export const scenario = { title: "a", about: "b", tasks: [] };',
      /^Scenario idle: it has no tasks\.$/,
    ],
    [
      'weightless',
      'export const scenario = { title: "a", about: "b", tasks: [{ weight: 0, *run() {} }] };',
      /the weight of task 1 is 0, not a number above 0/,
    ],
    [
      'lazy',
      'export const scenario = { title: "a", about: "b", tasks: [{ weight: 1 }] };',
      /task 1 has no run/,
    ],
  ];
  for (const [name, text, message] of files) {
    writeFileSync(join(path, `${name}.ts`), text);
    await assert.rejects(loadScenario(name, folder), (error) => {
      assert.ok(error instanceof ScenarioError);
      assert.match(error.message, message);
      return true;
    });
  }
  const listed = await listScenarios(folder);
  assert.equal(listed.length, files.length);
  assert.match(listed.find(({ name }) => name === 'idle')?.about ?? '', /no tasks/);
  await assert.rejects(
    loadScenario('../load/load', folder),
    /There is no scenario "\.\.\/load\/load"; there are empty, /,
  );
});

test('a file that was put right is read anew', async () => {
  const file = join(path, 'mended.ts');
  writeFileSync(file, 'export const scenario = { title: "a", about: "b", tasks: [] };');
  await assert.rejects(loadScenario('mended', folder), /no tasks/);
  writeFileSync(
    file,
    'export const scenario = { title: "a", about: "b", tasks: [{ weight: 2, *run() {} }] };',
  );
  assert.equal((await loadScenario('mended', folder)).tasks[0]?.weight, 2);
});

test('an order is a whole request, with a key of its own', () => {
  const random = randomData(seededRandom(1));
  const keys = new Set<string>();
  for (let i = 0; i < 200; i += 1) {
    const step = order(random, { sku: 'quote"d' }, { quantity: 3 });
    const [head = '', body = ''] = Buffer.from(step.bytes).toString().split('\r\n\r\n');
    assert.match(head, /^POST \/api\/v1\/orders HTTP\/1\.1\r\nHost: /);
    assert.ok(head.includes(`Idempotency-Key: ${step.order.key}\r\n`));
    assert.ok(head.endsWith(`Content-Length: ${Buffer.byteLength(body)}`));
    assert.equal(step.order.body.toString(), body);
    const { lines, zip_code: zip } = JSON.parse(body) as { lines: unknown; zip_code: string };
    assert.deepEqual(lines, [{ sku: 'quote"d', quantity: 3 }]);
    assert.match(zip, /^\d{5}$/);
    keys.add(step.order.key);
  }
  assert.equal(keys.size, 200);
});
