/**
 * The metrics that Prometheus reads at `/metrics`.
 *
 * Request durations are counted by our own histogram, because prom-client looks up the labels of every
 * observation by a string it builds; ours is found once per route and counts in a typed array.
 *
 * All of it is written in less than a millisecond, as every answer of the serving thread is.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Step } from '../domain/order-step.ts';
import type { PlacingOutcome, StepOutcome } from '../domain/outcome.ts';
import type { CommitReport, StoreGauge } from '../storage/order-store.ts';
import { type AccessMetrics, createAccessMetrics } from './access-metrics.ts';
import { type CatalogMetrics, createCatalogMetrics } from './catalog-metrics.ts';
import { createDurationHistogram, type ObserveDuration } from './duration-histogram.ts';
import { createLakeMetrics, type LakeMetrics } from './lake-metrics.ts';

/**
 * The outcome of an order request; `invalid`, `repeated` (asked about first), `unavailable` and `overloaded` are those
 * without an outcome.
 */
export type OrderResult = PlacingOutcome['kind'] | 'invalid' | 'repeated' | 'unavailable' | 'overloaded';

/** The outcome of a step of an order; `unavailable` and `overloaded` are those without one. */
export type StepResult = StepOutcome['kind'] | 'unavailable' | 'overloaded';

export interface Metrics {
  /** @param route as in the route table, such as `/orders/:order_id` */
  requestTimer(method: string, route: string): ObserveDuration;
  countOrder(result: OrderResult): void;
  countStep(step: Step['name'], result: StepResult): void;
  readonly access: AccessMetrics;
  readonly catalog: CatalogMetrics;
  readonly lake: LakeMetrics;
  readonly bigQuery: LakeMetrics;
  commitSeen(report: CommitReport): void;
  /** Of the order that waited longest in a batch, in milliseconds, from its submission until its batch left. */
  queueWaited(ms: number): void;
  /** How late the event loop was when it last came round, in milliseconds. */
  loopLagSeen(ms: number): void;
  /** A request has come in; `requestEnded` is called once it is answered. */
  requestBegun(): void;
  requestEnded(): void;
  /** To be called once, when there is an intake; commits may be seen before. */
  watchIntake(gauges: IntakeGauges): void;
  /** To be called once. @param turns which know how many requests wait for a turn of the event loop */
  watchTurns(turns: { readonly heldCount: () => number }): void;
  /** To be called once. */
  watchProcess(gauges: ProcessGauges): void;
  readonly contentType: 'text/plain; version=0.0.4; charset=utf-8';
  /** The text exposition format, version 0.0.4. */
  render(): Promise<string>;
}

/** Values that are read each time the metrics are read. */
export interface IntakeGauges {
  readonly queueDepth: () => number;
  readonly queueDepthMax: number;
  readonly isWritable: () => boolean;
}

export interface ProcessGauges {
  readonly version: string;
  readonly runtime: string;
  readonly engine: string;
  readonly spansDropped: () => number;
  readonly ofStore: readonly StoreGauge[];
}

const orderResults: readonly OrderResult[] = [
  'placed',
  'replayed',
  'out_of_stock',
  'price_changed',
  'rejected',
  'conflict',
  'repeated',
  'invalid',
  'unavailable',
  'overloaded',
];

const stepNames: readonly Step['name'][] = ['pack', 'cancel', 'ship', 'deliver', 'return', 'erase'];

const stepResults: readonly StepResult[] = [
  'stepped',
  'replayed',
  'not_allowed_now',
  'lines_rejected',
  'shipment_not_found',
  'order_not_found',
  'stale',
  'stock_full',
  'conflict',
  'unavailable',
  'overloaded',
];

/**
 * Metrics of prom-client that no alert and no panel needs: on Bun, sizes of heap spaces cost 10 ms each time they are read, and the lag
 * of the event loop is measured by `loop-lag.ts`, also when the loop runs no timers.
 */
const costlyMetrics = [
  ...['total', 'used', 'available'].map((size) => `nodejs_heap_space_size_${size}_bytes`),
  'nodejs_eventloop_lag_seconds',
  ...['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map(
    (part) => `nodejs_eventloop_lag_${part}_seconds`,
  ),
];

function addIntakeGauges(
  registers: Registry[],
  { queueDepth, queueDepthMax, isWritable }: IntakeGauges,
): void {
  addGauge(registers, 'nozama_queue_depth', 'Orders accepted and not yet answered.', queueDepth);
  addGauge(
    registers,
    'nozama_queue_depth_max',
    'So many of them before more are refused.',
    () => queueDepthMax,
  );
  addGauge(registers, 'nozama_store_writable', '1 when the last commit succeeded.', () =>
    Number(isWritable()),
  );
}

/**
 * @param logLinesDropped log lines lost since the start
 * @param nowMs the clock that the expiry of API keys is compared with
 */
