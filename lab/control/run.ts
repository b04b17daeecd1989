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
import { createLiveRun, type LiveRun, type RunMessage } from './live-run.ts';
import { brokenOf, misfortunesOf } from './objective.ts';
import { paceWords } from './pace-words.ts';
import { becomesReady, reachHost } from './reach-host.ts';
import { createRunDrills, type RunDrills } from './run-drills.ts';
import { readEnvironment } from './run-environment.ts';
import { type Pace, type RunPlan, runSecondsMax } from './run-plan.ts';
import { keepLedger, triedOf } from './search-steps.ts';
import { type ServiceWatch, watchService } from './service-metrics.ts';

/** One sentence about a command that is not possible now. */
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
  /** Null for a plain run; otherwise the search for the limit, at steps of the plan's scenario. */
  readonly search: LimitSearch | null;
  /** For the ledger while it goes on; made and removed by the caller. */
  readonly within: string;
  /** Where the ledger is kept when the verdict is in doubt; made when it is needed. */
  readonly evidenceFolder: string;
  /** Where it is known already; see {@link openTarget}. */
  readonly url: string;
  /** Starts a service where one is needed. @throws one sentence */
  readonly openTarget: () => Promise<RunTarget>;
  readonly tell: (message: RunMessage) => void;
}

export interface LoadRun {
  view(): RunView;
  /** Begins no new journeys; then the stored orders are checked as ever. */
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
/** Three times as long as the check of an order takes on two busy cores. */
const checkMsPerLine = 1;

/** Of a step of a search: its warm-up, as a share of the step, and how much longer a confirmation is. */
const stepWarmupShare = 0.2;
const confirmationFactor = 3;

export function startRun(options: RunOptions): LoadRun {
  return new Run(options);
}

class Run implements LoadRun {
  readonly ended: Promise<RunView>;
  readonly #options: RunOptions;
  readonly #live: LiveRun;
  readonly #folder: string;
  readonly #ledgerFolder: string;
  readonly #drills: RunDrills;
  /** Sentences about broken promises besides the objective. */
  readonly #misfortunes: string[] = [];
  #plan: RunPlan;
  #target: RunTarget | null = null;
  #fleet: Fleet | null = null;
  #fault: { readonly title: string; readonly ended: Promise<void> } | null = null;
  #isHurt = false;
  #isStopped = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#plan = options.plan;
    this.#live = createLiveRun(options);
    this.#folder = mkdtempSync(join(options.within, 'run-'));
    this.#ledgerFolder = join(this.#folder, 'ledger');
    mkdirSync(this.#ledgerFolder);
    this.#drills = createRunDrills(
      () => this.#live.view().state !== 'running',
      () => this.#live.change({ drills: this.#drills.view() }),
    );
    this.ended = this.#run();
  }

  view(): RunView {
    return this.#live.view();
  }

  setPace(pace: Pace): void {
    if (this.#options.search !== null) throw new RunRefusal('A search for the limit sets the rate itself.');
    const { state, samples } = this.#live.view();
    if (this.#fleet === null || state !== 'running' || samples.at(-1)?.phase === 'draining') {
      throw new RunRefusal('The pace can be changed only while the load is running.');
    }
    if (pace.kind !== this.#plan.pace.kind) {
      throw new RunRefusal('A run keeps to users or to arrivals: please start another for the other one.');
    }
    this.#fleet.setPace(pace);
    this.#plan = { ...this.#plan, pace };
    this.#live.change({ plan: this.#plan });
    this.#live.event('change', `${paceWords(pace)}.`);
  }

  doFault(asked: Fault, durationMs: number): void {
    const service = this.#target?.service ?? null;
    if (this.#live.view().state !== 'running') {
      throw new RunRefusal('A fault can be done only while the load is running.');
    }
    if (service === null)
      throw new RunRefusal('The lab makes faults only in a service that it has started itself.');
    if (this.#fault !== null)
      throw new RunRefusal(`"${this.#fault.title}" is not over yet: please wait for it.`);
    const possible = asked.isPossible(service);
    if (possible !== true) throw new RunRefusal(possible);
    const ended = this.#drills
      .make(asked, durationMs, () =>
        asked
          .run({
            service,
            cutConnections: () => this.#fleet?.cutConnections(),
            durationMs,
            ledgerFolder: this.#ledgerFolder,
            say: (text, stage) => this.#live.event(stage === 'over' ? 'change' : 'fault', text),
          })
          .catch((error: unknown) => {
            this.#warn(error);
            throw error;
          }),
      )
      .finally(() => {
        this.#fault = null;
      });
    this.#isHurt = true;
    this.#fault = { title: asked.title, ended };
  }

  #warn(error: unknown): void {
    this.#live.event('warning', sentenceOf(error));
  }

  /** It is a broken promise, too. */
  #lament(sentence: string): void {
    this.#live.event('warning', sentence);
    this.#misfortunes.push(sentence);
  }

