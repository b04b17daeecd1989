/** Locations that backups share: with another shop, with another run, with files of other programs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { mounting } from '../../lab/service/small-disk.ts';
import { openLocation } from '../../src/backup/open-location.ts';
import { runCli, spawnCli } from '../service.ts';
import { countOrders, until } from './behind-the-service.ts';
import { inFolder, openShop, type Shop } from './open-shop.ts';
import { place as placeOrder } from './shop-client.ts';

let shop: Shop;
let other: Shop;
before(async () => {
  shop = await openShop();
  await placeOrder(shop.url);
  other = await openShop();
  await placeOrder(other.url);
  await placeOrder(other.url);
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

/** As older programs wrote it: of format 1, which does not say the shop. */
function makeOld(folder: string): void {
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  for (const later of ['shop', 'lastOrder', 'sampledOrders', 'supersedes']) delete manifest[later];
  writeFileSync(path, JSON.stringify({ ...manifest, format: 1 }));
}

describe('a location with backups of two shops', () => {
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
      const location = join(folder, 'backups');
      const mine = await backedUp(location);
      assert.ok(
        !/ shop /.test(await must(cli(['backups', '--at', location]))),
        'one shop needs no telling apart',
      );
      const theirs = await backedUp(location, other);
      const listed = await must(cli(['backups', '--at', location]));
      const shops = [mine, theirs].map(
        (name) =>
          new RegExp(`^${name}  .*  shop ([0-9a-f]{8})$`, 'm').exec(listed)?.[1] ?? assert.fail(listed),
      );
      assert.notEqual(shops[0], shops[1]);
      const file = join(folder, 'new.db');
      const restore = (name: string) => cli(['restore', name, '--from', location, '--to', `sqlite:${file}`]);
      const { code, output } = await restore('latest');
      assert.equal(code, 1, output);
      assert.match(output, /holds backups of several shops.*Name the backup/);
      for (const name of [mine, theirs]) assert.ok(output.includes(name), output);
      assert.ok(!existsSync(file));
      await must(restore(mine));
      assert.equal(countOrders(file), 1);
    });
  });

  it('tells two shops apart that began as copies of one file with the catalogue', async () => {
    await inFolder(async (folder) => {
      const location = join(folder, 'backups');
      const template = join(folder, 'template.db');
      const env = { DATABASE_URL: `sqlite:${template}` };
      assert.equal((await runCli(['seed'], { dir: folder, env })).code, 0);
      const [mine, theirs] = await Promise.all(
        ['mine', 'theirs'].map(async (name) => {
          mkdirSync(join(folder, name));
          cpSync(template, join(folder, name, 'nozama.db'));
          const opened = await openShop({ folder: join(folder, name) });
          await placeOrder(opened.url);
          return opened;
        }),
      );
      assert.ok(mine !== undefined && theirs !== undefined);
      try {
        const first = await backedUp(location, theirs, '--keep', '1');
        const second = await backedUp(location, mine, '--keep', '1');
        assert.deepEqual(namesIn(location), [first, second]);
        const { output } = await cli([
          'restore',
          'latest',
          '--from',
          location,
          '--to',
          `sqlite:${folder}/a.db`,
        ]);
        assert.match(output, /several shops/);
      } finally {
        await mine.close();
        await theirs.close();
      }
    });
  });

  it('is one shop’s also when its first backups had no orders', async () => {
    await inFolder(async (folder) => {
      const location = join(folder, 'backups');
      const opened = await openShop({ folder });
      try {
        await backedUp(location, opened);
        await placeOrder(opened.url);
        const next = await backedUp(location, opened);
        assert.ok(!/ shop /.test(await must(cli(['backups', '--at', location]))));
        const to = ['--to', `sqlite:${folder}/new.db`];
        assert.match(
          await must(cli(['restore', 'latest', '--from', location, ...to])),
          new RegExp(`Restored ${next} `),
        );
        const last = await backedUp(location, opened, '--keep', '1');
        assert.deepEqual(namesIn(location), [last]);
      } finally {
        await opened.close();
      }
    });
  });

  it('leaves those alone that don’t say whose they are, and restores them', async () => {
    await inFolder(async (folder) => {
      const location = join(folder, 'backups');
      const old = await backedUp(location);
      makeOld(join(location, old));
      const restore = (to: string) => cli(['restore', 'latest', '--from', location, '--to', `sqlite:${to}`]);
      await must(restore(join(folder, 'old.db')));
      const mine = await backedUp(location, shop, '--keep', '1');
      assert.deepEqual(namesIn(location), [old, mine]);
      assert.match(await must(restore(join(folder, 'new.db'))), new RegExp(`Restored ${mine} `));
      // The newest may be another shop's.
      const last = await backedUp(location, shop);
      makeOld(join(location, last));
      const { code, output } = await restore(join(folder, 'none.db'));
      assert.equal(code, 1, output);
      assert.match(output, /several shops/);
      const listed = await must(cli(['backups', '--at', location]));
      assert.match(listed, new RegExp(`^${last}  .*  shop unknown$`, 'm'));
    });
  });

  it('goes on with one shop after it was restored', async () => {
    await inFolder(async (folder) => {
      const location = join(folder, 'backups');
      await backedUp(location);
      const file = join(folder, 'nozama.db');
      await must(cli(['restore', 'latest', '--from', location, '--to', `sqlite:${file}`]));
      const again = await openShop({ folder });
      try {
        const next = await backedUp(location, again, '--keep', '1');
        assert.deepEqual(namesIn(location), [next]);
      } finally {
        await again.close();
      }
    });
  });
});

