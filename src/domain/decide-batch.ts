/**
 * The decision: which submissions of a batch become orders, which steps of orders are taken, and the changes that
 * follow.
 *
 * Pure. An engine reads a {@link Snapshot}, calls {@link decideBatch} and applies the {@link WriteSet},
 * all in one transaction; price, stock, idempotency and counters are decided here and nowhere else.
 * Commands are decided in turn, each seeing what the ones before it changed, so a batch has the same
 * result as the same commands one by one.
 */
import { type Draft, findByKey, keepKey, newDraft, replayed, stockLeft } from './batch-draft.ts';
import type { RightsByKey } from './grant.ts';
import { addCents, multiplyCents } from './money.ts';
import { asPlaced, type Order, type OrderLine } from './order.ts';
import type { EventType, OrderEvent, OrderHistory } from './order-event.ts';
import type { OrderStatus } from './order-lifecycle.ts';
import { needsProducts, type OrderStep } from './order-step.ts';
import type { LineProblem, Outcome, PlacingOutcome, Shortage } from './outcome.ts';
import type { Product } from './product.ts';
import { assertSubmission, type Idempotency, type Submission } from './submission.ts';
import { changesOfSteps, takeStep } from './take-step.ts';
import type { Popularity } from './top-products.ts';

/** What a caller wants: to place an order, or to take an order a step further. */
export type Command = Submission | OrderStep;

export function isStep(command: Command): command is OrderStep {
  return 'step' in command;
}

/** The API keys that the grants of a batch name, each once. */
export function keysOfGrants(commands: readonly Command[]): readonly string[] {
  const keyIds = new Set<string>();
  for (const command of commands)
    if (isStep(command) && command.grant !== null) keyIds.add(command.grant.keyId);
  return [...keyIds];
}

/** The lines whose products the decision of a command needs. @param stored the order that a step is about */
export function linesToDecide(
  command: Command,
  stored: OrderHistory | null | undefined,
): readonly Pick<OrderLine, 'sku'>[] {
  if (!isStep(command)) return command.lines;
  return needsProducts(command.step) ? (stored?.placed.lines ?? []) : [];
}

/** The facts of a product that the decision needs. */
export type StockedProduct = Pick<Product, 'sku' | 'name' | 'priceCents' | 'onHand' | 'active'>;

/** The order that a key has made or changed, as it was then, and for which payload. */
export interface KeyedOrder {
  readonly fingerprint: string;
  readonly order: Order;
}

/** The rows that an engine has read, in its transaction, for the keys of one batch. */
export interface Snapshot {
  /** Every product that exists of those that the batch asks for, or of an order whose step needs its products; by SKU. */
  readonly products: ReadonlyMap<string, StockedProduct>;
  /** Every order that a key of the batch has already made or changed, by {@link idempotencyId}. */
  readonly ordersByKey: ReadonlyMap<string, KeyedOrder>;
  /** Every stored order that a command of the batch names, by order id. */
  readonly ordersById: ReadonlyMap<string, OrderHistory>;
  /** Of every API key that a grant of the batch names. */
  readonly rightsByKey: RightsByKey;
  /** The number of the next order; as many numbers as the batch has commands are free from here on. */
  readonly orderNumberNext: number;
}

/** Written down with the order it belongs to. */
export interface KeyRecord extends Idempotency {
  readonly orderId: string;
  readonly orderNumber: number;
  /** Of the order, as the key has made it. */
  readonly revision: number;
}

/** One entry of the order log; the engine gives it its position. */
export interface LogEntry {
  readonly orderId: string;
  readonly orderNumber: number;
  /** Of the order, as the event has made it; 1 when it was placed. */
  readonly revision: number;
  readonly type: 'order_placed' | EventType;
  readonly atMs: number;
}

/** An event with the order that it belongs to. */
export type EventOfOrder = OrderEvent & { readonly orderId: string; readonly orderNumber: number };

/** The present state of an order that steps of the batch have changed. */
export interface ChangedOrder {
  readonly orderId: string;
  readonly number: number;
  readonly status: OrderStatus;
  readonly revision: number;
}

/** An order that loses its name, street and email; its ZIP code and its events' data become those that are given here. */
export interface ErasedOrder {
  readonly orderId: string;
  readonly number: number;
  readonly zipCode: string;
  /** After `orders` and `events` are written. */
  readonly events: readonly Pick<OrderEvent, 'revision' | 'data'>[];
}

/** Everything one batch changes. Empty lists and maps when nothing was placed and no step was taken. */
export interface WriteSet {
  readonly orders: readonly Order[];
  readonly keys: readonly KeyRecord[];
  readonly log: readonly LogEntry[];
  /** Units to take from stock by SKU, never more than the snapshot had; below zero when more are put back. */
  readonly stockTaken: ReadonlyMap<string, number>;
  /** To be added to the counters, one entry for each state and SKU. */
  readonly popularityAdded: readonly Popularity[];
  /** Those below are empty unless a step was taken. They belong to stored orders and to orders of this write set. */
  readonly events: readonly EventOfOrder[];
  /** Each order once. */
  readonly changedOrders: readonly ChangedOrder[];
  readonly erasedOrders: readonly ErasedOrder[];
  /** To be taken from the counters after the adding, one entry for each state and SKU. A counter with 0 orders goes. */
  readonly popularityTaken: readonly Popularity[];
}

export interface Decision {
  /** `outcomes[i]` answers `commands[i]`. */
  readonly outcomes: readonly Outcome[];
  readonly writeSet: WriteSet;
}

export function decideBatch(snapshot: Snapshot, commands: readonly Command[]): Decision {
  const draft = newDraft(snapshot);
  const outcomes = commands.map((command) =>
    isStep(command) ? takeStep(draft, command) : decide(draft, command),
  );
  return {
    outcomes,
    writeSet: {
      orders: draft.orders,
      keys: draft.keys,
      log: draft.log,
      stockTaken: draft.stockTaken,
      popularityAdded: Array.from(draft.popularityAdded.values()),
      ...changesOfSteps(draft),
    },
  };
}

function decide(draft: Draft, submission: Submission): PlacingOutcome {
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
function findEarlier(draft: Draft, { orderId, idempotency }: Submission): PlacingOutcome | null {
  const sameId = draft.snapshot.ordersById.get(orderId)?.placed ?? draft.placedById.get(orderId);
  if (sameId !== undefined) return replayed(draft, sameId);
  return idempotency === null ? null : findByKey(draft, idempotency);
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
    const available = stockLeft(draft, sku);
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
  draft.log.push({ orderId, orderNumber: number, revision: 1, type: 'order_placed', atMs: placedAtMs });
  if (idempotency !== null) keepKey(draft, idempotency, order);
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
    status: asPlaced.status,
    placedAtMs,
    customerName,
    streetAddress,
    city,
    state,
    zipCode,
    email,
    lines,
    totalCents,
    revision: asPlaced.revision,
    shipments: asPlaced.shipments,
    returns: asPlaced.returns,
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
