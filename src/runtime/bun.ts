/**
 * HTTP on Bun: its native route table and parser (uWebSockets).
 *
 * Always holds: Bun's own body limit stays out of the way, because its 413 is bare; instead no more than
 * `bodyBytesMax` is read here, up to {@link drainedBytesMax} of a larger body is dropped so that the client
 * gets to read its answer, and beyond that the connection is closed. Limits that are Bun's and can't be
 * set: 16 KiB and 200 fields of headers (431), 12 s for the headers to arrive.
 */
import { lookup } from 'node:dns/promises';
import {
  BodyRefused,
  type Exchange,
  type Handler,
  type Listener,
  type ListenOptions,
  listenError,
  type PathParams,
} from './listener.ts';
import { createReadDeadlines, type ReadDeadlines } from './read-deadlines.ts';
import { pathnameOf } from './request-target.ts';
import { createRouteTable } from './route-table.ts';

interface BunRequest extends Request {
  readonly params: PathParams;
}

type BunHandler = (request: BunRequest) => Response | Promise<Response>;

interface BunServer {
  readonly port: number;
  requestIP(request: Request): { readonly address: string } | null;
  stop(closeConnections: boolean): Promise<void>;
}

/** The part of Bun this file uses. */
interface BunRuntime {
  serve(options: {
    readonly hostname: string;
    readonly port: number;
    readonly development: false;
    readonly reusePort: boolean;
    readonly idleTimeout: number;
    readonly maxRequestBodySize: number;
    readonly routes: Record<string, Record<string, BunHandler>>;
    readonly fetch: BunHandler;
    readonly error: (error: unknown) => Response;
  }): BunServer;
}

/** Bytes that are read and dropped of a body that is too large, before its connection is given up. */
const drainedBytesMax = 1024 * 1024;

/** Bun counts in whole seconds and up to 255. */
const idleSecondsMax = 255;

