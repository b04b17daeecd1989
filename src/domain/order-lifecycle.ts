/**
 * The life of an order: its statuses, and the steps that each allows.
 *
 * placed → packed → shipped → delivered; cancelled from placed or packed; returned after shipping. An order is
 * `shipped` from its first shipment on, and `delivered` when all its units are shipped and each shipment has arrived.
 * It is `returned` when all its units have come back; until then a return leaves the status as it is.
 * docs/decisions/0035 says why.
 */
import type { Order } from './order.ts';
import type { RequestedLine } from './submission.ts';

export const orderStatuses = ['placed', 'packed', 'shipped', 'delivered', 'cancelled', 'returned'] as const;

export type OrderStatus = (typeof orderStatuses)[number];

/** Units of an order that left together. */
export interface Shipment {
  /** 1, 2, 3 … within its order. */
  readonly number: number;
  /** No SKU twice. */
  readonly lines: readonly RequestedLine[];
  readonly carrier: string;
  /** Null when there is none, and after an erasure. */
  readonly trackingNumber: string | null;
  readonly trackingUrl: string | null;
  readonly shippedAtMs: number;
  /** Null while it is on its way. */
  readonly deliveredAtMs: number | null;
}

/** Units of an order that came back together. */
export interface OrderReturn {
  /** No SKU twice. */
  readonly lines: readonly RequestedLine[];
  /** Whether the units are on hand again. */
  readonly restock: boolean;
  readonly returnedAtMs: number;
}

/** The steps of an order on its way to the customer, and back. */
export type StepName = 'pack' | 'ship' | 'deliver' | 'cancel' | 'return';

/** An order has this many shipments at most, and as many returns. */
export const shipmentsMax = 1_000;

/** The steps that an order allows now, most usual first. Erasing its personal data is allowed at any point, once. */
export function allowedSteps(order: Order): readonly StepName[] {
  switch (order.status) {
    case 'placed':
      return ['pack', 'cancel'];
    case 'packed':
      return ['ship', 'cancel'];
    case 'shipped':
    case 'delivered':
      return stepsAfterShipping(order);
    case 'cancelled':
    case 'returned':
      return [];
  }
}

function stepsAfterShipping(order: Order): readonly StepName[] {
  const { shipments, returns } = order;
  const steps: StepName[] = [];
  if (shipments.some(({ deliveredAtMs }) => deliveredAtMs === null)) steps.push('deliver');
  if (shipments.length < shipmentsMax && unitsToShip(order).length > 0) steps.push('ship');
  if (returns.length < shipmentsMax && unitsWithCustomer(order).length > 0) steps.push('return');
  return steps;
}

/** Units of each SKU that are in no shipment; lines without such units are left out. */
export function unitsToShip({ lines, shipments }: Order): readonly RequestedLine[] {
  const shipped = unitsBySku(shipments);
  return unitsLeft(lines, (sku) => shipped.get(sku) ?? 0);
}

/** Units of each SKU that were shipped and have not come back. */
export function unitsWithCustomer({ shipments, returns }: Order): readonly RequestedLine[] {
  const shipped = Array.from(unitsBySku(shipments), ([sku, quantity]) => ({ sku, quantity }));
  const returned = unitsBySku(returns);
  return unitsLeft(shipped, (sku) => returned.get(sku) ?? 0);
}

/** Units of each SKU that the customer has or is to get; what the popularity of its state counts. */
export function unitsKept({ status, lines, returns }: Order): readonly RequestedLine[] {
  if (status === 'cancelled') return [];
  const returned = unitsBySku(returns);
  return unitsLeft(lines, (sku) => returned.get(sku) ?? 0);
}

function unitsBySku(
  parts: readonly { readonly lines: readonly RequestedLine[] }[],
): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  for (const { lines } of parts) {
    for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity);
  }
  return units;
}

function unitsLeft(
  lines: readonly RequestedLine[],
  takenOf: (sku: string) => number,
): readonly RequestedLine[] {
  return lines.flatMap(({ sku, quantity }) => {
    const left = quantity - takenOf(sku);
    return left > 0 ? [{ sku, quantity: left }] : [];
  });
}
