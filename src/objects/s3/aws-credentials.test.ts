import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openAwsCredentials } from './aws-credentials.ts';

describe('the file of AWS profiles', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nozama-aws-'));
    path = join(folder, 'credentials');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const profile = (name: string, id: string, token = '') =>
    `[${name}]\naws_access_key_id = ${id}\naws_secret_access_key = secret\n${token === '' ? '' : `aws_session_token = ${token}\n`}`;
  const open = (more: Readonly<Record<string, string>> = {}) =>
    openAwsCredentials({ AWS_SHARED_CREDENTIALS_FILE: path, ...more });

  it('gives the credentials of a profile', () => {
    writeFileSync(path, `${profile('other', 'one')}${profile('default', 'two', 'token')}`);
    assert.deepEqual(open()(), { accessKeyId: 'two', secretAccessKey: 'secret', sessionToken: 'token' });
    assert.equal(open({ AWS_PROFILE: 'other' })().accessKeyId, 'one');
    const given = { AWS_ACCESS_KEY_ID: 'three', AWS_SECRET_ACCESS_KEY: 'x' };
    assert.deepEqual(open(given)(), { accessKeyId: 'three', secretAccessKey: 'x' });
  });

  it('is read again when it was written, or replaced', () => {
    writeFileSync(path, profile('default', 'first'));
    const credentials = open();
    assert.equal(credentials().accessKeyId, 'first');
    writeFileSync(path, profile('default', 'second-one'));
    assert.equal(credentials().accessKeyId, 'second-one');
    writeFileSync(`${path}.new`, profile('default', 'third'));
    renameSync(`${path}.new`, path);
    assert.equal(credentials().accessKeyId, 'third');
  });

  it('keeps its credentials while it is written, or is gone', () => {
    writeFileSync(path, profile('default', 'first'));
    const credentials = open();
    writeFileSync(path, '[default]\n');
    assert.equal(credentials().accessKeyId, 'first');
    rmSync(path);
    assert.equal(credentials().accessKeyId, 'first');
    writeFileSync(path, profile('default', 'second'));
    assert.equal(credentials().accessKeyId, 'second');
  });

  it('that has none is told with its remedy', () => {
    for (const text of [null, '', profile('other', 'x'), '[default]\naws_access_key_id = x\n']) {
      if (text !== null) writeFileSync(path, text);
      assert.throws(
        () => open(),
        /^ObjectStoreError: No credentials for the bucket: set AWS_ACCESS_KEY_ID .* or put them into \S+credentials as \[default\]\.$/,
      );
    }
  });
});
