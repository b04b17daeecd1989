/** Steps that run real test runners on the files in samples/, and commands that end in every other way. */
import assert from 'node:assert/strict';
import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { memoryBytesMin, runStep, type Step, type StepResult } from './step.ts';

const root = join(import.meta.dirname, '../..');

async function run(step: Partial<Step>): Promise<StepResult & { readonly output: string }> {
  let output = '';
  const whole = { name: 'a step', command: ['true'], reportsTests: true, secondsMax: 60, ...step } as const;
  const result = await runStep(whole, root, (text) => {
    output += text;
  });
  return { ...result, output };
}

const memoryMissing =
  existsSync('/dev/shm') && statfsSync('/dev/shm').bavail * statfsSync('/dev/shm').bsize >= memoryBytesMin
    ? false
    : 'no file system in memory with enough room';

const sample = (name: string) => `scripts/ci/samples/${name}.sample.ts`;

/** One line for each result: its outcome, name, file, and the first line of its detail. */
const told = ({ results }: StepResult) =>
  results
    .map(({ outcome, name, file, detail }) => [outcome, name, file, detail?.split('\n')[0]])
    .map((words) => words.filter((word) => word).join(' | '))
    .sort();

for (const runtime of ['bun', 'node']) {
  describe(`tests on ${runtime}`, () => {
    // Node's runner tells those that it runs inside of itself to report to it, by that variable.
    const runner = ['env', '-u', 'NODE_TEST_CONTEXT', 'scripts/run-test-files.sh'] as const;
    const runSamples = (...names: string[]) =>
      run({ command: [...runner, ...names.map(sample)], env: { RUNTIME: runtime } });

    test('that pass are counted, each with the suites it is in', async () => {
      const { output, ...result } = await runSamples('passing');
      const file = sample('passing');
      assert.deepEqual(told(result), [
        `passed | a suite > in a suite > passes | ${file}`,
        `passed | passes <too> & "well" | ${file}`,
      ]);
      assert.match(output, /in a suite/);
      assert.ok(result.seconds > 0 && (result.processorSeconds ?? 0) > 0);
    });

    test('that another file declares are those of the file that runs them', async () => {
      assert.deepEqual(told(await runSamples('declared-elsewhere')), [
        `passed | one engine > keeps its promise | ${sample('declared-elsewhere')}`,
      ]);
    });

    test('that fail are named, with their file and message, beside those of other files', async () => {
      const file = sample('failing');
      assert.deepEqual(told(await runSamples('failing', 'passing')), [
        `failed | a suite > fails | ${file} | one is not <two> & "never" was`,
        `passed | a suite > in a suite > passes | ${sample('passing')}`,
        `passed | a suite > passes | ${file}`,
        `passed | passes <too> & "well" | ${sample('passing')}`,
      ]);
    });

    test('that are skipped say why, alone or with their suite', async () => {
      const file = sample('skipping');
      assert.deepEqual(told(await runSamples('skipping')), [
        `passed | is not skipped | ${file}`,
        `passed | passes | ${file}`,
        `skipped | a skipped suite | ${file} | no "sun" either`,
        `skipped | is skipped | ${file} | no <moon> tonight`,
      ]);
    });

    test('that are skipped without a reason are a failure', async () => {
      const failed = (await runSamples('skipping-silently')).results.filter(
        ({ outcome }) => outcome === 'failed',
      );
      assert.deepEqual(failed, [
        {
          name: 'is skipped',
          file: sample('skipping-silently'),
          outcome: 'failed',
          detail: 'is skipped without a reason',
        },
      ]);
    });

    test('that are all skipped are a failure: none ran', async () => {
      assert.deepEqual(told(await runSamples('skipping-all')), [
        'failed | a step | ran no test',
        `skipped | is skipped | ${sample('skipping-all')} | no moon tonight`,
      ]);
    });

    const broken = ['crashing', 'not-loading', 'empty', 'failing-hook'];
    for (const name of broken) {
      test(`of a file that is ${name} fail, alone and beside others`, async () => {
        for (const others of [[], ['passing']]) {
          const result = await runSamples(name, ...others);
          const failed = result.results.filter(({ outcome }) => outcome === 'failed');
          assert.equal(failed.length, 1, told(result).join('\n'));
          // Of a hook neither runner reports more than by its exit code.
          if (name !== 'failing-hook') assert.equal(failed[0]?.file, sample(name));
        }
      });
    }
  });
}

