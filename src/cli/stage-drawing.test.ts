import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lineIntervalMs } from './copy-progress.ts';
import { createStageDrawing, quietMs } from './stage-drawing.ts';

type Step = readonly [atMs: number, name: string, share?: number];

/** What is written at each of these times. */
function drawn(isTerminal: boolean, steps: readonly Step[], columns = 80): readonly string[] {
  const draw = createStageDrawing({ isTerminal, columns, beganMs: 1_000 });
  return steps.map(([atMs, name, share = null]) => draw({ name, share }, 1_000 + atMs));
}

describe('a stage that lasts', () => {
  for (const isTerminal of [true, false]) {
    test(`is not told of in the first ${quietMs} ms, ${isTerminal ? 'on' : 'off'} a terminal`, () => {
      const texts = drawn(isTerminal, [
        [0, 'a'],
        [quietMs - 1, 'a'],
        [quietMs - 1, 'b', 0.5],
        [quietMs, 'b', 0.5],
      ]);
      assert.deepEqual(texts.slice(0, 3), ['', '', '']);
      assert.match(texts[3] ?? '', /b 50 % …/);
    });
  }

  test('is a line at its start, and then one now and then, where there is no terminal', () => {
    const texts = drawn(false, [
      [quietMs, 'a', 0.1],
      [quietMs + 1, 'a', 0.2],
      [quietMs + lineIntervalMs - 1, 'a', 0.3],
      [quietMs + lineIntervalMs, 'a', 0.409],
      [13_000, 'b'],
      [13_500, 'c'],
      [13_600, 'c'],
    ]);
    assert.deepEqual(texts, ['a 10 % …\n', '', '', 'a 40 % … 10 s\n', 'b …\n', 'c …\n', '']);
  });

  test('is drawn over itself on a terminal, whenever it reads otherwise', () => {
    const texts = drawn(true, [
      [quietMs, 'a'],
      [quietMs + 999, 'a'],
      [quietMs + 1_000, 'a'],
      [quietMs + 1_200, 'b', 1],
    ]);
    assert.deepEqual(texts, ['\r\u001b[Ka …', '', '\r\u001b[Ka … 1 s', '\r\u001b[Kb 100 % …']);
  });

  test('is never more than a line of a narrow terminal', () => {
    assert.deepEqual(drawn(true, [[quietMs, 'a long name of a stage']], 10), ['\r\u001b[Ka long na']);
  });
});
