/**
 * Random commands for one shop, and its books kept by hand. The commands are placed orders, steps of orders, repeats of
 * both, stock that comes in or is adjusted, and changed products. The same seed gives the same commands, as long as the
 * answers are the same: most steps are such as the order allows.
 *
 * The books follow from the answers by plain sums and share no code with the decision: units on hand, and units kept of
 * each order.
 */
import assert from 'node:assert/strict';
import { type Command, isStep } from '../../src/domain/decide-batch.ts';
import type { CatalogChange, CatalogOutcome } from '../../src/domain/decide-catalog.ts';
import type { Order } from '../../src/domain/order.ts';
import type { OrderEvent } from '../../src/domain/order-event.ts';
import { allowedSteps, unitsToShip, unitsWithCustomer } from '../../src/domain/order-lifecycle.ts';
import type { Step } from '../../src/domain/order-step.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { StockMovement } from '../../src/domain/stock-movement.ts';
import type { RequestedLine } from '../../src/domain/submission.ts';
import {
  aMovement,
  aParcel,
  aProduct,
  aStep,
  aSubmission,
  described,
  keyed,
  keyedStep,
  orderIdOf,
} from '../builders.ts';

export const shopStates = ['TX', 'CA', 'NY'] as const;
/** Few units of the first, so that it sells out again and again. */
export const shopSkus = ['hot', 'a', 'b', 'c', 'd', 'e', 'f', 'g'] as const;
const names = ['Mug', 'mug', 'Tent', 'Zelt', 'Äxte', '😀'];

/** Of a hundred commands so many place an order; most of the others take an order a step further. */
const placingInHundred = 45;
const repeatsInHundred = 8;
/** Older orders are left alone, so that those that are on their way go far. */
const ordersOnTheirWay = 60;

interface Books {
  readonly onHand: Map<string, number>;
  /** As the last answer told it. */
  readonly orders: Map<string, Order>;
  /** Units that came back and were not put back on hand. */
  readonly lost: Map<string, number>;
}

export interface RandomShop {
  readonly books: Books;
  /** Every product with its first units. */
  opening(): CatalogChange;
  /** @param count of commands */
  nextBatch(count: number): readonly Command[];
  /** A product, or one or two movements of stock. */
  nextChange(): CatalogChange;
  /** Steps that cancel each order, or ship the rest of it and bring all of it back. */
  undoAll(): readonly Command[];
  /** @throws AssertionError when units are sold that are not there */
  noteOutcomes(commands: readonly Command[], outcomes: readonly Outcome[]): void;
  noteChange(change: CatalogChange, outcome: CatalogOutcome): void;
}

