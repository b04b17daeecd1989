/**
 * Installs a restored shop over another one. Whatever fails or is killed then, there is a shop afterwards, or no
 * program makes a new one there.
 *
 * The file systems that fail and the moments of death are strace's, the program and its system calls are real.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { mounting } from '../../lab/service/small-disk.ts';
import { runCli, runtimeCommand, runtimeUnderTest, spawnCli } from '../service.ts';
import { countOrders, until } from './behind-the-service.ts';
import { inFolder, openShop, type Shop } from './open-shop.ts';
import { place } from './shop-client.ts';

let shop: Shop;
let backups: string;
before(async () => {
  shop = await openShop();
  await place(shop.url);
  await place(shop.url);
  backups = join(shop.folder, 'backups');
  const { code, output } = await runCli(['backup', '--to', backups], {
    dir: shop.folder,
    env: { DATABASE_URL: `sqlite:${shop.file}` },
  });
  assert.equal(code, 0, output);
});
after(() => shop.close());

const strace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const withoutStrace = strace ? false : 'no strace here, or none that may trace';

type Cli = (
  args: readonly string[],
  inject?: string,
) => Promise<{ readonly code: number | null; readonly output: string }>;

/** A shop of one order, not open, that `cli` is about. */
async function withOldShop(use: (file: string, cli: Cli) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const old = await openShop({ folder });
    await place(old.url);
    await old.stop();
    await use(old.file, (args, inject) =>
      runCli(args, {
        dir: folder,
        env: { DATABASE_URL: `sqlite:${old.file}`, LOG_FILE: '', PORT: '0' },
        ...(inject === undefined ? {} : { executable: faulty(folder, inject) }),
      }),
    );
  });
}

const restore = (file: string) => ['restore', 'latest', '--from', backups, '--to', `sqlite:${file}`];

