/** How long a check bears with a service that does not answer, and with the whole of it. */
export interface Patience {
  /** Why nothing more is asked; null while it goes on. */
  overBecause(): string | null;
  /** The service gave an answer that says something. */
  answered(): void;
  /** It gave none, or one such as 503 that says "later". */
  failed(): void;
}

/** A service that has not answered for so long will not be asked again. */
export const unavailableMsMax = 20_000;
/** Between two tries of the same request. */
export const retryMs = 200;
/** A request that still gets 5xx while others are answered is given up. */
export const triesMax = 20;
export const requestMsMax = 10_000;

export function createPatience(checkMsMax: number, unavailableMs = unavailableMsMax): Patience {
  const endsAtMs = performance.now() + checkMsMax;
  let failingSinceMs: number | null = null;
  let over: string | null = null;
  return {
    overBecause() {
      const nowMs = performance.now();
      if (over !== null) return over;
      if (nowMs >= endsAtMs) over = `the check had ${seconds(checkMsMax)} s`;
      else if (failingSinceMs !== null && nowMs - failingSinceMs >= unavailableMs)
        over = `the service did not answer for ${seconds(unavailableMs)} s`;
      return over;
    },
    answered() {
      failingSinceMs = null;
    },
    failed() {
      failingSinceMs ??= performance.now();
    },
  };
}

/**
 * Whether an answer says "not now", rather than anything about the order.
 * @param text of a 409, which is temporary when another request with the key is under way
 */
export function isTemporary(status: number, text = ''): boolean {
  return (
    status >= 500 || status === 429 || status === 408 || (status === 409 && text.includes(inProgressCode))
  );
}

const inProgressCode = '"idempotency_in_progress"';

function seconds(ms: number): string {
  return (ms / 1_000).toLocaleString('en', { maximumFractionDigits: 1 });
}
