/** Whether a host is there, before a run and after one. */
import { setTimeout as sleep } from 'node:timers/promises';

const answerMsMax = 5_000;
const readyEveryMs = 100;

/** @throws one sentence when it does not answer */
export async function reachHost(url: string): Promise<void> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(answerMsMax) });
    await response.body?.cancel();
  } catch (error) {
    throw new Error(
      `${url} does not answer (${reasonOf(error)}): please start the service there, or name another host.`,
    );
  }
}

/** Resolves with false when it is not ready in time. A host without /readyz is ready when it answers. */
export async function becomesReady(url: string, msMax: number): Promise<boolean> {
  const deadline = performance.now() + msMax;
  for (;;) {
    if (await isReady(url)) return true;
    if (performance.now() >= deadline) return false;
    await sleep(readyEveryMs);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(answerMsMax);
    const response = await fetch(new URL('/readyz', url), { redirect: 'manual', signal });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}

/** Such as `ECONNREFUSED`. */
export function reasonOf(thrown: unknown): string {
  for (const error of [thrown, thrown instanceof Error ? thrown.cause : undefined]) {
    if (error instanceof Error && error.name === 'TimeoutError') return 'no answer in time';
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  }
  return thrown instanceof Error ? thrown.message : String(thrown);
}
