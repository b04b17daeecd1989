/**
 * A TCP connection to the service under test, as thin as the runtime allows.
 *
 * Measured against a fixed 201 with 64 connections on 2 cores: both reach the server's limit (about 128,000
 * requests/s), `Bun.connect` with 0.05 cores of user time and `node:net` with 0.1, so Bun's own sockets are
 * used where they exist and `node:net` elsewhere.
 */
import { connect } from 'node:net';

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

export type OpenSocket = (host: string, port: number, events: SocketEvents) => void;

/** The part of Bun's sockets used here; the project has no Bun types in scope. */
interface BunSocket {
  write(bytes: Uint8Array): number;
  terminate(): void;
}

interface BunSockets {
  connect(options: {
    hostname: string;
    port: number;
    socket: {
      open(socket: BunSocket): void;
      data(socket: BunSocket, chunk: Uint8Array): void;
      drain(socket: BunSocket): void;
      close(socket: BunSocket, error?: unknown): void;
      error(socket: BunSocket, error: unknown): void;
      connectError(socket: BunSocket, error: unknown): void;
    };
  }): Promise<unknown>;
}

const bun = (globalThis as { Bun?: BunSockets }).Bun;

export const openSocket: OpenSocket = bun === undefined ? openNodeSocket : bunOpener(bun);

function bunOpener({ connect: connectBun }: BunSockets): OpenSocket {
  return (host, port, events) => {
    /** What the kernel's buffer had no room for, copied because the caller may reuse its bytes. */
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

    connectBun({
      hostname: host,
      port,
      socket: {
        open: (socket) =>
          events.opened({
            write: (bytes) => writeTo(socket, bytes),
            close: () => socket.terminate(),
          }),
        data: (_socket, chunk) => events.received(chunk),
        drain(socket) {
          if (unsent === null) return;
          const rest = unsent;
          unsent = null;
          writeTo(socket, rest);
        },
        close: (_socket, error) => closed(error === undefined ? null : errorCode(error)),
        error: (_socket, error) => closed(errorCode(error)),
        connectError: (_socket, error) => closed(errorCode(error)),
      },
    }).catch((error: unknown) => closed(errorCode(error)));
  };
}

export function openNodeSocket(host: string, port: number, events: SocketEvents): void {
  const socket = connect({ host, port, noDelay: true });
  const closed = once(events.closed);
  socket.on('connect', () =>
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
