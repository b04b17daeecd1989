/** The units, as far as they can be tested without a running systemd: systemd reads them without a complaint, and they may write where they have to. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const units = join(root, 'deploy/systemd');
const dropIn = 'nozama-backup-to-folder.conf';
const read = (name: string) => readFileSync(join(units, name), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'nozama-units-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;

/** All values of a key, in order. */
function values(text: string, key: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value ?? '');
}

/** Folders that a unit may write although all else is read-only to it. */
function writable(text: string): readonly string[] {
  return [
    ...values(text, 'ReadWritePaths'),
    ...values(text, 'StateDirectory').map((name) => `/var/lib/${name}`),
    ...values(text, 'RuntimeDirectory').map((name) => `/run/${name}`),
  ];
}

const isWithin = (folders: readonly string[], path: string) =>
  folders.some((one) => path === one || path.startsWith(`${one}/`));

describe('the systemd units', () => {
  test('are read without a complaint', { skip: !analyze && 'no systemd-analyze here' }, () => {
    cpSync(units, folder, { recursive: true });
    for (const name of readdirSync(folder).filter((one) => one.endsWith('.service')))
      writeFileSync(join(folder, name), read(name).replaceAll('/usr/local/bin/nozama', '/bin/true'));
    const dropIns = join(folder, 'nozama-backup.service.d');
    mkdirSync(dropIns);
    cpSync(join(units, dropIn), join(dropIns, 'folder.conf'));
    const files = readdirSync(units)
      .filter((name) => name !== dropIn)
      .map((name) => join(folder, name));
    assert.equal(files.length, 3);
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], {
      encoding: 'utf8',
    });
    assert.equal(`${stdout}${stderr}`, '');
  });

  test('let a backup write its metrics, its copy, and a folder that it goes to', () => {
    const backup = read('nozama-backup.service');
    assert.deepEqual(values(backup, 'ProtectSystem'), ['strict']);
    const metrics = / --textfile (\S+)/.exec(backup)?.[1] ?? assert.fail('no textfile');
    const copies = values(backup, 'Environment').map((value) => value.replace(/^TMPDIR=/, ''));
    assert.equal(copies.length, 1);
    for (const path of [metrics, ...copies]) assert.ok(isWithin(writable(backup), path), path);

    // The first example of docs/BACKUP.md is of a folder.
    const to = / backup --to (\/\S+)/.exec(readFileSync(join(root, 'docs/BACKUP.md'), 'utf8'))?.[1];
    const together = `${backup}\n${read(dropIn)}`;
    assert.ok(to !== undefined && isWithin(writable(together), to), `${to} may be written with ${dropIn}`);
    assert.ok(!isWithin(writable(backup), to), `${dropIn} is needed for ${to}`);
    assert.ok(backup.includes(dropIn), 'the unit says so');
    // A disk that is not there must not be taken for one that is: the backup would land beside the shop.
    assert.deepEqual(values(together, 'RequiresMountsFor'), [to]);
  });
});
