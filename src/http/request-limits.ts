/**
 * Rate limits of requests: by API key where one opens the endpoint, else by address. Requests with a key that is refused
 * count for their address apart from its others. An address that has used them up is refused, if it presents a key again,
 * before the database is asked about that key.
 *
 * Fields by draft-ietf-httpapi-ratelimit-headers-10.
 */
import { type Allowance, createRateLimit, type RateLimit } from '../access/rate-limit.ts';
import type { Problem } from './problem-details.ts';

export type LimitHeaders = Readonly<Record<'ratelimit' | 'ratelimit-policy', string>>;

export interface LimitOutcome {
  readonly headers: LimitHeaders;
  /** Null when the request may go on. */
  readonly problem: Problem<'rate_limited'> | null;
}

export interface RequestLimit {
  /** Counts a request. @param caller a key's id, or an address */
  take(caller: string): LimitOutcome;
  /** The same without counting. */
  look(caller: string): LimitOutcome;
}

/** Null for a limit that is off. */
export interface RequestLimits {
  readonly byKey: RequestLimit | null;
  readonly byAddress: RequestLimit | null;
  /** By address, for requests with a key that is refused. */
  readonly byRefusedKey: RequestLimit | null;
}

/**
 * @param nowMs of a clock that does not go back
 * @param onLimited called for each request that is refused, with the name of the limit
 */
export function createRequestLimits(
  perMinute: { readonly key: number | null; readonly address: number | null },
  nowMs: () => number,
  onLimited: (name: string) => void = () => undefined,
): RequestLimits {
  const limitOf = (name: string, quota: number | null) =>
    quota === null ? null : requestLimit(name, quota, createRateLimit(quota), nowMs, () => onLimited(name));
  return {
    byKey: limitOf('key', perMinute.key),
    byAddress: limitOf('address', perMinute.address),
    byRefusedKey: limitOf('refused-key', perMinute.address),
  };
}

function requestLimit(
  name: string,
  perMinute: number,
  limit: RateLimit,
  nowMs: () => number,
  onLimited: () => void,
): RequestLimit {
  const policy = `"${name}";q=${perMinute};w=60`;
  const outcome = ({ isAllowed, remaining, resetMs, retryMs }: Allowance): LimitOutcome => {
    const headers = {
      'ratelimit-policy': policy,
      ratelimit: `"${name}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`,
    };
    if (isAllowed) return { headers, problem: null };
    onLimited();
    return { headers, problem: rateLimited(headers, perMinute, retryMs) };
  };
  return {
    take: (caller) => outcome(limit.take(caller, nowMs())),
    look: (caller) => outcome(limit.look(caller, nowMs())),
  };
}

function rateLimited(headers: LimitHeaders, perMinute: number, retryMs: number): Problem<'rate_limited'> {
  const seconds = Math.max(1, Math.ceil(retryMs / 1000));
  return {
    code: 'rate_limited',
    detail: `${perMinute} requests a minute are allowed. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    headers: { ...headers, 'retry-after': String(seconds) },
  };
}

/**
 * Whom an address counts for: an IPv4 address for itself, an IPv6 address for its /64, of which one customer of a network
 * has all. One bucket for all whose address is not known.
 */
export function limitedAddress(address: string | null): string {
  if (address === null) return 'unknown';
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? [] : tail.split(':');
  // An IPv4 address at the end takes the place of two groups.
  const behindCount = behind.length + (behind.at(-1)?.includes('.') === true ? 1 : 0);
  if (tail !== undefined) {
    groups.push(
      ...Array.from({ length: Math.max(0, 8 - groups.length - behindCount) }, () => '0'),
      ...behind,
    );
  }
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
