/**
 * The decision: which submissions of a batch become orders, and the changes that follow.
 *
 * Pure. An engine reads a {@link Snapshot}, calls {@link decideBatch} and applies the {@link WriteSet},
 * all in one transaction; price, stock, idempotency and counters are decided here and nowhere else.
 * Submissions are decided in turn, each seeing what the ones before it took, so a batch has the same
 * result as the same submissions one by one.
 */
import { addCents, multiplyCents } from './money.ts';
import type { Order, OrderLine } from './order.ts';
import type { LineProblem, Outcome, Shortage } from './outcome.ts';
import type { Product } from './product.ts';
import { assertSubmission, type Idempotency, type Submission } from './submission.ts';
import type { Popularity } from './top-products.ts';

/** The facts of a product that the decision needs. */
export type StockedProduct = Pick<Product, 'sku' | 'name' | 'priceCents' | 'onHand' | 'active'>;

/** The order a key has made, and for which payload. */
export interface KeyedOrder {
  readonly fingerprint: string;
  readonly order: Order;
}

/** The rows that an engine has read, in its transaction, for the keys of one batch. */
export interface Snapshot {
  /** Every product the batch asks for that exists, by SKU. */
  readonly products: ReadonlyMap<string, StockedProduct>;
  /** Every order that a key of the batch has already made, by {@link idempotencyId}. */
  readonly ordersByKey: ReadonlyMap<string, KeyedOrder>;
  /** Every order of the batch that is already stored, by order id. */
  readonly ordersById: ReadonlyMap<string, Order>;
  /** The number of the next order; as many numbers as the batch has submissions are free from here on. */
  readonly orderNumberNext: number;
}

/** Written down with the order it belongs to. */
export interface KeyRecord extends Idempotency {
  readonly orderNumber: number;
}

/** One entry of the order log; the engine gives it its position. */
export interface LogEntry {
  readonly orderNumber: number;
  readonly type: 'order_placed';
  readonly atMs: number;
}

/** Everything one batch changes. Empty lists and maps when nothing was placed. */
export interface WriteSet {
  readonly orders: readonly Order[];
  readonly keys: readonly KeyRecord[];
  readonly log: readonly LogEntry[];
  /** Units to take from stock by SKU; never more than the snapshot had. */
  readonly stockTaken: ReadonlyMap<string, number>;
  /** To be added to the counters, one entry for each state and SKU. */
  readonly popularityAdded: readonly Popularity[];
}

export interface Decision {
  /** `outcomes[i]` answers `submissions[i]`. */
  readonly outcomes: readonly Outcome[];
  readonly writeSet: WriteSet;
}

/** A key together with its scope, as one string; unambiguous because a key holds no space. */
export function idempotencyId({ scope, key }: Pick<Idempotency, 'scope' | 'key'>): string {
  return `${scope} ${key}`;
}

export function decideBatch(snapshot: Snapshot, submissions: readonly Submission[]): Decision {
  const draft = newDraft(snapshot);
  const outcomes = submissions.map((submission) => decide(draft, submission));
  return {
    outcomes,
    writeSet: {
      orders: draft.orders,
      keys: draft.keys,
      log: draft.log,
      stockTaken: draft.stockTaken,
      popularityAdded: Array.from(draft.popularityAdded.values()),
    },
  };
}

/** The changes by the submissions decided so far. */
interface Draft {
  readonly snapshot: Snapshot;
  readonly orders: Order[];
  readonly keys: KeyRecord[];
  readonly log: LogEntry[];
  readonly stockTaken: Map<string, number>;
  readonly popularityAdded: Map<string, { -readonly [K in keyof Popularity]: Popularity[K] }>;
  readonly placedByKey: Map<string, KeyedOrder>;
  readonly placedById: Map<string, Order>;
  orderNumberNext: number;
}

function newDraft(snapshot: Snapshot): Draft {
  return {
    snapshot,
    orders: [],
    keys: [],
    log: [],
    stockTaken: new Map(),
    popularityAdded: new Map(),
    placedByKey: new Map(),
    placedById: new Map(),
    orderNumberNext: snapshot.orderNumberNext,
  };
}

function decide(draft: Draft, submission: Submission): Outcome {
  assertSubmission(submission);
  const earlier = findEarlier(draft, submission);
  if (earlier !== null) return earlier;

  const priced = priceLines(draft.snapshot, submission);
  if ('problems' in priced) return { kind: 'rejected', problems: priced.problems };

  const shortages = findShortages(draft, priced.lines);
  if (shortages.length > 0) return { kind: 'out_of_stock', shortages };

  // After the stock: a shopper should not agree to the new price of a product that is sold out.
  const { expectedTotalCents } = submission;
  if (expectedTotalCents !== undefined && expectedTotalCents !== priced.totalCents) {
    return { kind: 'price_changed', ...priced };
  }
  return { kind: 'placed', order: place(draft, submission, priced) };
}

