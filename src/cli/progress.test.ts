import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clearLine, createProgress, drawIntervalMs, lineIntervalMs, quietMs } from './progress.ts';

type Step = readonly [atMs: number, stage: string, detail?: string];

/** The text that each step writes. */
function drawn(isTerminal: boolean, steps: readonly Step[], columns = 80): readonly string[] {
  let nowMs = 1_000;
  let written = '';
  const write = (text: string) => {
    written += text;
  };
  const progress = createProgress({ write, isTerminal, columns: () => columns, nowMs: () => nowMs });
  return steps.map(([atMs, stage, detail]) => {
    written = '';
    nowMs = 1_000 + atMs;
    progress.show(stage, detail);
    return written;
  });
}

describe('without a terminal', () => {
  test(`the first ${quietMs} ms are quiet`, () => {
    assert.deepEqual(
      drawn(false, [
        [0, 'a'],
        [quietMs - 1, 'b'],
        [quietMs, 'b', '50 %'],
      ]),
      ['', '', 'b 50 % …\n'],
    );
  });

  test('each stage is a line when it begins, then one now and then', () => {
    const texts = drawn(false, [
      [quietMs, 'a', '10 %'],
      [quietMs + 1, 'a', '20 %'],
      [quietMs + lineIntervalMs - 1, 'a', '30 %'],
      [quietMs + lineIntervalMs, 'a', '40 %'],
      [quietMs + lineIntervalMs + 1, 'b'],
      [quietMs + 3 * lineIntervalMs, 'b'],
    ]);
    assert.deepEqual(texts, ['a 10 % …\n', '', '', 'a 40 % …\n', 'b …\n', '']);
  });
});

describe('on a terminal', () => {
  test('the line is drawn over itself, at once for a new stage and now and then for its detail', () => {
    const texts = drawn(true, [
      [0, 'a'],
      [1, 'a', '1 %'],
      [drawIntervalMs, 'a', '2 %'],
      [drawIntervalMs + 1, 'b'],
    ]);
    assert.deepEqual(texts, [`${clearLine}a …`, '', `${clearLine}a 2 % …`, `${clearLine}b …`]);
  });

  test('it is never longer than a narrow terminal', () => {
    assert.deepEqual(drawn(true, [[0, 'a long name of a stage']], 10), [`${clearLine}a long na`]);
  });
});
