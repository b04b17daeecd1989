/**
 * One run of the load generator: connections, a scenario and a pace, for a bounded time.
 *
 * Always ends: warm-up, window and drain have their times, every request a timeout. What could make its
 * figures untrue (a generator that was saturated, late or stalled, requests dropped) is in `voidReasons`;
 * a run with any is void.
 */
import { type Connection, openConnection } from './connection.ts';
import type { LoadOptions } from './load-options.ts';
import { createLoadRecorder, type LatencySummary, type RecordedLoad, summarize } from './load-recorder.ts';
import { createClosedLoop, createOpenLoop, type Pacing, type Schedule } from './pacing.ts';
import { seededRandom } from './random.ts';
import type { PreparedScenario } from './service-orders.ts';

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

/** More than this share of one core, and the generator may be what limits the figure. */
const cpuCoresMax = 0.95;
const tickMs = 1;
const timeoutCheckMs = 100;

type RunOptions = LoadOptions & PreparedScenario;

export async function runLoad({ scenario, ordersPlacedBefore, ...options }: RunOptions): Promise<LoadResult> {
  const targets = [options.url, ...options.otherUrls].map((url) => new URL(url));
  const recorder = createLoadRecorder({
    ...scenario,
    measureBy: options.mode === 'closed' ? 'answer' : 'intent',
  });
  const accepted = new Set(options.acceptStatuses);
  const connections: Connection[] = [];
  let pacing: Pacing | null = null;

  function begin(connection: Connection, intendedAtMs: number, nowMs: number): void {
    connection.send(scenario.first(), intendedAtMs, nowMs);
  }

  function answered(connection: Connection): void {
    const nowMs = performance.now();
    const { kind, parser } = connection;
    const status = parser.status();
    const isAsExpected = status === connection.expectedStatus;
    recorder.answered(kind, status, isAsExpected || accepted.has(status), connection.intendedAtMs, nowMs);
    const following = isAsExpected ? scenario.next(kind, parser.body) : null;
    if (following === 'unusable') {
      recorder.failed('answer_without_order');
    } else if (following !== null) {
      if (connection.isOpen()) {
        connection.send(following, nowMs, nowMs);
        return;
      }
      recorder.failed('closed_in_journey');
    }
    if (connection.isOpen()) pacing?.ready(connection, nowMs);
  }

  for (let i = 0; i < options.connections; i += 1) {
    const { hostname, port } = targets[i % targets.length] ?? new URL(options.url);
    connections.push(
      openConnection(hostname.replace(/^\[|\]$/g, ''), Number(port || 80), {
        opened: (connection) => pacing?.ready(connection, performance.now()),
        answered,
        lost: (connection, reason) => recorder.lost(connection.kind, reason),
        refused: (_connection, reason) => recorder.failed(reason),
      }),
    );
  }
  await until(() => connections.every((connection) => connection.isOpen()), options.openWaitMs);

  const startMs = performance.now();
  pacing =
    options.mode === 'closed'
      ? createClosedLoop(begin)
      : createOpenLoop(begin, {
          journeysPerSecond: options.ratePerSecond / scenario.requestsPerJourney,
          arrivals: options.arrivals,
          random: seededRandom(options.seed + 1),
          startMs,
          backlogMax: options.backlogMax,
        });
  const running = pacing;
  let stallMaxMs = 0;
  let lastTickMs = startMs;
  const ticker = setInterval(() => {
    const nowMs = performance.now();
    stallMaxMs = Math.max(stallMaxMs, nowMs - lastTickMs);
    lastTickMs = nowMs;
    running.tick(nowMs);
  }, tickMs);
  const timeouts = setInterval(
    () => abortOverdue(connections, options.timeoutMs, recorder.gaveUp),
    timeoutCheckMs,
  );
  for (const connection of connections) if (connection.isOpen()) running.ready(connection, startMs);

  await sleep(options.warmupSeconds * 1_000);
  const openedAtMs = performance.now();
  recorder.openWindow(openedAtMs);
  running.schedule?.lateness.reset();
  stallMaxMs = 0;
  const cpuBefore = process.cpuUsage();
  await sleep(options.seconds * 1_000);
  const closedAtMs = performance.now();
  recorder.closeWindow(closedAtMs);
  running.stop();
  const cpu = process.cpuUsage(cpuBefore);
  const stallInWindowMs = stallMaxMs;

  await until(
    () => running.waiting().length === 0 && !connections.some((connection) => connection.busy),
    options.drainSeconds * 1_000,
  );
  clearInterval(ticker);
  clearInterval(timeouts);
  const endedAtMs = performance.now();
  for (const dueMs of running.waiting()) {
    recorder.failed('never_sent');
    recorder.gaveUp(0, dueMs, endedAtMs);
  }
  for (const connection of connections) {
    if (connection.busy) {
      recorder.gaveUp(connection.kind, connection.intendedAtMs, endedAtMs);
      connection.abort('unanswered_at_end');
    }
    connection.close();
  }
  await until(() => connections.every((connection) => !connection.isOpen()), 1_000);

  const windowMs = closedAtMs - openedAtMs;
  const recorded = recorder.report();
  const generator = {
    cpuCores: round((cpu.user + cpu.system) / 1_000 / windowMs),
    cpuUserCores: round(cpu.user / 1_000 / windowMs),
    cpuSecondsTotal: round(totalCpuSeconds()),
    stallMaxMs: round(stallInWindowMs),
  };
  const openLoop = reportOf(running.schedule);
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
  if (generator.cpuCores > cpuCoresMax)
    reasons.push(`the generator was saturated: ${generator.cpuCores} cores`);
  if (openLoop !== null) {
    const { lateness, journeysDropped } = openLoop;
    if (lateness.p99Ms > latenessP99MaxMs) reasons.push(`the generator was late: p99 ${lateness.p99Ms} ms`);
    if (journeysDropped > 0) reasons.push(`${journeysDropped} journeys dropped with ${backlogMax} waiting`);
  }
  return reasons;
}

function abortOverdue(
  connections: readonly Connection[],
  timeoutMs: number,
  gaveUp: (kind: number, intendedAtMs: number, nowMs: number) => void,
): void {
  const nowMs = performance.now();
  for (const connection of connections) {
    if (!connection.busy || nowMs - connection.sentAtMs < timeoutMs) continue;
    gaveUp(connection.kind, connection.intendedAtMs, nowMs);
    connection.abort('timeout');
  }
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
