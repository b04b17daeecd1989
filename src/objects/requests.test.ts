/** The bounds of a request, against a server that answers badly. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { askedWaitMs, request, requestOnce } from './requests.ts';

async function withServer<Result>(
  answer: RequestListener,
  run: (
    sign: () => Promise<{ url: string; method: string; headers: Record<string, string> }>,
  ) => Promise<Result>,
) {
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    count += 1;
    return answer(incoming, outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-signature`;
  try {
    const result = await run(async () => ({ url, method: 'GET', headers: {} })).catch(
      (error: Error) => error,
    );
    if (result instanceof Error) assert.doesNotMatch(result.message, /secret-signature|127\.0/);
    return { result, count };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const bounds = { timeoutMs: 250, answerBytesMax: 1_000 };

describe('a request to a store', () => {
  it('is repeated when no answer comes in time, and then given up', async () => {
    const { result, count } = await withServer(
      () => undefined,
      (sign) => request('The store', sign, bounds),
    );
    assert.equal(count, 4);
    assert.equal(
      (result as Error).message,
      "The store can't be reached: no answer within 0.25 s. Is the address right, and the network up?",
    );
  });

  it('is repeated when the answer is cut off in its middle', async () => {
    let isFirst = true;
    const { result, count } = await withServer(
      (_, outgoing) => {
        outgoing.writeHead(200, { 'content-length': '10' });
        if (!isFirst) return outgoing.end('0123456789');
        isFirst = false;
        return outgoing.write('01234', () => outgoing.destroy());
      },
      async (sign) => Buffer.from((await request('The store', sign, bounds)).body).toString(),
    );
    assert.deepEqual({ result, count }, { result: '0123456789', count: 2 });
  });

  it('takes an answer as long as the bound, and none that is longer', async () => {
    const answerOf = (bytes: number) =>
      withServer(
        (_, outgoing) => outgoing.end(Buffer.alloc(bytes)),
        (sign) => request('The store', sign, bounds),
      );
    assert.equal(((await answerOf(1_000)).result as { body: Uint8Array }).body.length, 1_000);
    const { result, count } = await answerOf(1_001);
    assert.match((result as Error).message, /^The store gave an answer of more than 1000 bytes/);
    assert.equal(count, 1);
  });

  it('gets more time while bytes come', async () => {
    const bytes = 100_000;
    const { result } = await withServer(
      (_, outgoing) => {
        // These bytes allow 800 ms; 250 ms alone would be too few.
        outgoing.write(Buffer.alloc(bytes));
        setTimeout(() => outgoing.end('end'), 400);
      },
      (sign) => request('The store', sign, { ...bounds, answerBytesMax: 1_000_000 }),
    );
    assert.equal((result as { body: Uint8Array }).body.length, bytes + 3);
  });
});

describe('a request that is sent once', () => {
  it('has no answer when none comes in time, or the connection is cut', async () => {
    for (const answer of [
      () => undefined,
      ((incoming) => incoming.socket.destroy()) as RequestListener,
      ((_, outgoing) => {
        outgoing.writeHead(200, { 'content-length': '10' });
        outgoing.write('01234', () => outgoing.destroy());
      }) as RequestListener,
    ]) {
      const { result, count } = await withServer(answer, (sign) => requestOnce('The store', sign, bounds));
      assert.deepEqual({ result, count }, { result: null, count: 1 });
    }
  });

  it('is not sent when nothing listens', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const sign = async () => ({ url: `http://127.0.0.1:${port}/`, method: 'PUT', headers: {} });
    await assert.rejects(
      requestOnce('The store', sign, bounds),
      /^ObjectStoreError: The store can't be reached/,
    );
  });
});

describe('the wait that a store asks for', () => {
  it('is in seconds or until a date, and at most half a minute', () => {
    const nowMs = Date.parse('Tue, 01 Dec 2026 10:00:00 GMT');
    const waits: readonly (readonly [string | null, number])[] = [
      [null, 0],
      ['0', 0],
      ['7', 7_000],
      ['30', 30_000],
      ['31', 30_000],
      ['9'.repeat(400), 30_000],
      ['Tue, 01 Dec 2026 10:00:05 GMT', 5_000],
      ['Tue, 01 Dec 2026 09:00:00 GMT', 0],
      ['Tue, 01 Dec 2099 10:00:00 GMT', 30_000],
      ['soon', 0],
      ['-1', 0],
      ['', 0],
    ];
    for (const [asked, ms] of waits) assert.equal(askedWaitMs(asked, nowMs), ms, String(asked));
  });

  it('is kept before the next try', async () => {
    let answeredAtMs = 0;
    const waits: number[] = [];
    const { result, count } = await withServer(
      (_, outgoing) => {
        if (answeredAtMs > 0) waits.push(performance.now() - answeredAtMs);
        answeredAtMs = performance.now();
        return waits.length > 0 ? outgoing.end() : outgoing.writeHead(429, { 'retry-after': '1' }).end();
      },
      (sign) => request('The store', sign, bounds),
    );
    assert.deepEqual([(result as { status: number }).status, count], [200, 2]);
    // The usual wait is 300 ms. A timer may come a little early.
    assert.ok((waits[0] ?? 0) > 950, String(waits));
  });

  it('follows a body that came too slowly for S3, or another write of the name, and no other refusal', async () => {
    for (const [status, code, tries] of [
      [400, 'RequestTimeout', 2],
      [400, 'InvalidRequest', 1],
      [409, 'OperationAborted', 2],
      [409, 'ConditionalRequestConflict', 2],
      [409, 'SnapshotsPresent', 1],
    ] as const) {
      let calls = 0;
      const { count } = await withServer(
        (_, outgoing) => {
          calls += 1;
          return calls > 1 ? outgoing.end() : outgoing.writeHead(status).end(`<Code>${code}</Code>`);
        },
        (sign) => request('The store', sign, bounds),
      );
      assert.equal(count, tries, code);
    }
  });
});
