/**
 * The image as scripts/test-image.sh has built it from the Dockerfile, run by podman and runc: root file system
 * read-only, no capability, no new privileges, the default seccomp filter, and the user that the image names.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../lab/service/free-port.ts';
import { anOrder, jsonOf, postOrder } from '../journeys/shop-client.ts';

const [program = '', ...storage] = (process.env['PODMAN'] ?? 'podman').split(' ');
const image = process.env['IMAGE'] ?? '';
/** The same for the architecture that this machine does not have. */
const otherImage = process.env['OTHER_IMAGE'] ?? '';
const commit = process.env['IMAGE_COMMIT'] ?? '';

/** The image's user; a volume of this machine's has to be theirs. */
const uid = 65_532;

function podman(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, [...storage, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function must(...args: string[]): string {
  const { status, stdout, stderr } = podman(...args);
  assert.equal(status, 0, `podman ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

const data = mkdtempSync(join(tmpdir(), 'nozama-volume-'));
const name = `nozama-${randomUUID()}`;
let port = 0;

/** As compose.yaml has it, but on this machine's loopback: a network of its own needs more rights than a test has. */
function confined(): readonly string[] {
  return [
    ...['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--pull=never'],
    ...['--ulimit=nofile=4096:4096', '--ulimit=nproc=4096:4096'],
    ...['--network=host', '--env=HOST=127.0.0.1', `--env=PORT=${port}`, `--volume=${data}:/data`],
  ];
}

async function isHealthy(): Promise<boolean> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (podman('healthcheck', 'run', name).status === 0) return true;
    await sleep(100);
  }
  return false;
}

before(async () => {
  chownSync(data, uid, uid);
  port = await findFreePort();
});

after(() => {
  podman('rm', '--force', '--volumes', name);
  podman('volume', 'rm', '--force', `${name}-backups`, `${name}-metrics`);
  rmSync(data, { recursive: true, force: true });
});

/** By e_machine of its ELF header (Tool Interface Standard, ELF 1.2), as images call architectures. */
const architectures = new Map([
  [0x3e, 'amd64'],
  [0xb7, 'arm64'],
]);

/** The platform that an image names, and the platform of its executable. */
function architecturesOf(of: string): readonly (string | undefined)[] {
  const [{ Architecture: said }] = JSON.parse(must('image', 'inspect', of));
  const container = must('create', '--pull=never', of);
  const file = join(data, 'executable');
  try {
    must('cp', `${container}:/usr/local/bin/nozama`, file);
    return [said, architectures.get(readFileSync(file).readUInt16LE(18))];
  } finally {
    rmSync(file, { force: true });
    must('rm', '--volumes', container);
  }
}

describe('the image', () => {
  test('is for each architecture that is published, whichever builds it', () => {
    const own = process.arch === 'x64' ? 'amd64' : 'arm64';
    const other = own === 'amd64' ? 'arm64' : 'amd64';
    assert.deepEqual(architecturesOf(image), [own, own]);
    assert.deepEqual(architecturesOf(otherImage), [other, other]);
  });

  test('is what the Dockerfile says', () => {
    const [{ Config: config, Healthcheck: healthcheck, Labels: labels }] = JSON.parse(
      must('image', 'inspect', image),
    );
    assert.equal(config.User, `${uid}:${uid}`);
    assert.deepEqual(config.Entrypoint, ['/usr/local/bin/nozama']);
    assert.deepEqual(config.Cmd, ['serve']);
    assert.deepEqual(Object.keys(config.Volumes), ['/data']);
    assert.deepEqual(healthcheck.Test, ['CMD', '/usr/local/bin/nozama', 'health']);
    assert.equal(labels['org.opencontainers.image.revision'], commit);
  });

  test('holds the executable of its commit, and nobody who could change it', () => {
    assert.match(must('run', '--rm', ...confined(), image, '--version'), new RegExp(` \\(${commit}, `));
    for (const shell of ['/bin/sh', '/bin/bash', '/usr/bin/env', '/bin/busybox']) {
      assert.notEqual(podman('run', '--rm', ...confined(), `--entrypoint=${shell}`, image).status, 0, shell);
    }
  });

  test('takes orders as nobody, with no right and nothing to write to but its volume', async () => {
    must('run', '--detach', `--name=${name}`, ...confined(), image);
    assert.ok(await isHealthy(), podman('logs', name).stderr);
    const pid = must('inspect', '--format', '{{.State.Pid}}', name);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (key: string) => new RegExp(`^${key}:\\s+(\\S+)`, 'm').exec(status)?.[1];
    assert.equal(field('Uid'), String(uid));
    for (const set of ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb']) assert.match(field(set) ?? '', /^0+$/, set);
    assert.equal(field('NoNewPrivs'), '1');
    // 2: a filter.
    assert.equal(field('Seccomp'), '2');
    const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
    const optionsOf = (at: string) =>
      mounts.map((line) => line.split(' ')).find((words) => words[4] === at)?.[5];
    assert.match(optionsOf('/') ?? '', /^ro,/);
    assert.match(optionsOf('/data') ?? '', /^rw,/);

    assert.equal((await postOrder(`http://127.0.0.1:${port}`, anOrder(), 'image-1')).status, 201);
    const page = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(page.status, 200);
  });

  test('backs up while it sells, and restores elsewhere, verified', () => {
    const run = (...args: string[]) =>
      must(
        'run',
        '--rm',
        ...confined(),
        '--env=TMPDIR=/data',
        '--env=DATABASE_URL=sqlite:/data/nozama.db',
        image,
        ...args,
      );
    // As in compose.yaml: into new volumes, which this user can write and a node exporter's can read in part.
    const volumes = ['backups', 'metrics'].map((one) => `--volume=${name}-${one}:/${one}`);
    const mounted = [...volumes, '--env=TMPDIR=/data', '--env=DATABASE_URL=sqlite:/data/nozama.db'];
    const textfile = ['--textfile', '/metrics/nozama-backup.prom'];
    must('run', '--rm', ...confined(), ...mounted, image, 'backup', '--to', '/backups', ...textfile);
    const metrics = must('volume', 'inspect', '--format', '{{.Mountpoint}}', `${name}-metrics`);
    assert.match(readFileSync(join(metrics, 'nozama-backup.prom'), 'utf8'), /^nozama_backup_failed 0$/m);
    assert.equal(statSync(metrics).mode & 0o777, 0o755);
    run('backup', '--to', '/data/backups');
    run('restore', 'latest', '--from', '/data/backups', '--to', 'sqlite:/data/elsewhere.db');
    const elsewhere = '--env=DATABASE_URL=sqlite:/data/elsewhere.db';
    assert.match(must('run', '--rm', ...confined(), elsewhere, image, 'verify'), /\(1 examined\)/);
  });

  test('keeps an order through a kill, and ends in order when it is told to', async () => {
    must('kill', '--signal=KILL', name);
    must('wait', name);
    assert.notEqual(podman('run', '--rm', ...confined(), image, 'health').status, 0);
    must('start', name);
    assert.ok(await isHealthy(), podman('logs', name).stderr);
    const again = await postOrder(`http://127.0.0.1:${port}`, anOrder(), 'image-1');
    assert.equal(again.status, 201);
    assert.equal(jsonOf(again).number, 1001);
    must('stop', '--time=10', name);
    assert.equal(must('inspect', '--format', '{{.State.ExitCode}}', name), '0');
    const verified = podman('run', '--rm', ...confined(), image, 'verify');
    assert.match(
      verified.stdout,
      /every order is in it exactly once as placed, with its time \(1 examined\)/,
    );
    assert.equal(verified.status, 0, verified.stderr);
  });

  test('says in a sentence that its volume can’t be written', () => {
    chownSync(data, 0, 0);
    chmodSync(data, 0o555);
    rmSync(join(data, 'nozama.db'), { force: true });
    const { status, stdout, stderr } = podman('run', '--rm', ...confined(), image);
    assert.equal(status, 1);
    assert.match(
      `${stdout}${stderr}`,
      /\/data\/nozama\.db can't be opened: .*does its folder belong to this user/,
    );
  });
});
