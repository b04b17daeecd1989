/** Stores that ignore the condition of `create`, refuse it, or are too busy. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { openObjectStore } from '../../src/objects/open-object-store.ts';
import { proveCreate } from '../../src/objects/prove-create.ts';
import { azurite, fakeGcs, missing, signatureFor, startAzure, startGcs } from './object-servers.ts';
import { overwrites, withProxy } from './through-a-proxy.ts';

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

  it('that says try again, and then that another has written, has that object', () =>
    withBucket([409, 412], async (open) => {
      assert.equal(await open().create('object', Buffer.from('')), 'exists');
    }));

  it('that has 304 for a condition that does not hold has that object', () =>
    withBucket([304], async (open) => {
      assert.equal(await open().create('object', Buffer.from('')), 'exists');
    }));

  it('that says try again for ever leaves it open', () =>
    withBucket([409, 409, 409, 409], async (open) => {
      assert.equal(await open().create('object', Buffer.from('')), 'unknown');
    }));
});

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

  it('says when a signature has ended, which may be the fault of a clock', async () => {
    await using server = await startAzure();
    const environment = { AZURE_STORAGE_SAS_TOKEN: signatureFor('rwdlac', Date.now() - 60_000) };
    const store = openObjectStore(server.address, 'LAKE_URL', { environment });
    for (const call of [() => store.read('x'), () => store.create('x', Buffer.from(''))]) {
      await assert.rejects(
        call,
        /\(403 (?:AuthenticationFailed|AuthorizationFailure)\): look at AZURE_STORAGE_SAS_TOKEN and when it ends, .* and at the clock of this machine\.$/,
      );
    }
  });
});

describe('the answer of Azure to a creation', () => {
  for (const [status, code, outcome] of [
    [201, '', 'created'],
    [409, 'BlobAlreadyExists', 'exists'],
    [412, 'ConditionNotMet', 'exists'],
    // Of a signature that may create, and not overwrite. Azurite has another code for it.
    [403, 'UnauthorizedBlobOverwrite', 'exists'],
    [500, 'OperationTimedOut', 'unknown'],
    [503, 'ServerBusy', 'unknown'],
    [409, 'ContainerBeingDeleted', /answered 409 ContainerBeingDeleted\.$/],
    [403, 'AuthorizationPermissionMismatch', /refuses us \(403 AuthorizationPermissionMismatch\)/],
  ] as const) {
    it(`${status} ${code} is ${outcome}`, async () => {
      let calls = 0;
      const server = createServer((incoming, outgoing) => {
        calls += 1;
        incoming.resume();
        outgoing.writeHead(status, { 'x-ms-error-code': code }).end();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/account/container`;
        const environment = { AZURE_STORAGE_SAS_TOKEN: 'sig=x' };
        const creating = openObjectStore(address, 'LAKE_URL', { environment }).create('x', Buffer.from(''));
        if (outcome instanceof RegExp) await assert.rejects(creating, outcome);
        else assert.equal(await creating, outcome);
        assert.equal(calls, 1);
      } finally {
        server.close();
        server.closeAllConnections();
      }
    });
  }
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
