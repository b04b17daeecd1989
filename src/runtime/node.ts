/**
 * HTTP on Node: node:http (llhttp), @hono/node-server between its streams and web-standard requests,
 * rou3 for the routes.
 *
 * Always holds: the framing forms that llhttp lets pass but two readers may read differently are refused
 * before any handler sees them. Limits that are Node's: 16 KiB of headers (431), checked time bounds once
 * a second.
 */
import { isUtf8 } from 'node:buffer';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import {
  BodyRefused,
  type Exchange,
  type Listener,
  type ListenOptions,
  listenError,
  type Refusal,
  type RefusedStatus,
} from './listener.ts';
import { createReadDeadlines, type ReadDeadlines } from './read-deadlines.ts';
import { pathnameOf } from './request-target.ts';
import { createRouteTable } from './route-table.ts';

/** Bytes that are read and dropped of a body that is too large, before its connection is given up. */
const drainedBytesMax = 1024 * 1024;

const headersMs = 10_000;

export async function listenHere(options: ListenOptions): Promise<Listener> {
  const { host, port, bodyReadMs, idleMs, refusalOf } = options;
  const deadlines = createReadDeadlines(bodyReadMs);
  const serve = createRequestListener(options, deadlines);
  const server = createServer(
    {
      headersTimeout: headersMs,
      // Behind our own bound for bodies, so that a slow one gets our answer and not a bare one.
      requestTimeout: headersMs + 2 * bodyReadMs,
      keepAliveTimeout: idleMs,
      // It is required below, where we can say what is wrong.
      requireHostHeader: false,
      connectionsCheckingInterval: 1_000,
    },
    (incoming, outgoing) => {
      if (!entersPipeline(incoming, outgoing)) endAfterAnswers(incoming.socket, '');
      else if (isWellFramed(incoming)) void serve(incoming, outgoing);
      else outgoing.writeHead(400, closing(refusalOf(400).headers)).end(refusalOf(400).body);
    },
  );
  // As on Bun: what a client expects beyond 100-continue is no reason to refuse its request (RFC 9110 §10.1.1).
  server.on('checkExpectation', (incoming, outgoing) => server.emit('request', incoming, outgoing));
  server.on('clientError', (error, socket) => {
    const status = refusedStatusOf(error);
    endAfterAnswers(socket, status === null ? '' : rawAnswer(status, refusalOf(status)));
  });
  try {
    await opened(server, options);
  } catch (cause) {
    deadlines.stop();
    throw listenError(host, port, cause);
  }
  const address = server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    stop: (graceMs) => closed(server, graceMs).finally(() => deadlines.stop()),
  };
}

function opened(
  server: Server,
  { host, port, isPortShared }: Pick<ListenOptions, 'host' | 'port' | 'isPortShared'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, reusePort: isPortShared }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A connection becomes idle when its last answer is out, which may be after close() has looked.
    const closeIdle = setInterval(() => server.closeIdleConnections(), 20);
    const giveUp = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearInterval(closeIdle);
      clearTimeout(giveUp);
      resolve();
    });
  });
}

function createRequestListener(
  { routes, fallback, onError, refusalOf, bodyBytesMax, host }: ListenOptions,
  deadlines: ReadDeadlines,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  const table = createRouteTable(routes);
  return getRequestListener(
    (request, bindings) => {
      const { incoming } = bindings as HttpBindings;
      const exchange: Exchange = {
        readBody: () => readBody(incoming, bodyBytesMax, deadlines, decode),
        readBytes: (_request, bytesMax) => readBody(incoming, bytesMax, deadlines, join),
        peerAddress: () => incoming.socket.remoteAddress ?? null,
      };
      const pathname = pathnameOf(request.url);
      const found = table.find(request.method, pathname);
      return found === null
        ? fallback(request, table.methodsAt(pathname), exchange)
        : found.handle(request, found.params, exchange);
    },
    {
      hostname: host,
      errorHandler: (error) =>
        error instanceof Error && error.name === 'RequestError'
          ? new Response(refusalOf(400).body, { status: 400, headers: closing(refusalOf(400).headers) })
          : onError(error),
    },
  );
}

/**
 * llhttp lets these pass: HTTP/0.9 and 2.0 request lines, Transfer-Encoding in HTTP/1.0 (RFC 9112 §6.1:
 * faulty framing), codings before `chunked` that are not decoded, and other than one Host field (§3.2).
 */