/** A program that is `nozama` under strace, which does something to it. */
function traced(folder: string, options: readonly string[], output = '/dev/null'): string {
  const { EXECUTABLE } = process.env;
  const cli = join(import.meta.dirname, '../../src/cli/cli.ts');
  const nozama =
    EXECUTABLE === undefined ? [...runtimeCommand(runtimeUnderTest()), cli] : [resolve(EXECUTABLE)];
  const path = join(folder, 'traced');
  const command = ['strace', '-qq', '-f', '-o', output, ...options, ...nozama];
  writeFileSync(path, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(path, 0o700);
  return path;
}

/** A fault in its system calls, as strace words it. */
const faulty = (folder: string, inject: string) =>
  traced(folder, [`--trace=${inject.slice(0, inject.indexOf(':'))}`, `--inject=${inject}`]);

const strangers = (file: string) =>
  readdirSync(join(file, '..')).filter((name) => /^nozama\.db\.(restoring|replaced)/.test(name));

describe('a shop that is restored', () => {
  it('is installed where files can have one name only', { skip: withoutStrace }, async () => {
    await withOldShop(async (file, cli) => {
      const noLinks = 'link,linkat:error=EPERM';
      const { code, output } = await cli([...restore(file), '--force'], noLinks);
      assert.equal(code, 0, output);
      assert.equal(countOrders(file), 2);
      const [, aside = ''] = /before is (\S+) now/.exec(output) ?? assert.fail(output);
      assert.equal(countOrders(aside), 1);
      assert.ok(existsSync(`${aside}.order-key`) && existsSync(`${file}.order-key`));
      const fresh = `${file}.fresh`;
      const again = await cli(restore(fresh), noLinks);
      assert.equal(again.code, 0, again.output);
      assert.equal(countOrders(fresh), 2);
      assert.ok(!existsSync(`${fresh}.restoring`) && !existsSync(`${file}.restoring`));
    });
  });

  it('leaves the old one where it is when that fails', { skip: withoutStrace }, async () => {
    await withOldShop(async (file, cli) => {
      const key = readFileSync(`${file}.order-key`, 'utf8');
      for (const inject of [
        // The probe goes well; then the secret, then the database, finds no room.
        'link,linkat:error=ENOSPC:when=2',
        'link,linkat:error=ENOSPC:when=3',
        // The old database, then its secret, stays where it is.
        'rename,renameat,renameat2:error=EBUSY:when=1',
        'rename,renameat,renameat2:error=EBUSY:when=2',
      ]) {
        const { code, output } = await cli([...restore(file), '--force'], inject);
        assert.equal(code, 1, `${inject}: ${output}`);
        assert.match(output, /has no room left|can't be written: /);
        assert.ok(!/\n\s+at /.test(output), output);
        assert.equal(countOrders(file), 1, inject);
        assert.equal(readFileSync(`${file}.order-key`, 'utf8'), key, inject);
        assert.deepEqual(strangers(file), [], inject);
      }
    });
  });

  it('leaves the old one when its secret can’t be moved', {
    skip: mounting() === 'allowed' ? false : 'nothing can be mounted',
  }, async () => {
    await withOldShop(async (file, cli) => {
      const key = `${file}.order-key`;
      assert.equal(spawnSync('mount', ['--bind', key, key]).status, 0);
      try {
        const { code, output } = await cli([...restore(file), '--force']);
        assert.equal(code, 1, output);
        assert.match(output, /EBUSY/);
        assert.equal(countOrders(file), 1);
        assert.deepEqual(strangers(file), []);
      } finally {
        spawnSync('umount', [key]);
      }
    });
  });

  for (const [moment, inject] of [
    ['while the old one is moved', 'rename,renameat,renameat2:signal=KILL:when=2'],
    ['before the secret is there', 'link,linkat:signal=KILL:when=2'],
    ['before the database is there', 'link,linkat:signal=KILL:when=3'],
  ] as const) {
    it(`when killed ${moment}, keeps a service from making a new one`, { skip: withoutStrace }, async () => {
      await withOldShop(async (file, cli) => {
        const key = readFileSync(`${file}.order-key`, 'utf8');
        const killed = await cli([...restore(file), '--force'], inject);
        assert.notEqual(killed.code, 0, killed.output);
        assert.ok(existsSync(`${file}.restoring`), killed.output);
        for (const command of ['serve', 'migrate', 'seed']) {
          const { code, output } = await cli([command]);
          assert.equal(code, 1, output);
          assert.match(output, /is being restored, or was when a restore was killed/);
          assert.match(output, /Run nozama restore again/);
        }
        const longAgo = new Date(Date.now() - 60_000);
        utimesSync(`${file}.restoring`, longAgo, longAgo);
        const { code, output } = await cli(restore(file));
        assert.equal(code, 1, output);
        assert.match(output, /the old shop has been put back[\s\S]*exists already/);
        assert.equal(countOrders(file), 1);
        assert.equal(readFileSync(`${file}.order-key`, 'utf8'), key);
        const forced = await cli([...restore(file), '--force']);
        assert.equal(forced.code, 0, forced.output);
        assert.equal(countOrders(file), 2);
        const [, aside = ''] = /before is (\S+) now/.exec(forced.output) ?? assert.fail(forced.output);
        assert.equal(countOrders(aside), 1);
        assert.equal((await cli(['migrate'])).code, 0);
      });
    });
  }

  it('leaves no copy beside it when told to stop before it is there', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'nozama.db');
      const { kill, exited, output } = spawnCli(restore(file), { dir: folder });
      await until(() => readdirSync(folder).length > 0, 'the draft');
      kill('SIGTERM');
      const { code, signal } = await exited;
      const left = readdirSync(folder).filter((name) => name.includes('.restoring'));
      assert.deepEqual(left, [], output());
      assert.ok(signal === 'SIGTERM' || code === 0, output());
    });
  });

  it('is not put over a link that leads nowhere', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'link.db');
      symlinkSync(join(folder, 'nowhere.db'), file);
      const { code, output } = await runCli(restore(file), { dir: folder });
      assert.equal(code, 1, output);
      assert.match(output, /link\.db exists already: restore to another file/);
    });
  });
});

describe('a folder that is made for backups', () => {
  it('is on disk with its parents before there is a backup in it', { skip: withoutStrace }, async () => {
    await inFolder(async (folder) => {
      const calls = join(folder, 'calls');
      const executable = traced(folder, ['-y', '--trace=fsync'], calls);
      const to = join(folder, 'a', 'b');
      const env = { DATABASE_URL: `sqlite:${shop.file}` };
      const { code, output } = await runCli(['backup', '--to', to], { dir: folder, env, executable });
      assert.equal(code, 0, output);
      const synced = readFileSync(calls, 'utf8');
      for (const path of [folder, join(folder, 'a'), to]) assert.ok(synced.includes(`<${path}>`), synced);
    });
  });
});
