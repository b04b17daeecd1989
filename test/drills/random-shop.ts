/**
 * Random commands for one shop, and its books kept by hand. The commands are placed orders, steps of orders, repeats of
 * both, stock that comes in or is adjusted, and changed products. The same seed gives the same commands, as long as the
 * answers are the same.
 */
import assert from 'node:assert/strict';
import { type Command, isStep } from '../../src/domain/decide-batch.ts';
import type { CatalogChange, CatalogOutcome } from '../../src/domain/decide-catalog.ts';
import type { Order } from '../../src/domain/order.ts';
import { unitsToShip } from '../../src/domain/order-lifecycle.ts';
import type { Step } from '../../src/domain/order-step.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { StockMovement } from '../../src/domain/stock-movement.ts';
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
import { type Draws, drawsOf } from './draws.ts';
import { drawLines, drawStep } from './random-steps.ts';
import { type Books, noteChange, noteOutcomes, unitsNotReturned } from './shop-books.ts';

export const shopStates = ['TX', 'CA', 'NY'] as const;
/** Few units of the first, so that it sells out again and again. */
export const shopSkus = ['hot', 'a', 'b', 'c', 'd', 'e', 'f', 'g'] as const;
const names = ['Mug', 'mug', 'Tent', 'Zelt', 'Äxte', '😀'];

/** Of a hundred commands so many place an order; most of the others take an order a step further. */
const placingInHundred = 45;
const repeatsInHundred = 8;
/** Older orders are left alone, so that those that are on their way go far. */
const ordersOnTheirWay = 60;

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

/** The shop as the draws see it. */
interface World {
  readonly draws: Draws;
  readonly books: Books;
  readonly sent: Command[];
  /** Of the order or event that got an id last; it is the time as well. */
  serial: number;
}

export function openRandomShop(random: () => number): RandomShop {
  const books: Books = { onHand: new Map(), orders: new Map(), lost: new Map() };
  const draws = drawsOf(random);
  const world: World = { draws, books, sent: [], serial: 0 };
  const { below, isOneIn, oneOf } = draws;
  const changeOf = (given: Partial<CatalogChange>): CatalogChange => ({
    atMs: world.serial,
    products: [],
    movements: [],
    onlyIfEmpty: false,
    isTrial: false,
    ...given,
  });
  const productOf = (sku: string) =>
    described(aProduct({ sku, name: oneOf(names), priceCents: below(5_000), active: !isOneIn(6) }));

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
      const batch = Array.from({ length: count }, () => aCommand(world));
      world.sent.push(...batch);
      return batch;
    },

    nextChange() {
      if (isOneIn(3))
        return changeOf({ products: [{ product: productOf(oneOf(shopSkus)), expectedRevision: null }] });
      return changeOf({ movements: isOneIn(2) ? [aMove(draws)] : [aMove(draws), aMove(draws)] });
    },

    undoAll: () => [...books.orders.values()].flatMap((order) => undo(world, order)),

    noteOutcomes(commands, outcomes) {
      assert.equal(outcomes.length, commands.length);
      noteOutcomes(books, outcomes);
    },

    noteChange: (change, outcome) => noteChange(books, change, outcome),
  };
}

function nextId(world: World): string {
  world.serial += 1;
  return orderIdOf(world.serial);
}

function aCommand(world: World): Command {
  const kind = world.draws.below(100);
  if (kind < repeatsInHundred && world.sent.length > 0) return aRepeat(world);
  return kind < repeatsInHundred + placingInHundred ? anOrder(world) : aNextStep(world);
}

function anOrder(world: World): Command {
  const { below, isOneIn, oneOf } = world.draws;
  const orderId = nextId(world);
  const wish = aSubmission({
    orderId,
    placedAtMs: world.serial,
    state: oneOf(shopStates),
    lines: drawLines(world.draws, isOneIn(50) ? ['ghost'] : shopSkus),
    ...(isOneIn(30) ? { expectedTotalCents: 1 } : {}),
  });
  return isOneIn(3) ? keyed(isOneIn(4) ? `key-${below(20)}` : `key-of-${world.serial}`, wish) : wish;
}

function aNextStep(world: World): Command {
  const { draws, books } = world;
  const { below, isOneIn, oneOf } = draws;
  const recent = [...books.orders.keys()].slice(-ordersOnTheirWay);
  const orderId = recent.length === 0 || isOneIn(100) ? nextId(world) : oneOf(recent);
  const order = books.orders.get(orderId);
  const eventId = nextId(world);
  const expectedRevisions = isOneIn(5) ? [isOneIn(4) ? 7 : (order?.revision ?? 1)] : null;
  const step = drawStep(draws, order, shopSkus);
  const one = aStep({ orderId, eventId, step, atMs: world.serial, expectedRevisions });
  return isOneIn(3) ? keyedStep(isOneIn(4) ? `step-${below(20)}` : `step-of-${world.serial}`, one) : one;
}

/** The same command, or the same wish by a caller who got no answer. */
function aRepeat(world: World): Command {
  const command = world.draws.oneOf(world.sent);
  if (world.draws.isOneIn(2)) return command;
  return isStep(command) ? { ...command, eventId: nextId(world) } : { ...command, orderId: nextId(world) };
}

function aMove({ below, isOneIn, oneOf }: Draws): StockMovement {
  const sku = isOneIn(3) ? 'hot' : oneOf(shopSkus);
  const reference = isOneIn(3) ? `PO ${below(8)}` : null;
  if (isOneIn(3))
    return aMovement({ sku, units: -1 - below(6), reason: oneOf(['count', 'damage', 'theft']), reference });
  return aMovement({ sku, units: 1 + below(12), reason: 'receipt', reference });
}

/** Cancels it, or ships the rest of it and brings all of it back. */
function undo(world: World, order: Order): readonly Command[] {
  const { orderId, status } = order;
  const of = (step: Step) => aStep({ orderId, eventId: nextId(world), step, atMs: world.serial });
  if (status === 'cancelled' || status === 'returned') return [];
  if (status === 'placed' || status === 'packed') return [of({ name: 'cancel', reason: null })];
  const ship: readonly Command[] =
    unitsToShip(order).length === 0 ? [] : [of({ name: 'ship', ...aParcel, lines: null })];
  return [...ship, of({ name: 'return', lines: unitsNotReturned(order), restock: true, reason: null })];
}
