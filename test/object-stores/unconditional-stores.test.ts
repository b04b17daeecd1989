/** Stores that ignore the condition of `create`, refuse it, or are too busy; and name nodes of old versions. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { openObjectStore } from '../../src/objects/open-object-store.ts';
import { proveCreate } from '../../src/objects/prove-create.ts';
import {
  azurite,
  fakeGcs,
  hdfsJars,
  missing,
  type ObjectServer,
  startAzure,
  startGcs,
  startHdfs,
} from './object-servers.ts';
import { textOf } from './object-store.contract.ts';
import { openStoreProxy, type StoreProxy } from './store-proxy.ts';

const overwrites =
  /does not create an object only if it is absent: two writers would overwrite each other\. Use/;
const lacks =
  /can't create an object only if it is absent \(501\): two writers would overwrite each other\. Use/;

/** A bucket that answers each PUT by the next of these statuses, and has no object. */
async function withBucket(
  statuses: readonly number[],
  run: (open: () => ReturnType<typeof openObjectStore>) => Promise<void>,
) {
  let puts = 0;
  const answer: RequestListener = (incoming, outgoing) => {
    incoming.resume();
    const status = incoming.method === 'PUT' ? statuses[puts] : incoming.method === 'GET' ? 404 : 204;
    if (incoming.method === 'PUT') {
      assert.equal(incoming.headers['if-none-match'], '*');
      puts += 1;
    }
    outgoing.writeHead(status ?? 500).end();
  };
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const environment = {
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
    await run(() => openObjectStore('s3://bucket/x', 'LAKE_URL', { environment }));
    assert.equal(puts, statuses.length);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe('a bucket of S3', () => {
  it('that overwrites is refused', () =>
    withBucket([200, 200], async (open) => {
      await assert.rejects(proveCreate(open()), overwrites);
    }));

  it('that knows no condition is refused', () =>
    withBucket([501], async (open) => {
      await assert.rejects(proveCreate(open()), lacks);
    }));

  it('that says exists of what was never there is refused', () =>
    withBucket([412, 412], async (open) => {
      await assert.rejects(proveCreate(open()), overwrites);
    }));

  it('that is away in the middle is not proven', () =>
    withBucket([200, 503], async (open) => {
      await assert.rejects(
        proveCreate(open()),
        /does not answer in time whether an object was created\. Try/,
      );
    }));

  it('that says try again is asked again', () =>
    withBucket([409, 409, 200], async (open) => {
      assert.equal(await open().create('object', Buffer.from('')), 'created');
    }));

  it('that says try again for ever leaves it open', () =>
    withBucket([409, 409, 409, 409], async (open) => {
      assert.equal(await open().create('object', Buffer.from('')), 'unknown');
    }));
});

/** Through a proxy. */
async function withProxy(
  server: ObjectServer,
  run: (proxy: StoreProxy, open: () => ReturnType<typeof openObjectStore>) => Promise<void>,
) {
  const loopback = /127\.0\.0\.1:\d+/;
  await using proxy = await openStoreProxy(
    loopback.exec(JSON.stringify([server.address, server.environment]))?.[0] ?? '',
  );
  const through = (text: string) => text.replace(loopback, proxy.host);
  const environment = Object.fromEntries(
    Object.entries(server.environment).map(([key, value]) => [key, through(value)]),
  );
  await run(proxy, () => openObjectStore(through(server.address), 'LAKE_URL', { environment }));
}

describe('a container of Azure', { skip: missing(azurite, 'Azurite') }, () => {
  it('that overwrites is refused', async () => {
    await using server = await startAzure();
    await withProxy(server, async (proxy, open) => {
      proxy.alter((target, headers) => {
        delete headers['if-none-match'];
        return target;
      });
      await assert.rejects(proveCreate(open()), overwrites);
    });
  });
});

describe('a bucket of Google', { skip: missing(fakeGcs, 'fake-gcs-server') }, () => {
  it('that overwrites is refused', async () => {
    await using server = await startGcs();
    await withProxy(server, async (proxy, open) => {
      proxy.alter((target) => target.replace('&ifGenerationMatch=0', ''));
      await assert.rejects(proveCreate(open()), overwrites);
    });
  });
});

const hdfsIsMissing = missing(hdfsJars, 'HDFS');

describe('a name node', { skip: hdfsIsMissing }, () => {
  let server: ObjectServer;
  before(async () => {
    if (hdfsIsMissing === false) server = await startHdfs();
  });
  after(async () => server?.[Symbol.asyncDispose]());

  it('that ignores the option of RENAME is taken: it never overwrites, and says false', () =>
    withProxy(server, async (proxy, open) => {
      const seen = proxy.disturb('lose request', /op=RENAME/, 0);
      proxy.alter((target) => target.replace('&renameoptions=NONE', ''));
      const store = open();
      await proveCreate(store);
      assert.equal(await store.create('log/0', Buffer.from('first')), 'created');
      assert.equal(await store.create('log/0', Buffer.from('second')), 'exists');
      assert.equal(await textOf(store, 'log/0'), 'first');
      assert.equal(seen.count, 4);
    }));

  it('that overwrites is refused', () =>
    withProxy(server, async (proxy, open) => {
      proxy.alter((target) => target.replace('renameoptions=NONE', 'renameoptions=OVERWRITE'));
      await assert.rejects(proveCreate(open()), overwrites);
    }));

  it('that redirects to data nodes, as it is asked not to, is followed', () =>
    withProxy(server, async (proxy, open) => {
      proxy.alter((target) => target.replace('&noredirect=true', ''));
      const store = open();
      assert.equal(await store.create('log/redirected', Buffer.from('content')), 'created');
      assert.equal(await textOf(store, 'log/redirected'), 'content');
      assert.equal(await store.read('log/none'), null);
    }));
});
