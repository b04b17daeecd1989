/**
 * Tokens of Google and Azure, and a store that refuses some of them, as after a revocation or when the clock of this
 * machine was put back. A server gives numbered tokens, and counts what it is asked.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { openContainer } from './azure/azure-client.ts';
import { openGoogleAccess } from './gcs/google-credentials.ts';
import { createStoreClient } from './store-client.ts';

interface Service {
  readonly status: number;
  /** Of the answer to the question for the token of this number. */
  readonly body: (number: number) => string;
}

const secondsFromNow = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;
const token = (number: number, seconds = 3_600) =>
  JSON.stringify({
    access_token: `token-${number}`,
    expires_in: seconds,
    expires_on: String(secondsFromNow(seconds)),
  });

/** @returns clients of a store that asks for tokens */
async function startCloud(isRefused: (authorization: string) => boolean = () => false) {
  const cloud = {
    service: { status: 200, body: (number: number) => token(number) } as Service,
    tokens: 0,
    /** What the store was sent. */
    calls: [] as string[],
    refusal: { status: 401, headers: {} as Record<string, string> },
  };
  const server = createServer((incoming, outgoing) => {
    if (/token/.test(incoming.url ?? '')) {
      cloud.tokens += 1;
      return outgoing.writeHead(cloud.service.status).end(cloud.service.body(cloud.tokens));
    }
    const { authorization = '' } = incoming.headers;
    cloud.calls.push(authorization);
    const { status, headers } = cloud.refusal;
    return isRefused(authorization) ? outgoing.writeHead(status, headers).end() : outgoing.end('content');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const access = openGoogleAccess({ GCE_METADATA_HOST: host }, 'scope');
  const words = { description: 'The store', container: 'bucket', credentials: 'the role' };
  const sign = async () => ({ url: `http://${host}/object`, method: 'GET', headers: await access() });
  const google = createStoreClient(words, sign, { forget: access.forget });
  const azure = openContainer(`http://${host}/account/container`, {
    environment: { IDENTITY_ENDPOINT: `http://${host}/msi/token`, IDENTITY_HEADER: 'x' },
  });
  return Object.assign(cloud, {
    clients: { google, azure },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  });
}

for (const name of ['google', 'azure'] as const) {
  describe(`a token of ${name}`, () => {
    it('that the store refuses is forgotten, and the request is sent with a new one', async () => {
      for (const verb of ['call', 'callOnce'] as const) {
        await using cloud = await startCloud((authorization) => authorization === 'Bearer token-1');
        const client = cloud.clients[name];
        assert.equal((await client[verb]({ key: 'x' }))?.status, 200);
        assert.equal((await client[verb]({ key: 'x' }))?.status, 200);
        assert.deepEqual(cloud.calls, ['Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
      }
    });

    it('that is refused again is not asked for a third time', async () => {
      await using cloud = await startCloud(() => true);
      const client = cloud.clients[name];
      await assert.rejects(client.must({ key: 'x' }), / refuses us \(401\): look at /);
      assert.deepEqual([cloud.tokens, cloud.calls.length], [2, 2]);
    });

    it('is fetched once for many requests, and once more when all of them are refused', async () => {
      await using cloud = await startCloud((authorization) => authorization === 'Bearer token-1');
      const client = cloud.clients[name];
      const answers = await Promise.all(Array.from({ length: 20 }, () => client.call({ key: 'x' })));
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
      assert.equal(cloud.tokens, 2);
    });

    it('is none in an answer of another program', async () => {
      for (const body of [
        '<html>',
        '',
        'null',
        '{}',
        '{"access_token": null}',
        '{"access_token": ""}',
        '{"access_token": "never-shown\\n"}',
      ]) {
        await using cloud = await startCloud();
        cloud.service = { status: 200, body: () => body };
        await assert.rejects(cloud.clients[name].call({ key: 'x' }), (error: Error) => {
          assert.match(
            error.message,
            /^The m.* answers without an access_token: does another program answer/,
          );
          assert.doesNotMatch(error.message, /never-shown/);
          return error.name === 'ObjectStoreError';
        });
        assert.deepEqual(cloud.calls, [], body);
      }
    });

    it('of which nobody says when it ends is used, and not for ever', async (t) => {
      for (const ends of ['', ', "expires_in": null, "expires_on": "soon"', ', "expires_in": "x"']) {
        await using cloud = await startCloud();
        t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
        cloud.service = { status: 200, body: (number) => `{"access_token": "token-${number}"${ends}}` };
        const client = cloud.clients[name];
        for (const ms of [0, 59_000, 2_000]) {
          t.mock.timers.tick(ms);
          await client.call({ key: 'x' });
        }
        t.mock.timers.reset();
        assert.deepEqual(cloud.calls, ['Bearer token-1', 'Bearer token-1', 'Bearer token-2'], ends);
      }
    });

    it('that ends in some minutes is used when its service gives no other', async () => {
      await using cloud = await startCloud();
      cloud.service = { status: 200, body: (number) => token(number, 200) };
      const client = cloud.clients[name];
      await client.call({ key: 'x' });
      cloud.service = { status: 400, body: () => '{}' };
      await client.call({ key: 'x' });
      assert.deepEqual([cloud.tokens, cloud.calls], [2, ['Bearer token-1', 'Bearer token-1']]);
    });

    it('is asked for in vain when the one before has ended', async () => {
      await using cloud = await startCloud();
      cloud.service = { status: 200, body: (number) => token(number, -1) };
      const client = cloud.clients[name];
      await client.call({ key: 'x' });
      cloud.service = { status: 400, body: () => '{}' };
      await assert.rejects(client.call({ key: 'x' }), /gives no token/);
    });
  });
}

describe('a refusal of Azure', () => {
  it('with 403 is that of a token, or that of a right', async () => {
    for (const [code, calls] of [
      ['AuthenticationFailed', 2],
      ['AuthorizationPermissionMismatch', 1],
    ] as const) {
      await using cloud = await startCloud(() => true);
      cloud.refusal = { status: 403, headers: { 'x-ms-error-code': code } };
      await assert.rejects(cloud.clients.azure.must({ key: 'x' }), new RegExp(code));
      assert.equal(cloud.calls.length, calls, code);
    }
  });
});