describe('a location where something is amiss', () => {
  it('is rotated by several at once', async () => {
    await inFolder(async (folder) => {
      for (let round = 0; round < 3; round += 1) {
        const ended = await Promise.all([1, 2, 3].map(() => backup(folder, shop, '--keep', '1')));
        for (const { code, output } of ended) assert.equal(code, 0, output);
        // Each keeps its own, and may remove those of the two others.
        const left = namesIn(folder).length;
        assert.ok(left >= 1 && left <= 3, `${left} backups`);
      }
      const last = await backedUp(folder, shop, '--keep', '1');
      assert.deepEqual(namesIn(folder), [last]);
      assert.ok(existsSync(join(folder, last, 'manifest.json')));
      // What two of them want to remove at the same moment.
      const both = [openLocation(folder, {}), openLocation(folder, {})];
      await Promise.all(both.map((one) => one.remove(last)));
      assert.deepEqual(namesIn(folder), []);
    });
  });

  it('is rotated over what a killed rotation has left', async () => {
    await inFolder(async (folder) => {
      const first = await backedUp(folder);
      mkdirSync(join(folder, `.${first}.part`));
      writeFileSync(join(folder, `.${first}.part`, 'shop.db.zst'), '');
      // Named as ours, and no folder.
      writeFileSync(join(folder, '.nozama-20200101T000000.000Z-0a0a0a.part'), '');
      const second = await backedUp(folder, shop, '--keep', '1');
      assert.deepEqual(
        namesIn(folder).filter((name) => name.startsWith('nozama-') || name.includes(first)),
        [second],
      );
    });
  });

  it('is listed with a manifest that can’t be read', async () => {
    await inFolder(async (folder) => {
      const first = await backedUp(folder);
      const second = await backedUp(folder);
      rmSync(join(folder, second, 'manifest.json'));
      mkdirSync(join(folder, second, 'manifest.json'));
      const { code, output } = await cli(['backups', '--at', folder]);
      assert.equal(code, 1, output);
      assert.match(output, new RegExp(`^${first}  .* verified$`, 'm'));
      assert.match(
        output,
        new RegExp(`${second}/manifest\\.json can't be read: .*EISDIR.*Use another backup`),
      );
      assert.ok(!/\n\s+at /.test(output), output);
      const restored = await cli(['restore', 'latest', '--from', folder, '--to', `sqlite:${folder}/a.db`]);
      assert.match(restored.output, new RegExp(`Restored ${first} `));
    });
  });

  it('says of a rotation that failed, and that there is a backup all the same', {
    skip: mounting() === 'allowed' ? false : 'nothing can be mounted',
  }, async () => {
    await inFolder(async (folder) => {
      const location = join(folder, 'backups');
      const textfile = join(folder, 'backup.prom');
      const failed = () => /^nozama_backup_rotation_failed (\d)$/m.exec(readFileSync(textfile, 'utf8'))?.[1];
      const first = await backedUp(location);
      const stuck = join(location, first);
      assert.equal(spawnSync('mount', ['--bind', stuck, stuck]).status, 0);
      const keep = () => backup(location, shop, '--keep', '1', '--textfile', textfile);
      try {
        const { code, output } = await keep();
        assert.equal(code, 1, output);
        assert.match(output, /^nozama-\S+ in .* verified/m);
        assert.match(output, new RegExp(`${first} can't be removed: .*EBUSY.*The new backup is whole`));
        assert.ok(!/\n\s+at /.test(output), output);
        assert.equal(failed(), '1');
        assert.match(readFileSync(textfile, 'utf8'), /^nozama_backup_failed 0$/m);
      } finally {
        spawnSync('umount', [stuck]);
      }
      await must(keep());
      assert.equal(failed(), '0');
      assert.equal(namesIn(location).length, 1);
    });
  });
});

describe('the file for node_exporter', () => {
  it('counts no backup as a success that was not verified', async () => {
    await inFolder(async (folder) => {
      const textfile = join(folder, 'backup.prom');
      const run = (...more: string[]) =>
        must(backup(join(folder, 'b'), shop, '--textfile', textfile, ...more));
      const read = () => readFileSync(textfile, 'utf8');
      const succeeded = () =>
        /^nozama_backup_last_success_timestamp_seconds (\S+)$/m.exec(read())?.[1] ?? assert.fail(read());
      await run('--no-verify');
      assert.equal(succeeded(), '0');
      await run();
      const atMs = Number(succeeded()) * 1_000;
      assert.ok(Math.abs(Date.now() - atMs) < 60_000, read());
      await run('--no-verify');
      assert.equal(Number(succeeded()) * 1_000, atMs);
      assert.match(read(), /^nozama_backup_failed 0$/m);
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
        const location = join(folder, 'backups');
        const stopped = spawnCli(['backup', '--to', location], {
          dir: folder,
          env: { DATABASE_URL: `sqlite:${shop.file}` },
        });
        await until(() => existsSync(location) && namesIn(location).length > 0, 'the draft');
        stopped.kill(signal);
        await stopped.exited;
        assert.deepEqual(
          namesIn(location).filter((name) => !name.startsWith('nozama-')),
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

/** An object store behind a broken network: it accepts connections, and never answers. */
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
