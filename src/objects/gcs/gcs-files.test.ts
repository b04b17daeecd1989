/**
 * Large files on their way to Google: a server that keeps resumable uploads as Google's manual says, loses answers, and
 * keeps less than it was sent. fake-gcs-server does not tell how far an upload got.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { partBytes } from '../requests.ts';
import { openGcsFiles } from './gcs-files.ts';

/**
 * What becomes of a part: `lost answer` is kept, `lost request` is not; a number is how many of its bytes are kept, and a
 * refusal ends the upload.
 */
type Fate = 'kept' | 'lost answer' | 'lost request' | 'busy' | 'refused' | number;

async function startGoogle(fates: readonly Fate[], uploadId = 'the%2Bone') {
  let kept = Buffer.alloc(0);
  let isWhole = false;
  const ranges: string[] = [];
  const left = [...fates];
  const server = createServer(async (incoming, outgoing) => {
    const body = await bodyOf(incoming);
    if (incoming.method === 'POST') {
      const location = `https://elsewhere.example${incoming.url}&upload_id=${uploadId}`;
      return outgoing.writeHead(200, { location }).end('{}');
    }
    assert.equal(new URL(incoming.url ?? '', 'http://google').searchParams.get('upload_id'), 'the+one');
    const [, first, total = ''] =
      /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(incoming.headers['content-range'] ?? '') ?? [];
    ranges.push(incoming.headers['content-range'] ?? '');
    const fate = first === undefined ? 'kept' : (left.shift() ?? 'kept');
    if (fate === 'busy') return outgoing.writeHead(503).end();
    if (fate === 'refused') return outgoing.writeHead(403).end();
    if (fate === 'lost request') return incoming.socket.destroy();
    if (first !== undefined) {
      // Google leaves out what it has. These tests find out who sends it all the same.
      if (Number(first) !== kept.length) return outgoing.writeHead(400).end();
      kept = Buffer.concat([kept, typeof fate === 'number' ? body.subarray(0, fate) : body]);
    }
    isWhole = kept.length === Number(total);
    if (fate === 'lost answer') return incoming.socket.destroy();
    if (isWhole) return outgoing.writeHead(200).end('{}');
    const range = kept.length === 0 ? {} : { range: `bytes=0-${kept.length - 1}` };
    return outgoing.writeHead(308, range).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const STORAGE_EMULATOR_HOST = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    store: openGcsFiles('bucket', { environment: { STORAGE_EMULATOR_HOST } }),
    ranges,
    content: () => (isWhole ? kept : null),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const folder = mkdtempSync(join(tmpdir(), 'nozama-gcs-files-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'file');
const content = randomBytes(2 * partBytes + 1);
writeFileSync(path, content);

describe('a large file on its way to Google', () => {
  const journeys: readonly (readonly [string, readonly Fate[]])[] = [
    ['in three parts', []],
    ['when answers are lost', ['lost answer', 'lost answer', 'lost answer']],
    ['when a request is lost', ['kept', 'lost request']],
    ['when Google is busy for a moment', ['busy']],
    ['when Google keeps a piece of a part', ['kept', 256 * 1024]],
  ];
  for (const [name, fates] of journeys) {
    it(`arrives whole ${name}`, async () => {
      await using google = await startGoogle(fates);
      await google.store.write('shop.db.zst', path);
      assert.ok(content.equals(google.content() ?? randomBytes(1)));
    });
  }

  it('is asked for after a lost answer, and no byte is sent twice', async () => {
    await using google = await startGoogle(['lost answer']);
    await google.store.write('shop.db.zst', path);
    const total = content.length;
    assert.deepEqual(google.ranges, [
      `bytes 0-${partBytes - 1}/${total}`,
      `bytes */${total}`,
      `bytes ${partBytes}-${2 * partBytes - 1}/${total}`,
      `bytes ${2 * partBytes}-${2 * partBytes}/${total}`,
    ]);
  });

  it('is refused when the upload has no name that can be read', async () => {
    for (const id of ['', '%', '%E0%A4']) {
      await using google = await startGoogle([], id);
      await assert.rejects(
        google.store.write('x', path),
        /^ObjectStoreError: gs:\/\/bucket does not take x in parts\./,
      );
    }
  });

  it('is given up when Google takes none of it, or refuses it', async () => {
    await using full = await startGoogle([0, 0, 0, 0]);
    await assert.rejects(
      full.store.write('x', path),
      /^ObjectStoreError: gs:\/\/bucket does not take byte 0/,
    );
    await using refusing = await startGoogle(['kept', 'refused']);
    await assert.rejects(
      refusing.store.write('x', path),
      /^ObjectStoreError: gs:\/\/bucket refuses us \(403\)/,
    );
  });
});
