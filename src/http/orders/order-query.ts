/** What a client asks of the orders: the parameters of their list, and a page of what is found. */
import { z } from 'zod';
import { askedTexts, type OrderFilter } from '../../domain/order-filter.ts';
import { type OrderStatus, orderStatuses } from '../../domain/order-lifecycle.ts';
import { skuPattern, skuWords } from '../../domain/product.ts';
import { normalizeUsState, type UsState, usStates } from '../../domain/us-state.ts';
import { normalizeZipCode, zipCodePattern } from '../../domain/zip-code.ts';
import type { OrderPage } from '../../storage/order-store.ts';
import { searchParameters } from '../catalog/product-query.ts';
import type { StoreReads } from '../dependencies.ts';
import { cursorParameter } from '../request/list-page.ts';
import { optionalText, type Parameter } from '../request/parameter.ts';
import { parseTimestamp } from '../request/timestamp.ts';

/** The store is asked so often at most for one page, each time for a part of a long walk. */
const walksMax = 50;

/** A page is what was found by then, in milliseconds: a look that might end later, as the longest before it, is not begun. */
const walkingMsMax = 20;

const numberText = z
  .string()
  .regex(/^[1-9][0-9]{0,14}$/)
  .transform(Number);

function timeParameter(description: string): Parameter<number | null> {
  return {
    ...optionalText({
      description,
      schema: z.string().meta({ format: 'date-time' }),
      mustBe: 'a time of RFC 3339 with its offset, such as 2026-11-30T15:00:00Z',
    }),
    parse: parseTimestamp,
    absent: null,
  };
}

/** The filters of the list of orders. */
export const orderFilterParameters = {
  number: optionalText({
    description: 'The order of this number.',
    schema: numberText,
    mustBe: 'the number of an order, such as 1001',
  }),
  status: optionalText({
    description: 'Orders that have this status now.',
    schema: z.enum(orderStatuses),
    mustBe: `one of ${orderStatuses.join(', ')}`,
  }),
  state: optionalText({
    description: 'Orders to this state: its two-letter code, in any case.',
    schema: z
      .string()
      .transform(normalizeUsState)
      .pipe(z.enum(usStates as readonly [UsState, ...UsState[]]))
      .meta({ sentAs: { type: 'string', enum: usStates } }),
    mustBe: 'the two-letter code of a state, such as TX',
  }),
  zip_code: optionalText({
    description:
      'Orders to this ZIP code. Five digits find ZIP+4 codes that begin so, too. Needs `customers:read` too.',
    schema: z
      .string()
      .transform(normalizeZipCode)
      .pipe(z.string().regex(zipCodePattern))
      .meta({ sentAs: { type: 'string', pattern: '^[0-9]{5}(-[0-9]{4})?$' } }),
    mustBe: 'a ZIP code, such as 78701 or 78701-1234',
  }),
  sku: optionalText({
    description: 'Orders that have a line of this product.',
    schema: z.string().regex(skuPattern),
    mustBe: `a SKU: ${skuWords}, such as tent-4p`,
  }),
  placed_from: timeParameter('Orders that were placed then or later (RFC 3339).'),
  placed_to: timeParameter('Orders that were placed before this time (RFC 3339).'),
  q: {
    ...searchParameters.q,
    description:
      'Texts in name, street or email; all must be there, in any order. Neither capitals nor accents count, and of more than 8 words the first 8. Needs `customers:read` too.',
  },
};

export const orderCursorParameter = cursorParameter(numberText);

/** Parameters as they were parsed; null for those that were not sent. */
export interface AskedOrders {
  readonly number: number | null;
  readonly status: OrderStatus | null;
  readonly state: UsState | null;
  readonly zip_code: string | null;
  readonly sku: string | null;
  readonly placed_from: number | null;
  readonly placed_to: number | null;
  readonly q: string | null;
}

export function toOrderFilter(asked: AskedOrders): OrderFilter {
  const { number, status, state, sku } = asked;
  return {
    number,
    status,
    state,
    sku,
    zipCode: asked.zip_code,
    placedFromMs: asked.placed_from,
    placedToMs: asked.placed_to,
    email: null,
    texts: askedTexts(asked.q ?? ''),
  };
}

/** The same filters, as a link sends them. */
export function filterQuery({ placed_from, placed_to, ...asked }: AskedOrders): URLSearchParams {
  const timeOf = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  const sent = { ...asked, placed_from: timeOf(placed_from), placed_to: timeOf(placed_to) };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(sent)) if (value !== null) query.set(name, String(value));
  return query;
}

/** A full page, or what a bounded look has found; turns of the event loop lie in between. */
export async function findOrders(
  store: Pick<StoreReads, 'listOrders'>,
  filter: OrderFilter,
  beforeNumber: number | null,
  limit: number,
): Promise<OrderPage> {
  const startedMs = performance.now();
  let [beganMs, longestMs] = [startedMs, 0];
  let found = await store.listOrders(filter, beforeNumber, limit);
  for (let walks = 1; walks < walksMax; walks += 1) {
    const { orders, next } = found;
    if (next === null || orders.length >= limit) break;
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - beganMs);
    if (nowMs - startedMs + longestMs > walkingMsMax) break;
    beganMs = nowMs;
    await new Promise((resolve) => setImmediate(resolve));
    const more = await store.listOrders(filter, next, limit - orders.length);
    found = { orders: [...orders, ...more.orders], next: more.next };
  }
  return found;
}
