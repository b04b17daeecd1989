/** Backup and restore as an operator does them: with the command line, beside a service that goes on selling. */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { mounting, mountSmallDisk } from '../../lab/service/small-disk.ts';
import { runCli, spawnCli, startService } from '../service.ts';
import { countOrders, until } from './behind-the-service.ts';
import { inFolder, openShop, type Shop } from './open-shop.ts';
import { get, jsonOf, keyIn, place } from './shop-client.ts';

let shop: Shop;
/** A folder with one backup of three orders, of which each test has a copy. */
let original: string;
let placed: Awaited<ReturnType<typeof place>>;
const secrets = {
  AWS_SECRET_ACCESS_KEY: 'never-to-be-seen',
  AZURE_STORAGE_SAS_TOKEN: 'sig=never-to-be-seen',
};

before(async () => {
  shop = await openShop();
  placed = await place(shop.url, { customer_name: 'Ada Lovelace', address_line_2: 'Apt 4' });
  await place(shop.url);
  await place(shop.url);
  original = join(shop.folder, 'original');
  await must(backup(original));
});
after(() => shop.close());

type Ended = Awaited<ReturnType<typeof runCli>>;

const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCli(args, { dir: shop.folder, env: { DATABASE_URL: `sqlite:${shop.file}`, ...secrets, ...env } });
const backup = (to: string, ...more: string[]) => cli(['backup', '--to', to, ...more]);
const restore = (from: string, to: string, ...more: string[]) =>
  cli(['restore', 'latest', '--from', from, '--to', `sqlite:${to}`, ...more]);

async function must(ending: Promise<Ended>): Promise<string> {
  const { code, output } = await ending;
  assert.equal(code, 0, output);
  return output;
}

/** One sentence or two, no stack, no secret. */
async function refused(ending: Promise<Ended>, words: RegExp): Promise<void> {
  const { code, output } = await ending;
  assert.equal(code, 1, output);
  assert.match(output, words);
  assert.ok(output.length < 600 && !/\n\s+at |never-to-be-seen/.test(output), output);
}

/** With a copy of the backup, which the test may damage. */
async function withBackup(
  use: (location: string, folder: string, name: string) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const location = join(folder, 'backups');
    cpSync(original, location, { recursive: true });
    await use(location, folder, readdirSync(location)[0] ?? '');
  });
}