  /** One generator, from its start to its end. */
  async #drive(drivenPlan: RunPlan, url: string, watch: ServiceWatch): Promise<FleetTotals> {
    const show = this.#live.sampler(watch.current);
    const started = await startFleet({
      plan: drivenPlan,
      url,
      ledgerFolder: this.#ledgerFolder,
      onSample: (sample) => {
        this.#drills.add(sample);
        show(sample);
      },
    });
    this.#fleet = started;
    if (this.#isStopped) started.stop();
    else if (this.#live.view().state === 'starting') this.#live.change({ state: 'running' });
    const timer = setTimeout(() => this.stop(), runSecondsMax * 1_000);
    try {
      return await started.ended;
    } finally {
      clearTimeout(timer);
      this.#fleet = null;
    }
  }

  async #searchLimit(url: string, watch: ServiceWatch, sought: LimitSearch): Promise<FleetTotals> {
    const steps: FleetTotals[] = [];
    const tryRate = async (perSecond: number, isConfirmation: boolean): Promise<RateTried> => {
      const totals = await this.#drive(
        {
          ...this.#plan,
          pace: {
            kind: 'arrivals',
            profile: { shape: 'constant', perSecond },
            usersMax: usersOf(this.#plan.pace),
          },
          seconds: sought.secondsPerStep * (isConfirmation ? confirmationFactor : 1),
          warmupSeconds: sought.secondsPerStep * stepWarmupShare,
        },
        url,
        watch,
      );
      steps.push(totals);
      keepLedger(this.#ledgerFolder, steps.length);
      return triedOf(perSecond, totals);
    };
    await findLimit({
      search: sought,
      tryRate,
      onChange: this.#live.limit,
      isStopped: () => this.#isStopped,
    });
    const last = steps.at(-1);
    if (last === undefined) throw new Error('The search was stopped before it had begun.');
    return last;
  }

  /** After a drill the service may still be on its way up. A service of the lab is started again: orders that are read then were stored. */
  async #waitForService({ url, service }: RunTarget, watch: ServiceWatch): Promise<void> {
    if (this.#fault !== null && !(await isInTime(this.#fault.ended, faultEndMsMax))) {
      this.#lament(`"${this.#fault.title}" is not over after ${faultEndMsMax / 1_000} s.`);
    }
    await watch.stop();
    if (service !== null) {
      const hadEnded = !service.isRunning();
      if (hadEnded)
        this.#lament('The service had ended during the run; it is started again, to check its orders.');
      else
        this.#live.event(
          'change',
          'The service is killed and started again: orders that are found then were stored.',
        );
      if (!hadEnded) await service.kill();
      await service.start().catch((error: unknown) => this.#warn(error));
    }
    if (!(await becomesReady(url, recoveryMsMax))) {
      this.#lament(`The service is not ready ${recoveryMsMax / 1_000} s after the load.`);
    }
  }

  /** Keeps each answer, line by line, so that a doubtful verdict can be looked into. */
  async #keepEvidence(): Promise<void> {
    try {
      await cp(this.#ledgerFolder, this.#options.evidenceFolder, { recursive: true });
      this.#live.event('warning', `The answer to every order is kept in ${this.#options.evidenceFolder}.`);
    } catch (error) {
      this.#warn(error);
    }
  }

  async #run(): Promise<RunView> {
    let watch: ServiceWatch | null = null;
    try {
      this.#target = await this.#options.openTarget();
      const { url, service } = this.#target;
      this.#live.change({
        url,
        environment: { ...readEnvironment(), service: service && settingsOf(service) },
      });
      await reachHost(url);
      const stockBefore = await readStock(url);
      if (this.#isStopped) throw new Error('The run was stopped before its load began.');
      watch = watchService({
        url,
        onDown: (reason) => this.#live.event('down', `The service does not answer: ${reason}.`),
        onUp: (downMs) =>
          this.#live.event('up', `The service answers again, after ${(downMs / 1_000).toFixed(1)} s.`),
      });
      let problem: string | null = null;
      try {
        const totals =
          this.#options.search === null
            ? await this.#drive(this.#plan, url, watch)
            : await this.#searchLimit(url, watch, this.#options.search);
        const broken = brokenOf(this.#plan.objective, totals);
        if (this.#options.search === null && !this.#isHurt) broken.push(...misfortunesOf(totals));
        this.#live.change({ totals, voidReasons: totals.voidReasons, broken });
      } catch (error) {
        // The orders acknowledged until then are checked all the same.
        problem = sentenceOf(error);
      }
      this.#live.change({ state: 'checking', problem });
      await this.#waitForService(this.#target, watch);
      const truth = await checkTruth({
        url,
        ledgerFolder: this.#ledgerFolder,
        stockBefore,
        mayMissOrders: problem !== null,
        hasOtherShoppers: service === null,
        onProgress: this.#live.checking,
        checkMsMax,
        checkMsPerLine,
      });
      const broken = [...this.#live.view().broken, ...this.#drills.problems(), ...this.#misfortunes];
      if (truth.kind === 'broken' || truth.kind === 'unproven') await this.#keepEvidence();
      const state = problem === null ? 'ended' : 'failed';
      this.#live.change({ truth: await recounted(truth, service), broken, state });
    } catch (error) {
      const { problem } = this.#live.view();
      this.#live.change({ state: 'failed', problem: problem ?? sentenceOf(error) });
    } finally {
      await watch?.stop();
      rmSync(this.#folder, { recursive: true, force: true });
    }
    return this.#live.view();
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const { state } = this.#live.view();
    if (state === 'starting' || state === 'running') this.#live.change({ state: 'stopping' });
    this.#fleet?.stop();
  }
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
