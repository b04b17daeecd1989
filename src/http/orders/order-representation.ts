/** An order as clients see it: a pure function of what is stored, so that an answer can be given again. */

import { z } from 'zod';
import { type Caller, mayDo } from '../../access/caller.ts';
import type { Order, OrderLine } from '../../domain/order.ts';
import { orderStatuses } from '../../domain/order-lifecycle.ts';
import { splitStreetAddress } from '../../domain/street-address.ts';
import { type UsState, usStates } from '../../domain/us-state.ts';
import { moneySchema, representMoney } from '../money-representation.ts';
import type { IfMatch } from '../request/conditional-request.ts';

export const orderLineSchema = z.object({
  sku: z.string(),
  name: z.string(),
  quantity: z.int(),
  unit_price: moneySchema,
  line_total: moneySchema,
});

const unitsSchema = z.array(z.object({ sku: z.string(), quantity: z.int() }));

const shipmentSchema = z
  .object({
    number: z.int().meta({ description: 'Within the order, from 1.' }),
    lines: unitsSchema,
    carrier: z.string(),
    tracking_number: z.string().nullable().optional(),
    tracking_url: z.string().nullable().optional(),
    shipped_at: z.string().meta({ format: 'date-time' }),
    delivered_at: z.string().nullable().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Shipment' });

const returnedSchema = z
  .object({ lines: unitsSchema, restock: z.boolean(), returned_at: z.string().meta({ format: 'date-time' }) })
  .meta({ id: 'Return' });

export const orderSchema = z
  .object({
    order_id: z.string().meta({ description: 'UUIDv7 (RFC 9562).' }),
    number: z.int().meta({ description: 'Short number for people.' }),
    status: z.enum(orderStatuses),
    placed_at: z.string().meta({ description: 'RFC 3339, UTC.', format: 'date-time' }),
    lines: z.array(orderLineSchema),
    total: moneySchema,
    shipping: z
      .object({
        customer_name: z.string().optional(),
        street_address: z.string().optional(),
        address_line_2: z.string().optional().meta({ description: 'Left out when there is none.' }),
        city: z.string().nullable().optional(),
        state: z.enum(usStates as readonly [UsState, ...UsState[]]),
        zip_code: z.string().optional(),
        email: z.string().nullable().optional(),
      })
      .meta({
        description:
          'customer_name, the street address, city, zip_code and email only with the order’s key, or an API key with orders:read and customers:read.',
      }),
    shipments: z
      .array(shipmentSchema)
      .optional()
      .meta({ description: 'Left out when there is none. Tracking as personal data.' }),
    returns: z.array(returnedSchema).optional().meta({ description: 'Left out when there is none.' }),
    confirmation_url: z.string(),
  })
  .meta({ id: 'Order' });

export function representLine({
  sku,
  name,
  quantity,
  unitPriceCents,
  lineTotalCents,
}: OrderLine): z.input<typeof orderLineSchema> {
  return {
    sku,
    name,
    quantity,
    unit_price: representMoney(unitPriceCents),
    line_total: representMoney(lineTotalCents),
  };
}

/**
 * @param showPersonalData whether name, street, city, ZIP code and email are in it. Number and ZIP code open the order at
 * `/track`, and a city may have few ZIP codes
 * @param confirmationUrl where the order's page is, with the key when the caller has it
 */
export function representOrder(
  order: Order,
  showPersonalData: boolean,
  confirmationUrl: string,
): z.input<typeof orderSchema> {
  return {
    order_id: order.orderId,
    number: order.number,
    status: order.status,
    placed_at: new Date(order.placedAtMs).toISOString(),
    lines: order.lines.map(representLine),
    total: representMoney(order.totalCents),
    shipping: showPersonalData
      ? {
          customer_name: order.customerName,
          ...representStreetAddress(order.streetAddress),
          city: order.city,
          state: order.state,
          zip_code: order.zipCode,
          email: order.email,
        }
      : { state: order.state },
    ...(order.shipments.length === 0 ? {} : representCourse(order, showPersonalData)),
    confirmation_url: confirmationUrl,
  };
}

/** An order without shipments is told as it was before there were any, so that a replay is the same across versions. */
function representCourse({ shipments, returns }: Order, showPersonalData: boolean) {
  const timeOf = (ms: number) => new Date(ms).toISOString();
  const told = shipments.map((shipment) => ({
    number: shipment.number,
    lines: [...shipment.lines],
    carrier: shipment.carrier,
    ...(showPersonalData
      ? { tracking_number: shipment.trackingNumber, tracking_url: shipment.trackingUrl }
      : {}),
    shipped_at: timeOf(shipment.shippedAtMs),
    delivered_at: shipment.deliveredAtMs === null ? null : timeOf(shipment.deliveredAtMs),
  }));
  const back = returns.map(({ lines, restock, returnedAtMs }) => ({
    lines: [...lines],
    restock,
    returned_at: timeOf(returnedAtMs),
  }));
  return { shipments: told, ...(back.length === 0 ? {} : { returns: back }) };
}

/** An address of one line is told without the second, so that an answer given again across versions is the same. */
function representStreetAddress(streetAddress: string) {
  const { street, secondLine } = splitStreetAddress(streetAddress);
  return secondLine === null
    ? { street_address: street }
    : { street_address: street, address_line_2: secondLine };
}

/**
 * Who looks at an order: anybody, the holder of its key, or a caller whose API key shows personal data. The last gets no
 * key to the order's page in `confirmation_url`.
 */
export type OrderView = 'public' | 'full' | 'customer';

/** Personal data needs the order's key, or an API key that may read orders and their customers. */
export function orderViewOf(caller: Caller, isHolder: boolean): OrderView {
  if (isHolder) return 'full';
  return mayDo(caller, 'orders:read') && mayDo(caller, 'customers:read') ? 'customer' : 'public';
}

/** Strong, and another one for each view. Each step of the order gives it a new revision. */
export function orderEtag({ status, revision }: Order, view: OrderView): string {
  return `"${status}-${revision}-${view}"`;
}

const ownTag = new RegExp(`^"(?:${orderStatuses.join('|')})-([1-9]\\d{0,8})-(?:full|customer|public)"$`);

/**
 * The revisions that a condition names, in the tag of any view: an order has one status at each revision. Null for `*`,
 * whatever the order is now. A tag that {@link orderEtag} never gives, such as one with a leading zero, names none.
 */
export function revisionsIn(ifMatch: IfMatch): readonly number[] | null {
  if (ifMatch === '*') return null;
  return ifMatch.flatMap((tag) => {
    const revision = ownTag.exec(tag)?.[1];
    return revision === undefined ? [] : [Number(revision)];
  });
}
