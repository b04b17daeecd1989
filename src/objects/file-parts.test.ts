/** Parts of a file from a store that answers badly. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { partBytes } from './requests.ts';
import { openS3Files } from './s3/s3-files.ts';

interface Part {
  readonly status: number;
  readonly range?: string;
  readonly body?: Buffer;
  /** Of this part; that of the file unless told. */
  readonly tag?: string;
}

/** Reads a file from a bucket that answers each GET by the next of these parts. */
async function readFrom(tag: string | null, parts: readonly Part[]) {
  const asked: IncomingMessage['headers'][] = [];
  const server = createServer((incoming, outgoing) => {
    if (tag !== null) outgoing.setHeader('etag', tag);
    if (incoming.method === 'HEAD') return outgoing.end();
    const { status, range, body, tag: own } = parts[asked.length] ?? { status: 500 };
    if (own !== undefined) outgoing.setHeader('etag', own);
    asked.push(incoming.headers);
    if (range !== undefined) outgoing.setHeader('content-range', range);
    return outgoing.writeHead(status).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const environment = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_ENDPOINT_URL };
  try {
    const chunks = (await openS3Files('bucket', { environment }).read('file')) ?? assert.fail();
    const result = await Array.fromAsync(chunks).then(
      (all) => Buffer.concat(all).toString(),
      (error: Error) => error.message,
    );
    return { result, conditions: asked.map((headers) => headers['if-match']) };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const body = (text: string) => Buffer.from(text);

describe('a file in parts', () => {
  it('is whole when its parts follow each other, however long they are', async () => {
    const { result, conditions } = await readFrom('"one"', [
      { status: 206, range: 'bytes 0-2/7', body: body('abc') },
      { status: 206, range: 'bytes 3-5/7', body: body('def') },
      { status: 206, range: 'bytes 6-6/7', body: body('g') },
    ]);
    assert.equal(result, 'abcdefg');
    assert.deepEqual(conditions, ['"one"', '"one"', '"one"']);
  });

  it('has no condition on a tag that never matches, or none', async () => {
    for (const tag of ['W/"one"', null]) {
      const { result, conditions } = await readFrom(tag, [
        { status: 206, range: 'bytes 0-0/1', body: body('a') },
      ]);
      assert.deepEqual([result, conditions], ['a', [undefined]]);
    }
  });

  it('may come without ranges, be empty, or of a length that is told at its end', async () => {
    assert.equal((await readFrom(null, [{ status: 200, body: body('all') }])).result, 'all');
    assert.equal((await readFrom(null, [{ status: 416 }])).result, '');
    const growing: readonly Part[] = [
      { status: 206, range: 'bytes 0-1/*', body: body('ab') },
      { status: 206, range: 'bytes 2-2/*', body: body('c') },
      { status: 416 },
    ];
    assert.equal((await readFrom(null, growing)).result, 'abc');
  });

  const wrong: Readonly<Record<string, readonly Part[]>> = {
    'ends before its length': [
      { status: 206, range: 'bytes 0-2/7', body: body('abc') },
      { status: 206, range: 'bytes 3-2/7', body: body('') },
    ],
    'begins elsewhere': [{ status: 206, range: 'bytes 1-3/7', body: body('abc') }],
    'is repeated': [
      { status: 206, range: 'bytes 0-2/7', body: body('abc') },
      { status: 206, range: 'bytes 0-2/7', body: body('abc') },
    ],
    'does not say which part it is': [{ status: 206, body: body('abc') }],
  };
  for (const [name, parts] of Object.entries(wrong)) {
    it(`is refused when a part ${name}`, async () => {
      const { result } = await readFrom('"one"', parts);
      assert.equal(result, 's3://bucket does not send the bytes of file that it was asked for.');
    });
  }

  it('is refused when it is another version, also by a store that ignores the condition', async () => {
    const first = { status: 206, range: `bytes 0-2/${partBytes}`, body: body('abc') };
    for (const next of [
      { status: 412 },
      { status: 404 },
      { status: 206, range: `bytes 3-5/${partBytes}`, body: body('def'), tag: '"two"' },
    ]) {
      const { result } = await readFrom('"one"', [first, next]);
      assert.equal(result, 's3://bucket: file was replaced or removed while it was read. Read it again.');
    }
  });
});
