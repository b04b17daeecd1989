/**
 * The HTTP ceiling: the most that the runtime can answer when there is nothing to do but to read the
 * request's body and send fixed bytes. On Bun its own server with its route table, on Node `node:http`
 * behind `@hono/node-server`: the ways the service itself is served. Environment: PORT, ANSWERS_FILE.
 */
import { type FixedAnswer, loadFixedAnswers } from './fixed-answers.ts';

type Handler = (request: Request) => Response | Promise<Response>;

/** The part of Bun's server used here; the project has no Bun types in scope. */
interface BunServing {
  serve(options: {
    hostname: string;
    port: number;
    routes: Record<string, Record<string, Handler>>;
    fetch: Handler;
  }): { readonly port: number };
}

const hostname = '127.0.0.1';
const port = Number(process.env['PORT'] ?? 0);
const answers = loadFixedAnswers(process.env['ANSWERS_FILE']);

const placed: Handler = async (request) => {
  await request.text();
  return respond(201, answers.placed);
};
const page: Handler = () => respond(200, answers.page);
const products: Handler = () =>
  Response.json({ products: [{ sku: 'tent-4p', active: true, num_in_stock: 1 }] });
const ready: Handler = () => new Response('ready');
const healthy: Handler = () =>
  new Response('{"message":"Healthy :)"}', { headers: { 'content-type': 'application/json' } });
const notFound: Handler = () => new Response('not found', { status: 404 });

function respond(status: number, { headers, body }: FixedAnswer): Response {
  return new Response(body, { status, headers });
}

function listening(actualPort: number): void {
  process.stdout.write(`listening on http://${hostname}:${actualPort}\n`);
}

const bun = (globalThis as { Bun?: BunServing }).Bun;
if (bun !== undefined) {
  const server = bun.serve({
    hostname,
    port,
    routes: {
      '/api/v1/orders': { POST: placed },
      '/api/v1/products': { GET: products },
      '/orders/:id': { GET: page },
      '/readyz': { GET: ready },
      '/health_check': { GET: healthy },
    },
    fetch: notFound,
  });
  listening(server.port);
} else {
  const { serve } = await import('@hono/node-server');
  const route: Handler = (request) => {
    // A URL object would cost more than all the rest.
    const path = request.url.slice(request.url.indexOf('/', 8));
    if (request.method === 'POST' && path === '/api/v1/orders') return placed(request);
    if (path.startsWith('/orders/')) return page(request);
    if (path.startsWith('/api/v1/products')) return products(request);
    if (path === '/health_check') return healthy(request);
    return path === '/readyz' ? ready(request) : notFound(request);
  };
  serve({ fetch: route, hostname, port }, ({ port: actualPort }) => listening(actualPort));
}
