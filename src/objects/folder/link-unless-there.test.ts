/** Links whose answer is lost, as on NFS: the link is made on a real file system, and then an error is said. */
import assert from 'node:assert/strict';
import { linkSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { link, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { linkUnlessThere } from './link-unless-there.ts';

const failing = (code: string) => Object.assign(new Error(`${code}: link failed`), { code });

/** Makes the link, and says that it failed. */
const losing =
  (code: string): typeof link =>
  async (file, path) => {
    await link(file, path);
    throw failing(code);
  };

/** Makes none. */
const refusing =
  (code: string): typeof link =>
  async () => {
    throw failing(code);
  };

describe('a link', () => {
  let folder: string;
  let file: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nozama-link-'));
    file = join(folder, 'temporary');
    path = join(folder, 'name');
    writeFileSync(file, 'ours');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is made once', async () => {
    assert.equal(await linkUnlessThere(file, path), 'linked');
    assert.equal(statSync(path).nlink, 2);
    assert.equal(await linkUnlessThere(file, path), 'linked');
    assert.equal(readFileSync(path, 'utf8'), 'ours');
  });

  it('is not made when another file has the name', async () => {
    writeFileSync(path, 'theirs');
    assert.equal(await linkUnlessThere(file, path), 'exists');
    assert.equal(readFileSync(path, 'utf8'), 'theirs');
  });

  for (const code of ['EEXIST', 'EIO', 'ETIMEDOUT', 'ESTALE', 'EINTR']) {
    it(`is known as ours when it was made and ${code} is said`, async () => {
      assert.equal(await linkUnlessThere(file, path, losing(code)), 'linked');
    });

    it(`is known as another’s when ${code} is said and another file has the name`, async () => {
      // A link of its own, so that a count of links says nothing.
      writeFileSync(join(folder, 'other'), 'theirs');
      linkSync(join(folder, 'other'), path);
      linkSync(file, join(folder, 'elsewhere'));
      assert.equal(await linkUnlessThere(file, path, refusing(code)), 'exists');
    });

    it(`is not known when ${code} is said and the name is not there`, async () => {
      assert.equal(await linkUnlessThere(file, path, refusing(code)), 'unknown');
    });
  }

  it('is not known when the file is gone', async () => {
    const removing: typeof link = async (from, to) => {
      await link(from, to);
      await unlink(from);
      throw failing('EIO');
    };
    assert.equal(await linkUnlessThere(file, path, removing), 'unknown');
  });

  it('is refused with the error of the system when it can’t have been made', async () => {
    for (const code of ['EACCES', 'ENOSPC', 'EROFS', 'ENOENT'])
      await assert.rejects(linkUnlessThere(file, path, refusing(code)), { code });
    await assert.rejects(
      linkUnlessThere(file, path, refusing('EPERM')),
      /^ObjectStoreError: The file system of \S+ has no hard links \(EPERM: link failed\): two writers/,
    );
  });
});
