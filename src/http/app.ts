/**
 * The HTTP interface put together: every route with what all of them share (request id, error boundary,
 * problem details, CORS, duration), and what answers where no route does.
 *
 * Always holds: a handler's exception ends here; 5xx tells nothing of our insides; every answer carries
 * the request id.
 */
import { StoreUnavailableError } from '../intake/batches-at-store.ts';
import { QueueFullError } from '../intake/commit-batcher.ts';
import type { AccessRefusal } from '../observability/access-metrics.ts';
import type { ObserveDuration } from '../observability/duration-histogram.ts';
import type {
  Exchange,
  FallbackHandler,
  Handler,
  Method,
  PathParams,
  Refusal,
  RefusedStatus,
  Route,
} from '../runtime/listener.ts';
import { pathnameOf, queryOf } from '../runtime/request-target.ts';
import { createRouteTable, type RouteTable } from '../runtime/route-table.ts';
import { countMiss } from './access/limited-answer.ts';
import { AnsweredFault } from './answered-fault.ts';
import { createApiReference } from './api-reference.ts';
import { pathsOf, publicPath } from './base-path.ts';
import { type Cors, createCors } from './cors.ts';
import type { AppDependencies, HttpDependencies } from './dependencies.ts';
import type { Endpoint, ProblemForm } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { inTurn } from './in-turn.ts';
import { makeOpenApiDocument } from './openapi.ts';
import { createFirstViews } from './pages/first-view.ts';
import { pageHeaders } from './pages/page-headers.ts';
import { problemPageReply, wantsPage } from './pages/problem-page-reply.ts';
import { isProblem, type ProblemCode, problemReply } from './problem-details.ts';
import { createProblemLog } from './problem-log.ts';
import { jsonType, type Reply } from './reply.ts';
import {
  createRequestIds,
  type RequestContext,
  requestIdOf,
  traceparentOf,
} from './request/request-context.ts';
import { dataSecurityHeaders } from './security-headers.ts';
import { type Answer, type AnswerRequest, answerBy } from './serve-endpoint.ts';

export interface App {
  readonly routes: readonly Route[];
  readonly fallback: FallbackHandler;
  readonly onError: (error: unknown) => Response;
  readonly refusalOf: (status: RefusedStatus) => Refusal;
}

export function createApp(given: AppDependencies): App {
  const { basePath } = given;
  const reference = createApiReference(
    () => makeOpenApiDocument(endpoints, given.version, given.publicUrl),
    basePath,
  );
  const firstViews = createFirstViews({
    store: given.store,
    commitCount: given.batcher.commitCount,
    nowMs: () => performance.now(),
  });
  const deps: HttpDependencies = { ...given, reference, firstViews };
  const cors = createCors(deps.corsOrigins);
  const newRequestId = createRequestIds();
  const { contextOf, answer } = createAnswering(deps, cors, newRequestId);

  function serve(endpoint: Endpoint): Handler {
    const { method, path, problemForm = 'json', isNeverBusy } = endpoint;
    const observe = deps.metrics.requestTimer(method, path);
    const answerNow = answerBy(deps, endpoint);
    const handle = method === 'GET' ? inTurn(deps, answerNow, isNeverBusy) : answerNow;
    return (request, params, exchange) =>
      answer(handle, problemForm, observe, contextOf(request, params, exchange, method, path));
  }

  const observeUnknown = deps.metrics.requestTimer('any', 'unknown');

  const routes = endpoints.flatMap((endpoint) => {
    const handle = serve(endpoint);
    return pathsOf(basePath, endpoint.path).map((path) => ({ method: endpoint.method, path, handle }));
  });
  const table = createRouteTable(routes);

  return {
    routes,
    fallback(request, allowed, exchange) {
      const context = contextOf(request, {}, exchange, '_OTHER', 'unknown');
      const handle = inTurn(deps, () =>
        allowed.length > 0
          ? otherMethod(cors, context, allowed)
          : countMiss(deps, context, redirectSlash(table, request)),
      );
      return answer(handle, 'page_if_wanted', observeUnknown, context);
    },
    onError(error) {
      deps.log.error({ error }, 'a request failed outside its handler');
      return new Response(null, { status: 500 });
    },
    refusalOf(status) {
      const requestId = newRequestId();
      const { headers, mediaType, body } = problemReply(
        basePath,
        { code: refusedCodes[status] },
        requestId,
        '',
      );
      const common = { 'content-type': mediaType, ...dataSecurityHeaders, 'x-request-id': requestId };
      return { headers: { ...headers, ...common }, body };
    },
  };
}

