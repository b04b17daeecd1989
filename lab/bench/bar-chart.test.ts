import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bar, renderBarChart } from './bar-chart.ts';

const bar: Bar = { label: 'Nozama', value: 20, min: 10, max: 40, shown: '20', tone: 'ours', goal: null };

/** Every element opened is closed, in order, and every attribute is quoted. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  const tag = /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/gi;
  const rest = svg.replace(tag, (_whole, closing: string, name: string, _attributes, empty: string) => {
    if (closing === '/') assert.equal(open.pop(), name);
    else if (empty === '') open.push(name);
    return '';
  });
  assert.deepEqual(open, []);
  assert.ok(!/[<>]/.test(rest), 'markup that is no element');
  assert.ok(!/&(?!#\d+;)/.test(rest), 'an ampersand that is no character reference');
}

test('a chart is well-formed, whatever its words are', () => {
  const svg = renderBarChart(
    'A <b> & "c"',
    [{ title: "It's", bars: [bar, { ...bar, label: '<script>', goal: 80 }] }],
    'x > y',
  );
  assertWellFormed(svg);
  assert.ok(!svg.includes('<script>'));
  assert.match(svg, /prefers-color-scheme: dark/);
});

test('bars are as long as their values, and nothing leaves the picture', () => {
  const svg = renderBarChart(
    't',
    [{ title: 'p', bars: [bar, { ...bar, value: 40 }, { ...bar, goal: 100 }] }],
    'n',
  );
  const lengths = Array.from(svg.matchAll(/<rect class="ours"[^>]* width="([\d.]+)"/g), ([, length]) =>
    Number(length),
  );
  assert.equal(lengths.length, 3);
  assert.ok(Math.abs((lengths[1] ?? 0) / (lengths[0] ?? 1) - 2) < 0.01);
  const width = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
  for (const [, x] of svg.matchAll(/ x[12]?="([\d.]+)"/g)) assert.ok(Number(x) <= width);
});

test('panels without bars, and bars of nothing, still give a chart', () => {
  assertWellFormed(renderBarChart('t', [{ title: 'empty', bars: [] }], 'n'));
  const svg = renderBarChart('t', [{ title: 'p', bars: [{ ...bar, value: 0, min: 0, max: 0 }] }], 'n');
  assertWellFormed(svg);
  assert.ok(!svg.includes('NaN'));
});
