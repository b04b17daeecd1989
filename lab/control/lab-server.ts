/** The lab over HTTP, on this machine only: its page, its API and its events. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PlanError } from './check-plan.ts';
import { createEventStreams, type EventStreams } from './event-streams.ts';
import type { LabDesk } from './lab-desk.ts';
import { RequestError, readJson, refuseForeignHost, refuseForeignOrigin } from './lab-requests.ts';
import type { RunView } from './live.ts';
import { RunRefusal } from './run.ts';
import { samplesCsv } from './samples-csv.ts';

/** The answers to GET / and GET /assets/…, and the report. */
export interface LabPages {
  /** Null when there is nothing of that path. */
  answer(path: string): PageAnswer | null;
  renderReport(view: RunView): string;
}

export interface PageAnswer {
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LabServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface LabServerOptions {
  readonly desk: LabDesk;
  readonly pages: LabPages;
  /** 0 takes any that is free. */
  readonly port: number;
}

const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
}

type Answer = (exchange: Exchange) => Promise<void> | void;

/** @throws one sentence when the port is not free */
export async function startLabServer({ desk, pages, port }: LabServerOptions): Promise<LabServer> {
  const streams = createEventStreams(securityHeaders);
  const stopListening = desk.listen(streams.send);

  const answer = createAnswer(desk, pages, streams);
  const server = createServer((request, response) => {
    const path = new URL(`http://lab${request.url?.startsWith('/') === true ? request.url : '/'}`).pathname;
    answer({ request, response, path }).catch((error: unknown) => sendError(response, error));
  });
  server.requestTimeout = 10_000;
  try {
    await listenOn(server, port);
  } catch (error) {
    stopListening();
    streams.close();
    throw error;
  }
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      stopListening();
      streams.close();
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

function createAnswer(
  desk: LabDesk,
  pages: LabPages,
  streams: EventStreams,
): (exchange: Exchange) => Promise<void> {
  const api = createApi(desk, streams);
  const storedRuns = { GET: (exchange: Exchange) => answerRun(desk, pages, exchange) };
  const otherPages = { GET: (exchange: Exchange) => answerPage(pages, exchange) };

  return async (exchange) => {
    const { request, path } = exchange;
    refuseForeignHost(request);
    const methods: Readonly<Record<string, Answer>> =
      (Object.hasOwn(api, path) ? api[path] : undefined) ??
      (path.startsWith('/api/runs/') ? storedRuns : otherPages);
    const asked = request.method === 'HEAD' && path !== '/api/events' ? 'GET' : (request.method ?? '');
    const chosen = methods[asked];
    if (chosen === undefined) {
      exchange.response.setHeader('allow', Object.keys(methods).join(', '));
      throw new RequestError(405, `${request.method} is not possible here.`);
    }
    if (asked !== 'GET') refuseForeignOrigin(request);
    await chosen(exchange);
  };
}

function createApi(
  desk: LabDesk,
  streams: EventStreams,
): Readonly<Record<string, Readonly<Record<string, Answer>>>> {
  return {
    '/api/lab': { GET: ({ response }) => sendJson(response, 200, desk.view()) },
    '/api/run': {
      GET({ response }) {
        const view = desk.currentRun();
        if (view === null) throw new RequestError(404, 'Nothing has run yet since the lab was started.');
        sendJson(response, 200, view);
      },
      async POST({ request, response }) {
        const { plan, search } = objectOf(await readJson(request));
        sendJson(response, 201, desk.start(plan, search));
      },
    },
    '/api/run/stop': {
      POST({ request, response }) {
        requireJsonType(request);
        desk.stop();
        sendJson(response, 202, {});
      },
    },
    '/api/run/pace': {
      async PUT({ request, response }) {
        const { pace } = objectOf(await readJson(request));
        sendJson(response, 200, { pace: desk.setPace(pace) });
      },
    },
    '/api/run/faults': {
      async POST({ request, response }) {
        desk.doFault(await readJson(request));
        sendJson(response, 202, {});
      },
    },
    '/api/runs': { GET: ({ response }) => sendJson(response, 200, desk.history.list()) },
    '/api/events': {
      GET({ response }) {
        const view = desk.currentRun();
        if (!streams.open(response, view === null ? [] : [{ name: 'run', data: view }])) {
          throw new RequestError(503, 'Too many pages look at the lab: please close one.');
        }
      },
    },
  };
}

function storedRun(desk: LabDesk, id: string): RunView {
  const current = desk.currentRun();
  const view = current?.id === id ? current : desk.history.read(id);
  if (view === null) throw new RequestError(404, `There is no run ${id.slice(0, 120)}.`);
  return view;
}

function answerRun(desk: LabDesk, pages: LabPages, { response, path }: Exchange): void {
  const [, id = '', file] = /^\/api\/runs\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  const view = storedRun(desk, id);
  if (file === undefined) {
    sendJson(response, 200, view);
    return;
  }
  const download = Object.hasOwn(downloads, file) ? downloads[file] : undefined;
  if (download === undefined) {
    throw new RequestError(404, `Of a run there are ${Object.keys(downloads).join(', ')}.`);
  }
  send(response, 200, download.contentType, download.render(view, pages), {
    'content-disposition': `attachment; filename="${view.id}.${file.split('.').at(-1)}"`,
  });
}

function answerPage(pages: LabPages, { response, path }: Exchange): void {
  const page = path === '/' || path.startsWith('/assets/') ? pages.answer(path) : null;
  if (page === null) throw new RequestError(404, 'There is no such page in the lab.');
  send(response, 200, page.contentType, page.body, page.headers);
}

const downloads: Readonly<
  Record<string, { readonly contentType: string; render(view: RunView, pages: LabPages): string }>
> = {
  'report.html': {
    contentType: 'text/html; charset=utf-8',
    render: (view, pages) => pages.renderReport(view),
  },
  'samples.csv': { contentType: 'text/csv; charset=utf-8', render: (view) => samplesCsv(view.samples) },
  'run.json': { contentType: 'application/json', render: (view) => JSON.stringify(view, null, 2) },
};

function listenOn(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(
              `Port ${port} is in use: please end the program that listens there, or set LAB_PORT to another port.`,
            )
          : new Error(`The lab can't listen on port ${port}: ${error.message}`),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

function objectOf(body: unknown): {
  readonly plan?: unknown;
  readonly search?: unknown;
  readonly pace?: unknown;
} {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw new RequestError(400, 'The body must be an object in JSON.');
}

/** Its body is of no interest, but a form of another page can't send this type. */
function requireJsonType(request: IncomingMessage): void {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new RequestError(415, 'Please send content-type: application/json.');
  }
}

function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
  } else if (error instanceof PlanError) {
    sendJson(response, 422, { message: error.message, mistakes: error.mistakes });
  } else if (error instanceof RunRefusal) {
    sendJson(response, 409, { message: error.message });
  } else if (error instanceof RequestError) {
    sendJson(response, error.status, { message: error.message });
  } else {
    sendJson(response, 500, { message: `The lab has a fault: ${(error as Error).message}` });
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json', JSON.stringify(value));
}

function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, {
    ...securityHeaders,
    'cache-control': 'no-store',
    ...headers,
    'content-type': contentType,
    'content-length': String(bytes.length),
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}
