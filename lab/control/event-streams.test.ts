import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEventStreams, type EventStreams } from './event-streams.ts';

const limits = { streamsMax: 2, waitingBytesMax: 1_000_000, commentEveryMs: 50 };

async function serve(streams: EventStreams): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((_, response) => {
    if (!streams.open(response, [{ name: 'run', data: { id: 'first' } }])) response.writeHead(503).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      streams.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function until(isTrue: () => boolean): Promise<void> {
  for (const endMs = performance.now() + 10_000; !isTrue(); await sleep(5)) {
    assert.ok(performance.now() < endMs, 'not in time');
  }
}

describe('streams of events', () => {
  it('begin with what they were given, and stay alive by comments', async () => {
    const streams = createEventStreams({ 'x-content-type-options': 'nosniff' }, limits);
    await using server = await serve(streams);
    const closing = new AbortController();
    const response = await fetch(`http://127.0.0.1:${server.port}`, { signal: closing.signal });
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk);
      if (text.includes(': still here')) break;
    }
    assert.match(text, /^retry: 1000\n\nevent: run\ndata: \{"id":"first"\}\n\n/);
    closing.abort();
    await until(() => streams.count() === 0);
  });

  it('drop a client that does not read, and only that one', async () => {
    const streams = createEventStreams({}, limits);
    await using server = await serve(streams);
    const slow = connect(server.port, '127.0.0.1');
    slow.on('error', () => undefined);
    slow.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    slow.pause();
    const response = await fetch(`http://127.0.0.1:${server.port}`);
    let received = 0;
    const reading = (async () => {
      for await (const chunk of response.body ?? []) received += (chunk as Uint8Array).length;
    })().catch(() => undefined);
    await until(() => streams.count() === 2);
    assert.equal((await fetch(`http://127.0.0.1:${server.port}`)).status, 503);

    const data = 'x'.repeat(200_000);
    let sent = 0;
    await until(() => {
      streams.send({ name: 'sample', data });
      sent += data.length;
      return streams.count() === 1;
    });
    // A little for what the kernel holds, besides what we allow to wait.
    assert.ok(sent < 50_000_000, `${sent} bytes for one who did not read`);
    await until(() => received > sent);
    assert.equal(streams.count(), 1);
    slow.destroy();
    streams.close();
    await reading;
  });
});
