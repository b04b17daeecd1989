/**
 * One run of the benchmark's load: a workload at a steady pace, for a bounded time.
 *
 * Always ends: warm-up, window and drain have their times, every request a timeout. What could make its
 * figures untrue (a generator that was saturated, late or stalled, requests dropped) is in `voidReasons`;
 * a run with any is void.
 */
import { targetOf } from './client-socket.ts';
import { createLoadEngine } from './load-engine.ts';
import type { LoadOptions } from './load-options.ts';
import { createLoadRecorder } from './load-recorder.ts';
import { createClosedLoop, createOpenLoop, newSchedule, type Schedule } from './pacing.ts';
import { seededRandom } from './random.ts';
import { type LatencySummary, type RecordedLoad, recordedLoad, summarize } from './recorded-load.ts';
import type { PreparedWorkload } from './service-orders.ts';
import { cpuCoresPerWorkerMax, stallMsMax } from './void-reasons.ts';

export interface LoadResult extends RecordedLoad {
  readonly options: LoadOptions;
  /** Length of the measured window. */
  readonly windowSeconds: number;
  /** Answers within the window by its length. */
  readonly requestsPerSecond: number;
  /** How the generator itself did, within the window. */
  readonly generator: {
    /** Processor time used by wall time, all threads: 1 is one core. */
    readonly cpuCores: number;
    readonly cpuUserCores: number;
    /** Since the process started. */
    readonly cpuSecondsTotal: number;
    /** The longest time between two turns of a 1 ms timer. */
    readonly stallMaxMs: number;
  };
  readonly openLoop: OpenLoopReport | null;
  readonly voidReasons: readonly string[];
}

export interface OpenLoopReport extends Omit<Schedule, 'lateness'> {
  /** From when a request was due and a connection free, to when it was sent. */
  readonly lateness: LatencySummary;
}

type RunOptions = LoadOptions & PreparedWorkload;

export async function runLoad({ workload, ordersPlacedBefore, ...options }: RunOptions): Promise<LoadResult> {
  const [target, ...otherTargets] = [options.url, ...options.otherUrls].map(targetOf);
  if (target === undefined) throw new RangeError('there is nothing to drive');
  const recorder = createLoadRecorder(() => (options.mode === 'closed' ? 'wait' : 'intent'));
  for (const route of workload.routes) recorder.route(route);
  const engine = createLoadEngine({
    targets: [target, ...otherTargets],
    traffic: workload,
    recorder,
    orders: null,
    connectsEachTime: false,
    timeoutMs: options.timeoutMs,
    firstUserId: 0,
    userIdStep: 1,
  });
  const users = Array.from({ length: options.connections }, engine.pool.add);
  for (const user of users) user.connect();
  await until(() => users.every((user) => user.isConnected()), options.openWaitMs);

  const schedule = options.mode === 'closed' ? null : newSchedule();
  engine.pace((pool, startMs) =>
    schedule === null
      ? createClosedLoop(pool, { users: users.length, spawnPerSecond: 0, spawnedAtStart: 0, startMs })
      : createOpenLoop(pool, {
          profile: { shape: 'constant', perSecond: options.ratePerSecond },
          share: 1,
          arrivals: options.arrivals,
          random: seededRandom(options.seed + 1),
          startMs,
          usersMax: users.length,
          backlogMax: options.backlogMax,
          schedule,
        }),
  );

  await sleep(options.warmupSeconds * 1_000);
  const openedAtMs = performance.now();
  recorder.openWindow(openedAtMs);
  schedule?.lateness.reset();
  engine.takeStallMs();
  const cpuBefore = process.cpuUsage();
  await sleep(options.seconds * 1_000);
  const closedAtMs = performance.now();
  recorder.closeWindow(closedAtMs);
  engine.stop();
  const cpu = process.cpuUsage(cpuBefore);
  const stallMaxMs = engine.takeStallMs();
  await until(engine.isQuiet, options.drainSeconds * 1_000);
  engine.end();

  const windowMs = closedAtMs - openedAtMs;
  const recorded = recordedLoad(recorder, workload, windowMs);
  const generator = {
    cpuCores: round((cpu.user + cpu.system) / 1_000 / windowMs),
    cpuUserCores: round(cpu.user / 1_000 / windowMs),
    cpuSecondsTotal: round(totalCpuSeconds()),
    stallMaxMs: round(stallMaxMs),
  };
  const openLoop = reportOf(schedule);
  return {
    options,
    windowSeconds: round(windowMs / 1_000),
    requestsPerSecond: Math.round((recorded.answered / windowMs) * 1_000),
    ...recorded,
    ordersPlaced: recorded.ordersPlaced + ordersPlacedBefore,
    generator,
    openLoop,
    voidReasons: voidReasons(recorded, generator, openLoop, options),
  };
}

function totalCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function reportOf(schedule: Schedule | null): OpenLoopReport | null {
  return schedule === null ? null : { ...schedule, lateness: summarize(schedule.lateness) };
}

function voidReasons(
  recorded: RecordedLoad,
  generator: LoadResult['generator'],
  openLoop: OpenLoopReport | null,
  { latenessP99MaxMs, backlogMax }: LoadOptions,
): readonly string[] {
  const reasons: string[] = [];
  if (recorded.answered === 0) reasons.push('nothing was answered');
  if (generator.cpuCores > cpuCoresPerWorkerMax)
    reasons.push(`the generator was saturated: ${generator.cpuCores} cores`);
  if (generator.stallMaxMs > stallMsMax)
    reasons.push(`the generator stood still for ${generator.stallMaxMs} ms`);
  if (openLoop !== null) {
    const { lateness, journeysDropped } = openLoop;
    if (lateness.p99Ms > latenessP99MaxMs) reasons.push(`the generator was late: p99 ${lateness.p99Ms} ms`);
    if (journeysDropped > 0) reasons.push(`${journeysDropped} journeys dropped with ${backlogMax} waiting`);
  }
  return reasons;
}

async function until(isDone: () => boolean, waitMaxMs: number): Promise<void> {
  const deadline = performance.now() + waitMaxMs;
  while (!isDone() && performance.now() < deadline) await sleep(2);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
