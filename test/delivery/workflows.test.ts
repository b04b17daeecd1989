/** What can be held of the workflows here, and of the steps of .ci/run; make lint_workflows looks at the rest with actionlint and zizmor. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { stages } from '../../scripts/ci/steps.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly container?: { readonly image?: string; readonly options?: string };
  readonly steps?: readonly Step[];
  readonly uses?: string;
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly 'timeout-minutes'?: number;
}

interface Workflow {
  readonly name: string;
  readonly permissions?: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.github/workflows');
const makefile = readFileSync(join(root, 'Makefile'), 'utf8');
const texts = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));

/** The rights to write that a token has, by workflow. */
const mayWrite: Readonly<Record<string, readonly string[]>> = {
  continuousdelivery: ['packages', 'id-token', 'attestations'],
};

/** Programs that the runner's image has. */
const programs = ['git', 'echo', 'cosign', 'apt-get', 'docker'];

/** What installs all that tests need and npm does not have, here and in .ci/run. */
const installing = 'scripts/install-test-programs.sh';

/** Targets whose tests fail in CI without those programs. */
const needing = ['make test', 'make sabotage'];

/** It puts the image's base together of this system's packages. */
const onDebian = 'make test_image';
const buildImage = /^ARG BUILD_IMAGE=(.*-bookworm-.*)$/m.exec(
  readFileSync(join(root, 'Dockerfile'), 'utf8'),
)?.[1];

