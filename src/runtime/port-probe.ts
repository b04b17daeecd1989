/**
 * Tells that a port is taken before a start has made or changed anything.
 *
 * It listens for a moment and lets go. Where the port is shared, a process that serves on it already would
 * lose the connections that the system gives to the probe: then the probe does not listen, and a port that can't be
 * shared is told only when the service listens.
 */
import { connect, createServer } from 'node:net';
import { type ListenOptions, listenError } from './listener.ts';

/** How long a process that listens on a shared port may take to accept a connection, in milliseconds. */
const acceptMs = 1_000;

/** @throws ListenError when the service could not listen there now */
export async function assertPortFree({
  host,
  port,
  isPortShared,
}: Pick<ListenOptions, 'host' | 'port' | 'isPortShared'>): Promise<void> {
  if (port === 0) return;
  if (isPortShared && (await isServed(host, port))) return;
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause) => reject(listenError(host, port, cause)));
    server.listen({ host, port, exclusive: true, reusePort: isPortShared }, () =>
      server.close(() => resolve()),
    );
  });
}

/** Also when it is too busy to accept a connection in time. */
function isServed(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(acceptMs, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
