/** The scripts of a deployment: the smoke test against a real service, the order of steps against a cloud that notes what it is told. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startService } from '../service.ts';

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

describe('a deployment', () => {
  const told = { RESOURCE_GROUP: 'shop', WEBAPP: 'nozama', IMAGE: image };

  test('is tried in the slot, swapped, and tried again', async () => {
    await using service = await startService({ env: { LOG_FILE: '' } });
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

  test('is swapped back when it does not work in production', async () => {
    await using service = await startService({ env: { LOG_FILE: '' } });
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
    ] as const) {
      const { code, output } = await script('deploy.sh', [], { ...env, PATH: notingCloud('none-').path });
      assert.equal(code, 2);
      assert.match(output, sentence);
    }
  });
});
