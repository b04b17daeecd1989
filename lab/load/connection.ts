/**
 * One connection with at most one request outstanding.
 *
 * Always holds: every request sent is followed by exactly one call of `answered` or of `closed`. It does not
 * open itself again: its user calls `open`.
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
  return new ConnectionBySocket(target, events);
}

class ConnectionBySocket implements Connection {
  readonly parser = createResponseParser();
  readonly #target: Target;
  readonly #events: ConnectionEvents;
  #socket: ClientSocket | null = null;
  /** Counts attempts to open a socket. */
  #attempt = 0;
  #isOpening = false;
  #isWaiting = false;

  constructor(target: Target, events: ConnectionEvents) {
    this.#target = target;
    this.#events = events;
  }

  isOpen(): boolean {
    return this.#socket !== null;
  }

  open(): void {
    if (this.#socket !== null || this.#isOpening) return;
    this.#attempt += 1;
    const current = this.#attempt;
    this.#isOpening = true;
    const isCurrent = () => current === this.#attempt;
    openSocket(
      this.#target,
      whileCurrent(isCurrent, {
        opened: (socket) => this.#opened(socket),
        received: (chunk) => this.#received(chunk),
        closed: (reason) => this.#closed(reason),
      }),
    );
  }

  send(bytes: Uint8Array, keepsBody: boolean): void {
    if (this.#socket === null || this.#isWaiting) throw new Error('the connection can take no request now');
    this.#isWaiting = true;
    this.parser.reset(keepsBody);
    this.#socket.write(bytes);
  }

  write(bytes: Uint8Array): void {
    this.#socket?.write(bytes);
  }

  close(reason: string): void {
    if (this.#socket === null && !this.#isOpening) return;
    const hadOpened = this.#socket !== null;
    this.#letGo();
    this.#isOpening = false;
    this.#isWaiting = false;
    this.#events.closed(reason, hadOpened);
  }

  #opened(openedSocket: ClientSocket): void {
    this.#isOpening = false;
    this.#socket = openedSocket;
    this.#events.opened();
  }

  #received(chunk: Uint8Array): void {
    if (!this.#isWaiting) {
      this.close('unasked_bytes');
      return;
    }
    const progress = this.parser.feed(chunk);
    if (progress === 'complete') this.#complete();
    else if (progress === 'malformed') this.close('malformed_response');
  }

  #complete(): void {
    this.#isWaiting = false;
    if (this.parser.closes()) this.#letGo();
    this.#events.answered();
  }

  /** Closes the socket, and no longer listens to it. */
  #letGo(): void {
    const closing = this.#socket;
    this.#socket = null;
    this.#attempt += 1;
    closing?.close();
  }

  #closed(reason: string | null): void {
    const hadOpened = this.#socket !== null;
    this.#socket = null;
    this.#attempt += 1;
    this.#isOpening = false;
    if (this.#isWaiting && this.parser.end() === 'complete') {
      this.#complete();
      return;
    }
    this.#isWaiting = false;
    this.#events.closed(reason ?? 'closed_by_server', hadOpened);
  }
}

/** Leaves out events of earlier sockets: they are not about the current one. */
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
