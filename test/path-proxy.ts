/**
 * A host that has a shop below a path, and something else everywhere else. Proxies differ in the path that they pass on: nginx with
 * `proxy_pass http://shop/;` takes the path off, with `proxy_pass http://shop;` it leaves it on.
 */
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export type PathProxyKind = 'strips the path' | 'leaves the path';
export const pathProxyKinds: readonly PathProxyKind[] = ['strips the path', 'leaves the path'];

export interface PathProxy extends AsyncDisposable {
  /** Of the host, such as `http://127.0.0.1:8080`. */
  readonly host: string;
  /** Of the shop, such as `http://127.0.0.1:8080/shop`. */
  readonly url: string;
  /** Requests for anything beside the shop: links that have lost the path. */
  readonly strays: readonly string[];
  /** Where the service is that answers for the shop. */
  passTo(service: string): void;
}

export async function openPathProxy(path: string, kind: PathProxyKind): Promise<PathProxy> {
  const agent = new Agent({ keepAlive: true });
  const strays: string[] = [];
  let service = '';
  const server = createServer((incoming, outgoing) => {
    const { url = '/', method, headers } = incoming;
    const [pathname = ''] = url.split('?');
    if (pathname !== path && !pathname.startsWith(`${path}/`)) {
      strays.push(`${method} ${url}`);
      outgoing.writeHead(404, { 'content-type': 'text/plain' }).end('Another site.');
      return;
    }
    const rest = url.slice(path.length);
    const stripped = rest.startsWith('/') ? rest : `/${rest}`;
    const passedPath = kind === 'strips the path' ? stripped : url;
    const { connection: _connection, ...passed } = headers;
    const forwarded = request(`${service}${passedPath}`, { agent, method, headers: passed }, (answer) => {
      const { connection: _own, 'transfer-encoding': _coding, ...own } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, own);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: host + path,
    strays,
    passTo(url) {
      service = url;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}
