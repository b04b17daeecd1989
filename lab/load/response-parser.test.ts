import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createResponseParser, headBytesMax } from './response-parser.ts';

const created =
  'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\ncontent-LENGTH:  7 \r\n\r\n{"a":1}';
const chunked =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n4;x=y\r\nWiki\r\n9\r\npedia in \r\n0\r\nT: 1\r\n\r\n';

/** What a parser makes of a response that arrives in pieces of `size` bytes. */
function parseInPieces(response: string, size: number) {
  const parser = createResponseParser();
  parser.reset(true);
  const bytes = Buffer.from(response);
  let progress = 'more';
  for (let at = 0; at < bytes.length && progress === 'more'; at += size) {
    // Each piece is wiped afterwards, as a socket that reuses its memory would do.
    const piece = Buffer.from(bytes.subarray(at, at + size));
    progress = parser.feed(piece);
    if (progress === 'more') piece.fill(0);
  }
  return { progress, status: parser.status(), closes: parser.closes(), body: parser.body().toString() };
}

test('a response is the same however it is cut into pieces', () => {
  for (const [response, status, body] of [
    [created, 201, '{"a":1}'],
    [chunked, 200, 'Wikipedia in '],
    ['HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n', 409, ''],
    ['HTTP/1.1 204 No Content\r\n\r\n', 204, ''],
    [`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${created}`, 201, '{"a":1}'],
  ] as const) {
    for (let size = 1; size <= response.length; size += 1) {
      assert.deepEqual(
        parseInPieces(response, size),
        { progress: 'complete', status, closes: false, body },
        `${status} in pieces of ${size}`,
      );
    }
  }
});

test('the body is not kept unless asked for', () => {
  const parser = createResponseParser();
  parser.reset(false);
  assert.equal(parser.feed(Buffer.from(created)), 'complete');
  assert.equal(parser.body().length, 0);
});

test('a parser reads one response after another', () => {
  const parser = createResponseParser();
  for (let i = 0; i < 3; i += 1) {
    parser.reset(true);
    assert.equal(parser.feed(Buffer.from(chunked)), 'complete');
    parser.reset(true);
    assert.equal(parser.feed(Buffer.from(created)), 'complete');
    assert.equal(parser.body().toString(), '{"a":1}');
  }
});

test('Connection: close, HTTP/1.0 and a missing length mean that the connection ends', () => {
  assert.equal(
    parseInPieces('HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n', 99).closes,
    true,
  );
  assert.equal(parseInPieces('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', 99).closes, true);
  const parser = createResponseParser();
  parser.reset(true);
  assert.equal(parser.feed(Buffer.from('HTTP/1.1 200 OK\r\n\r\nup to the end')), 'more');
  assert.equal(parser.end(), 'complete');
  assert.equal(parser.body().toString(), 'up to the end');
  assert.equal(parser.closes(), true);
});

test('a connection that ends in the middle is malformed', () => {
  const parser = createResponseParser();
  parser.reset(true);
  parser.feed(Buffer.from(created.slice(0, -1)));
  assert.equal(parser.end(), 'malformed');
});

test('what is not one HTTP/1.1 response is malformed', () => {
  for (const response of [
    'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n',
    'HTTP/1.1 20x OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    `${created} and more`,
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n',
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(headBytesMax)}`,
  ]) {
    assert.equal(parseInPieces(response, response.length).progress, 'malformed', response.slice(0, 80));
  }
});
