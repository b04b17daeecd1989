/** Places that backups share: with another shop, with another run, with what somebody else has left there. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCli, spawnCli } from '../service.ts';
import { countOrders, until } from './behind-the-service.ts';
import { inFolder, openShop, type Shop } from './open-shop.ts';
import { place } from './shop-client.ts';

let shop: Shop;
let other: Shop;
before(async () => {
  shop = await openShop();
  await place(shop.url);
  other = await openShop();
  await place(other.url);
  await place(other.url);
});
after(async () => {
  await shop.close();
  await other.close();
});

const cli = (args: readonly string[], of = shop) =>
  runCli(args, { dir: of.folder, env: { DATABASE_URL: `sqlite:${of.file}` } });

async function must(ending: ReturnType<typeof cli>): Promise<string> {
  const { code, output } = await ending;
  assert.equal(code, 0, output);
  return output;
}

const backup = (to: string, of = shop, ...more: string[]) => cli(['backup', '--to', to, ...more], of);

/** @returns the name of the new backup */
async function backedUp(to: string, of = shop, ...more: string[]): Promise<string> {
  const output = await must(backup(to, of, ...more));
  return /^(nozama-\S+) in /m.exec(output)?.[1] ?? assert.fail(output);
}

const namesIn = (folder: string) => readdirSync(folder).sort();

/** As programs before this one wrote it: of format 1, which says nothing of the shop. */
function makeOld(folder: string): void {
  const path = join(folder, 'manifest.json');
  const { shop: _, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...rest, format: 1 }));
}

describe('a place with backups of two shops', () => {
  it('keeps those of the one when the other’s are rotated', async () => {
    await inFolder(async (folder) => {
      const theirs = await backedUp(folder, other, '--keep', '1');
      const first = await backedUp(folder, shop, '--keep', '1');
      assert.deepEqual(namesIn(folder), [theirs, first]);
      const second = await backedUp(folder, shop, '--keep', '1');
      assert.deepEqual(namesIn(folder), [theirs, second]);
      const theirNext = await backedUp(folder, other, '--keep', '1');
      assert.deepEqual(namesIn(folder), [second, theirNext]);
    });
  });

  it('says which is whose, and has no latest', async () => {
    await inFolder(async (folder) => {
      const place = join(folder, 'backups');
      const mine = await backedUp(place);
      assert.ok(
        !/ shop /.test(await must(cli(['backups', '--at', place]))),
        'one shop needs no telling apart',
      );
      const theirs = await backedUp(place, other);
      const listed = await must(cli(['backups', '--at', place]));
      const shops = [mine, theirs].map(
        (name) =>
          new RegExp(`^${name}  .*  shop ([0-9a-f]{8})$`, 'm').exec(listed)?.[1] ?? assert.fail(listed),
      );
      assert.notEqual(shops[0], shops[1]);
      const file = join(folder, 'new.db');
      const restore = (name: string) => cli(['restore', name, '--from', place, '--to', `sqlite:${file}`]);
      const { code, output } = await restore('latest');
      assert.equal(code, 1, output);
      assert.match(output, /holds backups of several shops.*Name the backup/);
      for (const name of [mine, theirs]) assert.ok(output.includes(name), output);
      assert.ok(!existsSync(file));
      await must(restore(mine));
      assert.equal(countOrders(file), 1);
    });
  });

  it('leaves those alone that don’t say whose they are, and restores them', async () => {
    await inFolder(async (folder) => {
      const place = join(folder, 'backups');
      const old = await backedUp(place);
      makeOld(join(place, old));
      const restore = (to: string) => cli(['restore', 'latest', '--from', place, '--to', `sqlite:${to}`]);
      await must(restore(join(folder, 'old.db')));
      const mine = await backedUp(place, shop, '--keep', '1');
      assert.deepEqual(namesIn(place), [old, mine]);
      assert.match(
        await must(cli(['backups', '--at', place])),
        new RegExp(`^${old}  .*  shop unknown$`, 'm'),
      );
      assert.match(await must(restore(join(folder, 'new.db'))), new RegExp(`Restored ${mine} `));
      // The newest may be another shop's.
      const last = await backedUp(place, shop);
      makeOld(join(place, last));
      const { code, output } = await restore(join(folder, 'none.db'));
      assert.equal(code, 1, output);
      assert.match(output, /several shops/);
    });
  });

  it('goes on with one shop after it was restored', async () => {
    await inFolder(async (folder) => {
      const place = join(folder, 'backups');
      await backedUp(place);
      const file = join(folder, 'nozama.db');
      await must(cli(['restore', 'latest', '--from', place, '--to', `sqlite:${file}`]));
      const again = await openShop({ folder });
      try {
        const next = await backedUp(place, again, '--keep', '1');
        assert.deepEqual(namesIn(place), [next]);
      } finally {
        await again.close();
      }
    });
  });
});

describe('a backup that is stopped', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`by ${signal} leaves no copy of the shop on the way to an object store`, async () => {
      await inFolder(async (folder) => {
        await using silent = await listenInSilence();
        const stopped = spawnCli(['backup', '--to', 's3://bucket/a'], {
          dir: folder,
          env: { DATABASE_URL: `sqlite:${shop.file}`, TMPDIR: folder, ...silent.environment },
        });
        await until(() => namesIn(folder).length === 1, 'the folder for the copy');
        await until(() => silent.connections() > 0, 'the question to the store');
        stopped.kill(signal);
        const ended = await stopped.exited;
        assert.equal(ended.signal, signal, stopped.output());
        assert.deepEqual(namesIn(folder), []);
      });
    });

    it(`by ${signal} leaves none in a folder`, async () => {
      await inFolder(async (folder) => {
        const place = join(folder, 'backups');
        const stopped = spawnCli(['backup', '--to', place], {
          dir: folder,
          env: { DATABASE_URL: `sqlite:${shop.file}` },
        });
        await until(() => existsSync(place) && namesIn(place).length > 0, 'the draft');
        stopped.kill(signal);
        await stopped.exited;
        assert.deepEqual(
          namesIn(place).filter((name) => !name.startsWith('nozama-')),
          [],
        );
      });
    });
  }

  it('by SIGKILL leaves a copy that a later one removes once it is old, and nothing else', async () => {
    await inFolder(async (folder) => {
      await using silent = await listenInSilence();
      const longAgo = new Date(Date.now() - 3 * 3_600_000);
      const make = (name: string, isOld: boolean) => {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, 'shop.db'), 'Ada Lovelace');
        for (const path of isOld ? [join(folder, name, 'shop.db'), join(folder, name)] : [])
          utimesSync(path, longAgo, longAgo);
      };
      make('nozama-backup-oldOne', true);
      make('nozama-backup-newOne', false);
      make('nozama-backup-of-mine', true);
      symlinkSync(join(folder, 'nozama-backup-of-mine'), join(folder, 'nozama-backup-linked'));
      const next = spawnCli(['backup', '--to', 's3://bucket/a'], {
        dir: folder,
        env: { DATABASE_URL: `sqlite:${shop.file}`, TMPDIR: folder, ...silent.environment },
      });
      await until(() => silent.connections() > 0, 'the question to the store');
      next.kill('SIGTERM');
      await next.exited;
      assert.deepEqual(namesIn(folder), [
        'nozama-backup-linked',
        'nozama-backup-newOne',
        'nozama-backup-of-mine',
      ]);
      assert.ok(existsSync(join(folder, 'nozama-backup-of-mine', 'shop.db')));
    });
  });
});

/** What is left of a store when its network swallows everything: it accepts, and never answers. */
async function listenInSilence() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  return {
    environment: {
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    },
    connections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
