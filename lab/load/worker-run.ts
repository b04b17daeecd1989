/**
 * One worker's part of a run: warm-up, the measured part, and a drain, each with its time.
 *
 * Always ends: `runSecondsMax` after its start at the latest, plus the drain.
 */
import type { Pace } from '../control/run-plan.ts';
import { runSecondsMax } from '../control/run-plan.ts';
import { loadScenario } from '../scenarios/load-scenario.ts';
import { driveHost } from '../scenarios/requests.ts';
import { targetOf } from './client-socket.ts';
import { drainMsMax, type LoadPhase, samplesPerSecond } from './fleet.ts';
import { type LatencyHistogram, takeSparse } from './histogram.ts';
import { scenarioTraffic } from './journeys.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { createLoadEngine, type LoadEngine } from './load-engine.ts';
import { createLoadRecorder, type LoadRecorder, type Tally } from './load-recorder.ts';
import { createClosedLoop, createOpenLoop, newSchedule, type Pacing, type UserPool } from './pacing.ts';
import { seededRandom } from './random.ts';
import {
  type RouteSample,
  shareOf,
  type TallySample,
  type WorkerSample,
  type WorkerSettings,
} from './worker-messages.ts';

export interface WorkerRun {
  /** Resolves when all is over. */
  drive(onSample: (sample: WorkerSample) => void): Promise<{ ordersPlaced: number; ordersUnknown: number }>;
  /** Has no effect once no new journeys begin: the worker then only waits for those under way. */
  setPace(pace: Pace): void;
  cutConnections(): void;
  stop(): void;
  /** Lines that the ledger still has to write. */
  close(): void;
}

/** Requests of all workers that may wait for a free user; more are dropped, and the run is void. */
const backlogMax = 200_000;
const sampleMs = 1_000 / samplesPerSecond;

/** @throws ScenarioError */
export async function prepareWorker(settings: WorkerSettings): Promise<WorkerRun> {
  const { url, worker, workers, ledgerFile } = settings;
  driveHost(new URL(url).host);
  const traffic = scenarioTraffic(await loadScenario(settings.scenario), settings);
  let pace = settings.pace;
  const recorder = createLoadRecorder(() => (pace.kind === 'users' ? 'wait' : 'intent'));
  const ledger: Ledger | null = ledgerFile === null ? null : openLedger(ledgerFile);
  const schedule = newSchedule();
  const newPacing = createPacings(settings, schedule);
  const pacingFor = (pool: UserPool, startMs: number) => newPacing(pace, pool, startMs);
  const phases = createPhases();
  let isClosed = false;
  let engine: LoadEngine | null = null;

  return {
    async drive(onSample) {
      const startMs = performance.now();
      const running = createLoadEngine({
        targets: [targetOf(url)],
        traffic,
        recorder,
        orders: ledger,
        connectsEachTime: settings.connections === 'each-request',
        timeoutMs: settings.timeoutMs,
        firstUserId: worker,
        userIdStep: workers,
      });
      engine = running;
      const lateness = () => (pace.kind === 'users' ? running.clockLateness : schedule.lateness);
      const takeSample = createSampler(recorder, running, schedule, lateness, startMs);
      running.pace(pacingFor);
      await driveThrough(settings, phases, running, recorder, (phase) => onSample(takeSample(phase)));
      const placing = recorder.routes.filter(({ placesOrders }) => placesOrders);
      return {
        ordersPlaced: placing.reduce((sum, { created }) => sum + created, 0),
        ordersUnknown: placing.reduce((sum, { unanswered }) => sum + unanswered, 0),
      };
    },
    setPace(given) {
      if (phases.isEnding()) return;
      pace = given;
      engine?.pace(pacingFor);
    },
    cutConnections: () => engine?.cutConnections(),
    stop: phases.end,
    close() {
      if (isClosed) return;
      isClosed = true;
      ledger?.close();
    },
  };
}

