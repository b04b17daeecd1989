/**
 * Breaks the code on purpose, one way at a time, and shows that the tests notice.
 *
 * Each sabotage changes one line or so in a copy of the repository; the tests named with it must then fail. When they
 * pass, no test checks that promise. The tests run once without a sabotage first, so that the sabotage alone makes
 * them fail; TESTS_HAVE_PASSED=true says that they have just passed.
 * JUNIT_FOLDER takes a report with each sabotage as a test. Usage: sabotage.ts [WORD …], to run only those
 * whose name holds a word.
 */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestResult, writeJUnit } from './ci/test-report.ts';
import { everySabotage } from './every-sabotage.ts';
import type { Sabotage } from './sabotages.ts';

const root = join(import.meta.dirname, '..');
/** A test run that hangs is caught too, but only once. */
const testTimeoutMs = 180_000;
/** For the tests of all sabotages together. */
const unbrokenTimeoutMs = 900_000;
/** Sabotages at a time, each in a copy of its own: the tests wait for disks and clocks more than they compute. */
const copiesMax = 3;
const copied = [
  'src',
  'test',
  'scripts',
  'lab',
  'deploy',
  'package.json',
  'tsconfig.json',
  'tsconfig.browser.json',
  '.env.example',
  'README.md',
  'docs',
];

function copyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'nozama-sabotage-'));
  for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  mkdirSync(temporaryFolder(copy));
  // PostgreSQL has files in there, and runs as another user.
  for (const folder of [copy, temporaryFolder(copy)]) chmodSync(folder, 0o755);
  return copy;
}

/** Tests that end at the first failure leave their files behind; they go with the copy. */
function temporaryFolder(copy: string): string {
  return join(copy, 'tmp');
}

interface TestRun {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly output: string;
}

function runTests(
  copy: string,
  { tests, only }: Pick<Sabotage, 'tests' | 'only'>,
  timeoutMs: number,
): Promise<TestRun> {
  return new Promise((resolve) => {
    // The first failure is all that is asked for.
    const run = spawn('scripts/test.sh', ['--bail', ...tests], {
      cwd: copy,
      env: {
        ...process.env,
        RUNTIME: 'bun',
        TEST_NAMES: only === undefined ? '' : only.replace(/[^\w ]/g, '.'),
        TMPDIR: temporaryFolder(copy),
        JUNIT_FOLDER: '',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-200_000);
    };
    run.stdout.on('data', keep);
    run.stderr.on('data', keep);
    // The group: the tests have services running, which would outlive them.
    const timer = setTimeout(() => process.kill(-(run.pid ?? 0), 'SIGKILL'), timeoutMs);
    run.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

/**
 * What became of a sabotage: the line that says which test failed, or that the tests hung; null when it was not noticed. Tests that
 * did not run, because a name was changed or a file does not load, have noticed nothing.
 */
function noticedBy({ only = '' }: Sabotage, { code, output }: TestRun): string | null {
  if (code === null) return `the tests did not end within ${testTimeoutMs / 1_000} s`;
  const failures = output.split('\n').filter((line) => /^(\(fail\)|✗)/.test(line.trim()));
  return failures.find((line) => line.includes(only))?.trim() ?? null;
}

function breakOnce(copy: string, { file, find, replace }: Sabotage): () => void {
  const path = join(copy, file);
  const whole = readFileSync(path, 'utf8');
  const pieces = whole.split(find);
  if (pieces.length !== 2) {
    throw new Error(`${file} holds ${pieces.length - 1} times, not once: ${find}`);
  }
  writeFileSync(path, pieces.join(replace));
  return () => writeFileSync(path, whole);
}

/** @returns the outcome of each sabotage, in any order */
async function breakEach(chosen: readonly Sabotage[], copies: readonly string[]): Promise<TestResult[]> {
  const results: TestResult[] = [];
  const waiting = chosen.values();
  const breakOneByOne = async (copy: string) => {
    for (const sabotage of waiting) {
      const mend = breakOnce(copy, sabotage);
      const startedAtMs = performance.now();
      const run = await runTests(copy, sabotage, testTimeoutMs);
      mend();
      const failure = noticedBy(sabotage, run);
      const own = { name: sabotage.name, file: sabotage.file };
      const isCaught = failure !== null;
      const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(0);
      results.push(
        isCaught
          ? { ...own, outcome: 'passed', detail: null }
          : { ...own, outcome: 'failed', detail: `survived ${sabotage.tests.join(', ')}` },
      );
      process.stdout.write(`${isCaught ? '  caught' : 'SURVIVED'}  ${sabotage.name} (${seconds} s)\n`);
      process.stdout.write(isCaught ? `            by ${failure}\n` : run.output.slice(-2_000));
    }
  };
  await Promise.all(copies.map(breakOneByOne));
  return results;
}

async function main(words: readonly string[]): Promise<number> {
  const chosen = everySabotage.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  const copies = Array.from({ length: copiesMax }, copyRepository);
  try {
    if (process.env['TESTS_HAVE_PASSED'] !== 'true') {
      const tests = [...new Set(chosen.flatMap((sabotage) => sabotage.tests))];
      const unbroken = await runTests(copies[0] ?? '', { tests }, unbrokenTimeoutMs);
      if (unbroken.code !== 0) {
        process.stdout.write(`The tests fail without any sabotage:\n${unbroken.output.slice(-5_000)}\n`);
        return 1;
      }
    }
    const results = await breakEach(chosen, copies);
    const folder = process.env['JUNIT_FOLDER'];
    if (folder) writeFileSync(join(folder, 'sabotage.xml'), writeJUnit('sabotage', results));
    const survived = results.filter(({ outcome }) => outcome === 'failed').length;
    process.stdout.write(`sabotage: ${results.length - survived} passed, ${survived} failed\n`);
    return survived === 0 && results.length > 0 ? 0 : 1;
  } finally {
    for (const copy of copies) rmSync(copy, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

process.exitCode = await main(process.argv.slice(2));
