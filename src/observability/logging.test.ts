import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openLog } from './logging.ts';

const folder = mkdtempSync(join(tmpdir(), 'nozama-log-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The fields of the error in the line that tells of it. */
async function logged(error: unknown): Promise<Readonly<Record<string, unknown>>> {
  const path = join(folder, 'terminal.log');
  const file = openSync(path, 'w');
  const log = openLog({ level: 'info', file: null, terminal: { file, isTty: false } });
  log.error({ error }, 'request failed');
  await log.flush();
  closeSync(file);
  return JSON.parse(readFileSync(path, 'utf8')).error;
}

describe('the log', () => {
  test('names the module that could not be loaded, and the fault that it caused', async () => {
    const missing = './no-such-module.ts';
    const cause: unknown = await import(missing).catch((error: unknown) => error);
    for (const error of [await logged(cause), (await logged(new Error('no picture', { cause })))['cause']]) {
      const { message, stack } = error as Readonly<Record<string, unknown>>;
      assert.match(String(message), /no-such-module/);
      assert.equal(typeof stack, 'string');
    }
  });

  test('has the code of an error, and its causes', async () => {
    const cause = Object.assign(new Error('cut off'), { code: 'ECONNRESET' });
    const fields = await logged(new Error('no answer', { cause }));
    assert.equal(fields['message'], 'no answer');
    assert.equal((fields['cause'] as { code?: unknown }).code, 'ECONNRESET');
  });

  test('has what was thrown and is no error', async () => {
    assert.deepEqual(await logged({ reason: 'none' }), { reason: 'none' });
  });
});
