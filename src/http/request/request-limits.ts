/**
 * Rate limits of requests: by API key where one opens the endpoint, else by address. Requests with a key that is refused
 * count for their address apart from its others. An address that has used them up is refused, if it presents a key again,
 * before the database is asked about that key.
 *
 * Fields by draft-ietf-httpapi-ratelimit-headers-10.
 */
import { type Allowance, callersMax, createRateLimit, minuteMs } from '../../access/rate-limit.ts';
import type { Problem } from '../problem-details.ts';

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
  /**
   * Tries to find an order by its ZIP code or email; always on. By address, and by the number that is asked for: else many
   * addresses together could try all ZIP codes of one order. By the day, too: an hour’s tries that come back all day are
   * more than some states have ZIP codes.
   */
  readonly tracking: { readonly byAddress: RequestLimit; readonly byNumber: RequestLimit };
}

/** Requests in a minute for `key` and `address`, in an hour or a day for {@link RequestLimits.tracking}. */
export interface Quotas {
  readonly key: number | null;
  readonly address: number | null;
  readonly trackingAddress: number;
  readonly trackingNumber: number;
  readonly trackingNumberDay: number;
}

interface Window {
  readonly ms: number;
  readonly words: string;
}

const minute: Window = { ms: minuteMs, words: 'a minute' };
const hour: Window = { ms: 60 * minuteMs, words: 'an hour' };
const day: Window = { ms: 24 * hour.ms, words: 'a day' };

/**
 * @param nowMs of a clock that does not go back
 * @param onLimited called for each request that is refused, with the name of the limit
 */
export function createRequestLimits(
  quotas: Quotas,
  nowMs: () => number,
  onLimited: (name: string) => void = () => undefined,
): RequestLimits {
  const perMinute = (name: string, quota: number | null) =>
    quota === null ? null : limitOf(name, quota, minute);
  const limitOf = (name: string, quota: number, window: Window) =>
    requestLimit({ name, quota, window }, nowMs, onLimited);
  return {
    byKey: perMinute('key', quotas.key),
    byAddress: perMinute('address', quotas.address),
    byRefusedKey: perMinute('refused-key', quotas.address),
    tracking: {
      byAddress: limitOf('tracking-address', quotas.trackingAddress, hour),
      byNumber: bothLimits(
        limitOf('tracking-number', quotas.trackingNumber, hour),
        limitOf('tracking-number-day', quotas.trackingNumberDay, day),
      ),
    },
  };
}

interface Policy {
  readonly name: string;
  readonly quota: number;
  readonly window: Window;
}

function requestLimit(policy: Policy, nowMs: () => number, onLimited: (name: string) => void): RequestLimit {
  const { name, quota, window } = policy;
  const limit = createRateLimit(quota, callersMax, window.ms);
  const field = `"${name}";q=${quota};w=${window.ms / 1000}`;
  const outcome = ({ isAllowed, remaining, resetMs, retryMs }: Allowance): LimitOutcome => {
    const headers = {
      'ratelimit-policy': field,
      ratelimit: `"${name}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`,
    };
    if (isAllowed) return { headers, problem: null };
    onLimited(name);
    return { headers, problem: rateLimited(headers, policy, retryMs) };
  };
  return {
    take: (caller) => outcome(limit.take(caller, nowMs())),
    look: (caller) => outcome(limit.look(caller, nowMs())),
  };
}

/** A request that one of them refuses counts for neither. */
function bothLimits(one: RequestLimit, other: RequestLimit): RequestLimit {
  const look = (caller: string): LimitOutcome => {
    const ofOne = one.look(caller);
    return ofOne.problem === null ? bothOutcomes(ofOne, other.look(caller)) : ofOne;
  };
  const take = (caller: string): LimitOutcome => {
    const before = look(caller);
    return before.problem === null ? bothOutcomes(one.take(caller), other.take(caller)) : before;
  };
  return { take, look };
}

/** The fields of a request that the first allows are lists; those of a refusal tell of the limit that refuses. */
function bothOutcomes(allowed: LimitOutcome, other: LimitOutcome): LimitOutcome {
  if (other.problem !== null) return other;
  const field = (name: keyof LimitHeaders) => `${allowed.headers[name]}, ${other.headers[name]}`;
  return {
    headers: { 'ratelimit-policy': field('ratelimit-policy'), ratelimit: field('ratelimit') },
    problem: null,
  };
}

function rateLimited(
  headers: LimitHeaders,
  { quota, window }: Policy,
  retryMs: number,
): Problem<'rate_limited'> {
  const seconds = Math.max(1, Math.ceil(retryMs / 1000));
  return {
    code: 'rate_limited',
    detail: `${quota} requests ${window.words} are allowed. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
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
