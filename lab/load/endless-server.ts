/** A server for tests whose every answer has no end: it sends zeros as fast as they are taken. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EndlessServer extends AsyncDisposable {
  readonly url: string;
  /** Answers that the client gave up. */
  givenUp(): number;
  /** Of all answers together, buffers on the way included. */
  bytesSent(): number;
}

const chunk = Buffer.alloc(65_536, '0');

export async function startEndlessServer(): Promise<EndlessServer> {
  let givenUp = 0;
  let bytes = 0;
  function sendOn(response: ServerResponse): void {
    let hasRoom = true;
    while (hasRoom && !response.destroyed) {
      hasRoom = response.write(chunk);
      bytes += chunk.length;
    }
  }
  const server = createServer((_, response) => {
    response.on('drain', () => sendOn(response));
    response.on('close', () => {
      givenUp += 1;
    });
    sendOn(response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    givenUp: () => givenUp,
    bytesSent: () => bytes,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
