/** The lab as a whole: its own service, the one run that may go on, and those of the past. */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault } from '../drills/fault.ts';
import { faults } from '../drills/faults.ts';
import { listScenarios, loadScenario } from '../scenarios/load-scenario.ts';
import type { OwnService, OwnServiceOptions } from '../service/own-service.ts';
import { startGuard } from '../service/start-guard.ts';
import { startOwnService } from '../service/start-own-service.ts';
import {
  checkFaultAsked,
  checkPace,
  checkPlan,
  checkSearch,
  type LimitSearch,
  PlanError,
  type PlanSurroundings,
} from './check-plan.ts';
import { type History, openHistory, runId } from './history.ts';
import type { LabView, RunView } from './live.ts';
import type { RunMessage } from './live-run.ts';
import { readOpenFilesMax } from './open-files.ts';
import { type LoadRun, RunRefusal, type RunTarget, startRun } from './run.ts';
import type { Pace, RunPlan } from './run-plan.ts';

export interface LabDesk {
  view(): LabView;
  readonly history: History;
  /** Null before the first run of this lab. */
  currentRun(): RunView | null;
  isRunning(): boolean;
  /** @throws PlanError; RunRefusal while another run goes on */
  start(plan: unknown, search?: unknown): RunView;
  /** @throws RunRefusal */
  stop(): void;
  /** @throws PlanError, RunRefusal */
  setPace(pace: unknown): Pace;
  /** @throws PlanError, RunRefusal */
  doFault(asked: unknown): void;
  /** Resolves when no run goes on: with the last one, or null when there was none. */
  ended(): Promise<RunView | null>;
  /** The listener gets every message, until the returned function is called. */
  listen(listener: (message: RunMessage) => void): () => void;
  /** Stops the run, waits for its verdict, and removes the lab's own service. */
  close(): Promise<void>;
}

/** Its stock is the scenario's where null. */
export type LabServiceOptions = Omit<OwnServiceOptions, 'folder' | 'stock'> & {
  readonly stock: number | null;
};

export interface LabDeskOptions {
  /** The plan that the form shows first. @throws PlanError when it can't be run */
  readonly plan: unknown;
  /** Of the service that is started where no host is named. */
  readonly service: LabServiceOptions;
  readonly resultsFolder: string;
  readonly warn: (sentence: string) => void;
}

/** A shop that is sold out after some minutes of full load would show that, and not its speed. */
const plentyOfStock = 1_000_000_000;

/** With a service of its own, unless the plan names a host. @throws one sentence, or PlanError */
export async function openLab(options: LabDeskOptions): Promise<LabDesk> {
  const scenarios = await listScenarios();
  const surroundings: PlanSurroundings = {
    scenarios: scenarios.map(({ name }) => name),
    openFilesMax: readOpenFilesMax(),
  };
  const firstPlan = checkPlan(options.plan, surroundings);
  const history = openHistory(options.resultsFolder, options.warn);
  // Also when this process is killed; whatever runs then ends by itself.
  const guard = await startGuard();
  const folder = mkdtempSync(join(tmpdir(), 'nozama-lab-'));
  guard.holds(`folder ${folder}`);
  const slot = createServiceSlot(options.service, folder);
  async function removeAll(): Promise<void> {
    try {
      await slot.remove();
    } finally {
      rmSync(folder, { recursive: true, force: true });
      guard.dropped(`folder ${folder}`);
      guard.dismiss();
    }
  }

  if (firstPlan.host === null) {
    await slot.open(firstPlan.scenario).catch(async (error: unknown) => {
      await removeAll();
      throw error;
    });
  }
  return createDesk({ options, scenarios, surroundings, firstPlan, history, folder, slot, removeAll });
}

interface DeskParts {
  readonly options: LabDeskOptions;
  readonly scenarios: Awaited<ReturnType<typeof listScenarios>>;
  readonly surroundings: PlanSurroundings;
  readonly firstPlan: RunPlan;
  readonly history: History;
  readonly folder: string;
  readonly slot: ServiceSlot;
  readonly removeAll: () => Promise<void>;
}

