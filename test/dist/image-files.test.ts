/** What can be held of Dockerfile and compose.yaml without building them; scripts/test-image.sh builds and runs them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { settingNames } from '../../src/config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const dockerfile = read('Dockerfile');

describe('the Dockerfile', () => {
  test('pins its bases by digest', () => {
    const bases = [...dockerfile.matchAll(/^ARG \w+_IMAGE=(.*)$/gm)].map(([, base]) => base ?? '');
    assert.equal(bases.length, 2);
    for (const base of bases) assert.match(base, /^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
    for (const [, from] of dockerfile.matchAll(/^FROM (\S+)/gm))
      assert.match(from ?? '', /^\$\{\w+_IMAGE\}$/);
  });

  test('copies only what is there and what .dockerignore lets through', () => {
    const letThrough = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, files]) =>
      (files ?? '').split(' '),
    );
    assert.ok(copied.length >= 6);
    for (const file of copied) {
      assert.ok(existsSync(join(root, file)), `${file} is not there`);
      assert.ok(letThrough.includes(file), `${file} is kept out by .dockerignore`);
    }
  });

  test('sets what the service knows', () => {
    const env = /^ENV ((?:.*\\\n)*.*)$/m.exec(dockerfile)?.[1] ?? '';
    const names = [...env.matchAll(/(\w+)=/g)].map(([, name]) => name ?? '');
    assert.ok(names.length >= 4);
    for (const name of names)
      assert.ok(
        settingNames.some((known) => known === name),
        name,
      );
  });
});
