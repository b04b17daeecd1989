/** What a place of a table's files guarantees, held against a folder and against the memory of the tests. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isDraft, openFolderFiles } from '../../src/events/lake/folder-files.ts';
import { LakeRefusedError } from '../../src/events/lake/lake-refused-error.ts';
import type { TableFiles } from '../../src/events/lake/table-files.ts';
import { openMemoryFiles } from './memory-files.ts';

const root = mkdtempSync(join(tmpdir(), 'nozama-lake-files-'));
after(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
function newFolder(): string {
  folders += 1;
  return join(root, `table-${folders}`);
}

const places: readonly { readonly name: string; readonly open: () => TableFiles }[] = [
  { name: 'a folder', open: () => openFolderFiles(newFolder()) },
  { name: 'the memory of the tests', open: () => openMemoryFiles() },
];

const bytes = (text: string) => new TextEncoder().encode(text);
const textIn = async (files: TableFiles, path: string) => {
  const found = await files.read(path);
  return found === null ? null : new TextDecoder().decode(found);
};
const pathsIn = async (files: TableFiles, folder: string) =>
  (await Array.fromAsync(files.list(folder), ({ name }) => name)).sort();

for (const { name, open } of places) {
  describe(`${name} keeps the files of a table`, () => {
    it('and has none before the first', async () => {
      const files = open();
      assert.equal(await files.read('_delta_log/0.json'), null);
      assert.deepEqual(await pathsIn(files, ''), []);
      assert.deepEqual(await pathsIn(files, '_delta_log/'), []);
      await files.remove('_delta_log/0.json');
    });

    it('and creates one when there is none', async () => {
      const files = open();
      assert.equal(await files.create('_delta_log/0.json', bytes('first')), 'created');
      assert.equal(await files.create('_delta_log/0.json', bytes('second')), 'exists');
      assert.equal(await textIn(files, '_delta_log/0.json'), 'first');
    });

    it('and lets one of many win who create it at once', async () => {
      const files = open();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, writer) => files.create('_delta_log/0.json', bytes(`${writer}`))),
      );
      assert.deepEqual(answers.filter((answer) => answer === 'created').length, 1);
      assert.equal(await textIn(files, '_delta_log/0.json'), `${answers.indexOf('created')}`);
      assert.deepEqual(await pathsIn(files, ''), ['_delta_log/0.json']);
    });

    it('and replaces, lists and removes', async () => {
      const files = open();
      await files.write('day=2026-11-30/a.parquet', bytes('1'));
      await files.write('day=2026-11-30/a.parquet', bytes('22'));
      await files.write('_delta_log/0.json', bytes('333'));
      assert.equal(await textIn(files, 'day=2026-11-30/a.parquet'), '22');
      assert.deepEqual(await pathsIn(files, ''), ['_delta_log/0.json', 'day=2026-11-30/a.parquet']);
      const [entry] = await Array.fromAsync(files.list('_delta_log/'));
      assert.equal(entry?.bytes, 3);
      assert.ok(Math.abs((entry?.changedAtMs ?? 0) - Date.now()) < 60_000);
      await files.remove('day=2026-11-30/a.parquet');
      assert.deepEqual(await pathsIn(files, ''), ['_delta_log/0.json']);
    });
  });
}

describe('a folder', () => {
  it('has no drafts left, and tells one by its name', async () => {
    const folder = newFolder();
    const files = openFolderFiles(folder);
    await files.write('a.parquet', bytes('1'));
    await files.create('a.parquet', bytes('2'));
    assert.deepEqual(readdirSync(folder), ['a.parquet']);
    assert.ok(isDraft('_delta_log/.nozama-0a.part') && !isDraft('nozama-0a.parquet'));
  });

  it('that stands in the way as a file is refused with a sentence', async () => {
    const folder = newFolder();
    writeFileSync(folder, '');
    const files = openFolderFiles(folder);
    await assert.rejects(files.create('_delta_log/0.json', bytes('')), LakeRefusedError);
  });

  it('that belongs to somebody else is refused with a sentence', {
    skip: process.getuid?.() === 0 && 'the superuser may write anywhere',
  }, async () => {
    const folder = newFolder();
    mkdirSync(folder);
    chmodSync(folder, 0o500);
    await assert.rejects(
      openFolderFiles(folder).write('a.parquet', bytes('')),
      /Does it belong to this user/,
    );
  });
});
