/** For machines that watch us: is the process there, can it take an order, how much does it do. */
import type { AppRoute } from './app-route.ts';
import type { HttpDependencies } from './dependencies.ts';
import { retryAfterSeconds } from './problem-details.ts';
import { jsonType, type Reply } from './reply.ts';
import { dataSecurityHeaders } from './security-headers.ts';

const headers = { 'content-type': jsonType, 'cache-control': 'no-store', ...dataSecurityHeaders } as const;

export function healthRoutes(deps: HttpDependencies): readonly AppRoute[] {
  const route = (path: string, handle: AppRoute['handle']): AppRoute => ({
    method: 'GET',
    path,
    problems: 'json',
    handle,
  });
  return [
    route('/livez', () => ({ status: 200, headers, body: '{"status":"ok"}' })),
    route('/health_check', () => ({ status: 200, headers, body: '{"message":"Healthy :)"}' })),
    route('/readyz', () => readiness(deps)),
    route('/metrics', async () => ({
      status: 200,
      headers: { ...headers, 'content-type': deps.metrics.contentType },
      body: await deps.metrics.render(),
    })),
  ];
}

/** A commit that takes longer has a store behind it that hangs: nobody knows yet whether it will fail. */
const commitStallMs = 2_000;

/** Ready means: an order sent now can be taken. */
function readiness({ store, storeWatch, batcher, isDraining, version, commit }: HttpDependencies): Reply {
  const queueDepth = batcher.queueDepth();
  const checks = {
    store: !storeWatch.isWritable()
      ? 'not_writable'
      : batcher.longestCommitMs() < commitStallMs
        ? 'ok'
        : 'stalled',
    queue: queueDepth < batcher.queueDepthMax ? 'ok' : 'full',
    accepting: isDraining() ? 'draining' : 'ok',
  };
  const isReady = Object.values(checks).every((check) => check === 'ok');
  return {
    status: isReady ? 200 : 503,
    headers: isReady ? headers : { ...headers, 'retry-after': String(retryAfterSeconds) },
    body: JSON.stringify({
      status: isReady ? 'ready' : 'not_ready',
      checks,
      queue_depth: queueDepth,
      queue_depth_max: batcher.queueDepthMax,
      engine: store.engine,
      durability: store.durability,
      version,
      // By which a deployment knows that it is the new program that is ready.
      commit,
    }),
  };
}
