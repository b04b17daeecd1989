/** Orders at each point of their life, for tests of how their pages look and work. */
import assert from 'node:assert/strict';
import type { Shop } from '../journeys/open-shop.ts';
import { type Json, place, postJson, send } from '../journeys/shop-client.ts';

export type OrderState =
  | 'placed'
  | 'packed'
  | 'part shipped'
  | 'shipped'
  | 'delivered'
  | 'cancelled'
  | 'part returned'
  | 'erased';

const mugs = (quantity: number) => [{ sku: 'awning-mug', quantity }];
const ordered = [{ sku: 'tent-4p', quantity: 1 }, ...mugs(4)];
const parcel = {
  carrier: 'Carrier of the whole Northern Hemisphere',
  tracking_number: `1Z${'9'.repeat(98)}`,
  tracking_url: `https://${'tracking.'.repeat(20)}carrier.example/1Z`,
};

type Step = readonly [name: string, body?: unknown];

const ship: Step = ['shipments', parcel];
const shipPart: Step = ['shipments', { ...parcel, lines: mugs(3) }];
const deliverBoth: readonly Step[] = [['shipments/1/deliver'], ['shipments/2/deliver']];
const delivered: readonly Step[] = [['pack'], shipPart, ship, ...deliverBoth];

const courses: Readonly<Record<OrderState, readonly Step[]>> = {
  placed: [],
  packed: [['pack']],
  'part shipped': [['pack'], shipPart],
  shipped: [['pack'], ship],
  delivered,
  cancelled: [['cancel', { reason: 'Ordered twice by mistake.' }]],
  'part returned': [...delivered, ['returns', { lines: mugs(2), restock: true, reason: 'Two too many' }]],
  erased: [...delivered, ['erase']],
};

/** @param given of the order, as the API takes it */
export type PlaceAs = (state: OrderState, given?: Readonly<Record<string, unknown>>) => Promise<Json>;

export const orderStates = Object.keys(courses) as readonly OrderState[];

/** Makes an API key that takes the steps. */
export async function openOrderStates(shop: Shop): Promise<{
  readonly placeAs: PlaceAs;
  readonly step: (order: Json, ...step: Step) => Promise<void>;
}> {
  const made = await shop.run([
    'keys',
    'create',
    '--name',
    'desk',
    '--scopes',
    'orders:write,customers:read',
  ]);
  assert.equal(made.code, 0, made.output);
  const headers = { authorization: `Bearer ${made.stdout.trim()}`, 'if-match': '*' };
  const step = async ({ order_id }: Json, ...[name, body]: Step) => {
    const url = `${shop.url}/api/v1/orders/${order_id}/${name}`;
    const answer =
      body === undefined ? await send(url, { method: 'POST', headers }) : await postJson(url, body, headers);
    assert.ok(answer.status < 300, answer.text);
  };
  return {
    step,
    async placeAs(state, given = {}) {
      const order = await place(shop.url, { lines: ordered, ...given });
      for (const each of courses[state]) await step(order, ...each);
      return order;
    },
  };
}
