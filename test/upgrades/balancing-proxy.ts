/**
 * What stands before several instances: asks each again and again whether it is ready, keeps connections to them open,
 * and sends requests in turn to those that are. It tries nothing twice, so that whatever goes wrong is seen.
 */
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface BalancingProxy extends AsyncDisposable {
  readonly url: string;
  /** Requests that got no whole answer from an instance, or found none that was ready. */
  readonly failures: readonly string[];
  /** Whether this instance gets requests. */
  isUsed(url: string): boolean;
}

/** Less than SHUTDOWN_DELAY_MS must be long enough to notice it. */
export const probeEveryMs = 50;

export async function openBalancingProxy(backends: readonly string[]): Promise<BalancingProxy> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const failures: string[] = [];
  const ready = new Set<string>();
  let turn = 0;
  let isOver = false;

  async function probe(backend: string): Promise<void> {
    while (!isOver) {
      const isReady = await fetch(`${backend}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.ok;
        },
        () => false,
      );
      if (isReady) ready.add(backend);
      else ready.delete(backend);
      await sleep(probeEveryMs);
    }
  }
  const probing = backends.map(probe);

  const server = createServer((incoming, outgoing) => {
    const used = backends.filter((backend) => ready.has(backend));
    turn += 1;
    const backend = used[turn % Math.max(1, used.length)];
    const fail = (what: string) => {
      failures.push(`${incoming.method} ${incoming.url}: ${what}`);
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end();
    };
    if (backend === undefined) {
      fail('no instance is ready');
      return;
    }
    const { connection: _connection, ...headers } = incoming.headers;
    const forwarded = request(
      new URL(incoming.url ?? '/', backend),
      { agent, method: incoming.method, headers },
      (answer) => {
        const { connection: _own, 'transfer-encoding': _coding, ...passed } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 502, passed);
        answer.on('error', (error) => fail(error.message));
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', (error) => fail(`${backend} ${error.message}`));
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failures,
    isUsed: (url) => ready.has(url),
    async [Symbol.asyncDispose]() {
      isOver = true;
      await Promise.all(probing);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}
