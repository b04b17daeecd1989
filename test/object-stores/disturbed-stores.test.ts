/**
 * What stores of objects do when the network fails, or the store does: `create` is sent once, and its outcome is never
 * guessed.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import { openObjectStore } from '../../src/objects/open-object-store.ts';
import { proveCreate } from '../../src/objects/prove-create.ts';
import {
  azurite,
  type Environment,
  fakeGcs,
  hdfsJars,
  missing,
  type ObjectServer,
  startAzure,
  startGcs,
  startHdfs,
  startS3,
  versitygw,
} from './object-servers.ts';
import { textOf } from './object-store.contract.ts';
import { openStoreProxy, type StoreProxy } from './store-proxy.ts';

interface Kind {
  readonly name: string;
  readonly skip: string | false;
  readonly start: () => Promise<ObjectServer>;
  /** The requests that create, replace and fetch an object. */
  readonly creating: RegExp;
  readonly writing: RegExp;
  readonly reading: RegExp;
  readonly wrong: Environment;
  readonly wrongWords: RegExp;
  readonly nowhere: (address: string) => string;
  readonly nowhereWords: RegExp;
}

const kinds: readonly Kind[] = [
  {
    name: 'S3 (versitygw)',
    skip: missing(versitygw, 'versitygw'),
    start: startS3,
    creating: /^PUT .*if-none-match/,
    writing: /^PUT /,
    reading: /^GET /,
    wrong: { AWS_SECRET_ACCESS_KEY: 'never-to-be-seen-either' },
    wrongWords: /refuses us \(403 \w+\): look at the AWS credentials/,
    nowhere: (address) => address.replace('shop-backups', 'elsewhere'),
    nowhereWords: /there is no such bucket\. Create it/,
  },
  {
    name: 'Azure (Azurite)',
    skip: missing(azurite, 'Azurite'),
    start: startAzure,
    creating: /^PUT .*if-none-match/,
    writing: /^PUT /,
    reading: /^GET /,
    wrong: { AZURE_STORAGE_SAS_TOKEN: 'sv=2021-10-04&sig=never-to-be-seen' },
    wrongWords: /refuses us \(403 \w+\): look at AZURE_STORAGE_SAS_TOKEN/,
    nowhere: (address) => address.replace('/backups/', '/elsewhere/'),
    nowhereWords: /there is no such container\. Create it/,
  },
  {
    name: 'Google Cloud Storage (fake-gcs-server)',
    skip: missing(fakeGcs, 'fake-gcs-server'),
    start: startGcs,
    creating: /^POST .*ifGenerationMatch=0/,
    writing: /^POST /,
    reading: /^GET /,
    // It takes all credentials: test/object-stores/google-credentials.test.ts.
    wrong: {},
    wrongWords: /^$/,
    nowhere: (address) => address.replace('shop-lake', 'elsewhere'),
    nowhereWords: /there is no such bucket\. Create it|answered 404/,
  },
  {
    name: 'HDFS (WebHDFS)',
    skip: missing(hdfsJars, 'HDFS'),
    start: startHdfs,
    creating: /^PUT .*op=RENAME.*NONE/,
    writing: /^PUT .*op=RENAME.*OVERWRITE/,
    reading: /^GET .*op=OPEN/,
    wrong: { HADOOP_USER_NAME: 'stranger' },
    wrongWords: /refuses us \(403 AccessControlException\): look at HADOOP_USER_NAME/,
    // A folder is made when it is missing. This one is not ours.
    nowhere: (address) => address.replace('/shops/a', '/elsewhere'),
    nowhereWords: /refuses us \(403 AccessControlException\)/,
  },
];

const loopback = /127\.0\.0\.1:\d+/;

