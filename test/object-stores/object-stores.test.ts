/** Backups in object stores: the command line against real servers of others' making. */
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
import {
  azurite,
  type Environment,
  missing,
  type ObjectServer,
  signatureFor,
  startAzure,
  startAzureWithIdentity,
  startS3,
  versitygw,
} from './object-servers.ts';

let shop: Shop;
before(async () => {
  shop = await openShop();
  await place(shop.url);
});
after(() => shop.close());

async function cli(args: readonly string[], environment: Environment, TMPDIR: string) {
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

async function refused(ending: ReturnType<typeof cli>, words: RegExp): Promise<void> {
  const { code, output } = await ending;
  assert.equal(code, 1, output);
  assert.match(output, words);
}

interface Kind {
  readonly name: string;
  readonly skip: string | false;
  readonly start: () => Promise<ObjectServer>;
  /** The same address with a bucket or container that is not there. */
  readonly nowhere: (address: string) => string;
  readonly wrong: Environment;
  readonly none: Environment;
}

const kinds: readonly Kind[] = [
  {
    name: 'S3 (versitygw)',
    skip: missing(versitygw, 'versitygw'),
    start: startS3,
    nowhere: (address) => address.replace('shop-backups', 'elsewhere'),
    wrong: { AWS_SECRET_ACCESS_KEY: 'not-the-secret' },
    none: { AWS_SECRET_ACCESS_KEY: '' },
  },
  {
    name: 'Azure Blob Storage (Azurite)',
    skip: missing(azurite, 'Azurite'),
    start: startAzure,
    nowhere: (address) => address.replace('/backups/', '/elsewhere/'),
    wrong: { AZURE_STORAGE_SAS_TOKEN: signatureFor('rwdlac').replace(/sig=../, 'sig=AA') },
    none: { AZURE_STORAGE_SAS_TOKEN: '' },
  },
];

for (const { name, skip, start, nowhere, wrong, none } of kinds) {
  describe(`backups in ${name}`, { skip }, () => {
    let server: ObjectServer;
    before(async () => {
      if (skip === false) server = await start();
    });
    after(async () => server?.[Symbol.asyncDispose]());

    it('are taken, listed, rotated and restored, and leave nothing on the way', async () => {
      await inFolder(async (folder) => {
        const { address, environment } = server;
        const run = (...args: string[]) => must(cli(args, environment, folder));
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
          cli(['backup', '--to', to], { ...environment, ...more }, folder);
        await refused(backup(nowhere(address), {}), /there is no such (bucket|container)\. Create it/);
        await refused(backup(address, wrong), /refuses us \(403 \w+\): look at/);
        await refused(backup(address, none), /^No credentials for the (bucket|container): set A/);
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
            refused(cli(args, environment, folder), /can't be reached: \w+/),
          ),
        );
        assert.deepEqual(readdirSync(join(folder, 'new')), []);
      });
    });
  });
}

describe('the managed identity of an app in Azure', { skip: missing(azurite, 'Azurite') }, () => {
  it('lets a backup in, and a wrong one is told', async () => {
    await using server = await startAzureWithIdentity();
    await inFolder(async (folder) => {
      const { address, environment } = server;
      // The token was taken, as it is the container that is missing.
      const backup = (more: Environment) =>
        cli(['backup', '--to', address], { ...environment, ...more }, folder);
      await refused(backup({}), /there is no such container/);
      await refused(
        backup({ AZURE_CLIENT_ID: 'other' }),
        /managed identity gives no token for storage \(400\)/,
      );
    });
  });
});

describe('an address of an object store', () => {
  const environment = {
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AZURE_STORAGE_SAS_TOKEN: 'sig=c',
  };
  const addresses = [
    's3://',
    's3://UPPER/x',
    's3:bucket',
    's3://bucket/a b',
    'https://account.blob.core.windows.net',
    'https://account.blob.core.windows.net/container?sig=secret',
    'https://user:secret@account.blob.core.windows.net/container',
    'http://account.blob.core.windows.net/container',
    'ftp://host/x',
  ];
  for (const address of addresses) {
    it(`is refused without being repeated: ${address}`, () => {
      assert.throws(
        () => openLocation(address, environment),
        (error: Error) => error.name === 'BackupRefusedError' && !error.message.includes('secret'),
      );
    });
  }

  for (const endpoint of ['http://minio.example:9000', 'minio:9000', 'nonsense']) {
    it(`is refused when the store is at ${endpoint}: names and addresses would go there in the open`, () => {
      assert.throws(
        () => openLocation('s3://bucket/a', { ...environment, AWS_ENDPOINT_URL: endpoint }),
        (error: Error) => error.name === 'ObjectStoreError' && error.message.includes('AWS_ENDPOINT_URL'),
      );
    });
  }

  it('may be another than AWS, by https or on this machine', () => {
    for (const endpoint of ['https://minio.example:9000', 'http://127.0.0.1:9000', 'http://localhost:9000/'])
      openLocation('s3://bucket/a', { ...environment, AWS_ENDPOINT_URL: endpoint });
  });

  it('says where backups are, and no more', () => {
    const descriptions = ['s3://bucket', 's3://bucket/a/b/', 'https://account.blob.core.windows.net/c/d'].map(
      (address) => openLocation(address, environment).description,
    );
    assert.deepEqual(descriptions, ['s3://bucket', 's3://bucket', 'https://account.blob.core.windows.net/c']);
  });
});
