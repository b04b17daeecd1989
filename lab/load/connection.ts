/**
 * One connection with at most one request outstanding.
 *
 * Always holds: every request sent is followed by exactly one call of `answered` or of `closed`. It does not
 * open itself again: who uses it says when.
 */
import { type ClientSocket, openSocket, type SocketEvents, type Target } from './client-socket.ts';
import { createResponseParser, type ResponseParser } from './response-parser.ts';

export interface Connection {
  /** The answer, during the call of `answered`. */
  readonly parser: ResponseParser;
  isOpen(): boolean;
  /** Does nothing when it is open or opening. */
  open(): void;
  /** Only when open, and when the request before was answered. `write` adds the rest of one sent in part. */
  send(bytes: Uint8Array, keepsBody: boolean): void;
  write(bytes: Uint8Array): void;
  /** Ends it at once; when it was open or opening, `closed` is called with this reason before this returns. */
  close(reason: string): void;
}

export interface ConnectionEvents {
  opened(): void;
  /** The answer is in `parser`. Another request can be sent if the connection is still open. */
  answered(): void;
  /** @param hadOpened whether there was a connection at all */
  closed(reason: string, hadOpened: boolean): void;
}

export function createConnection(target: Target, events: ConnectionEvents): Connection {
  const parser = createResponseParser();
  let socket: ClientSocket | null = null;
  /** Counts attempts to open a socket. */
  let attempt = 0;
  let isOpening = false;
  let isWaiting = false;

  function opened(openedSocket: ClientSocket): void {
    isOpening = false;
    socket = openedSocket;
    events.opened();
  }

  function received(chunk: Uint8Array): void {
    if (!isWaiting) {
      connection.close('unasked_bytes');
      return;
    }
    const progress = parser.feed(chunk);
    if (progress === 'complete') complete();
    else if (progress === 'malformed') connection.close('malformed_response');
  }

  function complete(): void {
    isWaiting = false;
    if (parser.closes()) letGo();
    events.answered();
  }

  /** Its socket is told, and not listened to any more. */
  function letGo(): void {
    const closing = socket;
    socket = null;
    attempt += 1;
    closing?.close();
  }

  function closed(reason: string | null): void {
    const hadOpened = socket !== null;
    socket = null;
    attempt += 1;
    isOpening = false;
    if (isWaiting && parser.end() === 'complete') {
      complete();
      return;
    }
    isWaiting = false;
    events.closed(reason ?? 'closed_by_server', hadOpened);
  }

  const connection: Connection = {
    parser,
    isOpen: () => socket !== null,
    open() {
      if (socket !== null || isOpening) return;
      attempt += 1;
      const current = attempt;
      isOpening = true;
      openSocket(
        target,
        whileCurrent(() => current === attempt, { opened, received, closed }),
      );
    },
    send(bytes, keepsBody) {
      if (socket === null || isWaiting) throw new Error('the connection can take no request now');
      isWaiting = true;
      parser.reset(keepsBody);
      socket.write(bytes);
    },
    write: (bytes) => socket?.write(bytes),
    close(reason) {
      if (socket === null && !isOpening) return;
      const hadOpened = socket !== null;
      letGo();
      isOpening = false;
      isWaiting = false;
      events.closed(reason, hadOpened);
    },
  };
  return connection;
}

/** What an earlier socket still has to say is not about the one that is wanted now. */
function whileCurrent(isCurrent: () => boolean, events: SocketEvents): SocketEvents {
  return {
    opened(socket) {
      if (isCurrent()) events.opened(socket);
      else socket.close();
    },
    received(chunk) {
      if (isCurrent()) events.received(chunk);
    },
    closed(reason) {
      if (isCurrent()) events.closed(reason);
    },
  };
}
