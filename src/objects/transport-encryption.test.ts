import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sendsUnencrypted } from './transport-encryption.ts';

const unencrypted = [
  'webhdfs://namenode/lake',
  'WebHDFS://namenode:9870/lake',
  'webhdfs://10.0.0.1:9870/lake',
  // Loopback addresses are 127.0.0.0/8, ::1 and localhost, and not the names that begin like them.
  'webhdfs://127.0.0.1.example/lake',
  'webhdfs://localhost.example/lake',
  'webhdfs://[fd00::1]/lake',
  'webhdfs://127.0.0.1,namenode/lake',
  'webhdfs://namenode,localhost/lake',
  'webhdfs://localhost',
  'webhdfs:',
  'http://account.blob.core.windows.net/lake',
  'http://localhost@account.blob.core.windows.net/lake',
  'HTTP://0.0.0.0:10000/account/lake',
  'http:',
];

const encryptedOrHere = [
  'swebhdfs://namenode/lake',
  'swebhdfs://one,two/lake',
  'webhdfs://localhost/lake',
  'webhdfs://LOCALHOST:9870/lake',
  'webhdfs://127.0.0.1:9870,127.0.0.2:9870/lake',
  'webhdfs://[::1]:9870/lake',
  'http://127.0.0.1:10000/devstoreaccount1/lake',
  'http://[::1]:10000/devstoreaccount1/lake',
  'https://account.blob.core.windows.net/lake',
  'abfss://lake@account/shop',
  's3://bucket/shop',
  'gs://bucket/shop',
  'file:./lake',
  './lake',
];

describe('the data sent to an address', () => {
  for (const address of unencrypted) {
    it(`can be read by others on the way to ${address}`, () => assert.equal(sendsUnencrypted(address), true));
  }
  for (const address of encryptedOrHere) {
    it(`can't be read by others on the way to ${address}`, () =>
      assert.equal(sendsUnencrypted(address), false));
  }
});
