import type { Cents } from './money.ts';
import type { OrderReturn, OrderStatus, Shipment } from './order-lifecycle.ts';
import type { UsState } from './us-state.ts';

/** Bounds of one order. */
export const lineCountMax = 50;
export const quantityMax = 10_000;

/** One product in a placed order, with the name and price it had when it was ordered. */
export interface OrderLine {
  readonly sku: string;
  readonly name: string;
  /** 1 to {@link quantityMax} units. */
  readonly quantity: number;
  readonly unitPriceCents: Cents;
  readonly lineTotalCents: Cents;
}

/** An order as stored: its lines, its customer, its total. */
export interface Order {
  /** UUIDv7 (RFC 9562), lower case. */
  readonly orderId: string;
  /** Short number for people, unique, growing; the first is {@link orderNumberFirst}. */
  readonly number: number;
  readonly status: OrderStatus;
  /** Milliseconds since the Unix epoch, UTC. */
  readonly placedAtMs: number;
  readonly customerName: string;
  /** One line, or two (see {@link joinStreetAddress}). */
  readonly streetAddress: string;
  readonly city: string | null;
  readonly state: UsState;
  readonly zipCode: string;
  readonly email: string | null;
  /** In the order in which they were asked for; no SKU twice. */
  readonly lines: readonly OrderLine[];
  readonly totalCents: Cents;
  /** 1 when it is placed, one more with each step. */
  readonly revision: number;
  /** The oldest first. */
  readonly shipments: readonly Shipment[];
  /** The oldest first. */
  readonly returns: readonly OrderReturn[];
}

/** The part of an order that steps change, as it is placed. */
export const asPlaced = { status: 'placed', revision: 1, shipments: [], returns: [] } as const;

export const orderNumberFirst = 1001;
