/** What a name node refuses: a server that answers as Hadoop does (RemoteException as JSON). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { openObjectStore } from '../open-object-store.ts';

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** @returns where it listens, and the parameters that it was sent */
async function startNameNode(answer: Answer) {
  const asked: URLSearchParams[] = [];
  const server = createServer((incoming, outgoing) => {
    asked.push(new URL(incoming.url ?? '', 'http://name-node').searchParams);
    outgoing.writeHead(answer.status, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify(answer.body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @returns the message of a read, and the parameters that the name node was sent */
async function readFrom(answer: Answer, environment: Readonly<Record<string, string>>) {
  await using node = await startNameNode(answer);
  const store = openObjectStore(`webhdfs://${node.host}/lake`, 'LAKE_URL', { environment });
  const message = await store.read('x').then(String, (error: Error) => error.message);
  return { message: message.replace(node.host, 'namenode'), asked: node.asked };
}

const remote = (status: number, exception: string) => ({
  status,
  body: { RemoteException: { exception, javaClassName: `org.apache.hadoop.${exception}`, message: 'x' } },
});

describe('a name node', () => {
  const token = { WEBHDFS_DELEGATION_TOKEN: 'never-shown', HADOOP_USER_NAME: 'nobody' };

  it('gets the delegation token alone, or the name of the user', async () => {
    const gone = remote(404, 'FileNotFoundException');
    const { message, asked } = await readFrom(gone, token);
    assert.equal(message, 'null');
    assert.deepEqual(
      asked.map((query) => [query.get('delegation'), query.get('user.name')]),
      [['never-shown', null]],
    );
    const { asked: next } = await readFrom(gone, { HADOOP_USER_NAME: 'shop' });
    assert.deepEqual(
      next.map((query) => [query.get('delegation'), query.get('user.name')]),
      [[null, 'shop']],
    );
  });

  const refusals = [
    [
      remote(403, 'StandbyException'),
      'webhdfs://namenode/lake is a standby name node: name the active one, or both with a comma (StandbyException).',
    ],
    [
      remote(403, 'SafeModeException'),
      'webhdfs://namenode/lake is in safe mode, in which nothing can be written: wait until the cluster has left it (SafeModeException).',
    ],
    [
      remote(403, 'InvalidToken'),
      'webhdfs://namenode/lake does not take WEBHDFS_DELEGATION_TOKEN: renew it, or get another (InvalidToken).',
    ],
    [
      remote(401, 'SecurityException'),
      'webhdfs://namenode/lake refuses us (401 SecurityException): look at HADOOP_USER_NAME or WEBHDFS_DELEGATION_TOKEN, and at what they may do there.',
    ],
    [
      remote(400, 'IllegalArgumentException'),
      'webhdfs://namenode/lake answered 400 IllegalArgumentException.',
    ],
    [
      { status: 200, body: { Location: 'file:///etc/passwd' } },
      'webhdfs://namenode/lake names a data node at no address that can be used (file:): look at dfs.http.policy of the cluster.',
    ],
    [
      { status: 200, body: { Location: 'http://datanode.example:9864/webhdfs/v1/lake/x' } },
      'webhdfs://namenode/lake names a data node on another machine, where the data would go without encryption: use swebhdfs:, or a host name of the name node that other machines know.',
    ],
    [
      { status: 200, body: {} },
      'webhdfs://namenode/lake names a data node at no address that can be used: look at dfs.http.policy of the cluster.',
    ],
  ] as const;
  for (const [answer, words] of refusals) {
    it(`is told in a sentence: ${words}`, async () => {
      assert.equal((await readFrom(answer, token)).message, words);
    });
  }
});

describe('several name nodes', () => {
  const environment = { HADOOP_USER_NAME: 'shop' };

  it('are asked in turn for the active one, which is then asked first', async () => {
    await using standby = await startNameNode(remote(403, 'StandbyException'));
    await using active = await startNameNode(remote(404, 'FileNotFoundException'));
    const address = `webhdfs://${standby.host},${active.host}/lake`;
    const store = openObjectStore(address, 'LAKE_URL', { environment });
    for (const name of ['x', 'y', 'z']) assert.equal(await store.read(name), null);
    assert.deepEqual([standby.asked.length, active.asked.length], [1, 3]);
  });

  it('are refused when none is active, or none can be reached', async () => {
    await using one = await startNameNode(remote(403, 'StandbyException'));
    await using other = await startNameNode(remote(403, 'StandbyException'));
    const address = `webhdfs://${one.host},${other.host}/lake`;
    const store = openObjectStore(address, 'LAKE_URL', { environment });
    await assert.rejects(store.read('x'), /is a standby name node/);
    assert.deepEqual([one.asked.length, other.asked.length], [1, 1]);
    for (const node of [one, other]) await node[Symbol.asyncDispose]();
    await assert.rejects(store.read('x'), /can't be reached/);
  });

  it('create an object at the one that can be reached', async () => {
    const gone = await startNameNode(remote(404, 'FileNotFoundException'));
    await gone[Symbol.asyncDispose]();
    await using active = await startNameNode(remote(403, 'SafeModeException'));
    const address = `webhdfs://${gone.host},${active.host}/lake`;
    const store = openObjectStore(address, 'LAKE_URL', { environment });
    await assert.rejects(store.create('x', Buffer.from('')), /is in safe mode/);
    assert.equal(active.asked.length, 1);
  });
});