export function openRandomShop(random: () => number): RandomShop {
  const books: Books = { onHand: new Map(), orders: new Map(), lost: new Map() };
  const sent: Command[] = [];
  let serial = 0;
  const below = (bound: number) => Math.floor(random() * bound);
  const isOneIn = (count: number) => below(count) === 0;
  const oneOf = <Item>(items: readonly Item[]): Item => {
    const item = items[below(items.length)];
    assert.ok(item !== undefined);
    return item;
  };
  const nextId = () => {
    serial += 1;
    return orderIdOf(serial);
  };

  function someLines(skus: readonly string[]): readonly RequestedLine[] {
    const lines = new Map<string, number>();
    for (let i = 1 + below(3); i > 0; i -= 1) lines.set(oneOf(skus), 1 + below(4));
    return Array.from(lines, ([sku, quantity]) => ({ sku, quantity }));
  }

  function anOrder(): Command {
    const orderId = nextId();
    const wish = aSubmission({
      orderId,
      placedAtMs: serial,
      state: oneOf(shopStates),
      lines: someLines(isOneIn(50) ? ['ghost'] : shopSkus),
      ...(isOneIn(30) ? { expectedTotalCents: 1 } : {}),
    });
    return isOneIn(3) ? keyed(isOneIn(4) ? `key-${below(20)}` : `key-of-${serial}`, wish) : wish;
  }

  function aNextStep(): Command {
    const recent = [...books.orders.keys()].slice(-ordersOnTheirWay);
    const orderId = recent.length === 0 || isOneIn(100) ? nextId() : oneOf(recent);
    const order = books.orders.get(orderId);
    const eventId = nextId();
    const expectedRevisions = isOneIn(5) ? [isOneIn(4) ? 7 : (order?.revision ?? 1)] : null;
    const one = aStep({ orderId, eventId, step: stepOf(order), atMs: serial, expectedRevisions });
    return isOneIn(3) ? keyedStep(isOneIn(4) ? `step-${below(20)}` : `step-of-${serial}`, one) : one;
  }

  function stepOf(order: Order | undefined): Step {
    if (isOneIn(40)) return { name: 'erase' };
    const allowed = order === undefined || isOneIn(4) ? [] : allowedSteps(order);
    const name =
      allowed.length > 0 ? oneOf(allowed) : oneOf(['pack', 'ship', 'deliver', 'cancel', 'return'] as const);
    const reason = isOneIn(2) ? 'too late' : null;
    switch (name) {
      case 'pack':
        return { name };
      case 'cancel':
        return { name, reason };
      case 'ship':
        return { name, ...aParcel, lines: isOneIn(2) ? null : partOf(order && unitsToShip(order)) };
      case 'deliver':
        return { name, shipment: 1 + below((order?.shipments.length ?? 0) + 1) };
      case 'return':
        return { name, lines: partOf(order && unitsWithCustomer(order)), restock: isOneIn(2), reason };
    }
  }

  /** Now and then more than there is, or of a product that is not in it. */
  function partOf(lines: readonly RequestedLine[] = []): readonly RequestedLine[] {
    if (lines.length === 0 || isOneIn(10)) return someLines(shopSkus);
    if (isOneIn(3)) return lines;
    const { sku, quantity } = oneOf(lines);
    return [{ sku, quantity: 1 + below(quantity) }];
  }

  /** The same command, or the same wish by a caller who got no answer. */
  function aRepeat(): Command {
    const command = oneOf(sent);
    if (isOneIn(2)) return command;
    return isStep(command) ? { ...command, eventId: nextId() } : { ...command, orderId: nextId() };
  }

  function aMove(): StockMovement {
    const sku = isOneIn(3) ? 'hot' : oneOf(shopSkus);
    const reference = isOneIn(3) ? `PO ${below(8)}` : null;
    if (isOneIn(3))
      return aMovement({ sku, units: -1 - below(6), reason: oneOf(['count', 'damage', 'theft']), reference });
    return aMovement({ sku, units: 1 + below(12), reason: 'receipt', reference });
  }

  const changeOf = (given: Partial<CatalogChange>): CatalogChange => ({
    atMs: serial,
    products: [],
    movements: [],
    onlyIfEmpty: false,
    isTrial: false,
    ...given,
  });

  const productOf = (sku: string) =>
    described(aProduct({ sku, name: oneOf(names), priceCents: below(5_000), active: !isOneIn(6) }));

  function noteEvent({ orderId, lines }: Order, event: OrderEvent): void {
    if (event.type === 'order_cancelled')
      for (const { sku, quantity } of lines) add(books.onHand, sku, quantity);
    if (event.type !== 'order_returned') return;
    const { restock, lines: back } = event.data;
    for (const { sku, quantity } of back) add(restock ? books.onHand : books.lost, sku, quantity);
    assert.ok(books.orders.has(orderId));
  }

  return {
    books,
    opening: () =>
      changeOf({
        products: shopSkus.map((sku) => ({
          product: { ...productOf(sku), active: true },
          expectedRevision: null,
        })),
        movements: shopSkus.map((sku) => aMovement({ sku, units: sku === 'hot' ? 3 : 40 + below(200) })),
      }),

    nextBatch(count) {
      const batch = Array.from({ length: count }, () => {
        const kind = below(100);
        if (kind < repeatsInHundred && sent.length > 0) return aRepeat();
        return kind < repeatsInHundred + placingInHundred ? anOrder() : aNextStep();
      });
      sent.push(...batch);
      return batch;
    },

    nextChange() {
      if (isOneIn(3))
        return changeOf({ products: [{ product: productOf(oneOf(shopSkus)), expectedRevision: null }] });
      return changeOf({ movements: isOneIn(2) ? [aMove()] : [aMove(), aMove()] });
    },

    undoAll() {
      return [...books.orders.values()].flatMap((order): readonly Command[] => {
        const { orderId, status } = order;
        const of = (step: Step) => aStep({ orderId, eventId: nextId(), step, atMs: serial });
        if (status === 'cancelled' || status === 'returned') return [];
        if (status === 'placed' || status === 'packed') return [of({ name: 'cancel', reason: null })];
        const returned = new Map(order.returns.flatMap(({ lines }) => lines).map(({ sku }) => [sku, 0]));
        for (const { lines } of order.returns)
          for (const { sku, quantity } of lines) add(returned, sku, quantity);
        const rest = order.lines
          .map(({ sku, quantity }) => ({ sku, quantity: quantity - (returned.get(sku) ?? 0) }))
          .filter(({ quantity }) => quantity > 0);
        const ship: readonly Command[] =
          unitsToShip(order).length === 0 ? [] : [of({ name: 'ship', ...aParcel, lines: null })];
        return [...ship, of({ name: 'return', lines: rest, restock: true, reason: null })];
      });
    },

    noteOutcomes(commands, outcomes) {
      assert.equal(outcomes.length, commands.length);
      for (const outcome of outcomes) {
        if (outcome.kind === 'placed') {
          for (const { sku, quantity } of outcome.order.lines) add(books.onHand, sku, -quantity);
          books.orders.set(outcome.order.orderId, outcome.order);
        }
        if (outcome.kind === 'stepped') {
          noteEvent(outcome.order, outcome.event);
          books.orders.set(outcome.order.orderId, outcome.order);
        }
        for (const [sku, units] of books.onHand) assert.ok(units >= 0, `${sku} is oversold`);
      }
    },

    noteChange({ movements }, outcome) {
      if (outcome.kind !== 'changed') return;
      for (const [index, { sku, units }] of movements.entries())
        if (outcome.movements[index]?.effect === 'moved') add(books.onHand, sku, units);
    },
  };
}

export function add(sums: Map<string, number>, id: string, units: number): void {
  sums.set(id, (sums.get(id) ?? 0) + units);
}
