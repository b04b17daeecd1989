/**
 * A TCP or TLS connection to the service under test, as thin as the runtime allows.
 *
 * Measured against a fixed 201 with 64 connections on 2 cores: both reach the server's limit (about 128,000
 * requests/s), `Bun.connect` with 0.05 cores of user time and `node:net` with 0.1, so Bun's own sockets are
 * used where they exist and `node:net` elsewhere. A TLS certificate is checked as any client checks it.
 */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Where the service listens. */
export interface Target {
  /** A name or an address, without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly isTls: boolean;
}

export interface ClientSocket {
  /** The bytes may be changed once this returns. */
  write(bytes: Uint8Array): void;
  /** Ends the connection at once; `closed` is still called. */
  close(): void;
}

export interface SocketEvents {
  opened(socket: ClientSocket): void;
  /** The chunk is only valid during the call. */
  received(chunk: Uint8Array): void;
  /** Called once, also when the connection never opened. @param reason such as `ECONNREFUSED`; null when closed in order */
  closed(reason: string | null): void;
}

export type OpenSocket = (target: Target, events: SocketEvents) => void;

/** The part of Bun's sockets used here, so that this file also runs where they are not. */
interface BunSocket {
  write(bytes: Uint8Array): number;
  terminate(): void;
}

interface BunSockets {
  connect(options: {
    hostname: string;
    port: number;
    tls?: { serverName: string; rejectUnauthorized: boolean };
    socket: {
      open(socket: BunSocket): void;
      data(socket: BunSocket, chunk: Uint8Array): void;
      drain(socket: BunSocket): void;
      close(socket: BunSocket, error?: unknown): void;
      error(socket: BunSocket, error: unknown): void;
      connectError(socket: BunSocket, error: unknown): void;
      handshake?(socket: BunSocket, isTrusted: boolean, error: unknown): void;
    };
  }): Promise<unknown>;
}

const bun = (globalThis as { Bun?: BunSockets }).Bun;

export const openSocket: OpenSocket = bun === undefined ? openNodeSocket : bunOpener(bun);

export function targetOf(url: string): Target {
  const { protocol, hostname, port } = new URL(url);
  const isTls = protocol === 'https:';
  return { hostname: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (isTls ? 443 : 80)), isTls };
}

function bunOpener({ connect: connectBun }: BunSockets): OpenSocket {
  return ({ hostname, port, isTls }, events) => {
    /** Bytes that the kernel's buffer had no room for, copied because the caller may reuse them. */
    let unsent: Uint8Array | null = null;
    const closed = once(events.closed);

    function writeTo(socket: BunSocket, bytes: Uint8Array): void {
      if (unsent !== null) {
        unsent = Buffer.concat([unsent, bytes]);
        return;
      }
      const written = Math.max(0, socket.write(bytes));
      if (written < bytes.length) unsent = Uint8Array.prototype.slice.call(bytes, written);
    }

    function opened(socket: BunSocket): void {
      events.opened({ write: (bytes) => writeTo(socket, bytes), close: () => socket.terminate() });
    }

    const socketEvents = {
      data: (_socket: BunSocket, chunk: Uint8Array) => events.received(chunk),
      drain(socket: BunSocket) {
        if (unsent === null) return;
        const rest = unsent;
        unsent = null;
        writeTo(socket, rest);
      },
      close: (_socket: BunSocket, error?: unknown) => closed(error === undefined ? null : errorCode(error)),
      error: (_socket: BunSocket, error: unknown) => closed(errorCode(error)),
      connectError: (_socket: BunSocket, error: unknown) => closed(errorCode(error)),
    };
    const attempt = isTls
      ? connectBun({
          hostname,
          port,
          tls: { serverName: isIP(hostname) === 0 ? hostname : '', rejectUnauthorized: true },
          socket: {
            ...socketEvents,
            open: () => {},
            handshake(socket, isTrusted, error) {
              if (isTrusted && error == null) opened(socket);
              else {
                closed(errorCode(error));
                socket.terminate();
              }
            },
          },
        })
      : connectBun({ hostname, port, socket: { ...socketEvents, open: opened } });
    attempt.catch((error: unknown) => closed(errorCode(error)));
  };
}

function openNodeSocket({ hostname, port, isTls }: Target, events: SocketEvents): void {
  const socket: Socket = isTls
    ? connectTls({ host: hostname, port, ...(isIP(hostname) === 0 ? { servername: hostname } : {}) })
    : connect({ host: hostname, port });
  socket.setNoDelay(true);
  const closed = once(events.closed);
  socket.on(isTls ? 'secureConnect' : 'connect', () =>
    events.opened({
      // Node may keep a reference to the bytes until they are sent, so it gets a copy.
      write: (bytes) => socket.write(Buffer.from(bytes)),
      close: () => socket.destroy(),
    }),
  );
  socket.on('data', events.received);
  socket.on('error', (error) => closed(errorCode(error)));
  socket.on('close', () => closed(null));
}

function once(call: (reason: string | null) => void): (reason: string | null) => void {
  let called = false;
  return (reason) => {
    if (called) return;
    called = true;
    call(reason);
  };
}

function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'socket_error';
}
