/** An order as clients see it: a pure function of what is stored, so that an answer can be given again. */
import { z } from 'zod';
import type { Order } from '../domain/order.ts';
import { type UsState, usStates } from '../domain/us-state.ts';
import { moneySchema, representMoney } from './money-representation.ts';

export const orderSchema = z
  .object({
    order_id: z.string().meta({ description: 'UUIDv7 (RFC 9562).' }),
    number: z.int().meta({ description: 'Short number for people.' }),
    status: z.enum(['placed']),
    placed_at: z.string().meta({ description: 'RFC 3339, UTC.', format: 'date-time' }),
    lines: z.array(
      z.object({
        sku: z.string(),
        name: z.string(),
        quantity: z.int(),
        unit_price: moneySchema,
        line_total: moneySchema,
      }),
    ),
    total: moneySchema,
    shipping: z
      .object({
        customer_name: z.string().optional(),
        street_address: z.string().optional(),
        city: z.string().nullable(),
        state: z.enum(usStates as readonly [UsState, ...UsState[]]),
        zip_code: z.string(),
        email: z.string().nullable().optional(),
      })
      .meta({ description: 'customer_name, street_address and email only with the order’s key.' }),
    confirmation_url: z.string(),
  })
  .meta({ id: 'Order' });

/**
 * @param showPersonalData whether name, street and email are in it
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
    lines: order.lines.map(({ sku, name, quantity, unitPriceCents, lineTotalCents }) => ({
      sku,
      name,
      quantity,
      unit_price: representMoney(unitPriceCents),
      line_total: representMoney(lineTotalCents),
    })),
    total: representMoney(order.totalCents),
    shipping: showPersonalData
      ? {
          customer_name: order.customerName,
          street_address: order.streetAddress,
          city: order.city,
          state: order.state,
          zip_code: order.zipCode,
          email: order.email,
        }
      : { city: order.city, state: order.state, zip_code: order.zipCode },
    confirmation_url: confirmationUrl,
  };
}

/** Strong, and another one with personal data. An order does not change yet, so its status is all that varies. */
export function orderEtag({ status }: Order, showPersonalData: boolean): string {
  return showPersonalData ? `"${status}-1-full"` : `"${status}-1-public"`;
}