function createDesk(parts: DeskParts): LabDesk {
  const { scenarios, surroundings, firstPlan, history, slot } = parts;
  const listeners = new Set<(message: RunMessage) => void>();
  let run: LoadRun | null = null;
  let isClosed = false;

  function tell(message: RunMessage): void {
    for (const listener of listeners) listener(message);
  }

  function isRunning(): boolean {
    const state = run?.view().state;
    return state !== undefined && state !== 'ended' && state !== 'failed';
  }

  function running(): LoadRun {
    if (run === null || !isRunning()) throw new RunRefusal('Nothing is running.');
    return run;
  }

  return {
    history,
    isRunning,
    view: () => ({
      scenarios,
      plan: run?.view().plan ?? firstPlan,
      service: serviceView(slot.current()),
      faults: faultViews(slot.current()),
      cores: availableParallelism(),
    }),
    currentRun: () => run?.view() ?? null,
    start(given, search) {
      const plan = checkPlan(given, surroundings);
      const sought = search === undefined || search === null ? null : checkSearch(search);
      if (isClosed) throw new RunRefusal('The lab is being closed.');
      if (isRunning()) {
        throw new RunRefusal('A run is going on: please stop it, or wait for its verdict, before the next.');
      }
      const started = startPlan(parts, plan, sought, run?.view().id ?? null, tell);
      run = started;
      started.ended.then((ended) => keep(parts, ended));
      const view = started.view();
      tell({ name: 'run', data: view });
      return view;
    },
    stop: () => running().stop(),
    setPace(given) {
      const going = running();
      const pace = checkPace(given, going.view().plan, surroundings);
      going.setPace(pace);
      return pace;
    },
    doFault(asked) {
      const { fault, durationMs } = findFault(asked);
      running().doFault(fault, durationMs);
    },
    ended: async () => (await run?.ended) ?? null,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      isClosed = true;
      run?.stop();
      await run?.ended;
      await parts.removeAll();
    },
  };
}

/** A run of this plan. Two that begin within a millisecond need two names. @param currentId of the run before */
function startPlan(
  { history, folder, slot }: DeskParts,
  plan: RunPlan,
  search: LimitSearch | null,
  currentId: string | null,
  tell: (message: RunMessage) => void,
): LoadRun {
  let at = new Date();
  const isTaken = (id: string) => history.read(id) !== null || id === currentId;
  while (isTaken(runId(at, plan.scenario))) at = new Date(at.getTime() + 1);
  const id = runId(at, plan.scenario);
  return startRun({
    id,
    startedAt: at.toISOString(),
    plan,
    search,
    within: folder,
    evidenceFolder: history.evidenceFolderOf(id),
    url: plan.host ?? slot.current()?.url ?? '',
    openTarget: () => slot.openTarget(plan),
    tell,
  });
}

function keep({ history, options }: DeskParts, view: RunView): void {
  try {
    history.save(view);
  } catch (error) {
    options.warn(`The run ${view.id} could not be kept: ${(error as Error).message}`);
  }
}

interface ServiceSlot {
  /** The service that the lab has started, if any. */
  current(): OwnService | null;
  /** One with the stock that the scenario wants, and without anything of an earlier run. @throws one sentence */
  open(scenario: string): Promise<OwnService>;
  openTarget(plan: RunPlan): Promise<RunTarget>;
  remove(): Promise<void>;
}

function createServiceSlot(options: LabServiceOptions, folder: string): ServiceSlot {
  let service: OwnService | null = null;
  /** An earlier run has left its orders: the next run needs a new database. */
  let isUsed = false;
  let stockStarted = 0;

  async function open(scenario: string): Promise<OwnService> {
    const stock = options.stock ?? (await loadScenario(scenario)).stock ?? plentyOfStock;
    if (service?.isRunning() === true && !isUsed && stock === stockStarted) return service;
    const worn = service;
    service = null;
    await worn?.remove();
    const started = await startOwnService({ ...options, stock, folder });
    service = started;
    isUsed = false;
    stockStarted = stock;
    return started;
  }

  async function openTarget(plan: RunPlan): Promise<RunTarget> {
    if (plan.host !== null) return { url: plan.host, service: null };
    const own = await open(plan.scenario);
    isUsed = true;
    return { url: own.url, service: own };
  }

  return {
    current: () => service,
    open,
    openTarget,
    async remove() {
      await service?.remove();
    },
  };
}

function serviceView(service: OwnService | null) {
  if (service === null) return null;
  return { url: service.url, engine: service.engine, isRunning: service.isRunning() };
}

function faultViews(service: OwnService | null) {
  return faults.map((fault) => ({
    name: fault.name,
    title: fault.title,
    about: fault.about,
    isPossible: possibilityOf(fault, service),
  }));
}

/** @throws PlanError */
function findFault(asked: unknown): { readonly fault: Fault; readonly durationMs: number } {
  const { name, durationMs } = checkFaultAsked(asked);
  const fault = faults.find((one) => one.name === name);
  if (fault !== undefined) return { fault, durationMs: durationMs ?? fault.usualMs };
  const known = faults.map((one) => one.name).join(', ');
  throw new PlanError([
    { field: 'name', message: `There is no fault ${JSON.stringify(name)}; there are: ${known}.` },
  ]);
}

function possibilityOf(fault: Fault, service: OwnService | null): true | string {
  if (service === null) return 'The lab makes faults only in a service that it has started itself.';
  return fault.isPossible(service);
}
