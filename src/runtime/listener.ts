/**
 * The port to a JavaScript runtime's HTTP server: web-standard requests in, web-standard responses out.
 *
 * What an implementation guarantees, whatever bytes arrive: an ambiguously framed request is refused and
 * its connection closed; no more of a body than `bodyBytesMax` is held in memory; headers, bodies and
 * idle connections each end within a bounded time; neither a bad nor a vanished client ends the process.
 */
import { OperatorError } from '../program/operator-error.ts';

/** The methods a route can answer. HEAD is answered by GET's handler, without the body. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The variable parts of a path, percent-decoded; not yet checked by anybody. */
export type PathParams = Readonly<Record<string, string | undefined>>;

/** Why a body could not be read. */
export type BodyRefusal =
  | 'too_large'
  /** Two lengths, or other framing that two readers could read as two different bodies. */
  | 'ambiguous_framing'
  | 'not_utf8'
  /** Not there within `bodyReadMs`. */
  | 'too_slow'
  /** The client has gone, or its bytes are no body. There is no client to answer. */
  | 'cut_short';

export class BodyRefused {
  readonly reason: BodyRefusal;
  /** Whether the connection can't carry another request, so that the answer must close it. */
  readonly mustClose: boolean;
  constructor(reason: BodyRefusal, mustClose: boolean) {
    this.reason = reason;
    this.mustClose = mustClose;
  }
}

/** The facts that a handler can ask of the runtime besides the request itself. */
export interface Exchange {
  /** The whole body as text; empty when there is none. To be called once. */
  readBody(request: Request): Promise<string | BodyRefused>;
  /** The whole body as bytes, up to `bytesMax` instead of the listener's own bound. To be called once. */
  readBytes(request: Request, bytesMax: number): Promise<Uint8Array | BodyRefused>;
  /** IP address of the other end of the connection, a proxy's where there is one; null when it has gone. */
  peerAddress(request: Request): string | null;
}

export type Handler = (
  request: Request,
  params: PathParams,
  exchange: Exchange,
) => Response | Promise<Response>;

export interface Route {
  readonly method: Method;
  /** Segments are fixed or `:name`; no wildcards. */
  readonly path: string;
  readonly handle: Handler;
}

/** @param allowed the methods that the path would answer; empty for an unknown path */
export type FallbackHandler = (
  request: Request,
  allowed: readonly Method[],
  exchange: Exchange,
) => Response | Promise<Response>;

/** What bytes can be that are no request any handler could answer: malformed, too slow, or with too long a head. */
export type RefusedStatus = 400 | 408 | 431;

export interface Refusal {
  readonly headers: Readonly<Record<string, string>>;
  /** ASCII. */
  readonly body: string;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Whether others of the same user may listen on it at the same time (SO_REUSEPORT); the system spreads connections. */
  readonly isPortShared: boolean;
  readonly routes: readonly Route[];
  readonly fallback: FallbackHandler;
  /** The last resort when a handler throws; handlers are expected not to. */
  readonly onError: (error: unknown) => Response;
  /**
   * What a refused request is told, where the runtime lets us say it, before its connection is closed. Bun
   * answers what its parser refuses by itself, without a body.
   */
  readonly refusalOf: (status: RefusedStatus) => Refusal;
  readonly bodyBytesMax: number;
  /** Milliseconds from the start of reading a body to its end. */
  readonly bodyReadMs: number;
  /** Milliseconds a connection may stay open without a request. */
  readonly idleMs: number;
}

export interface Listener {
  /** Such as `http://127.0.0.1:5000`. */
  readonly url: string;
  /**
   * Accepts nothing new and resolves when every request under way is answered; what is not answered after
   * `graceMs` loses its connection.
   */
  stop(graceMs: number): Promise<void>;
}

/** The port is taken, or the address is not ours to listen on. */
export class ListenError extends OperatorError {
  override readonly name = 'ListenError';
}

/** One sentence that says what to do. */
export function listenError(host: string, port: number, cause: unknown): ListenError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') {
    return new ListenError(
      `Port ${port} on ${host} is taken by another program: stop it, or choose another port with PORT.`,
      { cause },
    );
  }
  if (code === 'EACCES') {
    return new ListenError(`Port ${port} on ${host} needs more rights: choose a PORT from 1024 up.`, {
      cause,
    });
  }
  return new ListenError(`Can't listen on ${host}, port ${port}: check HOST and PORT (${String(cause)}).`, {
    cause,
  });
}