/** The answer to a submission that was answered before: by its order id, or by its idempotency key. */
function findEarlier(draft: Draft, { orderId, idempotency }: Submission): Outcome | null {
  const sameId = draft.snapshot.ordersById.get(orderId) ?? draft.placedById.get(orderId);
  if (sameId !== undefined) return { kind: 'replayed', order: sameId };
  if (idempotency === null) return null;

  const id = idempotencyId(idempotency);
  const sameKey = draft.snapshot.ordersByKey.get(id) ?? draft.placedByKey.get(id);
  if (sameKey === undefined) return null;
  return sameKey.fingerprint === idempotency.fingerprint
    ? { kind: 'replayed', order: sameKey.order }
    : { kind: 'conflict' };
}

interface PricedLines {
  readonly lines: readonly OrderLine[];
  readonly totalCents: number;
}

function priceLines(
  { products }: Snapshot,
  submission: Submission,
): PricedLines | { readonly problems: readonly LineProblem[] } {
  const lines: OrderLine[] = [];
  const problems: LineProblem[] = [];
  let totalCents: number | null = 0;
  for (const [lineIndex, { sku, quantity }] of submission.lines.entries()) {
    const product = products.get(sku);
    if (product === undefined) {
      problems.push({ lineIndex, sku, code: 'unknown_product' });
    } else if (!product.active) {
      problems.push({ lineIndex, sku, code: 'product_unavailable' });
    } else {
      const lineTotalCents = multiplyCents(product.priceCents, quantity);
      totalCents =
        lineTotalCents === null || totalCents === null ? null : addCents(totalCents, lineTotalCents);
      if (lineTotalCents === null || totalCents === null) {
        problems.push({ lineIndex, sku, code: 'total_too_large' });
      } else {
        lines.push({ sku, name: product.name, quantity, unitPriceCents: product.priceCents, lineTotalCents });
      }
    }
  }
  return problems.length > 0 || totalCents === null ? { problems } : { lines, totalCents };
}

/** All or nothing: an order is short when any of its lines is. */
function findShortages(draft: Draft, lines: readonly OrderLine[]): readonly Shortage[] {
  const shortages: Shortage[] = [];
  for (const { sku, name, quantity } of lines) {
    const onHand = draft.snapshot.products.get(sku)?.onHand ?? 0;
    const available = onHand - (draft.stockTaken.get(sku) ?? 0);
    if (quantity > available) shortages.push({ sku, name, requested: quantity, available });
  }
  return shortages;
}

function place(draft: Draft, submission: Submission, { lines, totalCents }: PricedLines): Order {
  const { orderId, placedAtMs, idempotency } = submission;
  const number = draft.orderNumberNext;
  draft.orderNumberNext += 1;
  const order = orderOf(submission, number, lines, totalCents);
  draft.orders.push(order);
  draft.placedById.set(orderId, order);
  draft.log.push({ orderNumber: number, type: 'order_placed', atMs: placedAtMs });
  if (idempotency !== null) {
    draft.keys.push({ ...idempotency, orderNumber: number });
    draft.placedByKey.set(idempotencyId(idempotency), { fingerprint: idempotency.fingerprint, order });
  }
  for (const line of lines) {
    draft.stockTaken.set(line.sku, (draft.stockTaken.get(line.sku) ?? 0) + line.quantity);
    countPopularity(draft, order, line);
  }
  return order;
}

/** The order that a submission becomes, once it is priced and numbered. */
export function orderOf(
  submission: Submission,
  number: number,
  lines: readonly OrderLine[],
  totalCents: number,
): Order {
  const { orderId, placedAtMs, customerName, streetAddress, city, state, zipCode, email } = submission;
  return {
    orderId,
    number,
    status: 'placed',
    placedAtMs,
    customerName,
    streetAddress,
    city,
    state,
    zipCode,
    email,
    lines,
    totalCents,
  };
}

/** One more order of this product in this state. A merged order holds each product once, so this is exact. */
function countPopularity(
  { popularityAdded }: Draft,
  { state }: Order,
  { sku, name, quantity }: OrderLine,
): void {
  const id = `${state} ${sku}`;
  const counter = popularityAdded.get(id);
  if (counter === undefined) {
    popularityAdded.set(id, { state, sku, name, orders: 1, units: quantity });
  } else {
    counter.orders += 1;
    counter.units += quantity;
  }
}