describe('a backup of a shop that goes on selling', () => {
  it('is a whole shop elsewhere: its orders, its numbers, and links to confirmations', async () => {
    await inFolder(async (folder) => {
      const location = join(folder, 'backups');
      assert.match(
        await must(backup(location)),
        /^nozama-\S+ in \S+: 3 orders up to log position 3, .* verified/m,
      );
      const file = join(folder, 'elsewhere', 'nozama.db');
      assert.match(
        await must(restore(location, file)),
        /Everything agrees\.\nRestored nozama-\S+ to .*(?:\n.*)*erased after the backup are back\. .* customers erase --orders FILE\.\n$/,
      );
      for (const path of [file, `${file}.order-key`]) assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.deepEqual(readdirSync(join(folder, 'elsewhere')).sort(), ['nozama.db', 'nozama.db.order-key']);
      await using restored = await startService({
        dir: folder,
        env: { DATABASE_URL: `sqlite:${file}`, LOG_FILE: '' },
      });
      const key = keyIn(placed.confirmation_url);
      const order = jsonOf(await get(`${restored.url}/api/v1/orders/${placed.order_id}?key=${key}`));
      assert.deepEqual(order, placed);
      assert.match(JSON.stringify(order), /Ada Lovelace/);
      const read = await get(
        `${restored.url}${new URL(placed.confirmation_url, restored.url).pathname}?key=${key}`,
      );
      assert.equal(read.status, 200);
    });
  });

  it('lies where only its owner can read it, and is listed', async () => {
    await withBackup(async (location, _, name) => {
      const parts = readdirSync(join(original, name));
      assert.deepEqual(parts.sort(), ['manifest.json', 'order-key', 'shop.db.zst']);
      for (const part of parts) assert.equal(statSync(join(original, name, part)).mode & 0o777, 0o600);
      assert.equal(statSync(join(original, name)).mode & 0o777, 0o700);
      const listed = await must(cli(['backups', '--at', location]));
      assert.match(listed, new RegExp(`^${name}  \\S+Z  3 orders  position 3  \\d+ KiB  verified\n$`));
    });
  });

  it('holds no secret when the configuration does', async () => {
    await inFolder(async (location) => {
      await must(cli(['backup', '--to', location], { ORDER_KEY_SECRET: 'x'.repeat(40) }));
      const [name = ''] = readdirSync(location);
      assert.deepEqual(readdirSync(join(location, name)).sort(), ['manifest.json', 'shop.db.zst']);
      const output = await must(restore(location, join(location, 'shop.db')));
      assert.match(output, /had an ORDER_KEY_SECRET, give it the same again/);
      assert.ok(!existsSync(join(location, 'shop.db.order-key')));
    });
  });

  it('replaces older ones by the rule, and touches nothing else', async () => {
    await withBackup(async (location, _, oldest) => {
      const others = ['notes.txt', '.nozama-mine.part', 'nozama-2026', 'shop.db'];
      for (const name of others) writeFileSync(join(location, name), '');
      const draft = join(location, '.nozama-20200101T000000.000Z-0a0a0a.part');
      mkdirSync(draft);
      await must(backup(location));
      assert.match(
        await must(backup(location, '--keep', '2')),
        new RegExp(`Removed by --keep: ${oldest}\n$`),
      );
      const left = readdirSync(location).filter((name) => !others.includes(name));
      assert.equal(left.filter((name) => name.startsWith('nozama-')).length, 2);
      assert.ok(!left.includes(oldest));
      assert.ok(
        left.includes(draft.slice(location.length + 1)),
        'a run that may be going on keeps its draft',
      );
      for (const name of others) assert.ok(existsSync(join(location, name)), name);
    });
  });

  it('is taken again and again until told to stop, and a failure is told without ending it', async () => {
    await inFolder(async (folder) => {
      const location = join(folder, 'backups');
      const textfile = join(folder, 'backup.prom');
      const args = ['backup', '--to', location, '--every', '1s', '--keep', '3', '--textfile', textfile];
      const repeated = spawnCli(args, { dir: folder, env: { DATABASE_URL: `sqlite:${shop.file}` } });
      const backups = () =>
        existsSync(location) ? readdirSync(location).filter((name) => !name.startsWith('.')) : [];
      await until(() => backups().length >= 2, 'the second backup', 20_000);
      assert.match(readFileSync(textfile, 'utf8'), /^nozama_backup_failed 0$/m);
      rmSync(location, { recursive: true });
      writeFileSync(location, 'no folder any more');
      await until(() => /^\S+Z The backup failed: /m.test(repeated.output()), 'word of the failure', 20_000);
      await until(() => /^nozama_backup_failed 1$/m.test(readFileSync(textfile, 'utf8')));
      assert.match(readFileSync(textfile, 'utf8'), /^nozama_backup_last_success_timestamp_seconds \d/m);
      rmSync(location);
      await until(() => backups().length >= 1, 'the next backup', 20_000);
      repeated.kill('SIGTERM');
      const { code, signal } = await repeated.exited;
      assert.deepEqual({ code, signal }, { code: 0, signal: null }, repeated.output());
      assert.ok(
        readdirSync(location).every((name) => name.startsWith('nozama-')),
        'no half backup is left',
      );
    });
  });
});

