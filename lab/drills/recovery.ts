/** Whether shoppers felt a fault, and are served as before once it is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetSample } from '../load/fleet.ts';
import type { Fault } from './fault.ts';

/** From when the service is ready again to a whole second without a failure; shoppers wait before they try again. */
export const recoverMsMax = 15_000;
const pollMs = 50;

export const notRecovered = `${recoverMsMax / 1_000} s later shoppers were not served as before`;
export const notFelt = 'no shopper felt it, so it has shown nothing';

/** Whether it comes true in time. @param isOver ends the waiting */
export async function comes(condition: () => boolean, isOver: () => boolean = () => false): Promise<boolean> {
  const endMs = performance.now() + recoverMsMax;
  for (; performance.now() < endMs && !isOver(); await sleep(pollMs)) if (condition()) return true;
  return false;
}

/** By a failure or by waiting; a service bridges a short fault, and shoppers wait. */
export function isFeltIn(
  { failures, latency }: Pick<FleetSample, 'failures' | 'latency'>,
  faultMs: number,
): boolean {
  return failures > 0 || (latency.maxMs ?? 0) > faultMs / 2;
}

/** A sentence when a shopper waited longer than the fault allows; null when none did. */
export function waitedTooLong({ shopperWaitMsMax }: Fault, waitedMs: number | null): string | null {
  if (shopperWaitMsMax === undefined || (waitedMs ?? 0) <= shopperWaitMsMax) return null;
  return `a shopper waited ${Math.round(waitedMs ?? 0)} ms, longer than ${shopperWaitMsMax} ms`;
}
