import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { RunView } from '../control/live.ts';
import { renderReport } from './report.ts';
import { endedRun, keptTruth, latencyExample, minimalRun, totalsExample } from './run-example.ts';

/** The text that a reader sees, without scripts, styles and tags. */
function wordsOf(page: string): string {
  return page
    .replaceAll(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

function dataOf(page: string): { readonly samples: readonly unknown[] } {
  const json = /<script type="application\/json" id="run">([\s\S]*?)<\/script>/.exec(page)?.[1];
  assert.ok(json !== undefined);
  return JSON.parse(json);
}

function assertInOrder(text: string, parts: readonly string[]): void {
  let from = 0;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    assert.ok(at >= 0, `"${part}" is not there, or not in its place`);
    from = at + part.length;
  }
}

test('the verdict stands on top, the figures after it', () => {
  const words = wordsOf(renderReport(endedRun));
  assertInOrder(words, [
    'order-pipeline',
    '1,000 users, 100 more each second',
    '25 November 2026, 04:10:00 UTC',
    'Every order kept',
    keptTruth.sentence,
    '20,576 requests a second',
    '1,234,567 requests in 60 s',
    'p99 12.5 ms',
    'Failed &lt; 0.01 %',
    'Orders acknowledged 617,000',
    'Charts',
    'Fault Killed (SIGKILL)',
    'Over time',
    'POST /api/v1/orders 1,234,567 12 20,576 3.20 2.50 7.25 12.5 140 1,235',
    'Failures',
    '503 busy 12',
    'p99.9 140',
    'tent-4p 1,000,000 617,000 383,000 agrees',
    'p99 ≤ 50 ms, failures ≤ 0.1 %',
    '0.61 of 1 core',
  ]);
  assert.ok(!words.includes('void'));
});

test('a void run says so in red, and beside its largest figure', () => {
  const page = renderReport({ ...endedRun, voidReasons: ['the generator was late: p99 60.0 ms'] });
  assertInOrder(page, [
    'notice danger',
    'The figures are void',
    'the generator was late: p99 60.0 ms',
    'tag danger">void',
  ]);
});

test('an objective that broke is named', () => {
  const page = renderReport({ ...endedRun, broken: ['p99 was 99.1 ms, above 50 ms'] });
  assertInOrder(page, ['notice danger', 'What did not hold', 'p99 was 99.1 ms, above 50 ms']);
});

test('a drill states its fault, how often it was done, what had to hold, and its verdict', () => {
  const [drill] = endedRun.drills ?? [];
  assert.ok(drill !== undefined);
  const kept = renderReport(endedRun);
  assertInOrder(kept, ['<h2>Drills</h2>', drill.title, 'tag good">survived', '>2<', drill.about]);
  const problems = ['the service <b>ended</b> and did not survive it'];
  const broken = renderReport({ ...endedRun, drills: [{ ...drill, problems }] });
  assertInOrder(broken, ['tag danger">not survived', '&lt;b&gt;ended&lt;/b&gt; and did not']);
});

test('orders that are lost come first, with their examples', () => {
  const truth = {
    ...keptTruth,
    kind: 'broken' as const,
    sentence: '2 acknowledged orders are lost.',
    faults: [
      { kind: 'lost' as const, words: 'acknowledged, and not there', count: 2, examples: ['key-1', 'key-2'] },
    ],
    stock: [{ sku: 'tent-4p', before: 10, after: 5, sold: 4 }],
  };
  const page = renderReport({ ...endedRun, truth });
  assertInOrder(page, [
    'verdict danger',
    'Orders broken',
    '2 acknowledged orders are lost.',
    'key-1',
    'key-2',
  ]);
  assertInOrder(page, ['<details class="stock" open>', '1 of 1 products do not agree']);
});

test('a run that failed before its load has a report too', () => {
  const words = wordsOf(renderReport(minimalRun));
  assertInOrder(words, [
    'No verdict',
    'The run failed',
    'Nothing answers at http://127.0.0.1:1.',
    'no figures',
    'Plan',
  ]);
});

test('a search shows the rate that holds, and each step', () => {
  const step = {
    answeredPerSecond: 990,
    p50Ms: 1,
    p99Ms: 9,
    failureShare: 0,
    isConfirmation: false,
    voidReasons: [],
  };
  const limit = {
    objective: { p99MsMax: 20, failureShareMax: 0.01 },
    steps: [
      { ...step, perSecond: 1_000, holds: true },
      { ...step, perSecond: 1_500, holds: false },
      { ...step, perSecond: 1_250, holds: false, voidReasons: ['late'] },
      { ...step, perSecond: 1_000, holds: true, isConfirmation: true },
    ],
    tryingPerSecond: null,
    holdsPerSecond: 1_000,
    ending: 'At 1,500/s p99 was above 20 ms.',
  };
  const words = wordsOf(renderReport({ ...endedRun, limit }));
  assertInOrder(words, [
    '1,000 requests a second hold',
    'Search for the limit',
    'At 1,500/s p99 was above 20 ms.',
    '1,000 990 1.00 9.00 0 % held',
    '1,500 990 1.00 9.00 0 % broke',
    'void late',
    'held tried for longer',
  ]);
  const none = renderReport({ ...endedRun, limit: { ...limit, holdsPerSecond: null } });
  assert.match(wordsOf(none), /No rate held/);
});

test('whatever a run brings is text', () => {
  const nasty = '</script><img src=x onerror=alert(1)><!--\u2028';
  const view: RunView = {
    ...endedRun,
    id: nasty,
    url: nasty,
    startedAt: nasty,
    plan: { ...endedRun.plan, scenario: nasty },
    problem: nasty,
    events: [{ atSecond: 1, kind: 'fault', text: nasty }],
    voidReasons: [nasty],
    broken: [nasty],
    totals: {
      ...totalsExample,
      routes: [{ route: nasty, requests: 1, failures: 1, requestsPerSecond: 1, latency: latencyExample }],
      failuresByKind: [{ route: nasty, reason: nasty, count: 1, example: nasty }],
    },
    truth: {
      ...keptTruth,
      sentence: nasty,
      faults: [{ kind: 'lost', words: 'acknowledged, and not there', count: 1, examples: [nasty] }],
      stock: [{ sku: nasty, before: 1, after: 1, sold: 0 }],
    },
    limit: {
      objective: { p99MsMax: 1, failureShareMax: 1 },
      steps: [
        {
          perSecond: 1,
          answeredPerSecond: 1,
          p50Ms: null,
          p99Ms: null,
          failureShare: 0,
          holds: false,
          isConfirmation: false,
          voidReasons: [nasty],
        },
      ],
      tryingPerSecond: null,
      holdsPerSecond: null,
      ending: nasty,
    },
    environment: {
      runtime: nasty,
      system: nasty,
      processor: nasty,
      cores: 2,
      memoryGib: 4,
      service: { engine: nasty, settings: { [nasty]: nasty } },
    },
  };
  const page = renderReport(view);
  assert.ok(!page.includes('<img'), 'no element of theirs');
  assert.ok(!page.includes('<!--'), 'no comment of theirs');
  const count = (text: string) => page.split(text).length - 1;
  assert.equal(count('</script>'), 2);
  assert.equal(count('<script'), 2);
  assert.deepEqual(
    dataOf(page),
    JSON.parse(JSON.stringify({ samples: view.samples, events: view.events, limit: view.limit })),
  );
});

test('the report loads nothing, and its policy has exactly its own script and style', () => {
  const page = renderReport(endedRun);
  const outsideScripts = page.replaceAll(/<script[^>]*>[\s\S]*?<\/script>/g, '');
  assert.doesNotMatch(
    outsideScripts,
    /<(?:link|img|iframe|object|embed|base)\b|\s(?:src|href|style)=|@import|url\(/i,
  );
  const policy =
    /http-equiv="content-security-policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
  assert.match(policy, /^default-src 'none';/);
  const digest = (text: string | undefined) =>
    `'sha256-${createHash('sha256')
      .update(text ?? '')
      .digest('base64')}'`;
  const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1];
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1];
  assert.ok(policy.includes(`script-src ${digest(script)};`), policy);
  assert.ok(policy.includes(`style-src ${digest(style)};`), policy);
  assert.equal(
    /\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon)\b/.exec(script ?? '')?.[0],
    undefined,
  );
});

test('a run of hours is a file of some megabytes at the most', () => {
  const [sample] = endedRun.samples;
  assert.ok(sample !== undefined);
  const samples = Array.from({ length: 7_200 }, (_, index) => ({
    ...sample,
    atSecond: index / 4,
    p50Ms: Math.PI * index,
  }));
  const page = renderReport({ ...endedRun, samples });
  assert.ok(page.length < 4_000_000, `${page.length} characters`);
  assert.equal(dataOf(page).samples.length, 7_200);
});