export async function listenHere(options: ListenOptions): Promise<Listener> {
  const { host, port, fallback } = options;
  const { Bun: bun } = globalThis as unknown as { Bun: BunRuntime };
  const deadlines = createReadDeadlines(options.bodyReadMs);
  const exchange: Exchange = {
    ...createBodyReading(options.bodyBytesMax, deadlines),
    peerAddress: (request) => server.requestIP(request)?.address ?? null,
  };
  const table = createRouteTable(options.routes);
  const refuseHost = () => {
    const { headers, body } = options.refusalOf(400);
    return new Response(body, { status: 400, headers: { ...headers, connection: 'close' } });
  };
  const serveRoute =
    (handle: Handler): BunHandler =>
    (request) =>
      hasBadHost(request) ? refuseHost() : handle(request, request.params, exchange);
  /** Bun looks up the path as it was sent; that of the URL has no dot segments left (`/docs/.`). */
  const serveUnmatched = (request: Request) => {
    const pathname = pathnameOf(request.url);
    const found = table.find(request.method, pathname);
    return found === null
      ? closeAfterUnreadBody(request, fallback(request, table.methodsAt(pathname), exchange))
      : found.handle(request, found.params, exchange);
  };
  const routes: Record<string, Record<string, BunHandler>> = {};
  for (const { method, path, handle } of options.routes) {
    routes[path] = { ...routes[path], [method]: serveRoute(handle) };
  }
  let server: BunServer;
  try {
    server = bun.serve({
      hostname: host,
      port,
      development: false,
      // Set, because outside of development Bun shares the port with every other process that shares it.
      reusePort: options.isPortShared,
      idleTimeout: Math.min(idleSecondsMax, Math.ceil(options.idleMs / 1000)),
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      routes,
      fetch: (request) => (hasBadHost(request) ? refuseHost() : serveUnmatched(request)),
      error: options.onError,
    });
  } catch (cause) {
    deadlines.stop();
    throw listenError(host, port, (await whyNoAddress(host)) ?? cause);
  }
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`,
    stop: async (graceMs) => {
      const giveUp = setTimeout(() => void server.stop(true), graceMs);
      await server.stop(false);
      clearTimeout(giveUp);
      deadlines.stop();
    },
  };
}

/** Bun says of a host that has no address that its port is taken. */
function whyNoAddress(host: string): Promise<unknown> {
  return lookup(host).then(
    () => null,
    (error: unknown) => error,
  );
}

/**
 * Bun lets a malformed Host pass, leaving it out of the URL, and joins several into a list; RFC 9112 §3.2
 * wants both refused. Without any Host (fine in HTTP/1.0) the URL is a path, too.
 */
function hasBadHost({ url, headers }: Request): boolean {
  const host = headers.get('host');
  return host !== null && (url.charCodeAt(0) === 47 || host.includes(','));
}

/** Bun would go on receiving a body that is not read, for as long as the client sends. */
async function closeAfterUnreadBody(
  request: Request,
  answer: Response | Promise<Response>,
): Promise<Response> {
  const response = await answer;
  if (request.body !== null && !request.bodyUsed) response.headers.set('connection', 'close');
  return response;
}

function createBodyReading(
  bodyBytesMax: number,
  deadlines: ReadDeadlines,
): Pick<Exchange, 'readBody' | 'readBytes'> {
  const decoder = new TextDecoder('utf-8', { fatal: true });

  function decode(bytes: Uint8Array): string | BodyRefused {
    try {
      return decoder.decode(bytes);
    } catch {
      return new BodyRefused('not_utf8', false);
    }
  }

  function readDeclared<Body>(
    request: Request,
    toBody: (bytes: Uint8Array) => Body | BodyRefused,
  ): Promise<Body | BodyRefused> {
    return new Promise((resolve) => {
      const settle = deadlines.begin(() => resolve(new BodyRefused('too_slow', true)));
      request.bytes().then(
        (bytes) => {
          settle();
          resolve(toBody(bytes));
        },
        () => {
          settle();
          resolve(new BodyRefused('cut_short', true));
        },
      );
    });
  }

  function read<Body>(
    request: Request,
    bytesMax: number,
    toBody: (bytes: Uint8Array) => Body | BodyRefused,
  ): Promise<Body | BodyRefused> {
    const declared = request.headers.get('content-length');
    if (declared === null) {
      return request.headers.has('transfer-encoding')
        ? readChunked(request, bytesMax, deadlines, toBody)
        : Promise.resolve(toBody(noBytes));
    }
    // Bun lets a repeated Content-Length pass when both are equal, and joins them.
    if (declared.includes(',')) return Promise.resolve(new BodyRefused('ambiguous_framing', true));
    // The answer goes out at once. Bun drops the rest of a body that is not read.
    if (Number(declared) > bytesMax) {
      return Promise.resolve(new BodyRefused('too_large', Number(declared) > drainedBytesMax));
    }
    return readDeclared(request, toBody);
  }

  return {
    readBody: (request) => read(request, bodyBytesMax, decode),
    readBytes: (request, bytesMax) => read(request, bytesMax, (bytes) => bytes),
  };
}

const noBytes = new Uint8Array();

async function readChunked<Body>(
  request: Request,
  bodyBytesMax: number,
  deadlines: ReadDeadlines,
  toBody: (bytes: Uint8Array) => Body | BodyRefused,
): Promise<Body | BodyRefused> {
  const reader = request.body?.getReader();
  if (reader === undefined) return toBody(noBytes);
  const readMax = Math.max(bodyBytesMax, drainedBytesMax);
  const chunks: Uint8Array[] = [];
  let received = 0;
  let isTooSlow = false;
  const settle = deadlines.begin(() => {
    isTooSlow = true;
    void reader.cancel().catch(() => undefined);
  });
  try {
    while (received <= readMax) {
      const { done, value } = await reader.read();
      if (done || value === undefined) break;
      received += value.length;
      if (received <= bodyBytesMax) chunks.push(value);
      else chunks.length = 0;
    }
  } catch {
    return new BodyRefused(isTooSlow ? 'too_slow' : 'cut_short', true);
  } finally {
    settle();
  }
  if (isTooSlow) return new BodyRefused('too_slow', true);
  if (received > bodyBytesMax) return new BodyRefused('too_large', received > drainedBytesMax);
  return toBody(Buffer.concat(chunks));
}
