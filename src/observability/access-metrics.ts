/** The metrics of who was let in: refused keys and rights, rate limits, tries at `/track`, and keys that expire. */
import { Counter, Gauge, type Registry } from 'prom-client';

/** Why a request was not let in; the first four are those of a key that was shown. */
export type AccessRefusal = 'malformed' | 'unknown' | 'revoked' | 'expired' | 'no_key' | 'insufficient_scope';

/** `limited`: refused before the order was looked for. */
export type TrackingOutcome = 'found' | 'not_found' | 'limited';

export interface AccessMetrics {
  countRefusal(reason: AccessRefusal): void;
  /** A request too many. @param limit its name, of {@link limits} */
  countLimited(limit: string): void;
  /** A try to find an order at `/track`. */
  countTracking(outcome: TrackingOutcome): void;
  /** A key that expires has let a request in. */
  expiringKeyUsed(keyId: string, expiresAtMs: number): void;
}

const refusals: readonly AccessRefusal[] = [
  'malformed',
  'unknown',
  'revoked',
  'expired',
  'no_key',
  'insufficient_scope',
];

const trackingOutcomes: readonly TrackingOutcome[] = ['found', 'not_found', 'limited'];

const limits = [
  'key',
  'address',
  'refused-key',
  'tracking-address',
  'tracking-number',
  'tracking-number-day',
];

/** A key that was not used for so long is not waited for: its program may have another one by now. */
const inUseMs = 24 * 60 * 60 * 1000;

/** Keys that are remembered; some 100 bytes each. */
export const expiringKeysMax = 1_000;

export function createAccessMetrics(registers: Registry[], nowMs: () => number): AccessMetrics {
  const refused = new Counter({
    name: 'nozama_access_refusals_total',
    help: 'Requests that were refused for their API key, for want of one, or for its scopes.',
    labelNames: ['reason'],
    registers,
  });
  const limited = new Counter({
    name: 'nozama_requests_limited_total',
    help: 'Requests that were refused by a rate limit.',
    labelNames: ['limit'],
    registers,
  });
  const tracking = new Counter({
    name: 'nozama_tracking_tries_total',
    help: 'Tries to find an order by its number at /track, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  // A series that begins above 0 shows no increase.
  for (const reason of refusals) refused.inc({ reason }, 0);
  for (const limit of limits) limited.inc({ limit }, 0);
  for (const outcome of trackingOutcomes) tracking.inc({ outcome }, 0);
  const keys = createExpiringKeys(nowMs);
  new Gauge({
    name: 'nozama_api_key_expiry_timestamp_seconds',
    help: 'When the first of the API keys that were used within a day expires; no sample when none of them does.',
    registers,
    collect() {
      const first = keys.firstExpiryMs();
      if (first === null) this.remove();
      else this.set(first / 1000);
    },
  });
  return {
    countRefusal: (reason) => refused.inc({ reason }),
    countLimited: (limit) => limited.inc({ limit }),
    countTracking: (outcome) => tracking.inc({ outcome }),
    expiringKeyUsed: keys.used,
  };
}

interface KeyInUse {
  readonly expiresAtMs: number;
  readonly usedAtMs: number;
}

function createExpiringKeys(nowMs: () => number) {
  /** The one that was used longest ago comes first. */
  const inUse = new Map<string, KeyInUse>();
  return {
    used(keyId: string, expiresAtMs: number): void {
      inUse.delete(keyId);
      const [longestAgo] = inUse.keys();
      if (inUse.size >= expiringKeysMax && longestAgo !== undefined) inUse.delete(longestAgo);
      inUse.set(keyId, { expiresAtMs, usedAtMs: nowMs() });
    },

    firstExpiryMs(): number | null {
      const now = nowMs();
      let first: number | null = null;
      for (const [keyId, { expiresAtMs, usedAtMs }] of inUse) {
        // Requests with an expired key are counted as refused.
        if (usedAtMs <= now - inUseMs || expiresAtMs <= now) inUse.delete(keyId);
        else first = Math.min(first ?? expiresAtMs, expiresAtMs);
      }
      return first;
    },
  };
}
