/** The composition root: config → store → intake → http. Knows everything, decides nothing. */
import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthenticate } from './access/authenticate.ts';
import { type PictureClearing, startPictureClearing } from './bulk/clear-pictures.ts';
import { seedDemoCatalog } from './catalog/seed-demo-catalog.ts';
import type { Config, Environment } from './config/config.ts';
import { type App, createApp } from './http/app.ts';
import { assertBasePathFree, basePathOf } from './http/base-path.ts';
import { loopLagMsMax } from './http/health-endpoints.ts';
import { createOrderKeys } from './http/orders/order-key.ts';
import { createRecentOrders } from './http/orders/recent-order.ts';
import { createRequestLimits } from './http/request/request-limits.ts';
import { countChanges, guardAccess, guardReads } from './http/store-reads.ts';
import { type CommitBatcher, createCommitBatcher } from './intake/commit-batcher.ts';
import { createFindReplayed } from './intake/find-replayed.ts';
import { createOrderIds } from './intake/order-ids.ts';
import { createPlaceOrder } from './intake/place-order.ts';
import { createStoreWatch } from './intake/store-watch.ts';
import { createTakeStep } from './intake/take-step.ts';
import type { Lake } from './lake-writer/start-lake.ts';
import type { AccessMetrics } from './observability/access-metrics.ts';
import type { Log } from './observability/logging.ts';
import { createLoopLag, type LoopLag } from './observability/loop-lag.ts';
import { createMetrics, type Metrics } from './observability/metrics.ts';
import { openTracing, type Tracing } from './observability/tracing.ts';
import { type Build, readBuild } from './program/build.ts';
import { listen, runtimeVersion } from './runtime/listen.ts';
import type { Listener } from './runtime/listener.ts';
import { createLoopTurns } from './runtime/loop-turns.ts';
import { assertPortFree } from './runtime/port-probe.ts';
import type { Database } from './storage/engine.ts';
import { databaseAt } from './storage/engines.ts';
import type { OrderStore } from './storage/order-store.ts';

/**
 * Of a turn of the event loop: an order waits for two or three turns, and is to be answered long before anybody grows
 * impatient; many requests fit in, so that hardly any waits on an ordinary day.
 */
const turnBudgetMs = 10;

/** As many connections as a machine may have open; a request that waits takes a few KiB. */
const requestsHeldMax = 10_000;

/** A loop that is late again within this time is told of once. */
const loopRecoveredMs = 5_000;

/** Between two tries of a store that can't be written. */
const storeRetryMs = 500;

/** The longest time that /readyz stays off when orders fail again and again. */
const storeRetryMaxMs = 30_000;

export interface Service {
  /** Such as `http://localhost:5000`. */
  readonly url: string;
  /** Is no longer ready; answers the accepted requests, then closes everything. */
  stop(): Promise<void>;
}

/**
 * Looks whether port and base path are free, opens the store, loads the demo catalogue into an empty one, and takes orders.
 * @param environment where the credentials of the lake's store are
 */
