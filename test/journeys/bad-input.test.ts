/** Mistakes at a terminal: each gets one sentence that says what to do, and an exit code. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../../lab/service/free-port.ts';
import { parseConfig } from '../../src/config/config.ts';
import { runCli, runtimeCommand, runtimeUnderTest, startService } from '../service.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nozama-bad-input-'));
  await mkdir(join(dir, 'folder'));
});
after(() => rm(dir, { recursive: true, force: true }));

async function assertSaid(
  args: readonly string[],
  expected: { readonly code: number; readonly words: RegExp },
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { code, output } = await runCli(args, { dir, env: { PORT: '0', LOG_FILE: '', ...env } });
  const context = `nozama ${args.join(' ')}: ${output}`;
  assert.equal(code, expected.code, context);
  assert.match(output, expected.words, context);
  assert.equal(output.trimEnd().split('\n').length, 1, context);
}

describe('help', () => {
  test('is had of a command in either order of words', async () => {
    const options = { dir };
    const { code, output } = await runCli(['help', 'verify'], options);
    assert.equal(code, 0);
    assert.equal(output, (await runCli(['verify', '--help'], options)).output);
    assert.match((await runCli(['help'], options)).output, /^Usage: nozama \[command\]/m);
    await assertSaid(['help', 'sell'], {
      code: 2,
      words: /^nozama doesn't know "sell"\. See nozama --help\./,
    });
  });

  test('of serve names the settings that a new shop may need, as they are', async () => {
    const { output } = await runCli(['serve', '--help'], { dir });
    const { port, host, databaseUrl, logFile } = parseConfig({});
    for (const [name, value] of Object.entries({
      PORT: port,
      HOST: host,
      DATABASE_URL: databaseUrl,
      LOG_FILE: logFile,
    }))
      assert.ok(new RegExp(`^  ${name} +(.*) unless set`, 'm').exec(output)?.[1] === String(value), name);
  });

  test('and the version take nothing else', async () => {
    await assertSaid(['--version', '--json'], { code: 2, words: /^nozama --version takes no arguments\./ });
    await assertSaid(['help', 'verify', 'seed'], { code: 2, words: /^nozama help takes one command\./ });
  });
});

describe('an address that is not what it should be', () => {
  test('a folder in place of a database file', async () => {
    for (const command of ['serve', 'migrate', 'seed', 'verify']) {
      await assertSaid(
        [command],
        { code: 1, words: /folder can't be opened: it is a folder\. Is DATABASE_URL right\?/ },
        { DATABASE_URL: 'sqlite:folder' },
      );
    }
    await assertSaid(['copy', '--from', 'sqlite:folder', '--to', 'postgres://u@127.0.0.1:1/x'], {
      code: 1,
      words: /folder can't be opened: it is a folder\. Is --from right\?/,
    });
  });

  test('a database that is there, and can’t be looked at', async () => {
    // Root may look into every folder, but follows no link for ever.
    await symlink('endless.db', join(dir, 'endless.db'));
    await assertSaid(
      ['verify'],
      { code: 1, words: /endless\.db can't be opened: ELOOP.*does its folder belong to this user/ },
      { DATABASE_URL: 'sqlite:endless.db' },
    );
    await assertSaid(
      ['verify'],
      { code: 1, words: /nothing\.db does not exist\. Is DATABASE_URL right\?$/m },
      { DATABASE_URL: 'sqlite:nothing.db' },
    );
  });

  test('a folder that can’t be made', { skip: process.platform !== 'linux' && 'no /proc' }, async () => {
    await assertSaid(
      ['migrate'],
      { code: 1, words: /^\/proc\/nozama\/shop\.db can't be opened: ENOENT.*Is DATABASE_URL right/ },
      { DATABASE_URL: 'sqlite:/proc/nozama/shop.db' },
    );
  });

  test('a folder in place of an order key', async () => {
    const file = join(dir, 'keyed.db');
    await mkdir(`${file}.order-key`);
    await assertSaid(
      ['serve'],
      { code: 1, words: /keyed\.db\.order-key is no file: move it away/ },
      { DATABASE_URL: `sqlite:${file}` },
    );
  });

  test('a folder in place of .env', async () => {
    await mkdir(join(dir, 'home/.env'), { recursive: true });
    const { code, output } = await runCli(['verify'], { dir: join(dir, 'home') });
    assert.equal(code, 2);
    assert.match(
      output,
      /^\.env can't be read \(EISDIR.*\): make it a file that this user may read, or move it/m,
    );
  });

  test('a host that has no address', async () => {
    await assertSaid(
      ['serve'],
      { code: 1, words: /Can't listen on no-such-host\.invalid, port \d+: check HOST and PORT/ },
      { HOST: 'no-such-host.invalid', PORT: String(await findFreePort()), LOG_LEVEL: 'error' },
    );
  });

  test('a service that nobody has started', async () => {
    await assertSaid(['health', '--url', `http://127.0.0.1:${await findFreePort()}`], {
      code: 1,
      words: /did not answer: no service listens there\. Is it started, with this HOST and PORT\?$/m,
    });
  });

  test('a password file that is none', async () => {
    await assertSaid(
      ['verify'],
      {
        code: 1,
        words:
          /^DATABASE_PASSWORD_FILE can't be read: ENOENT.*Is its path right, and may this user read it\?/,
      },
      { DATABASE_URL: 'postgres://u@127.0.0.1:1/x', DATABASE_PASSWORD_FILE: 'none' },
    );
  });
});

test('a log file that can’t be written is told of, and the shop is open all the same', async () => {
  const file = join(dir, 'letter');
  await writeFile(file, '');
  await using service = await startService({ env: { LOG_FILE: join(file, 'app.log') } });
  const first = service.logs().split('\n')[0] ?? '';
  assert.match(first, /"level":"warn".*LOG_FILE .*app\.log can't be written/);
  assert.equal((await service.get('/readyz')).status, 200);
});

describe('an output that can’t be written', { skip: process.platform !== 'linux' && 'no /dev/full' }, () => {
  test('is a sentence and exit code 1, not a success', async () => {
    const [command = '', ...args] = [
      ...runtimeCommand(runtimeUnderTest()),
      join(root, 'src/cli/cli.ts'),
      '--help',
    ];
    const child = spawn(command, args, { cwd: dir, stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 1, said);
    assert.match(said, /^Standard output can't be written: ENOSPC.*\n$/);
  });
});
