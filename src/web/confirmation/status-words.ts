/** The state of an order in the words of its pages. */
import type { Order } from '../../domain/order.ts';
import { unitsToShip } from '../../domain/order-lifecycle.ts';

export interface StatusWords {
  /** In the tag beside the order's number. */
  readonly name: string;
  readonly tone: 'good' | 'warning' | 'danger';
  readonly heading: string;
  readonly sentence: string;
}

const placed = {
  name: 'Placed',
  tone: 'good',
  heading: 'Thank you!',
  sentence: 'Your order is in, and your things are set aside.',
} as const;
const packed = {
  name: 'Packed',
  tone: 'good',
  heading: 'Packed and ready',
  sentence: 'Your things are packed, and wait for the carrier.',
} as const;
const shipped = {
  name: 'Shipped',
  tone: 'good',
  heading: 'On its way',
  sentence: 'Your things have left the shop.',
} as const;
const partlyShipped = {
  name: 'Partly shipped',
  tone: 'good',
  heading: 'Partly on its way',
  sentence: 'Some of your things have left the shop. The rest follows.',
} as const;
const delivered = {
  name: 'Delivered',
  tone: 'good',
  heading: 'Delivered',
  sentence: 'Your things have arrived. We hope you like them.',
} as const;
const partlyReturned = {
  name: 'Partly returned',
  tone: 'warning',
  heading: 'Some of it came back',
  sentence: 'We have got back a part of your order. The rest is yours.',
} as const;
const returned = {
  name: 'Returned',
  tone: 'warning',
  heading: 'All of it came back',
  sentence: 'We have got back everything of this order.',
} as const;
const cancelled = {
  name: 'Cancelled',
  tone: 'danger',
  heading: 'This order is cancelled',
  sentence: 'Nothing of it will be sent.',
} as const;

export function statusWordsOf(order: Order): StatusWords {
  switch (order.status) {
    case 'placed':
      return placed;
    case 'packed':
      return packed;
    case 'shipped':
      return unitsToShip(order).length > 0 ? partlyShipped : shipped;
    case 'delivered':
      return order.returns.length > 0 ? partlyReturned : delivered;
    case 'cancelled':
      return cancelled;
    case 'returned':
      return returned;
  }
}
