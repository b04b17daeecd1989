/** Backups in object stores on this machine, and the addresses of backups. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openLocation } from '../../src/backup/open-location.ts';
import { inFolder, openShop, type Shop } from '../journeys/open-shop.ts';
import { type BackupKind, cli, describeBackups, refused } from './backups.contract.ts';
import {
  azurite,
  type Environment,
  fakeGcs,
  missing,
  signatureFor,
  startAzure,
  startAzureWithIdentity,
  startGcs,
  startS3,
  versitygw,
} from './object-servers.ts';

const kinds: readonly BackupKind[] = [
  {
    name: 'S3 (versitygw)',
    skip: missing(versitygw, 'versitygw'),
    start: startS3,
    nowhere: (address) => address.replace('shop-backups', 'elsewhere'),
    nowhereWords: /there is no such bucket\. Create it/,
    wrong: { AWS_SECRET_ACCESS_KEY: 'not-the-secret' },
    none: { AWS_SECRET_ACCESS_KEY: '' },
    noneWords: /^No credentials for the bucket: set AWS_/,
  },
  {
    name: 'Azure Blob Storage (Azurite)',
    skip: missing(azurite, 'Azurite'),
    start: startAzure,
    nowhere: (address) => address.replace('/backups/', '/elsewhere/'),
    nowhereWords: /there is no such container\. Create it/,
    wrong: { AZURE_STORAGE_SAS_TOKEN: signatureFor('rwdlac').replace(/sig=../, 'sig=AA') },
    none: { AZURE_STORAGE_SAS_TOKEN: '' },
    noneWords: /^No credentials for the container: set AZURE_/,
  },
  {
    name: 'Google Cloud Storage (fake-gcs-server)',
    skip: missing(fakeGcs, 'fake-gcs-server'),
    start: startGcs,
    nowhere: (address) => address.replace('shop-lake', 'elsewhere'),
    nowhereWords: /there is no such bucket\. Create it|answered 404/,
    // It takes all credentials: src/objects/gcs/google-credentials.test.ts.
    wrong: null,
    none: null,
    noneWords: /^$/,
  },
];

for (const kind of kinds) describeBackups(kind);

describe('the managed identity of an app in Azure', { skip: missing(azurite, 'Azurite') }, () => {
  let shop: Shop;
  before(async () => {
    shop = await openShop();
  });
  after(() => shop.close());

  it('lets a backup in, and a wrong one is told', async () => {
    await using server = await startAzureWithIdentity();
    await inFolder(async (folder) => {
      const { address, environment } = server;
      // The token was taken, as it is the container that is missing.
      const backup = (more: Environment) =>
        cli(['backup', '--to', address], shop, { ...environment, ...more }, folder);
      await refused(backup({}), /there is no such container/);
      await refused(
        backup({ AZURE_CLIENT_ID: 'other' }),
        /managed identity gives no token for storage \(400\)/,
      );
    });
  });

  it('gets a new token when Azure says that the first has ended', async () => {
    await using server = await startAzureWithIdentity(1);
    await inFolder((folder) =>
      refused(
        cli(['backup', '--to', server.address], shop, server.environment, folder),
        /there is no such container/,
      ),
    );
  });
});

describe('an address of an object store', () => {
  const environment = {
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AZURE_STORAGE_SAS_TOKEN: 'sig=c',
    STORAGE_EMULATOR_HOST: '127.0.0.1:1',
    HADOOP_USER_NAME: 'd',
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
    'abfss://container/x',
    'gs://bucket/x?secret',
    'gs://user:secret@bucket/x',
    'swebhdfs://namenode',
    'swebhdfs://secret@namenode/backups',
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

  it('is refused when names and addresses would go to a name node in the open', () => {
    for (const address of ['webhdfs://namenode/backups', 'webhdfs://127.0.0.1,namenode/backups'])
      assert.throws(
        () => openLocation(address, environment),
        /^BackupRefusedError: A backup goes to HDFS by swebhdfs: \(HTTPS\).*names and addresses\.$/,
      );
  });

  it('says where backups are, and no more', () => {
    const descriptions: Readonly<Record<string, string>> = {
      's3://bucket': 's3://bucket',
      's3://bucket/a/b/': 's3://bucket',
      'https://account.blob.core.windows.net/c/d': 'https://account.blob.core.windows.net/c',
      'abfss://container@account/d': 'https://account.blob.core.windows.net/container',
      'gs://bucket/a': 'gs://bucket',
      'swebhdfs://namenode/backups/': 'swebhdfs://namenode:9871/backups',
      'webhdfs://127.0.0.1/backups': 'webhdfs://127.0.0.1:9870/backups',
    };
    for (const [address, description] of Object.entries(descriptions))
      assert.equal(openLocation(address, environment).description, description);
  });
});
