import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { openObjectStore } from './open-object-store.ts';

const environment = {
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
  AZURE_STORAGE_SAS_TOKEN: 'sig=c',
  HADOOP_USER_NAME: 'd',
};
const open = (address: string, more: Readonly<Record<string, string>> = {}) =>
  openObjectStore(address, 'LAKE_URL', { environment: { ...environment, ...more } });

describe('the address of a store of objects', () => {
  const descriptions: Readonly<Record<string, string>> = {
    'file:./lake': resolve('lake'),
    'file:/var/lib/a lake': '/var/lib/a lake',
    'file:///var/lib/lake/': '/var/lib/lake',
    's3://bucket/shop/a=b/c.d_e': 's3://bucket/shop/a=b/c.d_e',
    's3://bucket': 's3://bucket',
    'abfss://lake@account/shop': 'https://account.blob.core.windows.net/lake/shop',
    'azure://lake@account.dfs.core.windows.net/shop': 'https://account.blob.core.windows.net/lake/shop',
    'abfss://lake@account.dfs.core.chinacloudapi.cn/shop':
      'https://account.blob.core.chinacloudapi.cn/lake/shop',
    'https://account.blob.core.windows.net/lake/shop/': 'https://account.blob.core.windows.net/lake/shop',
    'http://127.0.0.1:10000/devstoreaccount1/lake/shop': 'http://127.0.0.1:10000/devstoreaccount1/lake/shop',
    'gs://my_bucket/shop': 'gs://my_bucket/shop',
    'webhdfs://namenode/shops/one': 'webhdfs://namenode:9870/shops/one',
    'webhdfs://10.0.0.1:50070/lake/': 'webhdfs://10.0.0.1:50070/lake',
    'swebhdfs://[fd00::1]/lake': 'swebhdfs://[fd00::1]:9871/lake',
    'webhdfs://one,two:50070/lake': 'webhdfs://one:9870,two:50070/lake',
  };
  for (const [address, description] of Object.entries(descriptions)) {
    it(`may be ${address}`, () => {
      assert.equal(open(address).description, description);
    });
  }

  const wrong: Readonly<Record<string, RegExp>> = {
    '': /^LAKE_URL must look like file:FOLDER, s3:.* or swebhdfs:/,
    './lake': /^LAKE_URL must look like file:FOLDER, s3:/,
    'ftp://host/never-shown': /^LAKE_URL must look like file:FOLDER, s3:/,
    'file:': /^LAKE_URL must look like file:FOLDER,/,
    'file://host/share': /^LAKE_URL must look like file:FOLDER,/,
    's3://': /^LAKE_URL must look like s3:\/\/BUCKET\/PREFIX,/,
    's3://UPPER/x': /s3:\/\/BUCKET\/PREFIX,/,
    's3:bucket': /s3:\/\/BUCKET\/PREFIX,/,
    's3://bucket/a b': /s3:\/\/BUCKET\/PREFIX,/,
    's3://bucket/../x': /s3:\/\/BUCKET\/PREFIX,/,
    's3://bucket/x//y': /s3:\/\/BUCKET\/PREFIX,/,
    's3://key:never-shown@bucket/x': /s3:\/\/BUCKET\/PREFIX, .*credentials belong into the environment/,
    'abfss://lake/shop': /abfss:\/\/CONTAINER@ACCOUNT\/PREFIX/,
    'abfss://lake:never-shown@account/shop': /abfss:\/\/CONTAINER@ACCOUNT\/PREFIX/,
    'abfss://lake@account/shop?sig=never-shown': /abfss:\/\/CONTAINER@ACCOUNT\/PREFIX/,
    'https://account.blob.core.windows.net/lake?sig=never-shown': /abfss:\/\/CONTAINER@ACCOUNT\/PREFIX/,
    'https://:never-shown@account.blob.core.windows.net/lake': /abfss:\/\/CONTAINER@ACCOUNT\/PREFIX/,
    'http://account.blob.core.windows.net/lake': /abfss:\/\/CONTAINER@ACCOUNT\/PREFIX/,
    'gs:///x': /gs:\/\/BUCKET\/PREFIX/,
    'gs://user:never-shown@bucket/x': /gs:\/\/BUCKET\/PREFIX/,
    'webhdfs://namenode': /swebhdfs:\/\/NAMENODE:9871\/FOLDER/,
    'webhdfs://namenode/': /swebhdfs:\/\/NAMENODE:9871\/FOLDER/,
    'webhdfs://never-shown@namenode/lake': /swebhdfs:\/\/NAMENODE:9871\/FOLDER/,
    'webhdfs://namenode:99999/lake': /swebhdfs:\/\/NAMENODE:9871\/FOLDER/,
    'webhdfs://one,/lake': /swebhdfs:\/\/NAMENODE:9871\/FOLDER/,
    'webhdfs://fd00::1/lake': /swebhdfs:\/\/NAMENODE:9871\/FOLDER/,
    'webhdfs://namenode/lake?delegation=never-shown': /swebhdfs:\/\/NAMENODE:9871\/FOLDER/,
  };
  for (const [address, words] of Object.entries(wrong)) {
    it(`is refused without being repeated: ${address}`, () => {
      assert.throws(
        () => open(address),
        (error: Error) => {
          assert.match(error.message, words);
          assert.doesNotMatch(error.message, /never-shown/);
          return error.name === 'ObjectStoreError';
        },
      );
    });
  }

  it('needs credentials', () => {
    const without: readonly (readonly [string, string, RegExp])[] = [
      ['s3://bucket/x', 'AWS_SECRET_ACCESS_KEY', /No credentials for the bucket: set AWS_ACCESS_KEY_ID/],
      ['abfss://lake@account/x', 'AZURE_STORAGE_SAS_TOKEN', /No credentials for the container: set AZURE_/],
      ['webhdfs://namenode/x', 'HADOOP_USER_NAME', /No user for WebHDFS: set HADOOP_USER_NAME, or/],
    ];
    for (const [address, name, words] of without)
      assert.throws(() => open(address, { [name]: '', AWS_SHARED_CREDENTIALS_FILE: '/nowhere' }), words);
  });

  it('has no emulator that others can listen to', () => {
    assert.throws(
      () => open('gs://bucket/x', { STORAGE_EMULATOR_HOST: 'emulator.example:4443' }),
      /^ObjectStoreError: STORAGE_EMULATOR_HOST must be an https: address, or one of this machine/,
    );
    assert.throws(
      () => open('s3://bucket/x', { AWS_ENDPOINT_URL: 'http://minio.example' }),
      /^ObjectStoreError: AWS_ENDPOINT_URL must be .*: others on the way could read and replace the objects\.$/,
    );
    open('gs://bucket/x', { STORAGE_EMULATOR_HOST: 'localhost:4443' });
  });
});
