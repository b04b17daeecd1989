/** scripts/test.sh refuses to pass when no test would run. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const script = join(import.meta.dirname, '../../scripts/test.sh');
const file = 'test/tries.test.ts';

function refusal(args: readonly string[], postgresTests = ''): string {
  const env = { ...process.env, POSTGRES_TESTS: postgresTests };
  const { status, stderr } = spawnSync(script, args, { env, encoding: 'utf8' });
  assert.equal(status, 2, stderr);
  return stderr;
}

describe('scripts/test.sh refuses to run no test', () => {
  it('when a name is wrong, beside one that is right', () => {
    assert.match(
      refusal([file, 'test/nothing.test.ts']),
      /There is no file or folder test\/nothing\.test\.ts/,
    );
  });

  it('when a folder has none', () => {
    assert.match(refusal(['docs']), /There is no test file to run in: docs\. Name files or folders/);
  });

  it('when POSTGRES_TESTS leaves none', () => {
    assert.match(refusal([file], 'only'), /or unset POSTGRES_TESTS/);
    assert.match(refusal(['test/postgres'], 'none'), /or unset POSTGRES_TESTS/);
  });

  it('when POSTGRES_TESTS is misspelt', () => {
    assert.match(refusal([file], 'all'), /POSTGRES_TESTS is "all", but must be only or none/);
  });
});
