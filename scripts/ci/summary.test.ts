import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { outputTurns } from './output-turns.ts';
import type { StepResult } from './step.ts';
import { summary } from './summary.ts';
import { readJUnit, writeJUnit } from './test-report.ts';

const passed = { file: 'a.test.ts', outcome: 'passed', detail: null } as const;
const lint: StepResult = {
  name: 'lint',
  results: [{ ...passed, name: 'lint', file: null }],
  seconds: 3.2,
  processorSeconds: 5.9,
};
const failing: StepResult = {
  name: 'tests on Bun',
  results: [
    { ...passed, name: 'one' },
    { ...passed, name: 'two', outcome: 'failed', detail: 'expected 1\n\nnot 2' },
    { ...passed, name: 'three', outcome: 'skipped', detail: 'no Docker here' },
    { name: 'b.test.ts', file: 'b.test.ts', outcome: 'failed', detail: 'The file has no test.' },
  ],
  seconds: 123.4,
  processorSeconds: null,
};

describe('the summary', () => {
  test('ends with the counts, alone on the last line', () => {
    assert.match(summary([lint], 4), /\n\n1 passed, 0 failed\n$/);
    assert.match(summary([lint, failing], 4), /\n\n2 passed, 2 failed, 1 skipped\n$/);
    assert.match(summary([], 0), /\n\n0 passed, 0 failed\n$/);
  });

  test('names what failed and what was skipped, with its file and the reason', () => {
    assert.ok(
      summary([lint, failing], 4).startsWith(
        `Skipped:
  tests on Bun: a.test.ts: three: no Docker here

Failed:
  tests on Bun: a.test.ts: two: expected 1 not 2
  tests on Bun: b.test.ts: The file has no test.

`,
      ),
    );
    const broken: StepResult = {
      ...lint,
      results: [{ name: 'lint', file: null, outcome: 'failed', detail: 'ended' }],
    };
    assert.ok(summary([broken], 4).startsWith('Failed:\n  lint: ended\n\n'));
  });

  test('keeps a long message to one line', () => {
    const long: StepResult = {
      ...failing,
      results: [{ ...passed, name: 'one', outcome: 'failed', detail: 'word '.repeat(1_000) }],
    };
    assert.ok(
      summary([long], 4)
        .split('\n')
        .every((line) => line.length < 400),
    );
  });

  test('tells what each step took', () => {
    assert.ok(
      summary([lint, failing], 130).includes(`
step          seconds  of processor  passed  failed  skipped
lint                3             6       1       0        0
tests on Bun      123             ?       1       2        1
all               130             6
`),
    );
  });
});

test('a report that was written is read again', () => {
  const results = [
    { ...passed, name: 'a <b> & "c" \u0007 \n d' },
    { ...passed, name: 'e', outcome: 'failed', detail: 'f "g"\nh' },
    { ...passed, name: 'i', outcome: 'skipped', detail: 'j', file: null },
  ] as const;
  const read = readJUnit(writeJUnit('suite', results), process.cwd());
  assert.deepEqual(
    read,
    results.map((one) => ({ ...one, name: `suite > ${one.name.replace('\u0007', '\u{FFFD}')}` })),
  );
});

test('steps that run at the same time print one after another, in the order of their start', () => {
  let printed = '';
  const open = outputTurns((text) => {
    printed += text;
  });
  const first = open('first');
  first.write('1 ');
  const second = open('second');
  second.write('2 ');
  const third = open('third');
  first.write('1 ');
  third.write('3 ');
  third.end();
  assert.equal(printed, '\n=== first\n1 1 ');
  first.end();
  assert.equal(printed, '\n=== first\n1 1 \n=== second\n2 ');
  second.write('2\n');
  second.end();
  assert.equal(printed, '\n=== first\n1 1 \n=== second\n2 2\n\n=== third\n3 ');
});
