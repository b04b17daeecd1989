/** The plain lines of `nozama verify` without a terminal, while PostgreSQL keeps it waiting. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { quietMs } from '../../src/cli/progress.ts';
import { until } from '../journeys/behind-the-service.ts';
import { runCli, spawnCli } from '../service.ts';
import { openTestDatabase, postgresMissing, type TestDatabase, testsOnCitus } from './postgres-databases.ts';

const missing = (await postgresMissing()) ?? (testsOnCitus ? 'its locks are of one server' : null);

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

  /** Keeps the command waiting for longer than it stays quiet. */
  async function whileLocked(table: string, command: string): Promise<string> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      const { exited, output } = spawnCli([command], { dir, env: settings() });
      const waiting = `SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database
        WHERE NOT granted AND datname = current_database()`;
      await until(async () => (await database.query(waiting)).length > 0, 'the command that waits');
      await sleep(quietMs);
      await client.query('ROLLBACK');
      const { code } = await exited;
      assert.equal(code, 0, output());
      return output();
    } finally {
      await client.end();
    }
  }

  it('names each check that begins after the first seconds', async () => {
    const quick = await runCli(['verify'], { dir, env: settings() });
    assert.match(quick.output, /^ {2}ok .*\nEverything agrees\.\n$/s);
    const output = await whileLocked('order_lines', 'verify');
    assert.match(output, /^check 3 of \d+: .* …$/m);
    // The second is the first that reads the lines, and so the one that waited.
    assert.doesNotMatch(output, /^check [12] of/m);
    assert.equal(output.replaceAll(/^check .* …\n/gm, ''), quick.output);
  });
});
