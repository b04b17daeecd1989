import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodedBytes } from '../web/encoded-bytes.ts';
import { encodedReply } from './encoded-reply.ts';

const plain = Buffer.from('Sweet deals. All the time.');
const sent = new Headers({ 'accept-encoding': 'gzip, br' });

test('bytes that can’t be compressed go out as they are, and compressed once they can be', async () => {
  let fails = true;
  const compress = async () => {
    if (fails) throw new Error('out of memory');
    return Buffer.from('small');
  };
  const bytes = encodedBytes(plain, { gzip: compress, brotli: compress });
  const without = await encodedReply(bytes, 'no-cache', sent);
  assert.deepEqual(without.bytes, plain);
  assert.ok(!('content-encoding' in without.headers));
  fails = false;
  const after = await encodedReply(bytes, 'no-cache', sent);
  assert.equal(after.bytes?.toString(), 'small');
  assert.equal('content-encoding' in after.headers && after.headers['content-encoding'], 'br');
});
