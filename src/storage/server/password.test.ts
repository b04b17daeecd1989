import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ConnectionFailedError } from './connection-errors.ts';
import { findPassword } from './password.ts';

describe('the password of a connection', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'nozama-password-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function inFile(content: string): string {
    const file = join(folder, 'password');
    writeFileSync(file, content);
    return file;
  }

  it('is that of the address, of the file, of the environment, in this order', () => {
    const passwordFile = inFile('of the file\n');
    assert.equal(findPassword('of the address', { password: 'p', passwordFile }), 'of the address');
    assert.equal(findPassword(null, { password: 'p', passwordFile }), 'of the file');
    assert.equal(findPassword(null, { password: 'p', passwordFile: null }), 'p');
    assert.equal(findPassword(null, { password: null, passwordFile: null }), null);
  });

  for (const content of ['', '\n', '\r\n']) {
    it(`is refused with a sentence when the file holds ${JSON.stringify(content)}`, () => {
      const passwordFile = inFile(content);
      assert.throws(
        () => findPassword(null, { password: 'of the environment', passwordFile }),
        (error: unknown) =>
          error instanceof ConnectionFailedError &&
          /^DATABASE_PASSWORD_FILE names an empty file: .*leave the setting out to use DATABASE_PASSWORD\.$/.test(
            error.message,
          ),
      );
    });
  }
});
