/** The script that installs what tests need: on this machine as it is, and on macOS with a package manager that notes its arguments. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../scripts/install-test-programs.sh', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nozama-programs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const notes = join(folder, 'notes');

/** A program that notes its arguments, and prints the given text. */
function program(name: string, prints = ''): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho "${name} $*" >> "${notes}"\necho "${prints}"\n`);
  chmodSync(path, 0o755);
  return path;
}

function install(env: Readonly<Record<string, string>> = {}) {
  rmSync(notes, { force: true });
  const { status, stdout, stderr } = spawnSync(script, {
    env: { PATH: `${folder}:${process.env['PATH']}`, ...env },
    encoding: 'utf8',
  });
  const told = existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : [];
  return { status, output: `${stdout}${stderr}`, told };
}

describe('what tests need besides npm', () => {
  test('is installed by Homebrew on macOS, and the next steps of a job are told where it is', () => {
    program('uname', 'Darwin');
    program('brew', '/opt/homebrew/opt/postgresql@18');
    const handedOn = join(folder, 'github-env');
    const { status, output, told } = install({ GITHUB_ENV: handedOn, POSTGRES_BIN: '' });
    assert.equal(status, 0, output);
    assert.deepEqual(told, [
      'uname -s',
      'brew install --quiet pgbouncer postgresql@18',
      'brew --prefix postgresql@18',
    ]);
    const bin = '/opt/homebrew/opt/postgresql@18/bin';
    assert.equal(readFileSync(handedOn, 'utf8'), `POSTGRES_BIN=${bin}\n`);
    assert.match(output, new RegExp(`POSTGRES_BIN=${bin}`));
  });

  test('is left alone where it is there', () => {
    program('uname', 'Darwin');
    for (const name of ['brew', 'pgbouncer', 'initdb', 'pg_basebackup']) program(name);
    const { status, output, told } = install({ POSTGRES_BIN: folder });
    assert.equal(status, 0, output);
    assert.deepEqual(told, ['uname -s']);
  });
});
