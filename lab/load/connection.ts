/**
 * One keep-alive connection with at most one request outstanding, which opens itself again when lost.
 *
 * Always holds: every request sent is answered by exactly one call of `answered` or `lost`. Limits: a
 * request waits `timeoutMs` for its answer; a lost connection is opened again after `reopenDelayMs`.
 */
import { type ClientSocket, openSocket } from './client-socket.ts';
import { createResponseParser, type ResponseParser } from './response-parser.ts';
import type { PreparedRequest } from './scenario.ts';

export const reopenDelayMs = 50;

export interface Connection {
  readonly parser: ResponseParser;
  /** Of the outstanding request: its kind, when it was meant to be sent and when it was (milliseconds). */
  kind: number;
  expectedStatus: number;
  intendedAtMs: number;
  sentAtMs: number;
  /** Whether a request is outstanding. */
  busy: boolean;
  /** Only when open and not busy. */
  send(request: PreparedRequest, intendedAtMs: number, nowMs: number): void;
  isOpen(): boolean;
  /** Gives up the outstanding request and the connection, which is then opened again. */
  abort(reason: string): void;
  /** Closes for good. */
  close(): void;
}

export interface ConnectionEvents {
  /** The connection can take a request: it has opened, for the first time or again. */
  opened(connection: Connection): void;
  /** The answer is in `connection.parser`; the connection is no longer busy. */
  answered(connection: Connection): void;
  /** The outstanding request will get no answer. */
  lost(connection: Connection, reason: string): void;
  /** No connection could be made. */
  refused(connection: Connection, reason: string): void;
}

export function openConnection(host: string, port: number, events: ConnectionEvents): Connection {
  const parser = createResponseParser();
  let socket: ClientSocket | null = null;
  let isClosing = false;
  /** Of the latest attempt to open. */
  let hasOpened = false;
  /** The server said that it closes after the answer it gave: that is no fault. */
  let isClosedInOrder = false;
  let abortReason: string | null = null;

  const connection: Connection = {
    parser,
    kind: 0,
    expectedStatus: 0,
    intendedAtMs: 0,
    sentAtMs: 0,
    busy: false,
    send(request, intendedAtMs, nowMs) {
      if (socket === null || connection.busy) throw new Error('the connection can take no request now');
      connection.kind = request.kind;
      connection.expectedStatus = request.expectedStatus;
      connection.intendedAtMs = intendedAtMs;
      connection.sentAtMs = nowMs;
      connection.busy = true;
      parser.reset(request.keepBody);
      socket.write(request.bytes);
    },
    isOpen: () => socket !== null,
    abort(reason) {
      abortReason = reason;
      socket?.close();
    },
    close() {
      isClosing = true;
      socket?.close();
    },
  };

  function open(): void {
    hasOpened = false;
    isClosedInOrder = false;
    openSocket(host, port, { opened, received, closed });
  }

  function opened(openedSocket: ClientSocket): void {
    if (isClosing) {
      openedSocket.close();
      return;
    }
    hasOpened = true;
    socket = openedSocket;
    events.opened(connection);
  }

  function received(chunk: Uint8Array): void {
    if (!connection.busy) {
      connection.abort('unasked_bytes');
      return;
    }
    const progress = parser.feed(chunk);
    if (progress === 'more') return;
    if (progress === 'malformed') {
      connection.abort('malformed_response');
      return;
    }
    complete();
  }

  function complete(): void {
    connection.busy = false;
    if (parser.closes()) {
      isClosedInOrder = true;
      // Not usable any more, so whoever is told of the answer must not send on it.
      const closingSocket = socket;
      socket = null;
      closingSocket?.close();
    }
    events.answered(connection);
  }

  function closed(reason: string | null): void {
    socket = null;
    if (connection.busy) {
      if (abortReason === null && parser.end() === 'complete') {
        complete();
      } else {
        connection.busy = false;
        events.lost(connection, abortReason ?? reason ?? 'closed_by_server');
      }
    } else if (!hasOpened) {
      events.refused(connection, reason ?? 'closed_by_server');
    }
    abortReason = null;
    if (!isClosing) setTimeout(open, isClosedInOrder ? 0 : reopenDelayMs);
  }

  open();
  return connection;
}
