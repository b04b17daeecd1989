/** A proxy before an object store that loses requests or answers, holds them, alters them, or answers by itself. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * `lose request`: the store never gets it. `lose answer`: the store has done it, and the connection is cut. `hold answer`:
 * the same, but the connection stays. `bad gateway`: the store has done it, and the answer is 502. A number is a status that the
 * proxy answers by itself.
 */
export type Disturbance = 'lose request' | 'lose answer' | 'hold answer' | 'bad gateway' | number;

export interface StoreProxy extends AsyncDisposable {
  /** Such as `127.0.0.1:8080`. */
  readonly host: string;
  /**
   * Disturbs requests of which `method url headers` matches.
   * @param timesMax after so many it lets them pass
   * @returns the requests that matched, also those that passed
   */
  disturb(disturbance: Disturbance, matching: RegExp, timesMax?: number): { readonly count: number };
  /** Changes the target of each request, and its headers in place. */
  alter(change: (target: string, headers: NodeJS.Dict<string | string[]>) => string): void;
  passAll(): void;
}

/** @param upstream such as `127.0.0.1:9000` */
export async function openStoreProxy(upstream: string): Promise<StoreProxy> {
  let rule: { disturbance: Disturbance; matching: RegExp; left: number; seen: { count: number } } | null =
    null;
  let change = (target: string, _headers: NodeJS.Dict<string | string[]>) => target;
  const server = createServer(async (incoming, outgoing) => {
    const { method, headers } = incoming;
    const body = await bodyOf(incoming);
    let disturbance: Disturbance | null = null;
    if (rule?.matching.test(`${method} ${incoming.url} ${JSON.stringify(headers)}`)) {
      rule.seen.count += 1;
      rule.left -= 1;
      if (rule.left >= 0) disturbance = rule.disturbance;
    }
    if (disturbance === 'lose request') return incoming.socket.destroy();
    if (typeof disturbance === 'number') return outgoing.writeHead(disturbance).end();
    const target = change(incoming.url ?? '/', headers);
    const answer = await forward(upstream, { method, headers, target, body });
    if (disturbance === 'lose answer') return incoming.socket.destroy();
    if (disturbance === 'bad gateway') return outgoing.writeHead(502).end();
    if (disturbance !== 'hold answer') send(answer, outgoing);
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    disturb(disturbance, matching, timesMax = Number.POSITIVE_INFINITY) {
      const seen = { count: 0 };
      rule = { disturbance, matching, left: timesMax, seen };
      return seen;
    },
    alter(next) {
      change = next;
    },
    passAll() {
      rule = null;
      change = (target) => target;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Forwarded {
  readonly method: string | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly target: string;
  readonly body: Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

async function forward(upstream: string, { method, headers, target, body }: Forwarded): Promise<Answer> {
  const [host, port] = upstream.split(':');
  const forwarded = request({ host, port, method, path: target, headers, agent: false });
  forwarded.end(body);
  const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 502, headers: answer.headers, body: await bodyOf(answer) };
}

function send({ status, headers, body }: Answer, outgoing: ServerResponse): void {
  const { connection: _connection, 'transfer-encoding': _coding, ...own } = headers;
  outgoing.writeHead(status, own).end(body);
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}