describe('no backup is made', () => {
  it('of a shop that does not agree with itself, unless asked to', async () => {
    await withBackup(async (location, folder) => {
      const file = join(folder, 'damaged.db');
      await must(restore(location, file));
      const db = new DatabaseSync(file);
      db.exec("UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'tent-4p'");
      db.close();
      const env = { DATABASE_URL: `sqlite:${file}` };
      await refused(cli(['backup', '--to', location], env), /does not agree with itself.*stock/);
      assert.equal(readdirSync(location).length, 1);
      assert.match(await must(cli(['backup', '--to', location, '--no-verify'], env)), /not verified/);
      const again = await restore(location, join(folder, 'again.db'));
      assert.equal(again.code, 1);
      assert.match(again.output, /FAIL .*stock[\s\S]*1 difference found/);
      assert.equal(countOrders(join(folder, 'again.db')), 3);
    });
  });

  it('of PostgreSQL, of nothing, or of something else', async () => {
    await inFolder(async (folder) => {
      const location = join(folder, 'backups');
      const of = (DATABASE_URL: string) => cli(['backup', '--to', location], { DATABASE_URL });
      await refused(of('postgres://u:never-to-be-seen@localhost/x'), /see docs\/BACKUP\.md/);
      await refused(of(`sqlite:${folder}/none.db`), /none\.db does not exist/);
      const other = new DatabaseSync(join(folder, 'other.db'));
      other.exec('CREATE TABLE t (a)');
      other.close();
      await refused(of(`sqlite:${folder}/other.db`), /holds tables that are not Nozama's/);
      writeFileSync(join(folder, 'text.db'), 'no database at all, but a text that is long enough');
      await refused(of(`sqlite:${folder}/text.db`), /can't be opened/);
      assert.deepEqual(existsSync(location) ? readdirSync(location) : [], []);
    });
  });

  it('where it cannot be written', async () => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, 'file'), '');
      await refused(backup(join(folder, 'file')), /No backup can be written into .*file/);
      await refused(backup(join(folder, 'file', 'below')), /No backup can be written into .*below/);
    });
  });

  it('where there is no room, and what was there stays', {
    skip: mounting() === 'allowed' ? false : 'no small disk can be mounted',
  }, async () => {
    const disk = mountSmallDisk(1);
    try {
      const location = join(disk.folder, 'backups');
      await must(backup(location));
      const [first = ''] = readdirSync(location);
      disk.fill();
      await refused(backup(location, '--keep', '1'), /no room|full|can't be copied/);
      assert.deepEqual(readdirSync(location), [first]);
      disk.empty();
      await must(restore(location, join(disk.folder, 'shop.db')));
    } finally {
      disk.remove();
    }
  });
});

