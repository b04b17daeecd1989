/** A small server for tests of the generator: the test decides on each answer and its delay. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedAnswer {
  readonly status: number;
  readonly body: string;
  /** Besides the length. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
  /** Done instead of answering. */
  readonly fault?: 'reset' | 'silence';
}

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  requests(): number;
}

/** @param answer is given the request and its number, from 1 */
export function startScriptedServer(
  answer: (request: IncomingMessage, serial: number) => ScriptedAnswer,
): Promise<ScriptedServer> {
  let requests = 0;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests += 1;
    const { status, body, headers, delayMs = 0, fault } = answer(request, requests);
    request.resume();
    if (fault === 'reset') {
      setTimeout(() => request.socket.destroy(), delayMs);
    } else if (fault !== 'silence') {
      const send = () =>
        response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
      if (delayMs > 0) setTimeout(send, delayMs);
      else send();
    }
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        requests: () => requests,
        async [Symbol.asyncDispose]() {
          server.closeAllConnections();
          await new Promise((done) => server.close(done));
        },
      });
    });
  });
}
