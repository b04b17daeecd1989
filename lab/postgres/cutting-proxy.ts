/**
 * A TCP proxy between an instance and its PostgreSQL that can cut the connection at a chosen point of the
 * protocol, as a network does.
 */
import { connect, createServer, type Socket } from 'node:net';

export type CutPoint =
  /** When what the client sends holds `marker`: neither that nor anything behind it arrives. */
  | { readonly when: 'before'; readonly marker: string }
  /** It arrives, and the client's connection is gone at that moment: nobody knows how far the server got. */
  | { readonly when: 'sent'; readonly marker: string }
  /** It arrives and takes effect, but the answer gets lost: cut when what the server sends holds `answer`. */
  | { readonly when: 'answered'; readonly marker: string; readonly answer: string }
  /** From there on nothing comes through in either direction, and nobody is told. */
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
  const pairs = new Set<readonly [Socket, Socket]>();
  let point: CutPoint | null = null;
  let cuts = 0;
  let isReachable = true;
  let delayMs = 0;

  /**
   * Passes chunks on to a socket after the delay, and always in their order: a timer of its own for each
   * chunk would not do, since timers are rounded and may overtake one another by a millisecond.
   */
  function sendSlowly(socket: Socket): (chunk: Buffer) => void {
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
      waiting.push({ chunk, dueMs: performance.now() + delayMs });
      if (waiting.length === 1) sendDue();
    };
  }

  const server = createServer((client) => {
    if (!isReachable) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(targetPort, '127.0.0.1');
    const pair = [client, upstream] as const;
    const [toClient, toUpstream] = [sendSlowly(client), sendSlowly(upstream)];
    pairs.add(pair);
    /** The cut that has begun on this connection. */
    let begun: CutPoint | null = null;

    const end = () => {
      client.destroy();
      upstream.destroy();
      pairs.delete(pair);
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }

    client.on('data', (chunk) => {
      if (begun?.when === 'silence') return;
      const at = point === null ? -1 : chunk.indexOf(point.marker);
      if (point === null || at < 0) {
        toUpstream(chunk);
        return;
      }
      begun = point;
      point = null;
      // An answer that is to get lost must be there first.
      if (begun.when !== 'answered') cuts += 1;
      switch (begun.when) {
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
    });
    upstream.on('data', (chunk) => {
      if (begun === null) toClient(chunk);
      else if (begun.when === 'answered' && chunk.includes(begun.answer)) {
        cuts += 1;
        end();
      }
    });
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  const endAll = () => {
    for (const [client, upstream] of pairs) {
      client.destroy();
      upstream.destroy();
    }
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cutAt(next) {
      point = next;
    },
    cuts: () => cuts,
    setReachable(next) {
      isReachable = next;
      if (!next) endAll();
    },
    setDelay(next) {
      delayMs = next;
    },
    async [Symbol.asyncDispose]() {
      endAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
