import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { makeFolder } from './file-system.ts';

const run = promisify(execFile);
const dir = mkdtempSync(join(tmpdir(), 'nozama-file-system-'));
after(() => rmSync(dir, { recursive: true }));

/** Of the user `nobody`: as root, every file and folder can be opened, and nothing is refused. */
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
chmodSync(dir, 0o755);

function ownedByUser(path: string, mode: number): string {
  if (isRoot) chownSync(path, nobody, nobody);
  chmodSync(path, mode);
  return path;
}

/** In a process of a user without rights. @returns the code of its failure, or an empty text */
async function failureOf(statements: string): Promise<string> {
  const program = join(dir, 'program.mjs');
  const modules = ['./file-system.ts', '../storage/sqlite/order-key-file.ts'].map((name) =>
    JSON.stringify(new URL(name, import.meta.url)),
  );
  writeFileSync(
    program,
    `import { syncFile, syncFolder } from ${modules[0]};
    import { loadOrderKeySecret } from ${modules[1]};
    if (${isRoot}) { process.setgid(${nobody}); process.setuid(${nobody}); }
    try { ${statements} } catch (error) { process.stdout.write(String(error.code ?? error.message)); }`,
  );
  return (await run(process.execPath, [program])).stdout;
}

describe('to make a folder', () => {
  test('makes those that it lies in, and tells the topmost', () => {
    const top = join(dir, 'top');
    assert.equal(makeFolder(join(top, 'middle/low')), top);
    assert.equal(makeFolder(join(top, 'middle/low')), null);
    assert.equal(makeFolder(join(top, 'other')), join(top, 'other'));
  });

  test('fails where a file stands in the way', () => {
    const file = join(dir, 'in-the-way');
    writeFileSync(file, 'x');
    assert.throws(() => makeFolder(file), { code: 'EEXIST' });
    assert.throws(() => makeFolder(join(file, 'below')), /EEXIST|ENOTDIR/);
  });

  test('fails below /proc, and does not try for ever', { skip: process.platform !== 'linux' }, async () => {
    const program = join(dir, 'folder.mjs');
    writeFileSync(
      program,
      `import { makeFolder } from ${JSON.stringify(new URL('./file-system.ts', import.meta.url))};
      try { makeFolder('/proc/nozama/shop'); } catch (error) { process.stdout.write(error.code); }`,
    );
    assert.equal((await run(process.execPath, [program], { timeout: 5_000 })).stdout, 'ENOENT');
  });
});

describe('to sync', { skip: process.platform === 'win32' && 'made with modes' }, () => {
  const unreadable = join(dir, 'unreadable');
  mkdirSync(unreadable);
  ownedByUser(unreadable, 0o300);

  test('a file is open for writing, as Windows asks for it', async () => {
    const file = join(dir, 'file');
    writeFileSync(file, 'x');
    assert.equal(await failureOf(`syncFile(${JSON.stringify(ownedByUser(file, 0o600))})`), '');
    assert.equal(await failureOf(`syncFile(${JSON.stringify(ownedByUser(file, 0o400))})`), 'EACCES');
  });

  test('a folder is opened, but not on Windows, which refuses that', async () => {
    const folder = JSON.stringify(unreadable);
    assert.equal(await failureOf(`syncFolder(${folder}, 'linux')`), 'EACCES');
    assert.equal(await failureOf(`syncFolder(${folder}, 'win32')`), '');
  });

  test('a secret of the order keys is made on Windows without its folder being opened', async () => {
    const path = (name: string) => JSON.stringify(join(unreadable, name));
    assert.match(
      await failureOf(`loadOrderKeySecret(${path('a.order-key')}, 'linux')`),
      /EACCES.*ORDER_KEY_SECRET/,
    );
    assert.equal(await failureOf(`loadOrderKeySecret(${path('b.order-key')}, 'win32')`), '');
  });
});
