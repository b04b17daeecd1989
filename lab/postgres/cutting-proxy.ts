/**
 * A TCP proxy between an instance and its PostgreSQL that can cut the connection at a chosen point of the
 * protocol, as a network does.
 */
import { connect, createServer, type Socket } from 'node:net';

export type CutPoint =
  /** At `marker` in the client's bytes: neither the marker nor anything behind it arrives. */
  | { readonly when: 'before'; readonly marker: string }
  /** It arrives, and the client's connection is gone at that moment: the client can't know how far the server got. */
  | { readonly when: 'sent'; readonly marker: string }
  /** It arrives and takes effect, but the answer gets lost: cut at `answer` in the server's bytes. */
  | { readonly when: 'answered'; readonly marker: string; readonly answer: string }
  /** From there on nothing comes through in either direction, and neither side gets an error. */
  | { readonly when: 'silence'; readonly marker: string };

export interface CuttingProxy extends AsyncDisposable {
  readonly port: number;
  /** Cuts once, at the next connection that comes to this point. */
  cutAt(point: CutPoint): void;
  /** How often it has cut. */
  cuts(): number;
  /** Whether new connections are let through; those that are there are ended when not. */
  setReachable(isReachable: boolean): void;
  /** How long everything takes on its way from now on, in each direction. */
  setDelay(delayMs: number): void;
}

export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const pairs = new Set<SocketPair>();
  const network: Network = { point: null, cuts: 0, delayMs: 0 };
  let isReachable = true;

  const server = createServer((client) => {
    if (!isReachable) {
      client.resetAndDestroy();
      return;
    }
    const pair = { client, upstream: connect(targetPort, '127.0.0.1') };
    pairs.add(pair);
    for (const socket of [pair.client, pair.upstream]) {
      socket.setNoDelay(true);
      for (const event of ['error', 'close']) {
        socket.on(event, () => {
          end(pair);
          pairs.delete(pair);
        });
      }
    }
    passOn(pair, network);
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cutAt(next) {
      network.point = next;
    },
    cuts: () => network.cuts,
    setReachable(next) {
      isReachable = next;
      if (!next) pairs.forEach(end);
    },
    setDelay(next) {
      network.delayMs = next;
    },
    async [Symbol.asyncDispose]() {
      pairs.forEach(end);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface SocketPair {
  readonly client: Socket;
  readonly upstream: Socket;
}

/** How the proxy treats all of its connections now. */
interface Network {
  /** The cut that is still to come. */
  point: CutPoint | null;
  cuts: number;
  delayMs: number;
}

function end({ client, upstream }: SocketPair): void {
  client.destroy();
  upstream.destroy();
}

/** Passes on the bytes of the client and of the server, until the connection is cut. */
function passOn(pair: SocketPair, network: Network): void {
  const { client, upstream } = pair;
  const [toClient, toUpstream] = [sendSlowly(client, network), sendSlowly(upstream, network)];
  /** The cut that has begun on this connection. */
  let begun: CutPoint | null = null;

  client.on('data', (chunk) => {
    if (begun?.when === 'silence') return;
    const { point } = network;
    const at = point === null ? -1 : chunk.indexOf(point.marker);
    if (point === null || at < 0) {
      toUpstream(chunk);
      return;
    }
    begun = point;
    network.point = null;
    // An answer that is to get lost must be there first.
    if (point.when !== 'answered') network.cuts += 1;
    beginCut(point.when, pair, chunk, at);
  });
  upstream.on('data', (chunk) => {
    if (begun === null) toClient(chunk);
    else if (begun.when === 'answered' && chunk.includes(begun.answer)) {
      network.cuts += 1;
      end(pair);
    }
  });
}

/** @param at of the marker within the chunk, in bytes */
function beginCut(when: CutPoint['when'], { client, upstream }: SocketPair, chunk: Buffer, at: number): void {
  switch (when) {
    case 'before':
      // What comes before it arrives, as it would if the network had gone a moment later.
      upstream.end(chunk.subarray(0, Math.max(0, at - 5)));
      client.resetAndDestroy();
      break;
    case 'sent':
      upstream.end(chunk);
      client.resetAndDestroy();
      break;
    case 'answered':
      upstream.write(chunk);
      break;
    case 'silence':
      break;
  }
}

/**
 * Passes chunks on to a socket after the delay, and always in their order: a timer of its own for each
 * chunk would not do, since timers are rounded and may overtake one another by a millisecond.
 */
function sendSlowly(socket: Socket, network: Network): (chunk: Buffer) => void {
  const waiting: { readonly chunk: Buffer; readonly dueMs: number }[] = [];
  const sendDue = (): void => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const waitMs = next.dueMs - performance.now();
      if (waitMs > 0) {
        setTimeout(sendDue, Math.ceil(waitMs));
        return;
      }
      waiting.shift();
      if (!socket.destroyed) socket.write(next.chunk);
    }
  };
  return (chunk) => {
    waiting.push({ chunk, dueMs: performance.now() + network.delayMs });
    if (waiting.length === 1) sendDue();
  };
}
