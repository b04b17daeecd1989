import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgress } from './progress.ts';
import { formatTable } from './text-table.ts';

function anOutput(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 80, write: (text: string) => written.push(text), written };
}

test('a terminal gets one line that redraws itself', () => {
  const output = anOutput(true);
  let nowMs = 0;
  const progress = createProgress(output, 4, () => nowMs);
  progress.step('first');
  nowMs = 1_000;
  progress.step('second');
  const last = output.written.at(-1) ?? '';
  assert.match(last, /^█{6}░{18} 1\/4 · 3 s left · second$/);
  assert.ok(!output.written.join('').includes('\n'));
  progress.end();
  assert.equal(output.written.at(-1), '\r\x1b[K');
});

test('anything else gets plain lines', () => {
  const output = anOutput(false);
  const progress = createProgress(output, 2, () => 0);
  progress.step('first');
  progress.note('a note');
  progress.end();
  assert.deepEqual(output.written, ['[1/2] first\n', 'a note\n']);
});

test('a table lines up its columns', () => {
  assert.equal(
    formatTable(
      ['', 'a'],
      [
        ['x', '1'],
        ['longer', '1,000'],
      ],
    ),
    ['            a', '─────────────', 'x           1', 'longer  1,000'].join('\n'),
  );
});
