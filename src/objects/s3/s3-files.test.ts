/**
 * The end of the upload of a large file to S3: a server that forgets an upload with its end, as MinIO and Ceph do, loses
 * answers, and fails behind a 200. versitygw takes an end twice.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { partBytes } from '../requests.ts';
import { openS3Files } from './s3-files.ts';

/** What becomes of an end. `replaced`: its answer is lost, and another writer's object has the name since. */
type Fate = 'done' | 'lost answer' | 'failed' | 'refused' | 'replaced';

async function startBucket(fates: readonly Fate[], uploadId = '<UploadId>one</UploadId>') {
  const left = [...fates];
  const seen = { ends: 0, aborts: 0 };
  let isOpen = true;
  let mark: string | undefined;
  let stored: string | undefined;
  const server = createServer(async (incoming, outgoing) => {
    // The bodies of parts are of no interest.
    for await (const _ of incoming);
    const { method, url = '', headers } = incoming;
    const metadata = headers['x-amz-meta-nozama-upload'];
    if (method === 'POST' && url.includes('uploads')) {
      mark = String(metadata);
      return outgoing.end(`<InitiateMultipartUploadResult>${uploadId}</InitiateMultipartUploadResult>`);
    }
    if (method === 'PUT') return outgoing.writeHead(200, { etag: '"part"' }).end();
    if (method === 'DELETE') {
      seen.aborts += 1;
      return outgoing.writeHead(204).end();
    }
    if (method === 'HEAD') {
      const own = stored === undefined ? {} : { 'x-amz-meta-nozama-upload': stored };
      return outgoing.writeHead(stored === undefined ? 404 : 200, own).end();
    }
    seen.ends += 1;
    if (!isOpen) return outgoing.writeHead(404).end('<Error><Code>NoSuchUpload</Code></Error>');
    const fate = left.shift() ?? 'done';
    if (fate === 'failed') return outgoing.end('<Error><Code>InternalError</Code></Error>');
    if (fate === 'refused') return outgoing.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
    isOpen = false;
    stored = fate === 'replaced' ? 'of another' : mark;
    if (fate !== 'done') return incoming.socket.destroy();
    return outgoing.end('<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const environment = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_ENDPOINT_URL };
  return {
    store: openS3Files('bucket', { environment }),
    seen,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const folder = mkdtempSync(join(tmpdir(), 'nozama-s3-files-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'file');
writeFileSync(path, Buffer.alloc(partBytes + 1));

describe('the end of an upload to S3', () => {
  const journeys: readonly (readonly [string, readonly Fate[], number])[] = [
    ['is sent once', [], 1],
    ['is known as done when its answer is lost', ['lost answer'], 2],
    ['is sent again when it fails behind a 200', ['failed', 'failed'], 3],
    ['is known as done when it fails, and then its answer is lost', ['failed', 'lost answer'], 3],
  ];
  for (const [name, fates, ends] of journeys) {
    it(name, async () => {
      await using bucket = await startBucket(fates);
      await bucket.store.write('file', path);
      assert.deepEqual(bucket.seen, { ends, aborts: 0 });
    });
  }

  const refusals: readonly (readonly [readonly Fate[], RegExp])[] = [
    [['refused'], /refuses us \(403 AccessDenied\)/],
    [['replaced'], /answered 404 NoSuchUpload\.$/],
    [['failed', 'failed', 'failed', 'failed'], /answered 200 InternalError\.$/],
  ];
  for (const [fates, words] of refusals) {
    it(`is given up with its parts: ${fates}`, async () => {
      await using bucket = await startBucket(fates);
      await assert.rejects(bucket.store.write('file', path), words);
      assert.equal(bucket.seen.aborts, 1);
    });
  }

  it('has an upload with a name', async () => {
    for (const uploadId of ['', '<UploadId></UploadId>']) {
      await using bucket = await startBucket([], uploadId);
      await assert.rejects(bucket.store.write('file', path), /s3:\/\/bucket does not take file in parts\.$/);
    }
  });
});