export async function startService(
  config: Config,
  log: Log,
  environment: Environment = process.env,
): Promise<Service> {
  await assertPortFree(config);
  assertBasePathFree(config.publicUrl);
  const metrics = createMetrics(log.linesDropped);
  const build = readBuild();
  const tracing = await openTracingOf(config, build, log);
  const database = databaseAt(config.databaseUrl, config.engineSettings);
  const store = await database.open({
    batchSizeMax: config.commitBatchMax,
    onCommit: metrics.commitSeen,
    onWarning: (sentence) => log.warn({}, sentence),
  });
  try {
    return await serveStore(config, log, { metrics, tracing, build, environment }, database, store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openTracingOf(config: Config, build: Build, log: Log): Promise<Tracing | null> {
  if (config.tracesEndpoint === null) return null;
  return openTracing({
    endpoint: config.tracesEndpoint,
    headers: config.tracesHeaders ?? {},
    serviceName: config.tracesServiceName,
    sampledShare: config.tracesSampledShare,
    build,
    warn: (sentence) => log.warn({}, sentence),
  });
}

interface Watchers {
  readonly metrics: Metrics;
  readonly tracing: Tracing | null;
  readonly build: Build;
  readonly environment: Environment;
}

async function serveStore(
  config: Config,
  log: Log,
  watchers: Watchers,
  database: Database,
  store: OrderStore,
): Promise<Service> {
  const { metrics, tracing, build } = watchers;
  const nowMs = Date.now;
  const secret =
    config.orderKeySecret === null ? await database.loadOrderKeySecret() : Buffer.from(config.orderKeySecret);
  await seedDemo(config, log, store);
  const { storeWatch, batcher } = openIntake(config, log, watchers, store);
  metrics.watchProcess({
    version: build.version,
    runtime: runtimeVersion(),
    engine: store.engine,
    spansDropped: () => tracing?.spansDropped() ?? 0,
    ofStore: store.gauges,
  });
  metrics.watchIntake({ ...batcher, isWritable: storeWatch.isWritable });
  const turns = createLoopTurns({ budgetMs: turnBudgetMs, heldMax: requestsHeldMax });
  metrics.watchTurns(turns);
  const loopLag = watchLoop(log, metrics);
  let isDraining = false;
  const app = createApp({
    store: countChanges(guardReads(store), metrics.catalog.changed),
    ...openAccess(config, log, metrics.access, nowMs, store),
    nowMs,
    ...openUseCases(batcher, nowMs, store),
    batcher,
    storeWatch,
    isDraining: () => isDraining,
    turns,
    loopLag,
    orderKeys: createOrderKeys(secret),
    recentOrders: createRecentOrders(secret, nowMs),
    log,
    metrics,
    tracing,
    version: build.version,
    commit: build.commit,
    ...endpointSettings(config),
  });
  // So that the first answer of /readyz is of a store that has been written to.
  await storeWatch.prove();
  const pictures = clearPictures(log, nowMs, store);
  const places = await openPlaces(config, log, watchers);
  const listener = await listenAs(config, app);
  const url = listener.url.replace(/^http:\/\/127\.0\.0\.1:/, 'http://localhost:');
  tellOpen(log, url, store);
  return {
    url,
    async stop() {
      isDraining = true;
      await sleep(config.shutdownDelayMs);
      await listener.stop(config.shutdownTimeoutMs);
      await batcher.drained();
      await Promise.all(places.map((place) => place.stop()));
      storeWatch.stop();
      loopLag.stop();
      pictures.stop();
      await pictures.done();
      await store.close();
      await tracing?.stop();
    },
  };
}

async function seedDemo({ demoCatalog, demoStock }: Config, log: Log, store: OrderStore): Promise<void> {
  if (demoCatalog && (await seedDemoCatalog(store, { demoStock, nowMs: Date.now() })))
    log.info({}, 'the demo catalogue is loaded');
}

/** A lake and BigQuery, when the shop has them: only then their modules are loaded. */
async function openPlaces(
  config: Config,
  log: Log,
  { metrics, environment }: Watchers,
): Promise<readonly Lake[]> {
  const { lakeUrl, bigQueryDataset: dataset, databaseUrl, engineSettings } = config;
  if (lakeUrl === null && dataset === null) return [];
  const { startLake } = await import('./lake-writer/start-lake.ts');
  const shop = { databaseUrl, engineSettings, environment: { ...environment } };
  const places: Lake[] = [];
  if (lakeUrl !== null) {
    const lake = { ...shop, lakeUrl, personalData: config.lakePersonalData };
    const withinMs = config.lakeCommitSeconds * 1_000;
    places.push(startLake({ config: lake, withinMs, log, metrics: metrics.lake }));
  }
  if (dataset !== null) {
    const bigQuery = { ...shop, dataset, location: config.bigQueryLocation };
    const withinMs = config.bigQueryLoadSeconds * 1_000;
    places.push(startLake({ config: bigQuery, withinMs, log, metrics: metrics.bigQuery }));
  }
  return places;
}

function openUseCases(batcher: CommitBatcher, nowMs: () => number, store: OrderStore) {
  return {
    placeOrder: createPlaceOrder({ batcher, newOrderId: createOrderIds(nowMs), nowMs, digest }),
    takeStep: createTakeStep({ batcher, newEventId: createOrderIds(nowMs), nowMs, digest }),
    findReplayed: createFindReplayed({ store, digest }),
  };
}

/** The settings that endpoints read. */
function endpointSettings({ publicUrl, trustProxy, corsOrigins, bodyBytesMax }: Config) {
  return {
    publicUrl,
    basePath: basePathOf(publicUrl),
    trustProxy,
    corsOrigins: corsOrigins ?? [],
    bodyBytesMax,
  };
}

/** 128 bits: a caller can only fool their own keys with a collision, and every key row carries it. */
function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}

function openAccess(
  config: Config,
  log: Log,
  metrics: AccessMetrics,
  nowMs: () => number,
  store: OrderStore,
) {
  const access = guardAccess(store.access);
  const authentication = createAuthenticate({
    store: access,
    nowMs,
    onNoteFailed: (error) => log.warn({ error }, 'the last use of an API key could not be stored'),
    onRefused: metrics.countRefusal,
    onExpiringUsed: metrics.expiringKeyUsed,
  });
  const quotas = {
    key: config.rateLimitKeyPerMinute,
    address: config.rateLimitAddressPerMinute,
    trackingAddress: config.rateLimitTrackingAddressPerHour,
    trackingNumber: config.rateLimitTrackingNumberPerHour,
    trackingNumberDay: config.rateLimitTrackingNumberPerDay,
  };
  const limits = createRequestLimits(quotas, () => performance.now(), metrics.countLimited);
  return { access, ...authentication, ordersNeedKey: config.ordersNeedKey, limits };
}

function openIntake(config: Config, log: Log, { metrics, tracing }: Watchers, store: OrderStore) {
  const storeWatch = createStoreWatch({
    store,
    retryMs: storeRetryMs,
    retryMaxMs: storeRetryMaxMs,
    onChange: (error) =>
      error === null
        ? log.info({}, 'orders can be stored again')
        : log.error({ error }, 'orders can’t be stored'),
  });
  const batcher = createCommitBatcher({
    store,
    queueDepthMax: config.queueDepthMax,
    batchSizeMax: config.commitBatchMax,
    onCommit: storeWatch.commitSeen,
    onWaited: metrics.queueWaited,
    ...(tracing === null ? {} : { onTraced: tracing.batch }),
  });
  return { storeWatch, batcher };
}

function listenAs(config: Config, app: App): Promise<Listener> {
  return listen({
    ...app,
    host: config.host,
    port: config.port,
    isPortShared: config.isPortShared,
    bodyBytesMax: config.bodyBytesMax,
    bodyReadMs: config.bodyTimeoutMs,
    idleMs: config.idleTimeoutMs,
  });
}

function tellOpen(log: Log, url: string, { engine, durability }: OrderStore): void {
  if (durability['warning'] !== undefined)
    log.warn({ durability }, `This shop is not safe: ${durability['warning']}`);
  log.info({ url, runtime: runtimeVersion(), engine, durability }, `Nozama is open at ${url}`);
}

function clearPictures(log: Log, nowMs: () => number, store: OrderStore): PictureClearing {
  return startPictureClearing({
    store,
    nowMs,
    onCleared: (count) => log.info({ pictures: count }, 'pictures that no product names are cleared away'),
    onFailed: (error) => log.warn({ error }, 'pictures that no product names could not be cleared away'),
  });
}

function watchLoop(log: Log, metrics: Metrics): LoopLag {
  return createLoopLag({
    lateMs: loopLagMsMax,
    recoveredMs: loopRecoveredMs,
    onSample: metrics.loopLagSeen,
    onLate: (lagMs) => log.warn({ lag_ms: Math.round(lagMs) }, 'the event loop is late: orders wait'),
    onRecovered: (worstMs) =>
      log.info({ worst_lag_ms: Math.round(worstMs) }, 'the event loop is in time again'),
  });
}
