/** Several name nodes, of which one is down, hangs, or loses an answer. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { startSilentHost } from '../../../test/object-stores/silent-host.ts';
import { activeOf } from './name-nodes.ts';
import { openWebhdfs } from './webhdfs-client.ts';

/** Answers that there is no such file; or never. */
async function startNameNode(isSilent = false) {
  const seen = { calls: 0 };
  const server = createServer((_, outgoing) => {
    seen.calls += 1;
    if (!isSilent) outgoing.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const status = { method: 'GET', path: '/lake/x', query: { op: 'GETFILESTATUS' } } as const;

function clientOf(hosts: readonly string[], timeoutMs?: number) {
  const origins = hosts.map((host) => `http://${host}`);
  const address = { origins, folder: '/lake', prefix: '' } as const;
  return openWebhdfs(address, { environment: { HADOOP_USER_NAME: 'shop' }, timeoutMs });
}

describe('several name nodes', () => {
  const skip = process.platform === 'linux' ? false : 'only Linux drops packets to a program that is stopped';
  it('are asked in turn when the machine of one is down, with the usual time for an answer', {
    skip,
  }, async () => {
    await using down = await startSilentHost();
    await using active = await startNameNode();
    const client = clientOf([down.host, active.host]);
    assert.equal((await client.callOnce(status))?.status, 404);
    assert.equal((await client.call(status)).status, 404);
    assert.equal(active.seen.calls, 2);
    const other = clientOf([down.host, down.host], 300);
    await assert.rejects(other.callOnce(status), /can't be reached: no answer within 0\.3 s/);
  });

  it('are asked in turn when one does not answer, once each', async () => {
    await using silent = await startNameNode(true);
    await using active = await startNameNode();
    const client = clientOf([silent.host, active.host], 300);
    assert.equal((await client.call(status)).status, 404);
    assert.deepEqual([silent.seen.calls, active.seen.calls], [1, 1]);
  });

  it('are begun at the next one after a lost answer, which is not asked for again', async () => {
    await using one = await startNameNode();
    await using other = await startNameNode();
    const origins = [`http://${one.host}`, `http://${other.host}`];
    const asked: string[] = [];
    const send = activeOf('The cluster', origins, 1_000);
    for (let count = 0; count < 3; count += 1) {
      await send(async (origin) => {
        asked.push(origin);
        return null;
      });
    }
    assert.deepEqual(asked, [...origins, origins[0]]);
  });

  it('are not asked in turn when an answer can’t be used', async () => {
    await using one = await startNameNode();
    const asked: string[] = [];
    const send = activeOf('The cluster', [`http://${one.host}`, `http://${one.host}`], 1_000);
    const failing = send(async (origin) => {
      asked.push(origin);
      throw new TypeError('a fault of ours');
    });
    await assert.rejects(failing, TypeError);
    assert.equal(asked.length, 1);
  });
});
