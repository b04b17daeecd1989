import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { hasFileModes } from '../../program/file-system.ts';
import { loadOrderKeySecret, OrderKeySecretError } from './order-key-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'nozama-key-'));
after(() => rmSync(dir, { recursive: true }));

test('the secret is made once and kept, for its owner alone, and nothing is left beside it', () => {
  const path = join(dir, 'new', 'shop.db.order-key');
  const secret = loadOrderKeySecret(path);
  assert.equal(secret.length, 32);
  assert.deepEqual(loadOrderKeySecret(path), secret);
  if (hasFileModes(process.platform)) assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dirname(path)), ['shop.db.order-key']);
});

test('many processes that start at once make one secret', async () => {
  const path = join(dir, 'race', 'shop.db.order-key');
  const module = JSON.stringify(new URL('./order-key-file.ts', import.meta.url));
  const program = `import { loadOrderKeySecret } from ${module};
    process.stdout.write(loadOrderKeySecret(${JSON.stringify(path)}).toString('hex'));`;
  const file = join(dir, 'race.mjs');
  writeFileSync(file, program);
  const run = promisify(execFile);
  const made = await Promise.all(Array.from({ length: 6 }, () => run(process.execPath, [file])));
  assert.equal(new Set(made.map(({ stdout }) => stdout)).size, 1);
  assert.equal(made[0]?.stdout, loadOrderKeySecret(path).toString('hex'));
});

test('a secret that others can read, or that is no secret, is refused', () => {
  const path = join(dir, 'open.order-key');
  loadOrderKeySecret(path);
  if (hasFileModes(process.platform)) {
    chmodSync(path, 0o640);
    assert.throws(() => loadOrderKeySecret(path), /mode 640.*chmod 600/);
  }
  for (const text of ['', 'abc']) {
    const short = join(dir, `short-${text}.order-key`);
    writeFileSync(short, text, { mode: 0o600 });
    assert.throws(() => loadOrderKeySecret(short), OrderKeySecretError);
  }
});

test('a mode that says nothing, as on Windows, is no reason to refuse', () => {
  const path = join(dir, 'windows.order-key');
  const secret = loadOrderKeySecret(path, 'win32');
  // What Windows says of every file.
  chmodSync(path, 0o666);
  assert.deepEqual(loadOrderKeySecret(path, 'win32'), secret);
  assert.throws(() => loadOrderKeySecret(path, 'linux'), /mode 666/);
});

test('a secret that can’t be made says so and names the other way', () => {
  const file = join(dir, 'no-folder');
  writeFileSync(file, '');
  assert.throws(
    () => loadOrderKeySecret(join(file, 'shop.db.order-key')),
    (error) => error instanceof OrderKeySecretError && /ORDER_KEY_SECRET|can't be read/.test(error.message),
  );
});