/** The steps that all requests share, whichever endpoint answers them. */
function createAnswering(deps: HttpDependencies, cors: Cors, newRequestId: () => string) {
  const problemLog = createProblemLog(deps.log);
  const { basePath, tracing } = deps;

  function contextOf(
    request: Request,
    params: PathParams,
    exchange: Exchange,
    method: string,
    route: string,
  ): RequestContext {
    const given = traceparentOf(request.headers);
    const trace = tracing === null ? null : tracing.request(method, route, given);
    return {
      request,
      params,
      route,
      requestId: requestIdOf(request.headers, newRequestId),
      traceparent: trace === null ? given : trace.traceparent,
      trace,
      exchange,
    };
  }

  async function answer(
    handle: AnswerRequest,
    problems: ProblemForm,
    observe: ObserveDuration,
    context: RequestContext,
  ): Promise<Response> {
    const startedAt = performance.now();
    deps.metrics.requestBegun();
    let reply: Reply;
    try {
      reply = toReply(await handle(context), problems, context);
    } catch (error) {
      reply = toReply(faultOf(error), problems, context);
      problemLog.fault(error instanceof AnsweredFault ? error.cause : error, context);
    }
    // A refused order waits for no commit. A client that sends bad orders, each on a new connection, would
    // otherwise get all its refusals in one turn that never ends.
    if (reply.status >= 400) await deps.turns.admit(performance.now());
    observe(reply.status, performance.now() - startedAt);
    deps.metrics.requestEnded();
    context.trace?.end(reply.status);
    return toResponse(deps, reply, context, cors);
  }

  function toReply(answer: Answer, problems: ProblemForm, context: RequestContext): Reply {
    if (!isProblem(answer)) return answer;
    const refusal = accessRefusals[answer.code];
    if (refusal !== undefined) deps.metrics.access.countRefusal(refusal);
    if (!wantsPage(problems, context.request)) {
      return problemReply(basePath, answer, context.requestId, publicPath(basePath, context.request.url));
    }
    const reply = problemPageReply(basePath, answer, context);
    problemLog.pageShown(reply.status, answer.code, context);
    return reply;
  }

  return { contextOf, answer };
}

/** Keys that are not valid are counted by why they are not, where they are looked at. */
const accessRefusals: Readonly<Partial<Record<ProblemCode, AccessRefusal>>> = {
  key_required: 'no_key',
  insufficient_scope: 'insufficient_scope',
};

const refusedCodes = {
  400: 'malformed_request',
  408: 'request_timeout',
  431: 'head_too_large',
} as const satisfies Record<RefusedStatus, ProblemCode>;

/**
 * An address with a slash too many leads to the one without it. The reference is relative to the last
 * segment, so that it holds under whatever prefix a proxy has put before our paths.
 */
function redirectSlash(table: RouteTable, { url }: Request): Answer {
  const pathname = pathnameOf(url);
  const shortened = pathname.endsWith('/') ? pathname.slice(0, -1) : '';
  if (shortened === '' || table.methodsAt(shortened).length === 0) return { code: 'route_not_found' };
  const query = queryOf(url);
  const location = `../${shortened.slice(shortened.lastIndexOf('/') + 1)}${query === '' ? '' : `?${query}`}`;
  // Keeps method and body (RFC 9110 §15.4.9).
  return { status: 308, headers: { location } };
}

/** An OPTIONS request, or a method that the path doesn't answer. */
function otherMethod(cors: Cors, { request }: RequestContext, methods: readonly Method[]): Answer {
  const allowed = methods.includes('GET') ? [...methods, 'HEAD', 'OPTIONS'] : [...methods, 'OPTIONS'];
  const headers = { allow: allowed.join(', ') };
  return request.method === 'OPTIONS'
    ? { status: 204, headers: { ...headers, ...cors.preflightHeaders(request, methods) } }
    : { code: 'method_not_allowed', headers };
}

function faultOf(error: unknown): Answer {
  if (error instanceof AnsweredFault) return error.reply;
  if (error instanceof QueueFullError) return { code: 'overloaded' };
  if (error instanceof StoreUnavailableError) return { code: 'store_unavailable' };
  return { code: 'internal_error' };
}

function toResponse(deps: HttpDependencies, reply: Reply, context: RequestContext, cors: Cors): Response {
  const headers: Record<string, string> = {
    ...kindHeaders(deps, reply, context),
    ...reply.headers,
    'x-request-id': context.requestId,
  };
  if (context.traceparent !== null) headers['traceparent'] = context.traceparent;
  // The client must not send another request on this connection.
  if (deps.isDraining()) headers['connection'] = 'close';
  if (cors.isOn) {
    headers['vary'] = headers['vary'] === undefined ? 'Origin' : `${headers['vary']}, Origin`;
    Object.assign(headers, cors.headersFor(context.request));
  }
  const response = new Response(bodyOf(reply) as string | null, { status: reply.status, headers });
  if (reply.cookies !== undefined) {
    for (const cookie of reply.cookies) response.headers.append('set-cookie', cookie);
  }
  return response;
}

const jsonHeaders = { 'content-type': jsonType, ...dataSecurityHeaders } as const;

/** Headers that come with the kind of body. */
function kindHeaders(
  deps: HttpDependencies,
  reply: Reply,
  context: RequestContext,
): Readonly<Record<string, string>> {
  if (reply.json !== undefined) return jsonHeaders;
  if (reply.page !== undefined) return pageHeaders(deps, context);
  return reply.mediaType === undefined
    ? dataSecurityHeaders
    : { 'content-type': reply.mediaType, ...dataSecurityHeaders };
}

function bodyOf(reply: Reply): string | Uint8Array | null {
  if (reply.json !== undefined) return JSON.stringify(reply.json);
  return reply.page ?? reply.body ?? null;
}
