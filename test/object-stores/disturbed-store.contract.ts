/**
 * What a store of objects does when the network fails, or the store does: `create` is sent once, and its outcome is never
 * guessed.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import { openObjectStore } from '../../src/objects/open-object-store.ts';
import { proveCreate } from '../../src/objects/prove-create.ts';
import type { Environment, ObjectServer } from './object-servers.ts';
import { textOf } from './object-store.contract.ts';
import { openStoreProxy, type StoreProxy } from './store-proxy.ts';

export interface DisturbedKind {
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

const loopback = /127\.0\.0\.1:\d+/;

export function describeDisturbedStore(kind: DisturbedKind): void {
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
      for (const disturbance of ['lose answer', 'bad gateway', 503] as const) {
        const object = `log/${disturbance}`;
        const seen = proxy.disturb(disturbance, creating);
        assert.equal(await store.create(object, Buffer.from('ours')), 'unknown');
        assert.equal(seen.count, 1);
        proxy.passAll();
        const isThere = disturbance !== 503;
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
      for (const disturbance of ['lose answer', 'lose request', 'bad gateway', 503] as const) {
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
