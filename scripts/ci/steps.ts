/** What CI runs. Stages run one after another; so do the steps of a lane; the lanes of a stage run at the same time. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from './step.ts';

const root = join(import.meta.dirname, '../..');

function once(name: string, ...command: readonly [string, ...string[]]): Step {
  return { name, command, reportsTests: false, secondsMax: 300 };
}

function tests(
  name: string,
  command: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Step {
  return { name, command, env, reportsTests: true, secondsMax: 1_200 };
}

/**
 * The runtime makes no difference to these tests, which ran on Bun already: the lab and CI run on Bun, the executable has Bun
 * in it, pipelines and templates have neither.
 */
const onNode = ['src', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith('.test.ts') && !/^test\/(delivery|dist)\//.test(file)),
);

const suites: readonly Step[] = [
  once('lint and types', 'make', 'lint'),
  tests('tests on Bun', ['make', 'test']),
  {
    // Drills, races and random operations are repeated less than on Bun, and wait for no disk.
    ...tests('tests on Node', ['scripts/test.sh', ...onNode], {
      RUNTIME: 'node',
      DRILL_ROUNDS: '3',
      COMMANDS: '6000',
      RUNS: '10',
    }),
    keepsFilesInMemory: true,
  },
];

const requestTests = ['objects', 'disturbed-stores', 'unconditional-stores'].map(
  (name) => `test/object-stores/${name}.test.ts`,
);

/**
 * The longest of the steps that need pages, containers and servers. One browser and one service at a time leave a core idle.
 * A test of them compares costs with others of the same page and holds no duration, so that another lane may take cores.
 */
const withBrowser: readonly Step[] = [tests('browser tests', ['make', 'test_browser'])];

/** The steps beside it. None of them holds a duration. */
const withPrograms: readonly Step[] = [
  once('workflows and scripts', 'make', 'lint_workflows'),
  tests('image', ['make', 'test_image']),
  tests('object stores on Bun', ['scripts/test-object-stores.sh']),
  // Backups run alike on both; requests do not.
  tests('object stores on Node', ['scripts/test-object-stores.sh', ...requestTests], { RUNTIME: 'node' }),
  // HDFS is a program of Java. Objects in other stores run on Node, too.
  tests('HDFS', ['scripts/test-hdfs.sh']),
  tests('lake with Spark', ['make', 'test_lake_spark']),
  tests('lake with other readers', ['make', 'test_lake']),
  tests('BigQuery', ['make', 'test_bigquery']),
  tests('alerts and dashboard', ['make', 'test_monitoring']),
  tests('OpenAPI on Bun', ['make', 'test_openapi']),
  tests('OpenAPI on Node', ['make', 'test_openapi'], { RUNTIME: 'node' }),
];

export const stages: readonly (readonly (readonly Step[])[])[] = [
  [[once('programs that tests need', 'scripts/install-test-programs.sh')]],
  // One after another: tests that hold durations and rates fail when a browser or a build takes their cores.
  [suites],
  [withBrowser, withPrograms],
  // It holds durations.
  [[once('load smoke', 'make', 'load_smoke')]],
  // Whether the tests pass unbroken is counted above.
  [[tests('sabotage', ['make', 'sabotage'], { TESTS_HAVE_PASSED: 'true' })]],
];
