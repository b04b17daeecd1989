/**
 * The HTTP interface put together: every route with what all of them share (request id, error boundary,
 * problem details, CORS, duration), and what answers where no route does.
 *
 * Always holds: a handler's exception ends here; 5xx tells nothing of our insides; every answer carries
 * the request id.
 */
import { QueueFullError, StoreUnavailableError } from '../intake/commit-batcher.ts';
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
import { pathnameOf } from '../runtime/request-target.ts';
import { findAsset } from '../web/assets.ts';
import { type Answer, AnsweredFault, type AppRoute, isProblem, type ProblemForm } from './app-route.ts';
import { type Cors, createCors } from './cors.ts';
import type { HttpDependencies } from './dependencies.ts';
import { healthRoutes } from './health-routes.ts';
import { ordersRoutes } from './orders-routes.ts';
import { originalContractRoutes } from './original-contract-routes.ts';
import { assetReply, pagesRoutes } from './pages-routes.ts';
import { type ProblemCode, renderProblem } from './problem-details.ts';
import { createProblemLog } from './problem-log.ts';
import { problemPageReply, wantsPage } from './problem-page-reply.ts';
import { productsRoutes } from './products-routes.ts';
import type { Reply } from './reply.ts';
import { createRequestIds, type RequestContext, requestIdOf, traceparentOf } from './request-context.ts';

export interface App {
  readonly routes: readonly Route[];
  readonly fallback: FallbackHandler;
  readonly onError: (error: unknown) => Response;
  readonly refusalOf: (status: RefusedStatus) => Refusal;
}

export function createApp(deps: HttpDependencies): App {
  const cors = createCors(deps.corsOrigins);
  const newRequestId = createRequestIds();
  const problemLog = createProblemLog(deps.log);

  const { tracing } = deps;

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
      readBody: () => exchange.readBody(request),
    };
  }

  async function answer(
    handle: AppRoute['handle'],
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
    observe(reply.status, performance.now() - startedAt);
    deps.metrics.requestEnded();
    context.trace?.end(reply.status);
    return toResponse(reply, context, cors, deps.isDraining());
  }

  function toReply(answer: Answer, problems: ProblemForm, context: RequestContext): Reply {
    if (!isProblem(answer)) return answer;
    if (!wantsPage(problems, context.request)) {
      return renderProblem(answer, context.requestId, pathnameOf(context.request.url));
    }
    const reply = problemPageReply(deps, answer, context);
    problemLog.pageShown(reply.status, answer.code, context);
    return reply;
  }

  function serve({ method, path, problems, handle }: AppRoute): Handler {
    const observe = deps.metrics.requestTimer(method, path);
    return (request, params, exchange) =>
      answer(handle, problems, observe, contextOf(request, params, exchange, method, path));
  }

  const observeAsset = deps.metrics.requestTimer('GET', 'asset');
  const observeUnknown = deps.metrics.requestTimer('any', 'unknown');

  return {
    routes: appRoutes(deps).map((route) => ({
      method: route.method,
      path: route.path,
      handle: serve(route),
    })),
    fallback(request, allowed, exchange) {
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      const asset = isRead && allowed.length === 0 ? findAsset(pathnameOf(request.url)) : null;
      const context = contextOf(
        request,
        {},
        exchange,
        asset === null ? '_OTHER' : 'GET',
        asset === null ? 'unknown' : 'asset',
      );
      if (allowed.length > 0) {
        const handle = () => otherMethod(cors, context, allowed);
        return answer(handle, 'page_if_wanted', observeUnknown, context);
      }
      return asset === null
        ? answer(() => ({ code: 'route_not_found' }), 'page_if_wanted', observeUnknown, context)
        : answer(() => assetReply(asset, context), 'page_if_wanted', observeAsset, context);
    },
    onError(error) {
      deps.log.error({ error }, 'a request failed outside its handler');
      return new Response(null, { status: 500 });
    },
    refusalOf(status) {
      const requestId = newRequestId();
      const { headers, body } = renderProblem({ code: refusedCodes[status] }, requestId, '');
      return { headers: { ...headers, 'x-request-id': requestId }, body };
    },
  };
}

const refusedCodes = {
  400: 'malformed_request',
  408: 'request_timeout',
  431: 'head_too_large',
} as const satisfies Record<RefusedStatus, ProblemCode>;

function appRoutes(deps: HttpDependencies): readonly AppRoute[] {
  return [
    ...ordersRoutes(deps),
    ...productsRoutes(deps),
    ...originalContractRoutes(deps),
    ...pagesRoutes(deps),
    ...healthRoutes(deps),
  ];
}

/** An OPTIONS request, or a method that the path doesn't answer. */
function otherMethod(cors: Cors, { request }: RequestContext, methods: readonly Method[]): Answer {
  const allowed = methods.includes('GET') ? [...methods, 'HEAD', 'OPTIONS'] : [...methods, 'OPTIONS'];
  const headers = { allow: allowed.join(', ') };
  return request.method === 'OPTIONS'
    ? { status: 204, headers: { ...headers, ...cors.preflightHeaders(request, methods) }, body: null }
    : { code: 'method_not_allowed', headers };
}

function faultOf(error: unknown): Answer {
  if (error instanceof AnsweredFault) return error.reply;
  if (error instanceof QueueFullError) return { code: 'overloaded' };
  if (error instanceof StoreUnavailableError) return { code: 'store_unavailable' };
  return { code: 'internal_error' };
}

/** @param isLast whether the client must not send another request on this connection */
function toResponse(
  reply: Reply,
  { request, requestId, traceparent }: RequestContext,
  cors: Cors,
  isLast: boolean,
): Response {
  const headers: Record<string, string> = { ...reply.headers, 'x-request-id': requestId };
  if (traceparent !== null) headers['traceparent'] = traceparent;
  if (isLast) headers['connection'] = 'close';
  if (cors.isOn) {
    headers['vary'] = headers['vary'] === undefined ? 'Origin' : `${headers['vary']}, Origin`;
    Object.assign(headers, cors.headersFor(request));
  }
  return new Response(reply.body as string | null, { status: reply.status, headers });
}
