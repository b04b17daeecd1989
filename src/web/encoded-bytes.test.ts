import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { encodedBytes } from './encoded-bytes.ts';

const text = 'Sweet deals. All the time. '.repeat(10_000);

test('every encoding unpacks to the same bytes, and is made once', async () => {
  const bytes = encodedBytes(Buffer.from(text));
  const [gzip, again] = await Promise.all([bytes.gzip(), bytes.gzip()]);
  assert.equal(gzip, again);
  assert.equal(gunzipSync(gzip).toString(), text);
  const brotli = await bytes.brotli();
  assert.equal(brotliDecompressSync(brotli).toString(), text);
  assert.ok(brotli.length < gzip.length);
});

test('the tag tells other bytes', () => {
  assert.match(encodedBytes(Buffer.from(text)).etag, /^W\/"[0-9a-f]{12}"$/);
  assert.notEqual(encodedBytes(Buffer.from(text)).etag, encodedBytes(Buffer.from(`${text}.`)).etag);
});

test('the thread that asks for an encoding goes on meanwhile', async () => {
  // Random hexadecimal digits take hundreds of milliseconds.
  const { brotli } = encodedBytes(Buffer.from(randomBytes(4 * 1024 * 1024).toString('hex')));
  let isDone = false;
  const compressed = brotli().finally(() => {
    isDone = true;
  });
  let turns = 0;
  for (; !isDone; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  await compressed;
  assert.ok(turns > 100, `${turns} turns of the event loop`);
});

test('an encoding that could not be made is tried again by the next who asks', async () => {
  let tries = 0;
  const failFirst = async () => {
    tries += 1;
    if (tries === 1) throw new Error('out of memory');
    return Buffer.from('small');
  };
  const bytes = encodedBytes(Buffer.from(text), { gzip: failFirst, brotli: failFirst });
  const both = await Promise.allSettled([bytes.gzip(), bytes.gzip()]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal((await bytes.gzip()).toString(), 'small');
  assert.equal(await bytes.gzip(), await bytes.gzip());
  assert.equal(tries, 2);
});
