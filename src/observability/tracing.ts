/**
 * Traces of requests and of the batches in which orders are committed, by OpenTelemetry, over OTLP/HTTP.
 *
 * Only a share of the requests is traced, chosen when they come in; the others, and a service without a collector,
 * pay for one comparison. A collector that is slow, away or talks rubbish costs spans and nothing else: at most
 * `spansQueuedMax` wait, the rest is dropped and counted. No span holds anything of a shopper's.
 */
import type { Context, Span, SpanContext, SpanStatusCode, Tracer } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter, SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { OrderTrace, TracedBatch } from '../intake/batch-trace.ts';
import type { Build } from '../program/build.ts';

export interface TracingOptions {
  /** Of the collector, without `/v1/traces`; such as `http://localhost:4318`. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  /** Of the requests that come without a trace of the caller's, 0 to 1; for the others the caller's choice holds. */
  readonly sampledShare: number;
  readonly build: Build;
  readonly warn: (sentence: string) => void;
}

/** Of a request that is traced. */
export interface RequestTrace {
  readonly traceId: string;
  /** As W3C Trace Context has it, for the answer. */
  readonly traceparent: string;
  /** For an order that is submitted now. */
  order(): OrderTrace;
  end(status: number): void;
}

export interface Tracing {
  /** @returns null for one that is not traced */
  request(method: string, route: string, traceparent: string | null): RequestTrace | null;
  batch(orders: readonly OrderTrace[], batch: TracedBatch): void;
  /** Since the start: the queue was full, or the collector did not take them. */
  spansDropped(): number;
  /** Sends the remaining spans, for `stopMsMax` at the most. */
  stop(): Promise<void>;
}

const spansQueuedMax = 4_096;
const spansInExportMax = 512;
const exportEveryMs = 1_000;
const exportMsMax = 5_000;
const stopMsMax = 2_000;
/** Of a batch to its orders. */
const linksMax = 128;
/** Between two warnings that the collector takes nothing. */
const warnEveryMs = 60_000;

/** The bit of a traceparent's flags that says that the caller traces it. */
const sampledFlag = 1;

export async function openTracing(options: TracingOptions): Promise<Tracing> {
  const dropped = { spans: 0 };
  // Loaded here, so that a service without a collector neither waits for it nor holds it.
  const api = await import('@opentelemetry/api');
  const provider = await openProvider(options, dropped);
  const tracer = provider.getTracer('nozama', options.build.version);
  const { ROOT_CONTEXT, SpanKind, trace } = api;

  return {
    request(method, route, traceparent) {
      const parent = parentOf(api, traceparent, options.sampledShare);
      if (parent === null) return null;
      const attributes = { 'http.request.method': method, 'http.route': route };
      const context = parent ?? ROOT_CONTEXT;
      // Every time is of one clock: OpenTelemetry's own is another than that of a batch.
      const startTime = epochMs(performance.now());
      const kind = SpanKind.SERVER;
      const span = tracer.startSpan(`${method} ${route}`, { kind, attributes, startTime }, context);
      return new TracedRequest(span, trace.setSpan(context, span), api.SpanStatusCode.ERROR);
    },
    batch: (orders, batch) => traceBatch(api, tracer, orders, batch),
    spansDropped: () => dropped.spans,
    async stop() {
      const timer = new Promise<void>((resolve) => setTimeout(resolve, stopMsMax).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), timer]);
    },
  };
}

type Api = typeof import('@opentelemetry/api');

const epochMs = (ms: number) => performance.timeOrigin + ms;

async function openProvider(
  { endpoint, headers, serviceName, build, warn }: TracingOptions,
  dropped: { spans: number },
): Promise<TracerProvider> {
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = countingExporter(
    new OTLPTraceExporter({
      url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
      headers: { ...headers },
      timeoutMillis: exportMsMax,
    }),
    dropped,
    warn,
  );
  const processor = new sdk.BatchSpanProcessor({
    exporter,
    maxQueueSize: spansQueuedMax,
    maxExportBatchSize: spansInExportMax,
    scheduledDelayMillis: exportEveryMs,
    exportTimeoutMillis: exportMsMax,
  });
  return new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': build.version }),
    // Whether a request is traced is decided by parentOf, at less cost.
    sampler: new sdk.AlwaysOnSampler(),
    spanProcessors: [boundedProcessor(processor, exporter, dropped)],
  });
}

