/**
 * One run from its start to its verdict. Nothing that the generator or the service does, their end included,
 * gets out of here as an exception: it is in the view.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../drills/fault.ts';
import type { Fleet, FleetTotals } from '../load/fleet.ts';
import { startFleet } from '../load/start-fleet.ts';
import type { OwnService } from '../service/own-service.ts';
import { checkTruth, readStock } from '../truth/check-truth.ts';
import { recounted } from '../truth/recount.ts';
import { type LimitSearch, usersOf } from './check-plan.ts';
import { findLimit, type RateTried } from './find-limit.ts';
import type { RunEnvironment, RunView } from './live.ts';
import { createLiveRun, type RunMessage } from './live-run.ts';
import { brokenOf, misfortunesOf } from './objective.ts';
import { paceWords } from './pace-words.ts';
import { becomesReady, reachHost } from './reach-host.ts';
import { createRunDrills } from './run-drills.ts';
import { readEnvironment } from './run-environment.ts';
import { type Pace, type RunPlan, runSecondsMax } from './run-plan.ts';
import { keepLedger, triedOf } from './search-steps.ts';
import { type ServiceWatch, watchService } from './service-metrics.ts';

/** What can't be done now, in one sentence. */
export class RunRefusal extends Error {
  override readonly name = 'RunRefusal';
}

export interface RunTarget {
  readonly url: string;
  /** Null for a host that was named. */
  readonly service: OwnService | null;
}

export interface RunOptions {
  readonly id: string;
  readonly startedAt: string;
  readonly plan: RunPlan;
  /** Null for a plain run; else what is looked for, at steps of the plan's scenario. */
  readonly search: LimitSearch | null;
  /** For the ledger while it goes on; made and removed by the caller. */
  readonly within: string;
  /** Where the ledger of a run is kept whose verdict somebody will want to look into; made when it is needed. */
  readonly evidenceFolder: string;
  /** Where it is known already; see {@link openTarget}. */
  readonly url: string;
  /** Starts a service where one is needed. @throws one sentence */
  readonly openTarget: () => Promise<RunTarget>;
  readonly tell: (message: RunMessage) => void;
}

export interface LoadRun {
  view(): RunView;
  /** No new journeys; then what was stored is checked as ever. */
  stop(): void;
  /** @throws RunRefusal */
  setPace(pace: Pace): void;
  /** Begins a fault. @throws RunRefusal */
  doFault(fault: Fault, durationMs: number): void;
  /** Resolves with the last view; never rejects. */
  readonly ended: Promise<RunView>;
}

/** After the load: for the service to be ready, and for a fault to be undone. */
const recoveryMsMax = 60_000;
const faultEndMsMax = 180_000;
const checkMsMax = 600_000;
/** Three times what the check of an order takes on two busy cores. */
const checkMsPerLine = 1;

/** Of a search's step: what is not counted before it, and how much longer a confirmation is. */
const stepWarmupShare = 0.2;
const confirmationFactor = 3;