/** @param sample takes one, also whenever a phase ends */
async function driveThrough(
  { warmupSeconds, seconds }: WorkerSettings,
  phases: Phases,
  engine: LoadEngine,
  recorder: LoadRecorder,
  sample: (phase: LoadPhase) => void,
): Promise<void> {
  let phase: LoadPhase = 'warm-up';
  const sampling = setInterval(() => sample(phase), sampleMs);
  await phases.pass(warmupSeconds * 1_000);
  if (warmupSeconds > 0) sample(phase);
  phase = 'measuring';
  recorder.openWindow(performance.now());
  await phases.pass((seconds ?? runSecondsMax) * 1_000);
  phases.end();
  recorder.closeWindow(performance.now());
  engine.stop();
  sample(phase);
  phase = 'draining';
  const drainedBy = performance.now() + drainMsMax;
  while (!engine.isQuiet() && performance.now() < drainedBy) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  clearInterval(sampling);
  engine.end();
  sample(phase);
}

interface Phases {
  /** Resolves after so many milliseconds, or when the end has come. */
  pass(ms: number): Promise<void>;
  /** Whether no journey begins any more: stopped, or the measured part is over. */
  isEnding(): boolean;
  end(): void;
}

function createPhases(): Phases {
  let isEnding = false;
  /** Ends the phase that is running now. */
  let endPhase = () => {};
  return {
    async pass(ms) {
      if (ms <= 0 || isEnding) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(ms, runSecondsMax * 1_000));
        endPhase = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    isEnding: () => isEnding,
    end() {
      isEnding = true;
      endPhase();
    },
  };
}

/** @returns a function that makes the share of this worker in a pace */
function createPacings(
  { worker, workers, seed }: WorkerSettings,
  schedule: ReturnType<typeof newSchedule>,
): (pace: WorkerSettings['pace'], pool: UserPool, startMs: number) => Pacing {
  let paceSeed = seed;
  return (pace, pool, startMs) => {
    if (pace.kind === 'users') {
      return createClosedLoop(pool, {
        users: shareOf(pace.users, worker, workers),
        spawnPerSecond: pace.spawnPerSecond / workers,
        spawnedAtStart: 1 - worker / workers,
        startMs,
      });
    }
    paceSeed += 1;
    return createOpenLoop(pool, {
      profile: pace.profile,
      share: 1 / workers,
      arrivals: 'poisson',
      random: seededRandom(((paceSeed * 0x85ebca6b) ^ worker) >>> 0),
      startMs,
      usersMax: Math.max(1, shareOf(pace.usersMax, worker, workers)),
      backlogMax: Math.ceil(backlogMax / workers),
      schedule,
    });
  };
}

function createSampler(
  recorder: LoadRecorder,
  engine: LoadEngine,
  schedule: ReturnType<typeof newSchedule>,
  lateness: () => LatencyHistogram,
  startMs: number,
): (phase: LoadPhase) => WorkerSample {
  let lastMs = startMs;
  let lastCpu = process.cpuUsage();
  let last = { dropped: 0, due: 0, unready: 0 };

  return (phase) => {
    const nowMs = performance.now();
    const cpu = process.cpuUsage();
    const sample: WorkerSample = {
      atSecond: (nowMs - startMs) / 1_000,
      seconds: (nowMs - lastMs) / 1_000,
      phase,
      routes: recorder.routes.map(takeRoute),
      failures: recorder.takeFailures(),
      cpuSeconds: (cpu.user + cpu.system - lastCpu.user - lastCpu.system) / 1e6,
      stallMs: engine.takeStallMs(),
      lateness: takeSparse(lateness()),
      dropped: schedule.journeysDropped - last.dropped,
      due: schedule.journeysDue - last.due,
      unready: schedule.journeysUnready - last.unready,
      users: engine.crowd.onJourney,
      inFlight: engine.crowd.outstanding,
      waiting: engine.pacing()?.waitingCount() ?? 0,
      intendedPerSecond: phase === 'draining' ? null : (engine.pacing()?.intendedPerSecond(nowMs) ?? null),
    };
    lastMs = nowMs;
    lastCpu = cpu;
    last = {
      dropped: schedule.journeysDropped,
      due: schedule.journeysDue,
      unready: schedule.journeysUnready,
    };
    return sample;
  };
}

function takeRoute(route: ReturnType<LoadRecorder['route']>): RouteSample {
  const { answeredInWindow } = route;
  route.answeredInWindow = 0;
  return {
    route: route.route,
    measured: takeTally(route.measured),
    unmeasured: takeTally(route.unmeasured),
    answeredInWindow,
  };
}

function takeTally(tally: Tally): TallySample {
  const { requests, failures, latency } = tally;
  tally.requests = 0;
  tally.failures = 0;
  return { requests, failures, latency: takeSparse(latency) };
}
