/** How the process begins and ends: the starts that it refuses, and the work that it finishes before it ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { runCli, runtimeCommand, runtimeUnderTest } from '../service.ts';
import { countOrders, holdWriteLock, until } from './behind-the-service.ts';
import { type Ended, inFolder, openShop, type Settings, withShop } from './open-shop.ts';
import { anOrder, get, jsonOf, place, postOrder } from './shop-client.ts';

const root = join(import.meta.dirname, '../..');

describe('a start that is refused', () => {
  it('names every mistake of the configuration at once, and never a secret', async () => {
    const { code, output } = await refused({
      PORT: '70000',
      LOG_LEVEL: 'loud',
      QUEUE_DEPTH_MAX: '0',
      DATABASE_URL: 'oracle:db',
      CORS_ORIGINS: 'shop.example',
      ORDER_KEY_SECRET: 'hunter2',
      TRUST_PROXY: 'perhaps',
    });
    assert.equal(code, 2);
    for (const name of [
      'PORT',
      'LOG_LEVEL',
      'QUEUE_DEPTH_MAX',
      'DATABASE_URL',
      'CORS_ORIGINS',
      'ORDER_KEY_SECRET',
      'TRUST_PROXY',
    ]) {
      assert.match(output, new RegExp(`^${name} must be `, 'm'));
    }
    assert.match(output, /"70000"/);
    assert.doesNotMatch(output, /hunter2/);
    assertNoStack(output);
  });

  it('reads .env, and the environment goes before it', async () => {
    await inFolder(async (folder) => {
      await writeFile(join(folder, '.env'), 'QUEUE_DEPTH_MAX=seven\nLOG_LEVEL=loud\n');
      const { code, output } = await serve(folder, { LOG_LEVEL: 'info' });
      assert.equal(code, 2);
      assert.match(output, /^\.env, line 1: QUEUE_DEPTH_MAX must be .*"seven"/m);
      assert.doesNotMatch(output, /LOG_LEVEL must/);
    });
  });

  it('is one clear sentence when the port is taken, and makes no database', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = other.address() as AddressInfo;
      await inFolder(async (folder) => {
        const { code, output } = await serve(folder, { PORT: String(port) });
        assert.equal(code, 1);
        assert.match(output, new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is taken`));
        assert.match(output, /choose another port with PORT/);
        assertNoStack(output);
        assert.deepEqual(await readdir(folder), []);
      });
    } finally {
      other.close();
    }
  });

  it('changes no database when another service has the port', async () => {
    await withShop({}, async (shop) => {
      const db = new DatabaseSync(shop.file);
      // As if it were of an older program: a start that gets as far as the database would bring it up to date.
      const versionOf = () => Number(Object.values(db.prepare('PRAGMA user_version').get() ?? {})[0]);
      const newest = versionOf();
      db.exec(`PRAGMA user_version = ${newest - 1}`);
      try {
        const { code, output } = await serve(shop.folder, {
          PORT: String(shop.service.port),
          DATABASE_URL: `sqlite:${shop.file}`,
        });
        assert.equal(code, 1);
        assert.match(output, /is taken/);
        assert.equal(versionOf(), newest - 1);
      } finally {
        db.exec(`PRAGMA user_version = ${newest}`);
        db.close();
      }
    });
  });

  it('says so when the database was written by a newer program, and leaves it alone', async () => {
    const shop = await openShop();
    try {
      await shop.stop();
      const db = new DatabaseSync(shop.file);
      db.exec('PRAGMA user_version = 4711');
      db.close();
      const contents = await readFile(shop.file);
      for (const command of ['serve', 'migrate', 'seed', 'verify']) {
        const { code, output } = await runCli([command], {
          dir: shop.folder,
          env: { DATABASE_URL: `sqlite:${shop.file}`, LOG_FILE: '', PORT: '0' },
        });
        assert.equal(code, 1, command);
        assert.match(output, /schema version 4711/, command);
        assert.match(output, /newer program/, command);
        assertNoStack(output);
      }
      assert.deepEqual(await readFile(shop.file), contents);
    } finally {
      await shop.close();
    }
  });

  it('says so when the file is no database, or somebody else’s', async () => {
    await inFolder(async (folder) => {
      const rubbish = join(folder, 'rubbish.db');
      await writeFile(rubbish, 'This is a letter to my grandmother. '.repeat(500));
      const foreign = join(folder, 'foreign.db');
      const db = new DatabaseSync(foreign);
      db.exec('CREATE TABLE recipes (name TEXT)');
      db.close();
      const blocked = join(rubbish, 'nozama.db');
      for (const [file, words] of [
        [rubbish, /not a database/],
        [foreign, /not Nozama's/],
        [blocked, /rubbish\.db/],
        [folder, /can't be opened.*DATABASE_URL/],
      ] as const) {
        for (const command of ['serve', 'migrate', 'seed', 'verify']) {
          const { code, output } = await runCli([command], {
            dir: folder,
            env: { DATABASE_URL: `sqlite:${file}`, LOG_FILE: '', PORT: '0' },
          });
          assert.equal(code, 1, output);
          assert.match(output, words, command);
          assertNoStack(output);
        }
      }
      assert.match(await readFile(rubbish, 'utf8'), /^This is a letter/);
    });
  });

  it('is told what the commands are', async () => {
    await inFolder(async (folder) => {
      const help = await runCli(['--help'], { dir: folder });
      assert.equal(help.code, 0);
      assert.match(help.output, /verify/);
      const unknown = await runCli(['sell'], { dir: folder });
      assert.equal(unknown.code, 2);
      assert.match(unknown.output, /"sell"/);
      const nothing = await runCli(['verify'], { dir: folder });
      assert.equal(nothing.code, 1);
      assert.match(nothing.output, /does not exist/);
      assertNoStack(nothing.output);
    });
  });
});

describe('a start', () => {
  it('makes its folders, keeps its secret and data to itself, and logs no personal data', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'deep/er/nozama.db');
      const logFile = join(folder, 'logs/deep/app.log');
      const shop = await openShop({
        folder,
        settings: { DATABASE_URL: `sqlite:${file}`, LOG_FILE: logFile },
      });
      try {
        const order = await place(shop.url, { customer_name: 'Trillian Astra' });
        await postOrder(shop.url, anOrder({ customer_name: 'Zarniwoop\u0007' }));
        await shop.stop();
        for (const text of [await readFile(logFile, 'utf8'), shop.service.logs()]) {
          assert.ok(text.includes(order.order_id), 'one line for the order');
          assert.doesNotMatch(text, /Trillian|Zarniwoop|Analytical|ada@example/);
          for (const line of text.trim().split('\n')) JSON.parse(line);
        }
        assert.equal((await stat(file)).mode & 0o077, 0);
        assert.equal((await stat(`${file}.order-key`)).mode & 0o077, 0);
      } finally {
        await shop.close();
      }
    });
  });

  it('serves the shop although its log can’t be written', async () => {
    await inFolder(async (folder) => {
      await mkdir(join(folder, 'app.log'));
      const shop = await openShop({ folder, settings: { LOG_FILE: join(folder, 'app.log') } });
      try {
        await place(shop.url);
        assert.equal((await get(`${shop.url}/readyz`)).status, 200);
      } finally {
        await shop.close();
      }
    });
  });

  it('is ready as soon as it says where it is', async () => {
    await withShop({}, async (shop) => {
      const ready = await get(`${shop.url}/readyz`);
      assert.equal(ready.status, 200);
      const { durability } = jsonOf(ready);
      assert.equal(durability.journal_mode, 'wal');
      assert.equal(durability.synchronous, 'FULL');
      assert.equal((await get(`${shop.url}/livez`)).status, 200);
    });
  });
});

describe('a stop', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`by ${signal} answers what was accepted, takes no more, and exits 0`, async () => {
      await withShop({}, async (shop) => {
        const lock = holdWriteLock(shop.file);
        const asked = Array.from({ length: 20 }, (_, i) => postOrder(shop.url, anOrder(), `${signal}-${i}`));
        await until(async () => jsonOf(await get(`${shop.url}/readyz`)).queue_depth >= 19);
        const startedAt = Date.now();
        shop.service.kill(signal);
        await until(() => /stopping/.test(shop.service.logs()));
        await assert.rejects(get(`${shop.url}/livez`), 'no new connection');
        lock.release();
        for (const answer of await Promise.all(asked)) {
          assert.equal(answer.status, 201, answer.text);
          // So that no client sends its next request on a connection that is about to go.
          assert.equal(answer.headers.get('connection'), 'close');
        }
        const { code } = await shop.service.exited;
        const output = shop.service.logs();
        assert.equal(code, 0, output);
        assert.ok(Date.now() - startedAt < 5_000);
        assert.doesNotMatch(output, /"level":"(error|fatal)"/);
        assert.equal((await shop.verify()).code, 0);
        assert.equal(countOrders(shop.file), 20);
      });
    });
  }

  it('not by the end of its terminal, when nohup has seen to that', { skip: noHup() }, async () => {
    await inFolder(async (folder) => {
      const [file = '', ...args] = [...runtimeCommand(runtimeUnderTest()), join(root, 'src/cli/cli.ts')];
      const logFile = join(folder, 'app.log');
      const child = spawn('nohup', [file, ...args], {
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '', PORT: '0', LOG_FILE: logFile },
        stdio: 'ignore',
      });
      try {
        await until(() => existsSync(logFile) && openAt(logFile) !== null);
        child.kill('SIGHUP');
        const url = openAt(logFile) ?? '';
        assert.equal((await get(`${url}/readyz`)).status, 200);
        assert.doesNotMatch(readFileSync(logFile, 'utf8'), /stopping/);
      } finally {
        child.kill('SIGTERM');
        await new Promise((resolve) => child.once('exit', resolve));
      }
    });
  });

  it('ends at once by a second signal, and loses nothing that was acknowledged', async () => {
    await withShop({}, async (shop) => {
      const { order_id } = await place(shop.url);
      const lock = holdWriteLock(shop.file);
      try {
        const asked = [0, 1].map(() => postOrder(shop.url, anOrder()).catch(() => null));
        await until(async () => jsonOf(await get(`${shop.url}/readyz`)).queue_depth === 2);
        shop.service.kill('SIGTERM');
        await until(() => /stopping/.test(shop.service.logs()));
        // Signals within a fifth of a second are one wish: Ctrl-C comes twice through npm.
        await new Promise((resolve) => setTimeout(resolve, 300));
        const startedAt = Date.now();
        shop.service.kill('SIGTERM');
        const { code, signal } = await shop.service.exited;
        assert.ok(Date.now() - startedAt < 1_000, `${Date.now() - startedAt} ms`);
        assert.ok(code === 130 || signal === 'SIGTERM', `${code} ${signal}`);
        assert.deepEqual(await Promise.all(asked), [null, null]);
      } finally {
        lock.release();
      }
      await shop.start();
      assert.equal((await get(`${shop.url}/api/v1/orders/${order_id}`)).status, 200);
    });
  });

  it('does not wait longer than it is told for a client that never finishes', async () => {
    await withShop({ settings: { SHUTDOWN_TIMEOUT_MS: '500' } }, async (shop) => {
      const { hostname, port } = new URL(shop.url);
      const client = connect(Number(port), hostname);
      client.on('error', () => undefined);
      client.write(
        'POST /api/v1/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      const startedAt = Date.now();
      const { code, output } = await shop.stop();
      client.destroy();
      assert.equal(code, 0, output);
      assert.ok(Date.now() - startedAt < 3_000, `${Date.now() - startedAt} ms`);
    });
  });

  it('does not wait for a reader of its output that has stopped reading', { timeout: 60_000 }, async () => {
    await inFolder(async (folder) => {
      const log = join(folder, 'app.log');
      const command = [...runtimeCommand(runtimeUnderTest()), join(root, 'src/cli/cli.ts')];
      // In a pipeline, as under a log collector: the reader is there and takes nothing.
      const pipeline = `{ echo $BASHPID > pid; exec "$@"; } | exec sleep 120`;
      const shell = spawn('bash', ['-c', pipeline, 'bash', ...command], {
        cwd: folder,
        detached: true,
        stdio: 'ignore',
        env: { ...process.env, PORT: '0', LOG_FILE: log, DEMO_STOCK: '1000000' },
      });
      try {
        await until(() => existsSync(log) && openAt(log) !== null, 'its address');
        const url = openAt(log) ?? '';
        const lines = () => readFileSync(log, 'utf8').length;
        // More than a pipe holds.
        while (lines() < 200_000) {
          await Promise.all(Array.from({ length: 50 }, () => place(url)));
        }
        const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
        process.kill(pid, 'SIGTERM');
        await until(() => !isRunning(pid), 'its end', 5_000);
        assert.equal(countOrders(join(folder, 'data/nozama.db')), orderLines(log));
      } finally {
        process.kill(-(shell.pid ?? 0), 'SIGKILL');
      }
    });
  });

  it('leaves one file behind that holds everything', async () => {
    await withShop({}, async (shop) => {
      await place(shop.url);
      await shop.stop();
      await assert.rejects(stat(`${shop.file}-wal`), { code: 'ENOENT' });
      assert.equal(countOrders(shop.file), 1);
    });
  });
});

function noHup(): string | false {
  if (runtimeUnderTest() === 'node') return 'Node itself undoes what nohup has set';
  return process.platform === 'win32' ? 'no nohup on Windows' : false;
}

async function refused(env: Settings): Promise<Ended> {
  let ended: Ended | undefined;
  await inFolder(async (dir) => {
    ended = await serve(dir, { DATABASE_URL: `sqlite:${join(dir, 'nozama.db')}`, ...env });
  });
  return ended ?? assert.fail('it did not run');
}

function openAt(logFile: string): string | null {
  return /Nozama is open at (http:[^\s"]+)/.exec(readFileSync(logFile, 'utf8'))?.[1] ?? null;
}

function orderLines(logFile: string): number {
  return readFileSync(logFile, 'utf8').split('"order placed"').length - 1;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A start that is expected to end by itself. */
function serve(dir: string, env: Settings): Promise<Ended> {
  return runCli(['serve'], { dir, env: { LOG_FILE: '', PORT: '0', ...env } });
}

function assertNoStack(output: string): void {
  assert.doesNotMatch(output, /^\s+at .+:\d+/m);
  // As a field of a log line, where its lines are one.
  assert.doesNotMatch(output, /"stack":/);
}
