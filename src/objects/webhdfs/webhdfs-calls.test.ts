/** A rename in HDFS whose answer says nothing, against a name node that knows its files. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { renameOver } from './webhdfs-calls.ts';
import { openWebhdfs } from './webhdfs-client.ts';

/**
 * What becomes of a RENAME: `bad gateway` is done and answered with 502; `late` has no answer, and is done when the next one
 * comes; `lost` never comes; `refused` says false, as Hadoop 1 does.
 */
type Fate = 'done' | 'bad gateway' | 'late' | 'lost' | 'refused';

async function startNameNode(names: readonly string[], fates: readonly Fate[]) {
  const files = new Set(names);
  const left = [...fates];
  const seen = { renames: 0 };
  let isLate = false;
  const rename = (from: string, to: string) => {
    if (!files.delete(from)) return false;
    files.add(to);
    return true;
  };
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '', 'http://name-node');
    const path = url.pathname.replace('/webhdfs/v1', '');
    const missing = { RemoteException: { exception: 'FileNotFoundException', message: path } };
    if (url.searchParams.get('op') === 'GETFILESTATUS') {
      const isThere = files.has(path);
      const answer = isThere ? { FileStatus: { length: 1 } } : missing;
      return outgoing.writeHead(isThere ? 200 : 404).end(JSON.stringify(answer));
    }
    seen.renames += 1;
    const to = url.searchParams.get('destination') ?? '';
    if (isLate) rename(path, to);
    const fate = left.shift() ?? 'done';
    isLate = fate === 'late';
    if (fate === 'late' || fate === 'lost') return incoming.socket.destroy();
    if (fate === 'refused') return outgoing.end('{"boolean": false}');
    const isDone = rename(path, to);
    if (fate === 'bad gateway') return outgoing.writeHead(502).end();
    return isDone ? outgoing.end() : outgoing.writeHead(404).end(JSON.stringify(missing));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = {
    origins: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`],
    folder: '/lake',
    prefix: '',
  } as const;
  return {
    client: openWebhdfs(address, { environment: { HADOOP_USER_NAME: 'shop' } }),
    files,
    seen,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

describe('a rename over a file', () => {
  const journeys: readonly (readonly [string, readonly Fate[], number])[] = [
    ['is done once', [], 1],
    ['is known as done when a gateway answers in its place', ['bad gateway'], 1],
    ['is known as done when it is late, and the next one finds no file', ['late'], 2],
    ['is asked for again when it is lost', ['lost', 'lost'], 3],
  ];
  for (const [name, fates, renames] of journeys) {
    it(name, async () => {
      await using node = await startNameNode(['/temporary', '/file'], fates);
      await renameOver(node.client, '/temporary', '/file');
      assert.deepEqual([...node.files], ['/file']);
      assert.equal(node.seen.renames, renames);
    });
  }

  it('is refused when there is no such file', async () => {
    await using node = await startNameNode(['/file'], []);
    await assert.rejects(renameOver(node.client, '/temporary', '/file'), /404 FileNotFoundException/);
    await using empty = await startNameNode([], ['lost']);
    await assert.rejects(renameOver(empty.client, '/temporary', '/file'), /404 FileNotFoundException/);
  });

  it('is refused by a name node that never overwrites', async () => {
    await using node = await startNameNode(['/temporary', '/file'], ['refused']);
    await assert.rejects(
      renameOver(node.client, '/temporary', '/file'),
      /can't rename a file over another one: this version of WebHDFS can't be used\.$/,
    );
  });
});