function isWellFramed({ httpVersionMajor, httpVersionMinor, headers, rawHeaders }: IncomingMessage): boolean {
  if (httpVersionMajor !== 1) return false;
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (httpVersionMinor === 0 || coding.toLowerCase() !== 'chunked')) return false;
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts === 1 || (hosts === 0 && httpVersionMinor === 0);
}

/** Requests of one connection that may be under way at once; no browser or client library sends more. */
const pipelinedMax = 32;

interface Pipeline {
  underWay: number;
  latest: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse } | null;
  /** The bytes that are sent once all of them are answered, before the connection is closed; null while it goes on. */
  lastWords: string | null;
}

const pipelines = new WeakMap<object, Pipeline>();

function pipelineOf(socket: object): Pipeline {
  let pipeline = pipelines.get(socket);
  if (pipeline === undefined) {
    pipeline = { underWay: 0, latest: null, lastWords: null };
    pipelines.set(socket, pipeline);
  }
  return pipeline;
}

/**
 * Node parses all requests that came in one packet before it looks at what is yet to be sent, so that 64 KiB of
 * pipelined requests by a client that reads nothing would leave thousands of answers in memory.
 */
function entersPipeline(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
  const { socket } = incoming;
  const pipeline = pipelineOf(socket);
  if (pipeline.underWay >= pipelinedMax || pipeline.lastWords !== null) return false;
  pipeline.underWay += 1;
  pipeline.latest = { incoming, outgoing };
  outgoing.once('close', () => {
    pipeline.underWay -= 1;
    if (pipeline.lastWords !== null && answersOwed(pipeline) === 0) end(socket, pipeline.lastWords);
  });
  return true;
}

/** The latest request, when the rest of its body is what could not be read, is answered by the last words. */
function answersOwed({ underWay, latest }: Pipeline): number {
  const isBroken = latest !== null && !latest.incoming.complete && !latest.outgoing.headersSent;
  return isBroken ? underWay - 1 : underWay;
}

/**
 * No further request of this connection is read. Those before are still answered, and never with the answer
 * to this one.
 */
function endAfterAnswers(socket: Duplex, lastWords: string): void {
  const pipeline = pipelineOf(socket);
  socket.pause();
  if (pipeline.lastWords !== null) return;
  pipeline.lastWords = lastWords;
  if (answersOwed(pipeline) === 0) end(socket, lastWords);
}

function end(socket: Duplex, lastWords: string): void {
  if (socket.writable) socket.end(lastWords, () => socket.destroy());
  else socket.destroy();
}

/** Null when there is no client to answer. */
function refusedStatusOf(error: Error): RefusedStatus | null {
  switch ('code' in error ? error.code : undefined) {
    case 'ECONNRESET':
    case 'EPIPE':
      return null;
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    default:
      return 400;
  }
}

function closing(headers: Readonly<Record<string, string>>): Record<string, string> {
  return { ...headers, connection: 'close' };
}

/** For where Node's parser has given up, and there is no response to write it by. */
function rawAnswer(status: RefusedStatus, { headers, body }: Refusal): string {
  const fields = Object.entries({ ...closing(headers), 'content-length': String(body.length) });
  const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`;
}

function readBody<Body>(
  incoming: IncomingMessage,
  bodyBytesMax: number,
  deadlines: ReadDeadlines,
  toBody: (chunks: readonly Buffer[]) => Body | BodyRefused,
): Promise<Body | BodyRefused> {
  const declared = Number(incoming.headers['content-length'] ?? 0);
  // The answer goes out at once; the adapter then drops what comes within half a second, and closes.
  if (declared > bodyBytesMax) return Promise.resolve(new BodyRefused('too_large', false));
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const finish = (body: Body | BodyRefused) => {
      settle();
      incoming.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
      resolve(body);
    };
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      if (received <= bodyBytesMax) chunks.push(chunk);
      else chunks.length = 0;
      if (received > Math.max(bodyBytesMax, drainedBytesMax)) finish(new BodyRefused('too_large', false));
    };
    const onEnd = () =>
      finish(received > bodyBytesMax ? new BodyRefused('too_large', false) : toBody(chunks));
    const onCut = () => finish(new BodyRefused('cut_short', true));
    const settle = deadlines.begin(() => finish(new BodyRefused('too_slow', true)));
    incoming.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut);
  });
}

function join(chunks: readonly Buffer[]): Buffer {
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

function decode(chunks: readonly Buffer[]): string | BodyRefused {
  const bytes = join(chunks);
  if (!isUtf8(bytes)) return new BodyRefused('not_utf8', false);
  const text = bytes.toString();
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