export function createMetrics(logLinesDropped: () => number, nowMs: () => number = Date.now): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const orderCounts = countOrdersBy(registers);
  const stepCounts = countStepsBy(registers);
  const { batchSize, commitDuration, commitFailures, queueWait, loopLag } = commitMetrics(registers);
  let requestsInFlight = 0;
  addGauge(
    registers,
    'nozama_http_requests_in_flight',
    'Requests that are being answered.',
    () => requestsInFlight,
  );
  addGauge(registers, 'nozama_log_lines_lost', 'Log lines lost since the start.', logLinesDropped);
  const durations = createDurationHistogram(
    'nozama_http_request_duration_seconds',
    'From the head of a request to its answer, by route and class of status.',
  );
  const readAll = readerOf(registry);
  return {
    requestTimer: durations.timer,
    countOrder: (result) => {
      orderCounts[result] += 1;
    },
    access: createAccessMetrics(registers, nowMs),
    catalog: createCatalogMetrics(registers),
    lake: createLakeMetrics(registers, 'lake'),
    bigQuery: createLakeMetrics(registers, 'bigquery'),
    countStep: (step, result) => {
      stepCounts[step][result] += 1;
    },
    commitSeen({ size, durationMs, succeeded }) {
      batchSize.observe(size);
      commitDuration.observe(durationMs / 1000);
      if (!succeeded) commitFailures.inc();
    },
    queueWaited: (ms) => queueWait.observe(ms / 1000),
    loopLagSeen: (ms) => loopLag.observe(ms / 1000),
    requestBegun() {
      requestsInFlight += 1;
    },
    requestEnded() {
      requestsInFlight -= 1;
    },
    watchTurns({ heldCount }) {
      addGauge(
        registers,
        'nozama_http_requests_held',
        'Requests that wait for a turn of the event loop.',
        heldCount,
      );
    },
    watchProcess({ version, runtime, engine, spansDropped, ofStore }) {
      addProcessMetrics(registers, { version, runtime, engine }, spansDropped);
      for (const { name, help, read } of ofStore) addGauge(registers, name, help, read);
    },
    watchIntake: (gauges) => addIntakeGauges(registers, gauges),
    contentType: registry.contentType,
    render: async () => `${await readAll()}\n${durations.render()}`,
  };
}

/**
 * prom-client's metrics of the process begin when the metrics are first read, because beginning them takes several
 * milliseconds that a start need not wait for. Garbage collections are counted from then on.
 */
function readerOf(registry: Registry): () => Promise<string> {
  let isProcessWatched = false;
  return () => {
    if (!isProcessWatched) {
      isProcessWatched = true;
      collectDefaultMetrics({ register: registry });
      for (const name of costlyMetrics) registry.removeSingleMetric(name);
    }
    return registry.metrics();
  };
}

/** @returns the counts, which are read each time the metrics are read */
function countOrdersBy(registers: Registry[]): Record<OrderResult, number> {
  const orderCounts = Object.fromEntries(orderResults.map((result) => [result, 0])) as Record<
    OrderResult,
    number
  >;
  new Counter({
    name: 'nozama_orders_total',
    help: 'Order requests by outcome.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const result of orderResults) this.inc({ outcome: result }, orderCounts[result]);
    },
  });
  return orderCounts;
}

function countStepsBy(registers: Registry[]): Record<Step['name'], Record<StepResult, number>> {
  const none = () => Object.fromEntries(stepResults.map((result) => [result, 0]));
  const counts = Object.fromEntries(stepNames.map((step) => [step, none()])) as Record<
    Step['name'],
    Record<StepResult, number>
  >;
  new Counter({
    name: 'nozama_order_steps_total',
    help: 'Steps of orders that were asked for, by outcome.',
    labelNames: ['step', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const step of stepNames)
        for (const outcome of stepResults) this.inc({ step, outcome }, counts[step][outcome]);
    },
  });
  return counts;
}

function commitMetrics(registers: Registry[]) {
  const batchSize = new Histogram({
    name: 'nozama_commit_batch_size',
    help: 'Orders in one commit.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
    registers,
  });
  const commitDuration = new Histogram({
    name: 'nozama_commit_duration_seconds',
    help: 'One transaction with orders, from its beginning until it is durable.',
    buckets: [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });
  const commitFailures = new Counter({
    name: 'nozama_commit_failures_total',
    help: 'Commits that failed.',
    registers,
  });
  const queueWait = new Histogram({
    name: 'nozama_queue_wait_seconds',
    help: 'Once for each commit: the wait in the queue of the order that waited longest.',
    buckets: [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });
  const loopLag = new Histogram({
    name: 'nozama_event_loop_lag_seconds',
    help: 'How late the event loop is, measured twenty times a second.',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  return { batchSize, commitDuration, commitFailures, queueWait, loopLag };
}

function addProcessMetrics(
  registers: Registry[],
  build: Pick<ProcessGauges, 'version' | 'runtime' | 'engine'>,
  spansDropped: () => number,
): void {
  new Gauge({
    name: 'nozama_build_info',
    help: 'Always 1: version, runtime and engine are its labels.',
    labelNames: ['version', 'runtime', 'engine'],
    registers,
  }).set({ ...build }, 1);
  new Counter({
    name: 'nozama_trace_spans_dropped_total',
    help: 'Spans that reached no collector.',
    registers,
    collect() {
      this.reset();
      this.inc(spansDropped());
    },
  });
}

/** @param read null while the value is unknown: then there is no sample */
function addGauge(registers: Registry[], name: string, help: string, read: () => number | null): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      const value = read();
      // reset() would say 0, which alerts take for a full disk.
      if (value === null) this.remove();
      else this.set(value);
    },
  });
}
