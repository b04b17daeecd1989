/** What `nozama verify` and `nozama migrate` say while they last, on a database that somebody holds on to. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { clearLine } from '../../src/cli/stage-drawing.ts';
import { runCli, runtimeCommand, runtimeUnderTest, spawnCli } from '../service.ts';

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

/**
 * Keeps everybody else out of the database, as a check of a large shop would keep the command busy, until the
 * command has said something. SQLite would give up after 5 s.
 */
async function whileHeld(start: () => Running): Promise<{ readonly code: number | null; output: string }> {
  const db = new DatabaseSync(shop);
  db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; ROLLBACK');
  const { exited, output } = start();
  const deadline = Date.now() + patienceMs;
  while (output() === '' && Date.now() < deadline) await sleep(20);
  db.close();
  const { code } = await exited;
  return { code, output: output() };
}

before(async () => {
  assert.equal((await runCli(['seed'], once)).code, 0);
});

describe('a command that lasts', () => {
  test('says so on standard error, and the same as ever on standard output', async () => {
    const quick = await runCli(['verify'], once);
    assert.equal(quick.code, 0);
    assert.match(quick.output, /^ {2}ok {2}the database file is sound.*\nEverything agrees\.\n$/s);

    const slow = await whileHeld(() => spawnCli(['verify'], once));
    assert.equal(slow.code, 0);
    const [first = '', ...rest] = slow.output.split('\n');
    assert.match(first, /^opening the database …( \d s)?$/);
    assert.equal(rest.join('\n'), quick.output);
  });

  test('is drawn over itself on a terminal, and wiped off', { skip: terminalMissing() }, async () => {
    const { output, code } = await whileHeld(() => spawnOnTerminal(['verify']));
    assert.equal(code, 0);
    const [before, ...drawn] = output.split(clearLine);
    const report = drawn.pop() ?? '';
    assert.equal(before, '');
    assert.ok(drawn.length > 0);
    for (const text of drawn) assert.match(text, /^opening the database …( \d s)?$/);
    assert.match(report, /^ {2}ok {2}the database file is sound/);
  });

  test('migrates a database that it has to wait for, and says so', async () => {
    const migrations = join(root, 'src/storage/sqlite/migrations');
    rmSync(join(folder, 'data'), { recursive: true });
    mkdirSync(join(folder, 'data'));
    const db = new DatabaseSync(shop);
    const first = readdirSync(migrations).find((name) => name.startsWith('0001-')) ?? assert.fail();
    db.exec(`PRAGMA journal_mode = WAL; ${readFileSync(join(migrations, first), 'utf8')};
      PRAGMA application_id = ${0x4e_5a_4d_41}; PRAGMA user_version = 1`);
    db.close();
    const { code, output } = await whileHeld(() => spawnCli(['migrate'], once));
    assert.equal(code, 0);
    assert.match(output, /^opening the database …( \d s)?\nSchema brought from version 1 to \d+\.\n$/);
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
