/**
 * Remembers in the browser, for a few minutes, which order it placed last, so that the same order sent once more by
 * Back and submit is asked about first.
 *
 * The cookie holds number, id and time of the order, and a keyed digest of what was ordered and for whom: nothing
 * personal, and nothing that an instance has to keep.
 */
import { createHmac, createSecretKey } from 'node:crypto';
import type { Order } from '../../domain/order.ts';
import { fingerprintText, type OrderRequest } from '../../domain/submission.ts';
import type { CallerKey } from '../../intake/place-order.ts';

/** How long the same order is asked about, in milliseconds. */
export const repeatWindowMs = 10 * 60_000;

/** The order that a browser placed last. */
export interface RecentOrder {
  readonly orderId: string;
  readonly number: number;
  readonly placedAtMs: number;
}

export interface RepeatedOrder extends RecentOrder {
  /** Milliseconds since it was placed. */
  readonly ageMs: number;
}

export interface RecentOrders {
  /** The Set-Cookie field of the answer that tells of `order`. */
  cookieFor(basePath: string, order: Order, callerKey: CallerKey | null, isSecure: boolean): string;
  /**
   * The last order of this browser when `request` asks for the same and it was placed within {@link repeatWindowMs}.
   * Null for a request under the key of that very order, which is a retry.
   */
  repeatedBy(request: OrderRequest, callerKey: CallerKey | null, headers: Headers): RepeatedOrder | null;
}

const cookieName = 'recent_order';
const cookiePattern = new RegExp(
  `(?:^|;\\s*)${cookieName}=(\\d{1,16})\\.([0-9a-f-]{36})\\.(\\d{1,16})\\.([\\w-]{43})\\.([\\w-]{43})(?:\\s*;|$)`,
);

/** @param secret 32 bytes or more, shared by all instances */
export function createRecentOrders(secret: Uint8Array, nowMs: () => number): RecentOrders {
  const secretKey = createSecretKey(secret);
  const digest = (...parts: readonly (string | number)[]) =>
    createHmac('sha256', secretKey)
      .update(JSON.stringify([cookieName, ...parts]))
      .digest('base64url');
  const orderDigest = ({ number, orderId, placedAtMs }: RecentOrder, request: OrderRequest) =>
    digest(number, orderId, placedAtMs, fingerprintText(request));
  const keyDigest = (orderId: string, callerKey: CallerKey | null) =>
    digest(orderId, callerKey?.scope ?? '', callerKey?.key ?? '');

  return {
    cookieFor(basePath, order, callerKey, isSecure) {
      const { number, orderId, placedAtMs } = order;
      const value = [
        number,
        orderId,
        placedAtMs,
        orderDigest(order, order),
        keyDigest(orderId, callerKey),
      ].join('.');
      return `${cookieName}=${value}; Path=${basePath}/; HttpOnly; SameSite=Lax; Max-Age=${repeatWindowMs / 1000}${isSecure ? '; Secure' : ''}`;
    },
    repeatedBy(request, callerKey, headers) {
      const found = cookiePattern.exec(headers.get('cookie') ?? '');
      if (found === null) return null;
      const [, number, orderId = '', placedAtMs, ofOrder, ofKey] = found;
      const recent = { orderId, number: Number(number), placedAtMs: Number(placedAtMs) };
      const ageMs = nowMs() - recent.placedAtMs;
      if (ageMs > repeatWindowMs) return null;
      // A client that forges a digest is asked about an order of its own: the time of the comparison reveals
      // nothing of worth.
      if (orderDigest(recent, request) !== ofOrder) return null;
      return callerKey !== null && keyDigest(orderId, callerKey) === ofKey ? null : { ...recent, ageMs };
    },
  };
}
