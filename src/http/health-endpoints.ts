/** For machines that watch us: is the process there, can it take an order, how much does it do. */
import { z } from 'zod';
import type { HttpDependencies } from './dependencies.ts';
import { endpoint } from './endpoint.ts';
import { retryAfterSeconds } from './problem-details.ts';

const notStored = { 'cache-control': 'no-store' };

const liveness = endpoint({
  id: 'getLiveness',
  method: 'GET',
  path: '/livez',
  tag: 'Health',
  summary: 'Is the process there?',
  scope: 'public',
  isNeverBusy: true,
  answers: {
    200: { description: 'It is.', content: { 'application/json': z.object({ status: z.literal('ok') }) } },
  },
  handle: () => ({ status: 200, headers: notStored, json: { status: 'ok' } as const }),
});

const originalHealth = endpoint({
  id: 'getHealth',
  method: 'GET',
  path: '/health_check',
  tag: 'Health',
  summary: 'The original health check',
  scope: 'public',
  isNeverBusy: true,
  answers: {
    200: { description: 'Healthy.', content: { 'application/json': z.object({ message: z.string() }) } },
  },
  handle: () => ({ status: 200, headers: notStored, json: { message: 'Healthy :)' } }),
});

const readinessSchema = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    checks: z
      .object({
        store: z.enum(['ok', 'not_writable', 'stalled']),
        queue: z.enum(['ok', 'full']),
        event_loop: z.enum(['ok', 'late']),
        accepting: z.enum(['ok', 'draining']),
      })
      .meta({ description: 'Ready means that each is ok.' }),
    queue_depth: z.int().min(0),
    queue_depth_max: z.int().min(1),
    engine: z.string(),
    durability: z
      .record(z.string(), z.unknown())
      .meta({ description: 'Settings of the engine, as read back.' }),
    version: z.string(),
    commit: z
      .string()
      .nullable()
      .meta({ description: 'Of the source; null when it is run from its source.' }),
  })
  .meta({ id: 'Readiness' });

const readiness = endpoint({
  id: 'getReadiness',
  method: 'GET',
  path: '/readyz',
  tag: 'Health',
  summary: 'Can it take an order now?',
  scope: 'public',
  answers: {
    200: { description: 'It can.', content: { 'application/json': readinessSchema } },
    503: {
      description: 'Not now; the body says why.',
      content: { 'application/json': readinessSchema },
      headers: { 'retry-after': { description: 'Seconds.' } },
    },
  },
  handle(deps) {
    const json = readReadiness(deps);
    return json.status === 'ready'
      ? { status: 200, headers: notStored, json }
      : { status: 503, headers: { ...notStored, 'retry-after': String(retryAfterSeconds) }, json };
  },
});

/** A commit that takes longer has a store behind it that hangs: it is unknown yet whether it will fail. */
const commitStallMs = 2_000;

/** An event loop that is later than this answers no order in time. */
export const loopLagMsMax = 1_000;

/** Ready means: an order sent now can be taken. */
function readReadiness({
  store,
  storeWatch,
  batcher,
  loopLag,
  isDraining,
  version,
  commit,
}: HttpDependencies): z.input<typeof readinessSchema> {
  const queueDepth = batcher.queueDepth();
  const isStalled = batcher.longestCommitMs() >= commitStallMs;
  const checks = {
    store: !storeWatch.isWritable() ? 'not_writable' : isStalled ? 'stalled' : 'ok',
    queue: queueDepth < batcher.queueDepthMax ? 'ok' : 'full',
    event_loop: loopLag.lagMs(performance.now()) < loopLagMsMax ? 'ok' : 'late',
    accepting: isDraining() ? 'draining' : 'ok',
  } as const;
  return {
    status: Object.values(checks).every((check) => check === 'ok') ? 'ready' : 'not_ready',
    checks,
    queue_depth: queueDepth,
    queue_depth_max: batcher.queueDepthMax,
    engine: store.engine,
    durability: store.durability,
    version,
    // By which a deployment knows that it is the new program that is ready.
    commit,
  };
}

const metrics = endpoint({
  id: 'getMetrics',
  method: 'GET',
  path: '/metrics',
  tag: 'Health',
  summary: 'For Prometheus',
  scope: 'public',
  answers: {
    200: { description: 'Text exposition format, version 0.0.4.', content: { 'text/plain': null } },
  },
  handle: async (deps) => ({
    status: 200,
    headers: notStored,
    mediaType: deps.metrics.contentType,
    body: await deps.metrics.render(),
  }),
});

export const healthEndpoints = [liveness, readiness, originalHealth, metrics];