export function startRun(options: RunOptions): LoadRun {
  const { search, openTarget } = options;
  const live = createLiveRun(options);
  const folder = mkdtempSync(join(options.within, 'run-'));
  const ledgerFolder = join(folder, 'ledger');
  mkdirSync(ledgerFolder);
  let plan = options.plan;
  let target: RunTarget | null = null;
  let fleet: Fleet | null = null;
  let fault: { readonly title: string; readonly ended: Promise<void> } | null = null;
  /** What did not hold besides the objective. */
  const misfortunes: string[] = [];
  let isHurt = false;
  let isStopped = false;

  const drills = createRunDrills(
    () => live.view().state !== 'running',
    () => live.change({ drills: drills.view() }),
  );

  function warn(error: unknown): void {
    live.event('warning', sentenceOf(error));
  }

  /** It is a broken promise, too. */
  function lament(sentence: string): void {
    live.event('warning', sentence);
    misfortunes.push(sentence);
  }

  /** One generator, from its start to its end. */
  async function drive(drivenPlan: RunPlan, url: string, watch: ServiceWatch): Promise<FleetTotals> {
    const show = live.sampler(watch.current);
    const started = await startFleet({
      plan: drivenPlan,
      url,
      ledgerFolder,
      onSample(sample) {
        drills.add(sample);
        show(sample);
      },
    });
    fleet = started;
    if (isStopped) started.stop();
    else if (live.view().state === 'starting') live.change({ state: 'running' });
    const timer = setTimeout(stop, runSecondsMax * 1_000);
    try {
      return await started.ended;
    } finally {
      clearTimeout(timer);
      fleet = null;
    }
  }

  async function searchLimit(url: string, watch: ServiceWatch, sought: LimitSearch): Promise<FleetTotals> {
    let totals: FleetTotals | null = null;
    let count = 0;
    async function tryRate(perSecond: number, isConfirmation: boolean): Promise<RateTried> {
      count += 1;
      totals = await drive(
        {
          ...plan,
          pace: { kind: 'arrivals', profile: { shape: 'constant', perSecond }, usersMax: usersOf(plan.pace) },
          seconds: sought.secondsPerStep * (isConfirmation ? confirmationFactor : 1),
          warmupSeconds: sought.secondsPerStep * stepWarmupShare,
        },
        url,
        watch,
      );
      keepLedger(ledgerFolder, count);
      return triedOf(perSecond, totals);
    }
    await findLimit({ search: sought, tryRate, onChange: live.limit, isStopped: () => isStopped });
    if (totals === null) throw new Error('The search was stopped before it had begun.');
    return totals;
  }

  /** After a drill the service may still be on its way up. One of our own is started again: what is read then, it has stored. */
  async function waitForService({ url, service }: RunTarget, watch: ServiceWatch): Promise<void> {
    if (fault !== null && !(await isInTime(fault.ended, faultEndMsMax))) {
      lament(`"${fault.title}" is not over after ${faultEndMsMax / 1_000} s.`);
    }
    await watch.stop();
    if (service !== null) {
      const hadEnded = !service.isRunning();
      if (hadEnded)
        lament('The service had ended during the run; it is started again, to check what it has stored.');
      else
        live.event('change', 'The service is killed and started again: what is found then, it had stored.');
      if (!hadEnded) await service.kill();
      await service.start().catch(warn);
    }
    if (!(await becomesReady(url, recoveryMsMax))) {
      lament(`The service is not ready ${recoveryMsMax / 1_000} s after the load.`);
    }
  }

  /** What was answered, line by line, for whoever looks into a verdict. */
  async function keepEvidence(): Promise<void> {
    try {
      await cp(ledgerFolder, options.evidenceFolder, { recursive: true });
      live.event('warning', `What was answered to every order is kept in ${options.evidenceFolder}.`);
    } catch (error) {
      warn(error);
    }
  }

  async function run(): Promise<RunView> {
    let watch: ServiceWatch | null = null;
    try {
      target = await openTarget();
      const { url, service } = target;
      live.change({ url, environment: { ...readEnvironment(), service: service && settingsOf(service) } });
      await reachHost(url);
      const stockBefore = await readStock(url);
      if (isStopped) throw new Error('The run was stopped before its load began.');
      watch = watchService({
        url,
        onDown: (reason) => live.event('down', `The service does not answer: ${reason}.`),
        onUp: (downMs) =>
          live.event('up', `The service answers again, after ${(downMs / 1_000).toFixed(1)} s.`),
      });
      let problem: string | null = null;
      try {
        const totals =
          search === null ? await drive(plan, url, watch) : await searchLimit(url, watch, search);
        const broken = brokenOf(plan.objective, totals);
        if (search === null && !isHurt) broken.push(...misfortunesOf(totals));
        live.change({ totals, voidReasons: totals.voidReasons, broken });
      } catch (error) {
        // What was acknowledged until then is checked all the same.
        problem = sentenceOf(error);
      }
      live.change({ state: 'checking', problem });
      await waitForService(target, watch);
      const truth = await checkTruth({
        url,
        ledgerFolder,
        stockBefore,
        mayMissOrders: problem !== null,
        hasOtherShoppers: service === null,
        onProgress: live.checking,
        checkMsMax,
        checkMsPerLine,
      });
      const broken = [...live.view().broken, ...drills.problems(), ...misfortunes];
      if (truth.kind === 'broken' || truth.kind === 'unproven') await keepEvidence();
      const state = problem === null ? 'ended' : 'failed';
      live.change({ truth: await recounted(truth, service), broken, state });
    } catch (error) {
      const { problem } = live.view();
      live.change({ state: 'failed', problem: problem ?? sentenceOf(error) });
    } finally {
      await watch?.stop();
      rmSync(folder, { recursive: true, force: true });
    }
    return live.view();
  }

  function stop(): void {
    if (isStopped) return;
    isStopped = true;
    const { state } = live.view();
    if (state === 'starting' || state === 'running') live.change({ state: 'stopping' });
    fleet?.stop();
  }

  return {
    view: live.view,
    stop,
    setPace(pace) {
      if (search !== null) throw new RunRefusal('A search for the limit sets the rate itself.');
      const { state, samples } = live.view();
      if (fleet === null || state !== 'running' || samples.at(-1)?.phase === 'draining') {
        throw new RunRefusal('The pace can be changed only while the load is running.');
      }
      if (pace.kind !== plan.pace.kind) {
        throw new RunRefusal('A run keeps to users or to arrivals: please start another for the other one.');
      }
      fleet.setPace(pace);
      plan = { ...plan, pace };
      live.change({ plan });
      live.event('change', `${paceWords(pace)}.`);
    },
    doFault(asked, durationMs) {
      const service = target?.service ?? null;
      if (live.view().state !== 'running') {
        throw new RunRefusal('A fault can be done only while the load is running.');
      }
      if (service === null)
        throw new RunRefusal('Only a service that the lab has started itself may be hurt.');
      if (fault !== null) throw new RunRefusal(`"${fault.title}" is not over yet: please wait for it.`);
      const possible = asked.isPossible(service);
      if (possible !== true) throw new RunRefusal(possible);
      const ended = drills
        .make(asked, durationMs, () =>
          asked
            .run({
              service,
              cutConnections: () => fleet?.cutConnections(),
              durationMs,
              ledgerFolder,
              say: (text, stage) => live.event(stage === 'over' ? 'change' : 'fault', text),
            })
            .catch((error: unknown) => {
              warn(error);
              throw error;
            }),
        )
        .finally(() => {
          fault = null;
        });
      isHurt = true;
      fault = { title: asked.title, ended };
    },
    ended: run(),
  };
}

function settingsOf({ engine, settings }: OwnService): NonNullable<RunEnvironment['service']> {
  return { engine, settings };
}

async function isInTime(promise: Promise<void>, msMax: number): Promise<boolean> {
  const waiting = new AbortController();
  const late = sleep(msMax, false, { signal: waiting.signal }).catch(() => false);
  const inTime = await Promise.race([promise.then(() => true), late]);
  waiting.abort();
  return inTime;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
