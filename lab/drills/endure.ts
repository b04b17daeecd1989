/** The steps of every fault that a service must survive. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultContext } from './fault.ts';

export interface Ordeal {
  readonly begin: () => void | Promise<void>;
  /** The text of the event when it has begun. */
  readonly begun: string;
  /** Also when {@link begin} has failed half-way. */
  readonly end: () => void | Promise<void>;
  readonly ended: string;
  /** While waiting until the service is ready again, now and then. */
  readonly nudge?: () => Promise<void>;
}

const nudgeEveryMs = 500;

/** @throws one sentence when the service ended meanwhile, or is not ready again in the time of its start */
export async function endure(context: FaultContext, ordeal: Ordeal): Promise<void> {
  const { service, durationMs, say } = context;
  const pid = service.pid();
  if (pid === null) throw new Error('the service does not run');
  try {
    await ordeal.begin();
    say(ordeal.begun, 'fault');
    await sleep(durationMs);
  } finally {
    await ordeal.end();
  }
  say(ordeal.ended, 'over');
  if (service.pid() !== pid) throw new Error('the service ended and did not survive it');
  await ready(context, ordeal.nudge);
  if (service.pid() !== pid) throw new Error('the service ended when it was over');
}

async function ready({ service, say }: FaultContext, nudge = async () => {}): Promise<void> {
  const fromMs = performance.now();
  let isOver = false;
  // Of one that runs, it waits for readiness alone.
  const isReady = service.start().finally(() => {
    isOver = true;
  });
  isReady.catch(() => undefined);
  while (!isOver) {
    await nudge();
    await Promise.race([isReady.catch(() => undefined), sleep(nudgeEveryMs)]);
  }
  await isReady;
  const seconds = ((performance.now() - fromMs) / 1_000).toFixed(1);
  say(seconds === '0.0' ? 'Ready at once' : `Ready again, after ${seconds} s`, 'over');
}
