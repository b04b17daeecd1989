/** The line that `nozama verify` and `nozama migrate` draw on a terminal while another program keeps the database locked. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { clearLine } from '../../src/cli/progress.ts';
import { runCli, runtimeCommand, runtimeUnderTest } from '../service.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nozama-progress-'));
const shop = join(folder, 'data/nozama.db');
const once = { dir: folder };
after(() => rmSync(folder, { recursive: true, force: true }));

interface Running {
  readonly exited: Promise<{ readonly code: number | null }>;
  output(): string;
}

const patienceMs = 20_000;

/** Locks every other program out of the database until the command has drawn its line. SQLite waits up to 5 s. */
async function whileLocked(command: string): Promise<{ readonly code: number | null; output: string }> {
  const db = new DatabaseSync(shop);
  db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; ROLLBACK');
  const { exited, output } = spawnOnTerminal([command]);
  const deadline = Date.now() + patienceMs;
  while (output() === '' && Date.now() < deadline) await sleep(20);
  db.close();
  const { code } = await exited;
  return { code, output: output() };
}

before(async () => {
  assert.equal((await runCli(['seed'], once)).code, 0);
});

describe('the line of a long command', { skip: terminalMissing() }, () => {
  test('names its stage and is wiped off before the result', async () => {
    const quick = await runCli(['verify'], once);
    assert.equal(quick.code, 0);
    assert.match(quick.output, /^ {2}ok {2}the database is sound.*\nEverything agrees\.\n$/s);

    const { output, code } = await whileLocked('verify');
    assert.equal(code, 0);
    const [before, first, ...more] = output.split(clearLine);
    assert.equal(before, '');
    assert.equal(first, 'opening the database …');
    const report = more.pop() ?? '';
    assert.match(more[0] ?? '', /^check 1 of \d+: the database is sound.* …$/);
    assert.equal(report.replaceAll('\r\n', '\n'), quick.output);
  });

  test('is drawn by a migration that waits for the database', async () => {
    const migrations = join(root, 'src/storage/sqlite/migrations');
    rmSync(join(folder, 'data'), { recursive: true });
    mkdirSync(join(folder, 'data'));
    const db = new DatabaseSync(shop);
    const first = readdirSync(migrations).find((name) => name.startsWith('0001-')) ?? assert.fail();
    db.exec(`PRAGMA journal_mode = WAL; ${readFileSync(join(migrations, first), 'utf8')};
      PRAGMA application_id = ${0x4e_5a_4d_41}; PRAGMA user_version = 1`);
    db.close();
    const { code, output } = await whileLocked('migrate');
    assert.equal(code, 0);
    const [, opening, migrating = '', ...more] = output.split(clearLine);
    assert.equal(opening, 'opening the database …');
    assert.match(migrating, /^bringing the schema to version 2 of \d+ …$/);
    assert.match(more.at(-1) ?? '', /^Schema brought from version 1 to \d+\.\r?\n$/);
    const again = await runCli(['migrate'], once);
    assert.match(again.output, /^Schema version \d+: nothing to do\.\n$/);
  });
});

/** `script` of util-linux gives a command a terminal. */
function terminalMissing(): string | false {
  const { stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return stdout?.includes('util-linux') ? false : 'no `script` of util-linux here';
}

function spawnOnTerminal(args: readonly string[]): Running {
  const command = [...runtimeCommand(runtimeUnderTest()), join(root, 'src/cli/cli.ts'), ...args];
  const child = spawn('script', ['-qec', command.join(' '), '/dev/null'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return {
    output: () => text,
    exited: new Promise((resolve) => child.once('close', (code) => resolve({ code }))),
  };
}
