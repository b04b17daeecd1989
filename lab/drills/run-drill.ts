/** One fault on one engine: load, the fault several times, and whether everything that was promised is kept. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunPlan } from '../control/run-plan.ts';
import type { Fleet, FleetTotals } from '../load/fleet.ts';
import { startFleet } from '../load/start-fleet.ts';
import type { OwnService } from '../service/own-service.ts';
import { startGuard } from '../service/start-guard.ts';
import { startOwnService } from '../service/start-own-service.ts';
import { checkTruth, readStock } from '../truth/check-truth.ts';
import type { TruthVerdict } from '../truth/truth.ts';
import { createAnswerGaps } from './answer-gaps.ts';
import type { DrillEngine, DrillOptions } from './drill-options.ts';
import type { Fault } from './fault.ts';
import { comes, isFeltIn, notFelt, notRecovered, waitedTooLong } from './recovery.ts';

export interface DrillResult {
  readonly fault: string;
  readonly engine: DrillEngine;
  /** How often the fault was done. */
  readonly count: number;
  /** Why it can't be done here; then nothing else was. */
  readonly impossible: string | null;
  readonly acknowledged: number;
  /** Orders whose answer never came. */
  readonly unanswered: number;
  readonly failedRequests: number;
  readonly longestGapSeconds: number;
  readonly isRecovered: boolean;
  /** The ledger compared with the service. */
  readonly truth: TruthVerdict | null;
  readonly verifyCode: number | null;
  /** Empty when all is well. */
  readonly problems: readonly string[];
}

/** More than can be sold in a drill: a shop that is sold out would take no orders. */
const stock = 1_000_000_000;
/** A client's patience; less than a freeze lasts. */
const timeoutMs = 2_000;
const checkMsMax = 600_000;

/** @throws one sentence when the drill itself could not be made */
export async function runDrill(
  fault: Fault,
  engine: DrillEngine,
  options: DrillOptions,
  say: (text: string) => void,
): Promise<DrillResult> {
  const guard = await startGuard();
  const folder = mkdtempSync(join(tmpdir(), 'nozama-drill-'));
  guard.holds(`folder ${folder}`);
  try {
    const isOnSmallDisk = fault.name === 'fill-disk';
    const service = await startOwnService({ engine, isOnSmallDisk, runtime: options.runtime, stock, folder });
    try {
      return await drill(fault, service, folder, options, say);
    } finally {
      await service.remove();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    guard.dropped(`folder ${folder}`);
    guard.dismiss();
  }
}

async function drill(
  fault: Fault,
  service: OwnService,
  folder: string,
  options: DrillOptions,
  say: (text: string) => void,
): Promise<DrillResult> {
  const { engine, url } = service;
  const nothing = { fault: fault.name, engine, acknowledged: 0, unanswered: 0, failedRequests: 0 };
  const possible = fault.isPossible(service);
  if (possible !== true) {
    const none = { count: 0, longestGapSeconds: 0, isRecovered: false, truth: null, verifyCode: null };
    return { ...nothing, ...none, impossible: possible, problems: [] };
  }
  const durationMs = options.faultMs ?? fault.usualMs;
  const ledgerFolder = join(folder, 'ledger');
  mkdirSync(ledgerFolder);
  const stockBefore = await readStock(url);
  const gaps = createAnswerGaps();
  const plan = planOf(options, url);
  const fleet = await startFleet({ plan, url, ledgerFolder, onSample: gaps.add });
  const problems: string[] = [];
  const { count, isRecovered, totals } = await shopThrough(fleet, async () => {
    let count = 0;
    let isRecovered = true;
    await sleep(options.seconds * 1_000);
    try {
      for (; count < options.count && isRecovered; count += 1) {
        const { cutConnections } = fleet;
        await fault.run({ service, cutConnections, durationMs, ledgerFolder, say });
        await sleep(options.seconds * 1_000);
        isRecovered = await comes(gaps.isGoodNow);
      }
    } catch (error) {
      problems.push((error as Error).message);
    }
    return { count, isRecovered };
  });
  if (!isRecovered) problems.push(notRecovered);
  if (fault.isFelt && !isFeltIn(totals, durationMs)) problems.push(notFelt);
  const tooLong = waitedTooLong(fault, totals.latency.maxMs);
  if (tooLong !== null) problems.push(tooLong);

  const truth = await checkTruth({ url, ledgerFolder, stockBefore, onProgress: () => {}, checkMsMax });
  if (truth.kind !== 'kept') problems.push(truth.sentence);
  const verified = await service.verify();
  if (verified.code !== 0) problems.push(`nozama verify: ${verified.output.trim()}`);
  return {
    ...nothing,
    count,
    impossible: null,
    acknowledged: truth.acknowledged,
    unanswered: totals.ordersUnknown,
    failedRequests: totals.failures,
    longestGapSeconds: gaps.longestSeconds(),
    isRecovered,
    truth,
    verifyCode: verified.code,
    problems,
  };
}

/** Stops the fleet whatever happens, and waits for its end. */
async function shopThrough<Outcome>(
  fleet: Fleet,
  meanwhile: () => Promise<Outcome>,
): Promise<Outcome & { totals: FleetTotals }> {
  // Should a worker end before its time, the drill is over at once.
  const failed = new Promise<never>((_, reject) => fleet.ended.catch(reject));
  failed.catch(() => undefined);
  try {
    const outcome = await Promise.race([meanwhile(), failed]);
    fleet.stop();
    return { ...outcome, totals: await fleet.ended };
  } finally {
    fleet.stop();
  }
}

function planOf({ users }: DrillOptions, url: string): RunPlan {
  return {
    scenario: 'order-pipeline',
    host: url,
    hostIsMine: true,
    pace: { kind: 'users', users, spawnPerSecond: 1_000 },
    seconds: null,
    warmupSeconds: 0,
    connections: 'keep-alive',
    workers: 1,
    seed: 1,
    timeoutMs,
    objective: { p99MsMax: null, failureShareMax: null, requestsPerSecondMin: null },
  };
}
