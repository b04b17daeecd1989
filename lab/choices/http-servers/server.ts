/**
 * One of the servers that `compare-servers.ts` holds against each other: `server.ts NAME`. All do the same:
 * route a POST of an order, read and parse its JSON, answer 201 with the same headers and body.
 */
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import { addRoute, createRouter, findRoute } from 'rou3';

type Handler = (request: Request) => Promise<Response>;

const path = '/api/v1/orders';
const headers = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  location: '/api/v1/orders/01927f3e-7c00-7abc-8def-0123456789ab',
} as const;
const body = JSON.stringify({ order_id: '01927f3e-7c00-7abc-8def-0123456789ab', padding: 'x'.repeat(500) });

const place: Handler = async (request) => {
  JSON.parse(await request.text());
  return new Response(body, { status: 201, headers });
};

const servers: Readonly<Record<string, () => Promise<number>>> = {
  'bun-serve': async () => {
    const { Bun: bun } = globalThis as unknown as { Bun: BunServing };
    return bun.serve({ ...anyLoopbackPort, routes: { [path]: { POST: place } }, fetch: notFound }).port;
  },
  'bun-serve-hono': async () => {
    const { Bun: bun } = globalThis as unknown as { Bun: BunServing };
    const app = new Hono().post(path, (context) => place(context.req.raw));
    return bun.serve({ ...anyLoopbackPort, routes: {}, fetch: (request) => app.fetch(request) }).port;
  },
  'node-http': () =>
    listen((incoming, outgoing) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        text += chunk;
      });
      incoming.on('end', () => {
        JSON.parse(text);
        outgoing.writeHead(201, headers).end(body);
      });
    }),
  'node-web': () => {
    const router = createRouter<Handler>();
    addRoute(router, 'POST', path, place);
    return listen(
      getRequestListener((request) => {
        const found = findRoute(router, request.method, new URL(request.url).pathname);
        return found === undefined ? notFound() : found.data(request);
      }),
    );
  },
  'node-hono': () => {
    const app = new Hono().post(path, (context) => place(context.req.raw));
    return listen(getRequestListener((request) => app.fetch(request)));
  },
  express: () => {
    const app = express();
    app.use(express.json());
    app.post(path, (_request, response) => {
      response.status(201).set(headers).send(body);
    });
    return listen(app);
  },
};

/** The part of Bun's server used here; the project has no Bun types in scope. */
interface BunServing {
  serve(options: {
    hostname: string;
    port: number;
    routes: Record<string, Record<string, Handler>>;
    fetch: (request: Request) => Response | Promise<Response>;
  }): { readonly port: number };
}

const anyLoopbackPort = { hostname: '127.0.0.1', port: 0 };

function notFound(): Response {
  return new Response('not found', { status: 404 });
}

function listen(handle: Parameters<typeof createServer>[1]): Promise<number> {
  const server = createServer(handle);
  return new Promise((resolve) => {
    server.listen(0, anyLoopbackPort.hostname, () =>
      resolve(Number((server.address() as { port: number }).port)),
    );
  });
}

const start = servers[process.argv[2] ?? ''];
if (start === undefined) throw new RangeError(`server.ts needs one of ${Object.keys(servers).join(', ')}`);
process.stdout.write(`listening on ${await start()}\n`);
