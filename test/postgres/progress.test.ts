/** What `nozama verify` and `nozama migrate` say while PostgreSQL keeps them waiting. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { runCli, spawnCli } from '../service.ts';
import { openTestDatabase, postgresMissing, type TestDatabase, testsOnCitus } from './postgres-databases.ts';

const missing = (await postgresMissing()) ?? (testsOnCitus ? 'its locks are of one server' : null);
const patienceMs = 20_000;

describe('a command that lasts on PostgreSQL', { skip: missing ?? false }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'nozama-progress-'));
  let database: TestDatabase;
  before(async () => {
    database = await openTestDatabase();
  });
  after(async () => {
    await database?.[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true });
  });

  const settings = () => ({ DATABASE_URL: database.url, DATABASE_ALLOW_UNSAFE_COMMITS: 'true' });

  /** Until the command has said something. */
  async function whileLocked(table: string, command: string): Promise<string> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      const { exited, output } = spawnCli([command], { dir, env: settings() });
      const deadline = Date.now() + patienceMs;
      while (output() === '' && Date.now() < deadline) await sleep(20);
      await client.query('ROLLBACK');
      const { code } = await exited;
      assert.equal(code, 0, output());
      return output();
    } finally {
      await client.end();
    }
  }

  it('names the check that it is at', async () => {
    const quick = await runCli(['verify'], { dir, env: settings() });
    assert.match(quick.output, /^ {2}ok .*\nEverything agrees\.\n$/s);
    const [first = '', ...rest] = (await whileLocked('order_lines', 'verify')).split('\n');
    assert.match(first, /^check 1 of \d+: every order has lines, and they add up to its total …( \d s)?$/);
    assert.equal(rest.join('\n'), quick.output);
  });

  it('says that a migration waits', async () => {
    const output = await whileLocked('schema_versions', 'migrate');
    assert.match(output, /^opening the database …( \d s)?\nSchema version \d+: nothing to do\.\n$/);
  });
});
