/** What can be held of Dockerfile and compose.yaml without building them; scripts/test-image.sh builds and runs them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { settingNames } from '../../src/config.ts';
import { parseDatabaseUrl } from '../../src/storage/postgres/database-url.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const dockerfile = read('Dockerfile');

describe('the Dockerfile', () => {
  test('pins its bases by digest', () => {
    const bases = [...dockerfile.matchAll(/^ARG \w+_IMAGE=(.*)$/gm)].map(([, base]) => base ?? '');
    assert.equal(bases.length, 2);
    for (const base of bases) assert.match(base, /^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
    for (const [, from] of dockerfile.matchAll(/^FROM (?:--platform=\S+ )?(\S+)/gm))
      assert.match(from ?? '', /^\$\{\w+_IMAGE\}$/);
  });

  test('runs nothing of another platform than the one that builds it', () => {
    const [, build = '', final = ''] = dockerfile.split(/^(?=FROM )/m);
    assert.match(build, /^FROM --platform=\$BUILDPLATFORM /);
    assert.doesNotMatch(final, /^(RUN|FROM --platform)\b/m);
    // BuildKit prefers a default to what it knows of the platform: every image would hold the default's executable.
    assert.match(build, /^ARG TARGETARCH$/m);
    const published = /platforms: (\S+)/.exec(read('.github/workflows/continuousdelivery.yml'))?.[1];
    assert.equal(published, 'linux/amd64,linux/arm64', 'scripts/test-image.sh builds these two');
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

describe('compose.yaml', () => {
  const text = read('compose.yaml');
  const { services } = parse(text) as { readonly services: Readonly<Record<string, unknown>> };

  test('names PostgreSQL as the service takes it: without TLS to the one in here, which has no certificate', () => {
    const addresses = [...text.matchAll(/\bpostgres:(\/\/[^\s'"]+)/g)].map(([, address]) => address ?? '');
    assert.ok(addresses.length >= 1);
    for (const address of addresses) {
      const { host, tls } = parseDatabaseUrl(address);
      assert.ok(Object.hasOwn(services, host), `${host} is a service`);
      assert.equal(tls, false, address);
    }
  });
});
