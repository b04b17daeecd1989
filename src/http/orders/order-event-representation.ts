/** The timeline of an order as clients see it. */
import { z } from 'zod';
import { actorOf, type Caller, mayDo } from '../../access/caller.ts';
import type { OrderEvent, OrderHistory } from '../../domain/order-event.ts';

const eventSchema = z
  .object({
    event_id: z.string(),
    type: z.string().meta({ description: 'With its version.', examples: ['com.nozama.order.shipped.v1'] }),
    revision: z.int().meta({ description: 'Of the order, after the event.' }),
    at: z.string().meta({ description: 'RFC 3339, UTC.', format: 'date-time' }),
    actor: z.string().meta({
      description:
        '`shopper`, `cli` or `key:` with the name of the API key; to the holder of the order’s key, `shop`.',
    }),
    data: z.record(z.string(), z.unknown()).meta({
      description:
        'By type. Reasons and tracking numbers only for the order’s key, or with `customers:read`.',
    }),
  })
  .meta({ id: 'OrderEvent' });

export const eventListSchema = z.object({ events: z.array(eventSchema) }).meta({ id: 'OrderEventList' });

/** The order's placing comes first; its id is the order's. */
export function representEvents(
  { placed, events }: OrderHistory,
  caller: Caller,
): z.input<typeof eventSchema>[] {
  const seesTexts = caller.kind === 'holder' || mayDo(caller, 'customers:read');
  const actor = (name: string) => (caller.kind !== 'holder' || name === actorOf(caller) ? name : 'shop');
  const placing = {
    event_id: placed.orderId,
    type: typeOf('order_placed'),
    revision: 1,
    at: new Date(placed.placedAtMs).toISOString(),
    actor: 'shopper',
    data: {},
  };
  return [
    placing,
    ...events.map((event) => ({
      event_id: event.eventId,
      type: typeOf(event.type),
      revision: event.revision,
      at: new Date(event.atMs).toISOString(),
      actor: actor(event.actor),
      data: representData(event, seesTexts),
    })),
  ];
}

/** Version 1 of each type. */
function typeOf(type: OrderEvent['type'] | 'order_placed'): string {
  return `com.nozama.${type.replace('_', '.')}.v1`;
}

function representData(event: OrderEvent, seesTexts: boolean): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case 'order_cancelled':
      return seesTexts ? { reason: event.data.reason } : {};
    case 'order_shipped': {
      const { shipment, lines, carrier, trackingNumber, trackingUrl } = event.data;
      const tracking = { tracking_number: trackingNumber, tracking_url: trackingUrl };
      return { shipment, lines, carrier, ...(seesTexts ? tracking : {}) };
    }
    case 'order_delivered':
      return { shipment: event.data.shipment };
    case 'order_returned': {
      const { lines, restock, reason } = event.data;
      return { lines, restock, ...(seesTexts ? { reason } : {}) };
    }
    case 'order_packed':
    case 'order_erased':
      return {};
  }
}
