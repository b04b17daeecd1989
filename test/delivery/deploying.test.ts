/** The scripts of a deployment: the smoke test against a real service, the order of steps against a cloud that notes its commands. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type RunningService, runtimeCommand, type ServiceOptions, startService } from '../service.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nozama-deploy-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function script(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(join(root, 'scripts', name), args, {
    env: { PATH: process.env['PATH'], READY_SECONDS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

/** A folder with an `az` that notes its arguments. */
function notingCloud(name: string): { readonly path: string; readonly told: () => readonly string[] } {
  const path = mkdtempSync(join(folder, name));
  const notes = join(path, 'notes');
  writeFileSync(notes, '');
  writeFileSync(join(path, 'az'), `#!/bin/sh\necho "$@" >> "${notes}"\n`);
  chmodSync(join(path, 'az'), 0o755);
  return {
    path: `${path}:${process.env['PATH']}`,
    told: () =>
      readFileSync(notes, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.replace(/ --.*/, '')),
  };
}

const newCommit = '0a'.repeat(20);
const oldCommit = '0b'.repeat(20);

/** The executable of a commit, as the image has it. */
function build(commit: string): string {
  const [bun = '', ...args] = runtimeCommand('bun');
  const own = `${process.platform === 'darwin' ? 'macos' : process.platform}-${process.arch}`;
  const given = { COMMIT: commit, COMMIT_DATE: '2026-01-31T12:00:00Z', PLATFORMS: own };
  execFileSync(bun, [...args, join(root, 'scripts/dist.ts')], {
    env: { PATH: process.env['PATH'], DIST: join(folder, commit), ...given },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return join(folder, commit, 'nozama');
}

const executables = new Map<string, string>();
before(() => {
  for (const commit of [newCommit, oldCommit]) executables.set(commit, build(commit));
});

function startCommit(commit: string, options: ServiceOptions = {}): Promise<RunningService> {
  const { env = {} } = options;
  return startService({ ...options, executable: executables.get(commit), env: { LOG_FILE: '', ...env } });
}

const image = `ghcr.io/nozama/nozama@sha256:${'0'.repeat(64)}`;
const nowhere = 'http://127.0.0.1:1';
const swap = 'webapp deployment slot swap';

describe('a smoke test', () => {
  test('finds that a shop works, and leaves no order unless it is told to', async () => {
    await using service = await startService({ env: { LOG_FILE: '' } });
    const looked = await script('smoke-test.sh', [service.url]);
    assert.equal(looked.code, 0, looked.output);
    assert.match(looked.output, /The shop at .* works\.\n$/);
    const metrics = async () => (await service.get('/metrics')).text();
    assert.match(await metrics(), /nozama_orders_total\{outcome="placed"\} 0\n/);
    const ordered = await script('smoke-test.sh', [`${service.url}/`], { PLACE_ORDER: 'true' });
    assert.equal(ordered.code, 0, ordered.output);
    assert.match(await metrics(), /nozama_orders_total\{outcome="placed"\} 1\n/);
  });

  test('says what does not', async () => {
    const { code, output } = await script('smoke-test.sh', [nowhere]);
    assert.equal(code, 1);
    assert.match(output, /^FAIL \/readyz: not ready within 1 s/m);
  });
});

describe('a smoke test of a commit', () => {
  test('is one of that commit alone', async () => {
    await using service = await startCommit(newCommit);
    const right = await script('smoke-test.sh', [service.url], { EXPECT_COMMIT: newCommit });
    assert.equal(right.code, 0, right.output);
    const wrong = await script('smoke-test.sh', [service.url], { EXPECT_COMMIT: oldCommit });
    assert.equal(wrong.code, 1);
    assert.match(wrong.output, new RegExp(`^FAIL /readyz: ready, but not ${oldCommit}.*${newCommit}`, 'm'));
  });

  test('waits while the old one still answers', async () => {
    const old = await startCommit(oldCommit);
    const { port, url } = old;
    const looking = script('smoke-test.sh', [url], { EXPECT_COMMIT: newCommit, READY_SECONDS: '20' });
    await sleep(2_000);
    await old.stop();
    await using _new = await startCommit(newCommit, { env: { PORT: String(port) } });
    const { code, output } = await looking;
    assert.equal(code, 0, output);
  });
});

describe('a deployment', () => {
  const told = { RESOURCE_GROUP: 'shop', WEBAPP: 'nozama', IMAGE: image, COMMIT: newCommit };

  test('is tried in the slot, swapped, and tried again', async () => {
    await using service = await startCommit(newCommit);
    const cloud = notingCloud('good-');
    const { code, output } = await script('deploy.sh', [], {
      ...told,
      PATH: cloud.path,
      STAGING_URL: service.url,
      PRODUCTION_URL: service.url,
    });
    assert.equal(code, 0, output);
    assert.deepEqual(cloud.told(), ['webapp config container set', 'webapp restart', swap]);
  });

  test('is not swapped when it does not work in the slot', async () => {
    const cloud = notingCloud('bad-');
    const { code } = await script('deploy.sh', [], {
      ...told,
      PATH: cloud.path,
      STAGING_URL: nowhere,
      PRODUCTION_URL: nowhere,
    });
    assert.equal(code, 1);
    assert.deepEqual(cloud.told(), ['webapp config container set', 'webapp restart']);
  });

  test('is not swapped while the slot still answers with the version before', async () => {
    await using service = await startCommit(oldCommit);
    const cloud = notingCloud('old-');
    const { code } = await script('deploy.sh', [], {
      ...told,
      PATH: cloud.path,
      STAGING_URL: service.url,
      PRODUCTION_URL: service.url,
    });
    assert.equal(code, 1);
    assert.deepEqual(cloud.told(), ['webapp config container set', 'webapp restart']);
  });

  test('is swapped back when production still answers with the version before', async () => {
    await using slot = await startCommit(newCommit);
    await using production = await startCommit(oldCommit);
    const cloud = notingCloud('stuck-');
    const { code, output } = await script('deploy.sh', [], {
      ...told,
      PATH: cloud.path,
      STAGING_URL: slot.url,
      PRODUCTION_URL: production.url,
    });
    assert.equal(code, 1, output);
    assert.deepEqual(cloud.told().slice(-2), [swap, swap]);
  });

  test('is swapped back when it does not work in production', async () => {
    await using service = await startCommit(newCommit);
    const cloud = notingCloud('back-');
    const { code, output } = await script('deploy.sh', [], {
      ...told,
      PATH: cloud.path,
      STAGING_URL: service.url,
      PRODUCTION_URL: nowhere,
    });
    assert.equal(code, 1, output);
    assert.match(output, /swapping back/);
    assert.deepEqual(cloud.told().slice(-2), [swap, swap]);
  });

  test('needs to know what goes where', async () => {
    for (const [env, sentence] of [
      [{ ...told, WEBAPP: '' }, /^WEBAPP must be set/],
      [{ ...told, IMAGE: 'nozama:latest' }, /^IMAGE must name its digest/],
      [{ ...told, COMMIT: '' }, /^COMMIT must be set/],
      [{ ...told, COMMIT: 'main' }, /^COMMIT must be 40 hexadecimal digits/],
    ] as const) {
      const { code, output } = await script('deploy.sh', [], { ...env, PATH: notingCloud('none-').path });
      assert.equal(code, 2);
      assert.match(output, sentence);
    }
  });
});