describe('a restore', () => {
  it('never replaces a shop, unless forced; then the old one is kept whole', async () => {
    await withBackup(async (location, folder) => {
      const file = join(folder, 'shop.db');
      await must(restore(location, file));
      const before = readFileSync(file);
      await refused(restore(location, file), /shop\.db exists already/);
      assert.deepEqual(readFileSync(file), before);
      rmSync(file);
      writeFileSync(`${file}.order-key`, 'another');
      await refused(restore(location, file), /order-key exists already, with another secret/);
      const output = await must(restore(location, file, '--force'));
      const [, aside = ''] = /before is (\S+) now/.exec(output) ?? assert.fail(output);
      assert.equal(readFileSync(`${aside}.order-key`, 'utf8'), 'another');
      const next = await must(restore(location, file, '--force'));
      const [, old = ''] = /before is (\S+) now/.exec(next) ?? assert.fail(next);
      assert.equal(countOrders(old), 3);
      assert.equal(countOrders(file), 3);
    });
  });

  it('keeps what a killed service left in its write-ahead log', async () => {
    await withBackup(async (backups, folder) => {
      const killed = await openShop({ folder });
      await place(killed.url);
      await killed.kill();
      const output = await must(restore(backups, killed.file, '--force'));
      const [, aside = ''] = /before is (\S+) now/.exec(output) ?? assert.fail(output);
      assert.equal(countOrders(aside), 1);
      assert.equal(countOrders(killed.file), 3);
    });
  });

  it('is refused while a service runs on the file', async () => {
    await withBackup(async (location) => {
      await refused(restore(location, shop.file, '--force'), /in use: stop the service/);
      assert.equal((await get(`${shop.url}/readyz`)).status, 200);
      assert.equal(countOrders(shop.file), 3);
    });
  });

  it('over a damaged file moves that aside too', async () => {
    await withBackup(async (location, folder) => {
      const file = join(folder, 'shop.db');
      writeFileSync(file, 'no database at all, but a text that is long enough');
      await must(restore(location, file, '--force'));
      assert.equal(countOrders(file), 3);
      assert.equal(readdirSync(folder).filter((name) => name.startsWith('shop.db.replaced-')).length, 1);
    });
  });

  const damages: readonly (readonly [string, (folder: string) => void, RegExp])[] = [
    [
      'cut off',
      (at) => truncateSync(join(at, 'shop.db.zst'), statSync(join(at, 'shop.db.zst')).size - 20),
      /is cut off/,
    ],
    ['empty', (at) => truncateSync(join(at, 'shop.db.zst'), 0), /is cut off/],
    ['altered', (at) => flipByte(join(at, 'shop.db.zst'), 2_000), /has been altered/],
    [
      'longer',
      (at) => writeFileSync(join(at, 'shop.db.zst'), 'more', { flag: 'a' }),
      /holds more than its manifest says/,
    ],
    ['without its database', (at) => rmSync(join(at, 'shop.db.zst')), /shop\.db\.zst can't be read/],
    ['with another secret', (at) => writeFileSync(join(at, 'order-key'), 'x'), /order key has been altered/],
    ['without its secret', (at) => rmSync(join(at, 'order-key')), /order-key can't be read/],
  ];
  for (const [what, hurt, words] of damages) {
    it(`refuses a backup that is ${what}, and leaves nothing behind`, async () => {
      await withBackup(async (location, folder, name) => {
        hurt(join(location, name));
        await refused(restore(location, join(folder, 'new', 'shop.db')), words);
        const left = existsSync(join(folder, 'new')) ? readdirSync(join(folder, 'new')) : [];
        assert.deepEqual(left, []);
        const file = join(folder, 'old.db');
        cpSync(shop.file, file);
        await refused(restore(location, file, '--force'), words);
        assert.deepEqual(
          readdirSync(folder).filter((entry) => entry.startsWith('old.db.')),
          [],
        );
      });
    });
  }

  it('goes to the newest that is whole, and says which are not', async () => {
    await withBackup(async (location, folder, name) => {
      const unfinished = 'nozama-20990101T000000.000Z-0a0a0a';
      mkdirSync(join(location, unfinished));
      const altered = 'nozama-20990102T000000.000Z-0a0a0a';
      cpSync(join(location, name), join(location, altered), { recursive: true });
      const listed = await cli(['backups', '--at', location]);
      assert.equal(listed.code, 1);
      assert.match(listed.output, new RegExp(`${unfinished} was never finished`));
      assert.match(listed.output, new RegExp(`${altered} is damaged: its manifest is wrong at "name"`));
      assert.match(await must(restore(location, join(folder, 'a.db'))), new RegExp(`Restored ${name} `));
      const to = ['--from', location, '--to', `sqlite:${folder}/b.db`];
      await refused(cli(['restore', unfinished, ...to]), /was never finished/);
      await refused(cli(['restore', altered, ...to]), /manifest is wrong/);
      await refused(cli(['restore', '../../etc', ...to]), /has no backup of that name/);
      const manifest = join(location, name, 'manifest.json');
      writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), format: 99 }));
      await refused(cli(['restore', name, ...to]), /format 99, this program reads up to 4/);
      await refused(
        restore(location, join(folder, 'b.db')),
        /no backup that can be restored, only damaged or unfinished/,
      );
      await refused(restore(join(folder, 'nowhere'), join(folder, 'b.db')), /does not exist/);
      await refused(
        cli(['restore', name, '--from', location, '--to', 'postgres://u@h/x']),
        /see docs\/BACKUP\.md/,
      );
    });
  });

  it('says what is wrong with its arguments', async () => {
    for (const args of [
      ['backup'],
      ['backup', '--to', 'x', '--keep', 'all'],
      ['backup', '--to', 'x', '--every', 'often'],
      ['backups'],
      ['restore', 'latest'],
      ['restore', '--from', 'x', '--to', 'sqlite:y'],
      ['restore', 'latest', '--from', 'x', '--to', 'y.db'],
    ]) {
      const { code, output } = await cli(args);
      assert.equal(code, 2, args.join(' '));
      assert.match(output, /^[^\n]+ See nozama \w+ --help\.\n$/, args.join(' '));
    }
  });
});

function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}
