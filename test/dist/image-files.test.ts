/** What can be held of Dockerfile and compose.yaml without building them; scripts/test-image.sh builds and runs them. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { settingNames } from '../../src/config/setting-groups.ts';
import { parseDatabaseUrl } from '../../src/storage/postgres/database-url.ts';
import { until } from '../journeys/behind-the-service.ts';
import { spawnCli, startService } from '../service.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const dockerfile = read('Dockerfile');

interface ComposeService {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly disable?: boolean };
  readonly restart?: string;
}

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
    // BuildKit prefers a default to the platform that it knows: every image would hold the default's executable.
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
    for (const name of names) assert.ok(settingNames.includes(name), name);
  });
});

describe('compose.yaml', () => {
  const text = read('compose.yaml');
  const { services, volumes } = parse(text) as {
    readonly services: Readonly<Record<string, ComposeService>>;
    readonly volumes: Readonly<Record<string, unknown>>;
  };
  const serviceOf = (name: string) => services[name] ?? assert.fail(`no service ${name}`);

  test('names PostgreSQL as the service takes it: without TLS to the one in here, which has no certificate', () => {
    const addresses = [...text.matchAll(/\bpostgres:(\/\/[^\s'"]+)/g)].map(([, address]) => address ?? '');
    assert.ok(addresses.length >= 1);
    for (const address of addresses) {
      const { host, tls } = parseDatabaseUrl(address);
      assert.ok(Object.hasOwn(services, host), `${host} is a service`);
      assert.equal(tls, false, address);
    }
  });

  test('backs up by itself, by a command that does, into volumes that its user may write', async () => {
    const { image, profiles, command = [], volumes: mounts = [], healthcheck, restart } = serviceOf('backup');
    assert.deepEqual([image, profiles, restart], ['nozama', ['backup'], 'unless-stopped']);
    assert.equal(healthcheck?.disable, true, 'the image’s asks the service');
    // A new volume's owner is who owns the folder in the image.
    for (const mount of mounts) {
      const [volume = '', folder = ''] = mount.split(':');
      assert.ok(Object.hasOwn(volumes, volume), volume);
      assert.match(dockerfile, new RegExp(`^COPY .*--chown=65532:65532 .* ${folder}$`, 'm'));
    }

    await using service = await startService();
    const here = (word: string) =>
      word
        .replace(/^\$\{BACKUP_TO:-(.*)\}$/, '$1')
        .replace(/^\/(backups|metrics)/, (folder) => join(service.dir, folder));
    mkdirSync(join(service.dir, 'metrics'));
    const backup = spawnCli(command.map(here), { dir: service.dir });
    const textfile = here('/metrics/nozama-backup.prom');
    await until(() => existsSync(textfile), 'the first backup', 20_000);
    backup.kill('SIGKILL');
    await backup.exited;
    assert.match(readFileSync(textfile, 'utf8'), /^nozama_backup_failed 0$/m, backup.output());
    assert.equal(readdirSync(here('/backups')).length, 1);
  });

  test('lets Prometheus read what a backup says of itself', () => {
    const { profiles, command = [], volumes: mounts = [], image } = serviceOf('node-exporter');
    assert.deepEqual(profiles, ['monitoring']);
    assert.match(image, /:v[\d.]+@sha256:[0-9a-f]{64}$/);
    const folder = command.find((one) => one.startsWith('--collector.textfile.directory='))?.split('=')[1];
    const written = serviceOf('backup').volumes?.find((mount) => mount.endsWith(`:${folder}`));
    assert.ok(written !== undefined && mounts.includes(`${written}:ro`), `${folder} is of one volume`);
    assert.ok(read('deploy/prometheus/prometheus.yml').includes('targets: ["node-exporter:9100"]'));
  });
});