for (const kind of kinds) {
  const { name, skip, start, creating, writing, reading } = kind;
  describe(`objects in ${name}, disturbed`, { skip }, () => {
    let server: ObjectServer;
    let proxy: StoreProxy;
    before(async () => {
      if (skip !== false) return;
      server = await start();
      proxy = await openStoreProxy(
        loopback.exec(JSON.stringify([server.address, server.environment]))?.[0] ?? '',
      );
    });
    after(async () => {
      await proxy?.[Symbol.asyncDispose]();
      await server?.[Symbol.asyncDispose]();
    });
    afterEach(() => proxy.passAll());

    interface Opening {
      readonly host?: string;
      readonly at?: string;
      readonly environment?: Environment;
      readonly timeoutMs?: number;
    }

    /** Through the proxy. */
    function open({ host = proxy.host, at = server.address, environment = {}, timeoutMs }: Opening = {}) {
      const through = (text: string) => text.replace(loopback, host);
      const variables = Object.entries({ ...server.environment, ...environment });
      return openObjectStore(`${through(at)}/${randomUUID()}`, 'LAKE_URL', {
        environment: Object.fromEntries(variables.map(([key, value]) => [key, through(value)])),
        timeoutMs,
      });
    }

    it('may have been created when the answer is lost, and the request is sent once', async () => {
      const store = open();
      // So that a connection is kept, which a runtime may use again.
      await store.create('before', Buffer.from(''));
      for (const disturbance of ['lose answer', 503] as const) {
        const object = `log/${disturbance}`;
        const seen = proxy.disturb(disturbance, creating);
        assert.equal(await store.create(object, Buffer.from('ours')), 'unknown');
        assert.equal(seen.count, 1);
        proxy.passAll();
        const isThere = disturbance === 'lose answer';
        assert.equal(await textOf(store, object), isThere ? 'ours' : null);
        assert.equal(await store.create(object, Buffer.from('ours')), isThere ? 'exists' : 'created');
      }
    });

    it('may have been created when the request is lost, and the caller sends it again', async () => {
      const store = open();
      await store.create('before', Buffer.from(''));
      const seen = proxy.disturb('lose request', creating);
      assert.equal(await store.create('log/0', Buffer.from('ours')), 'unknown');
      assert.equal(seen.count, 1);
      proxy.passAll();
      assert.equal(await store.read('log/0'), null);
      assert.equal(await store.create('log/0', Buffer.from('ours')), 'created');
    });

    it('are written, read and removed again when one answer is lost', async () => {
      const store = open();
      await store.write('object', Buffer.from('old'));
      for (const disturbance of ['lose answer', 'lose request', 503] as const) {
        const content = String(disturbance);
        for (const matching of [writing, reading, /^DELETE /]) {
          const seen = proxy.disturb(disturbance, matching, 1);
          await store.write('object', Buffer.from(content));
          assert.equal(await textOf(store, 'object'), content);
          await store.remove('object');
          assert.equal(await store.read('object'), null);
          assert.ok(seen.count >= 1, `${content} ${matching}`);
        }
      }
    });

    it('are given up when the answer is slow', async () => {
      const store = open({ timeoutMs: 1_500 });
      const seen = proxy.disturb('hold answer', creating);
      assert.equal(await store.create('log/0', Buffer.from('ours')), 'unknown');
      assert.equal(seen.count, 1);
    });

    it('are refused with a sentence: wrong credentials, or nowhere to go', async () => {
      const { wrong, wrongWords, nowhere, nowhereWords } = kind;
      const isChecked = Object.keys(wrong).length > 0;
      for (const [store, words] of [
        [open({ at: nowhere(server.address) }), nowhereWords] as const,
        ...(isChecked ? [[open({ environment: wrong }), wrongWords] as const] : []),
      ]) {
        for (const call of [
          () => store.create('log/0', Buffer.from('')),
          () => store.write('log/0', Buffer.from('')),
          () => proveCreate(store),
        ]) {
          await assert.rejects(call, (error: Error) => {
            assert.match(error.message, words);
            assert.doesNotMatch(error.message, /never-to-be-seen|sig=/);
            return error.name === 'ObjectStoreError';
          });
        }
      }
    });

    it('are not created when the store is away', async () => {
      const gone = await openStoreProxy('127.0.0.1:1');
      await gone[Symbol.asyncDispose]();
      const store = open({ host: gone.host });
      await assert.rejects(store.create('x', Buffer.from('')), /can't be reached: E?\w+\. Is the address/);
    });
  });
}