/** One sentence for each rule that is broken. */
function findings(text: string): readonly string[] {
  const found: string[] = [];
  const { name, permissions, concurrency, jobs } = parse(text) as Workflow;
  if (JSON.stringify(permissions) !== '{}') found.push('the workflow gives permissions to all jobs');
  if (concurrency === undefined) found.push('the workflow has no concurrency group');
  for (const [id, job] of Object.entries(jobs)) {
    if (job.permissions === undefined) found.push(`${id} does not say what it may`);
    for (const [scope, level] of Object.entries(job.permissions ?? {})) {
      if (level === 'write' && !mayWrite[name]?.includes(scope)) found.push(`${id} may write ${scope}`);
    }
    if (job.uses === undefined && job['timeout-minutes'] === undefined) found.push(`${id} has no end`);
    for (const step of job.steps ?? []) found.push(...stepFindings(id, step));
    found.push(...programFindings(id, job));
  }
  if (name === 'continuousdelivery') found.push(...deliveryFindings(jobs));
  for (const [, secret] of text.matchAll(/secrets\.(\w+)/g)) {
    if (secret !== 'GITHUB_TOKEN') found.push(`the secret ${secret} would be kept for long`);
  }
  for (const [, uses, comment] of text.matchAll(/uses: (\S+)(.*)$/gm)) {
    if (uses?.startsWith('./')) continue;
    if (!/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(uses ?? '')) found.push(`${uses} is not pinned by commit`);
    if (!/^ # v\d+\.\d+\.\d+$/.test(comment ?? '')) found.push(`${uses} does not say its version`);
  }
  return found;
}

function stepFindings(job: string, { uses, run = '', with: given = {} }: Step): readonly string[] {
  const found: string[] = [];
  if (uses?.startsWith('actions/checkout@') && given['persist-credentials'] !== false)
    found.push(`${job} leaves its token in the checkout`);
  for (const line of run.split('\n').filter((one) => one.trim() !== '')) {
    const words = line.trim().split(/\s+/);
    if (words[0] === 'make') {
      const target = words[1] ?? '';
      if (!new RegExp(`^${target}:`, 'm').test(makefile))
        found.push(`${job} calls make ${target}, which is not there`);
    } else if (words[0]?.includes('/')) {
      if (!existsSync(join(root, words[0]))) found.push(`${job} calls ${words[0]}, which is not there`);
    } else if (!programs.includes(words[0] ?? '')) {
      found.push(`${job} calls ${words[0]}`);
    }
  }
  return found;
}

/** GitHub sets CI=true, where a test whose program is missing fails. */
function programFindings(id: string, { steps = [], container }: Job): readonly string[] {
  const found: string[] = [];
  const runs = steps.map(({ run = '' }) => run.trim());
  const neededAt = runs.findIndex((run) => needing.includes(run));
  if (neededAt >= 0 && !runs.slice(0, neededAt).includes(installing))
    found.push(`${id} runs ${runs[neededAt]} without ${installing} before`);
  if (
    runs.some((run) => run.endsWith(onDebian)) &&
    (container?.image !== buildImage || container?.options !== '--privileged')
  )
    found.push(`${id} runs ${onDebian} elsewhere than in the Debian that the image is built in`);
  return found;
}

/** `:main` is the template's default image, which anybody may install at any moment. */
function deliveryFindings(jobs: Readonly<Record<string, Job>>): readonly string[] {
  const found: string[] = [];
  const steps = jobs['build']?.steps ?? [];
  const at = (what: (step: Step) => boolean) => steps.findIndex(what);
  const pushesAt = at(({ with: given }) => given?.['push'] === true);
  const scansAt = at(({ uses }) => uses?.startsWith('anchore/scan-action@') === true);
  if (scansAt < 0 || scansAt > pushesAt) found.push('build pushes what nothing has scanned');
  if (steps[scansAt]?.with?.['image'] !== steps[scansAt - 1]?.with?.['tags'])
    found.push('build scans another image than it has just built');
  if (at(({ run }) => run?.startsWith('cosign sign ') === true) < pushesAt)
    found.push('build signs before it pushes');
  for (const [id, { steps: those = [], needs = [] }] of Object.entries(jobs)) {
    if (JSON.stringify(those).includes(':main') && !['build', 'deploy'].every((one) => needs.includes(one)))
      found.push(`${id} moves the tag main before what it names is signed and in production`);
  }
  return found;
}

describe('the workflows', () => {
  test('run what .ci/run runs, by the same commands', () => {
    const steps = stages.flat(2).map(({ command }) => command.join(' '));
    const runs = [...texts.values()].flatMap((text) =>
      Object.values((parse(text) as Workflow).jobs).flatMap(({ steps: those = [] }) =>
        those.flatMap(({ run = '' }) => run.trim().split('\n')),
      ),
    );
    const onlyHere = steps.filter((command) => !runs.includes(command) && !command.includes('.test.ts'));
    assert.deepEqual(onlyHere, []);
    assert.ok(steps.indexOf(installing) < steps.indexOf('make test'), 'what tests need is installed before');
    assert.doesNotMatch(readFileSync(join(root, '.ci/run'), 'utf8'), /apt-get|brew/);
  });

  test('are the five of the original', () => {
    assert.deepEqual([...texts.keys()].sort(), [
      'continuousdelivery.yml',
      'format.yml',
      'install.yml',
      'lint.yml',
      'test.yml',
    ]);
  });

  for (const [file, text] of texts) {
    test(`${file} calls what is there, is pinned, and may no more than it must`, () => {
      assert.deepEqual(findings(text), []);
      assert.equal(parse(text).name, file.replace('.yml', ''));
    });
  }

  const text = (file: string) => texts.get(file) ?? assert.fail(`no ${file}`);
  const broken: readonly (readonly [string, string, RegExp, string?])[] = [
    ['permissions: {}', 'permissions: write-all', /permissions to all jobs/],
    ['      contents: read\n      packages', '      contents: write\n      packages', /may write contents/],
    ['11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2', 'v4', /checkout@v4 is not pinned/],
    [' # v4.2.2', '', /does not say its version/],
    ['make dist', 'make dits', /make dits, which is not there/],
    ['make deploy', 'scripts/deploy-all.sh', /deploy-all\.sh, which is not there/],
    ['make scan', 'curl https://example.com | sh', /calls curl/],
    ['secrets.GITHUB_TOKEN', 'secrets.AZURE_CREDENTIALS', /AZURE_CREDENTIALS would be kept/],
    ['persist-credentials: false', 'persist-credentials: true', /leaves its token/],
    ['    timeout-minutes: 30\n    outputs', '    outputs', /build has no end/],
    ['scripts/install-test-programs.sh', 'echo nothing', /test runs make test without/, 'test.yml'],
    ['scripts/install-test-programs.sh', 'echo nothing', /sabotage runs make sabotage without/, 'test.yml'],
    [
      'github.sha }}\n          build',
      'github.sha }}\n            nozama:main\n          build',
      /build moves the tag main/,
    ],
    ['needs: [build, deploy]', 'needs: [build]', /release moves the tag main/],
    ['image: nozama:built', 'image: nozama:other', /build scans another image/],
    ['uses: anchore/scan-action@', 'uses: anchore/sbom-action@', /build pushes what nothing has scanned/],
    ['--privileged', '', /image runs make test_image elsewhere/, 'test.yml'],
    ['node:24-bookworm-slim@', 'node:24-trixie-slim@', /image runs make test_image elsewhere/, 'test.yml'],
  ];
  for (const [right, wrong, said, file = 'continuousdelivery.yml'] of broken) {
    test(`are refused with ${JSON.stringify(wrong)} for ${JSON.stringify(right)}: ${said.source}`, () => {
      assert.ok(text(file).includes(right));
      assert.match(findings(text(file).replaceAll(right, wrong)).join('\n'), said);
    });
  }
});