describe('a step that reports tests', () => {
  const report = '<testsuites><testcase name="passes" file="a.test.ts"/></testsuites>';
  const reporting = (then: string, text = report) =>
    run({ command: ['sh', '-c', `printf '%s' "$0" > "$JUNIT_FOLDER/one.xml"; ${then}`, text] });

  test('is passed when it says so by its exit code too', async () => {
    assert.deepEqual(told(await reporting('exit 0')), ['passed | passes | a.test.ts']);
    assert.deepEqual(told(await reporting('exit 3')), [
      'failed | a step | ended with code 3, though its reports name no failed test',
      'passed | passes | a.test.ts',
    ]);
  });

  test('is failed without a report, or with half of one', async () => {
    assert.deepEqual(told(await run({ command: ['true'] })), ['failed | a step | ran no test']);
    assert.deepEqual(told(await run({ command: ['false'] })), [
      'failed | a step | ended with code 1, though its reports name no failed test',
    ]);
    const [half] = (await reporting('exit 0', report.slice(0, 40))).results;
    assert.equal(half?.outcome, 'failed');
    assert.match(half?.detail ?? '', /^The report cannot be read/);
  });

  test('is failed when its program is missing, was killed, or lasts too long', async () => {
    assert.deepEqual(told(await run({ command: ['no-such-program'] })), [
      'failed | a step | ended with code 127, though its reports name no failed test',
    ]);
    assert.deepEqual(told(await reporting('kill -KILL $$')), [
      'failed | a step | ended with code 137, though its reports name no failed test',
      'passed | passes | a.test.ts',
    ]);
    const late = await run({ command: ['sh', '-c', 'sleep 60 & sleep 60'], secondsMax: 0.5 });
    assert.deepEqual(told(late), ['failed | a step | did not end within 0.5 s, and was killed']);
    assert.ok(late.seconds < 30);
  });

  test('leaves no folder of reports behind', async () => {
    const { output } = await run({ command: ['sh', '-c', 'echo "$JUNIT_FOLDER"'] });
    const { results } = await run({ command: ['test', '!', '-e', output.trim()], reportsTests: false });
    assert.equal(results[0]?.outcome, 'passed');
  });
});

test('a step that keeps files in memory has a folder there, which others may read and which goes with it', {
  skip: memoryMissing,
}, async () => {
  const command = ['sh', '-c', 'stat -f -c %T "$TMPDIR"; stat -c %a "$TMPDIR"; echo "$TMPDIR"'] as const;
  const { output } = await run({ command, reportsTests: false, keepsFilesInMemory: true });
  const [fileSystem, mode, folder = ''] = output.trim().split('\n');
  assert.deepEqual([fileSystem, mode], ['tmpfs', '755']);
  assert.ok(folder.startsWith('/dev/shm/') && !existsSync(folder), folder);
  const elsewhere = await run({ command, reportsTests: false, env: { TMPDIR: root } });
  assert.equal(elsewhere.output.trim().split('\n')[2], root);
});

describe('a step that is one thing', () => {
  test('counts as one test', async () => {
    const passed = await run({ command: ['echo', 'all is well'], reportsTests: false });
    assert.deepEqual(told(passed), ['passed | a step']);
    assert.equal(passed.output, 'all is well\n');
    assert.deepEqual(told(await run({ command: ['false'], reportsTests: false })), [
      'failed | a step | ended with code 1',
    ]);
  });
});
