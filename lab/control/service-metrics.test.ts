import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startService } from '../../test/service.ts';
import { startEndlessServer } from '../load/endless-server.ts';
import { startScriptedServer } from '../load/scripted-server.ts';
import { countersIn, follow, sampleOf, watchService } from './service-metrics.ts';

const counters = (atMs: number, orders: number, commits: number, commitSeconds: number, queueDepth = 0) => ({
  atMs,
  orders,
  commits,
  commitSeconds,
  queueDepth,
});

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isTrue()) {
    assert.ok(performance.now() < deadline, 'not in time');
    await sleep(10);
  }
}

describe('metrics of the service', () => {
  it('gives means of the last second, not of all time', () => {
    let seen = follow([], counters(0, 1_000, 1_000, 9));
    assert.deepEqual(sampleOf(seen), { batchSize: null, commitMs: null, queueDepth: 0 });
    for (let atMs = 250; atMs <= 2_000; atMs += 250) {
      seen = follow(seen, counters(atMs, 1_000 + atMs * 8, 1_000 + atMs / 2, 9 + atMs / 1_000, 7));
    }
    assert.deepEqual(sampleOf(seen), { batchSize: 16, commitMs: 2, queueDepth: 7 });
    assert.equal(seen.length, 5);
  });

  it('begins anew when the service was started again', () => {
    const before = follow(follow([], counters(0, 500, 50, 1)), counters(250, 600, 60, 1.1));
    const after = follow(before, counters(500, 3, 1, 0.001));
    assert.equal(sampleOf(after)?.batchSize, null);
    assert.equal(sampleOf(follow(after, counters(750, 13, 3, 0.005)))?.batchSize, 5);
  });

  it('reads what the real service says', async () => {
    await using service = await startService();
    const text = await (await service.get('/metrics')).text();
    assert.deepEqual(countersIn(text, 1), counters(1, 0, 0, 0));
    assert.equal(countersIn('# nothing\n', 1), null);
  });

  it('sees a service stop answering and answer again', async () => {
    const events: string[] = [];
    const server = createServer((_, response) => response.end('no metrics here'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const watch = watchService({
      url: `http://127.0.0.1:${port}`,
      onDown: (reason) => events.push(`down: ${reason}`),
      onUp: (downMs) => events.push(downMs > 0 ? 'up' : 'up before down'),
    });
    try {
      await sleep(300);
      assert.deepEqual(events, []);
      assert.equal(watch.current(), null);
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await until(() => !watch.isUp());
      await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
      await until(() => watch.isUp());
    } finally {
      await watch.stop();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
    assert.equal(events.length, 2);
    assert.match(events[0] ?? '', /^down: .*(ECONN|Refused)/);
    assert.equal(events[1], 'up');
  });

  it('reads metrics up to a bound, and takes a service that has more of them for one that answers', async () => {
    let downs = 0;
    await using server = await startEndlessServer();
    const watch = watchService({ url: server.url, onDown: () => (downs += 1), onUp: () => undefined });
    await until(() => server.givenUp() >= 3);
    assert.equal(watch.current(), null);
    await watch.stop();
    assert.equal(downs, 0);
  });

  it('takes a service that keeps silent for one that is down', async () => {
    let reason = '';
    await using server = await startScriptedServer(() => ({ status: 200, body: '', fault: 'silence' }));
    const watch = watchService({ url: server.url, onDown: (why) => (reason = why), onUp: () => undefined });
    await until(() => reason !== '');
    await watch.stop();
    assert.equal(reason, 'no answer within 2 s');
  });
});