/** The processor would drop the excess as well, but without counting it. */
function boundedProcessor(
  processor: SpanProcessor,
  exporter: CountingExporter,
  dropped: { spans: number },
): SpanProcessor {
  return {
    onStart: (span, context) => processor.onStart(span, context),
    onEnd(span) {
      if (exporter.queued() >= spansQueuedMax) {
        dropped.spans += 1;
        return;
      }
      exporter.expect();
      processor.onEnd(span);
    },
    forceFlush: () => processor.forceFlush(),
    shutdown: () => processor.shutdown(),
  };
}

class TracedRequest implements RequestTrace {
  readonly #span: Span;
  readonly #context: Context;
  readonly #error: SpanStatusCode;

  /** @param context in which the span is @param error the status of a span that failed */
  constructor(span: Span, context: Context, error: SpanStatusCode) {
    this.#span = span;
    this.#context = context;
    this.#error = error;
  }

  get traceId(): string {
    return this.#span.spanContext().traceId;
  }

  get traceparent(): string {
    const { traceId, spanId } = this.#span.spanContext();
    return `00-${traceId}-${spanId}-01`;
  }

  order(): OrderTrace {
    return new TracedOrder(this.#context);
  }

  end(status: number): void {
    this.#span.setAttribute('http.response.status_code', status);
    if (status >= 500) this.#span.setStatus({ code: this.#error });
    this.#span.end(epochMs(performance.now()));
  }
}

class TracedOrder implements OrderTrace {
  readonly context: Context;
  readonly submittedAtMs = performance.now();
  takenAtMs: number | null = null;

  constructor(context: Context) {
    this.context = context;
  }
}

/** The caller's, when the caller traces it; undefined when the choice is ours; null when it is not traced. */
function parentOf(
  { ROOT_CONTEXT, TraceFlags, trace }: Api,
  traceparent: string | null,
  sampledShare: number,
): Context | null | undefined {
  if (traceparent === null) return Math.random() < sampledShare ? undefined : null;
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  if ((Number.parseInt(flags, 16) & sampledFlag) === 0) return null;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}

/** A span of the batch, and for each order how long it waited for it and how long it was in it. */
function traceBatch(
  { ROOT_CONTEXT, SpanStatusCode, trace }: Api,
  tracer: Tracer,
  orders: readonly OrderTrace[],
  { size, startedAtMs, endedAtMs, error }: TracedBatch,
): void {
  const traced = orders.filter((order) => order instanceof TracedOrder);
  const attributes = { 'nozama.batch.size': size };

  function commitSpan(name: string, fromMs: number, parent: Context, linked: readonly SpanContext[]) {
    const links = linked.map((context) => ({ context }));
    const span = tracer.startSpan(name, { startTime: epochMs(fromMs), attributes, links }, parent);
    if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(epochMs(endedAtMs));
    return span.spanContext();
  }

  const contexts = traced.flatMap(({ context }) => trace.getSpanContext(context) ?? []);
  const batch = commitSpan('commit batch', startedAtMs, ROOT_CONTEXT, contexts.slice(0, linksMax));
  for (const { context, submittedAtMs, takenAtMs } of traced) {
    const takenMs = takenAtMs ?? startedAtMs;
    tracer.startSpan('wait for batch', { startTime: epochMs(submittedAtMs) }, context).end(epochMs(takenMs));
    commitSpan('commit', takenMs, context, [batch]);
  }
}

interface CountingExporter extends SpanExporter {
  /** A span is on its way to it. */
  expect(): void;
  /** On their way, or being sent. */
  queued(): number;
}

function countingExporter(
  inner: SpanExporter,
  dropped: { spans: number },
  warn: (sentence: string) => void,
): CountingExporter {
  let queued = 0;
  let warnedAtMs = Number.NEGATIVE_INFINITY;
  return {
    expect() {
      queued += 1;
    },
    queued: () => queued,
    export(spans: ReadableSpan[], done) {
      inner.export(spans, (result) => {
        queued -= spans.length;
        // 0 is success.
        if (result.code !== 0) {
          dropped.spans += spans.length;
          const nowMs = performance.now();
          if (nowMs - warnedAtMs >= warnEveryMs) {
            warnedAtMs = nowMs;
            warn(`the collector does not take traces: ${result.error?.message ?? 'no reason given'}`);
          }
        }
        done(result);
      });
    },
    shutdown: () => inner.shutdown(),
    forceFlush: () => inner.forceFlush?.() ?? Promise.resolve(),
  };
}
