/** Backups in a store of objects: the command line against a real server of others' making. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { partNames } from '../../src/backup/backup-location.ts';
import { newBackupName } from '../../src/backup/backup-name.ts';
import { openLocation } from '../../src/backup/open-location.ts';
import { countOrders } from '../journeys/behind-the-service.ts';
import { withClock } from '../journeys/moved-clock.ts';
import { inFolder, openShop, type Shop } from '../journeys/open-shop.ts';
import { place } from '../journeys/shop-client.ts';
import { runCli } from '../service.ts';
import type { Environment, ObjectServer } from './object-servers.ts';

export interface BackupKind {
  readonly name: string;
  readonly skip: string | false;
  readonly start: () => Promise<ObjectServer>;
  /** The same address with a bucket or container that is not there, or a folder that is not ours. */
  readonly nowhere: (address: string) => string;
  readonly nowhereWords: RegExp;
  /** Credentials that the store refuses; null when it takes all. */
  readonly wrong: Environment | null;
  /** No credentials; null when the store asks for none. */
  readonly none: Environment | null;
  readonly noneWords: RegExp;
}

/** The server is away at the end. */
export function describeBackups(kind: BackupKind): void {
  const { name, skip, start, nowhere, nowhereWords, wrong, none, noneWords } = kind;
  describe(`backups in ${name}`, { skip }, () => {
    let shop: Shop;
    let server: ObjectServer;
    before(async () => {
      if (skip !== false) return;
      shop = await openShop();
      await place(shop.url);
      server = await start();
    });
    after(async () => {
      await shop?.close();
      await server?.[Symbol.asyncDispose]();
    });

    it('are taken, listed, rotated and restored, and leave nothing on the way', async () => {
      await inFolder(async (folder) => {
        const { address, environment } = server;
        const run = (...args: string[]) => must(cli(args, shop, environment, folder));
        assert.equal(
          await run('backups', '--at', address),
          `${openLocation(address, environment).description} holds no backups.\n`,
        );
        for (let count = 1; count <= 3; count += 1) await run('backup', '--to', address, '--keep', '2');
        const listed = (await run('backups', '--at', address)).trim().split('\n');
        assert.equal(listed.length, 2);
        // A prefix holds its own backups alone.
        assert.match(await run('backups', '--at', address.replace('/a/b', '/a')), /holds no backups/);
        assert.match(
          await run('restore', 'latest', '--from', address, '--to', 'sqlite:new/shop.db'),
          /Everything agrees/,
        );
        assert.equal(countOrders(join(folder, 'new', 'shop.db')), 1);
        assert.ok(existsSync(join(folder, 'new', 'shop.db.order-key')));
        assert.deepEqual(readdirSync(folder), ['new']);
      });
    });

    it('are told apart by log position, not by a clock that has gone back', async () => {
      await inFolder(async (folder) => {
        const at = server.address.replace('/a/b', '/clock');
        const own = await openShop({ folder });
        try {
          const run = async (args: readonly string[], aheadSeconds = 0) => {
            const env = { DATABASE_URL: `sqlite:${own.file}`, TMPDIR: folder, ...server.environment };
            const executable = withClock(folder, aheadSeconds);
            return await must(runCli(args, { dir: folder, env, executable }));
          };
          await run(['backup', '--to', at]);
          await place(own.url);
          // Both kinds of store refuse a clock that is wrong by more than a quarter of an hour.
          await run(['backup', '--to', at, '--keep', '1'], -600);
          const [listed = '', ...others] = (await run(['backups', '--at', at])).trim().split('\n');
          assert.deepEqual(others, []);
          assert.match(listed, / {2}1 orders {2}position 1 {2}/);
          const file = join(folder, 'new.db');
          await run(['restore', 'latest', '--from', at, '--to', `sqlite:${file}`]);
          assert.equal(countOrders(file), 1);
        } finally {
          await own.close();
        }
      });
    });

    it('may be larger than a request, and come back byte for byte', async () => {
      await inFolder(async (folder) => {
        const store = openLocation(server.address.replace('/a/b', '/large'), server.environment);
        const bytes = randomBytes(40 * 1024 ** 2 + 1);
        const backup = newBackupName(Date.now());
        const draft = await store.begin(backup);
        try {
          writeFileSync(join(draft.folder, partNames.database), bytes);
          writeFileSync(join(draft.folder, partNames.manifest), '{}');
          await draft.commit([partNames.database]);
          assert.deepEqual(await store.list(), [{ name: backup, isWhole: false }]);
          await draft.commit([partNames.manifest]);
        } finally {
          draft.discard();
        }
        assert.deepEqual(await store.list(), [{ name: backup, isWhole: true }]);
        const digest = createHash('sha256');
        for await (const chunk of await store.read(backup, partNames.database)) digest.update(chunk);
        assert.equal(digest.digest('hex'), createHash('sha256').update(bytes).digest('hex'));
        await store.remove(backup);
        assert.deepEqual(await store.list(), []);
        assert.deepEqual(readdirSync(folder), []);
      });
    });

    it('that a killed run has left by half go, once they are old', async () => {
      const store = openLocation(server.address.replace('/a/b', '/half'), server.environment);
      const draft = await store.begin(newBackupName(0));
      writeFileSync(join(draft.folder, partNames.database), 'half');
      await draft.commit([partNames.database]);
      draft.discard();
      await store.removeLeftovers(Date.now());
      assert.equal((await store.list()).length, 1);
      await store.removeLeftovers(Date.now() + 3 * 3_600_000);
      assert.deepEqual(await store.list(), []);
    });

    it('are refused with a sentence: nowhere to go, wrong or no credentials', async () => {
      await inFolder(async (folder) => {
        const { address, environment } = server;
        const backup = (to: string, more: Environment) =>
          cli(['backup', '--to', to], shop, { ...environment, ...more }, folder);
        await refused(backup(nowhere(address), {}), nowhereWords);
        if (wrong !== null) await refused(backup(address, wrong), /refuses us \(403 \w+\): look at/);
        if (none !== null) await refused(backup(address, none), noneWords);
        assert.deepEqual(readdirSync(folder), []);
      });
    });

    it('are refused when the store is away, after a few tries', async () => {
      await inFolder(async (folder) => {
        await server.kill();
        const { address, environment } = server;
        mkdirSync(join(folder, 'new'));
        const restore = ['restore', 'latest', '--from', address, '--to', 'sqlite:new/shop.db'];
        await Promise.all(
          [['backup', '--to', address], restore].map((args) =>
            refused(cli(args, shop, environment, folder), /can't be reached: \w+/),
          ),
        );
        assert.deepEqual(readdirSync(join(folder, 'new')), []);
      });
    });
  });
}

/** @param TMPDIR where it leaves nothing */
export async function cli(args: readonly string[], shop: Shop, environment: Environment, TMPDIR: string) {
  const env = { DATABASE_URL: `sqlite:${shop.file}`, HOME: shop.folder, TMPDIR, ...environment };
  const ended = await runCli(args, { dir: TMPDIR, env });
  assert.ok(!/never-to-be-seen|sig=|\n\s+at /.test(ended.output), ended.output);
  return ended;
}

async function must(ending: ReturnType<typeof cli>): Promise<string> {
  const { code, output } = await ending;
  assert.equal(code, 0, output);
  return output;
}

export async function refused(ending: ReturnType<typeof cli>, words: RegExp): Promise<void> {
  const { code, output } = await ending;
  assert.equal(code, 1, output);
  assert.match(output, words);
}
