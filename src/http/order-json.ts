/** An order as clients see it: a pure function of what is stored, so that an answer can be given again. */
import { type Cents, currency } from '../domain/money.ts';
import type { Order } from '../domain/order.ts';
import type { Product } from '../domain/product.ts';

const money = (amount: Cents) => ({ amount, currency });

/**
 * @param showPersonalData whether name, street and email are in it
 * @param confirmationUrl where the order's page is, with the key when the caller has it
 */
export function renderOrder(order: Order, showPersonalData: boolean, confirmationUrl: string): string {
  return JSON.stringify({
    order_id: order.orderId,
    number: order.number,
    status: order.status,
    placed_at: new Date(order.placedAtMs).toISOString(),
    lines: order.lines.map(({ sku, name, quantity, unitPriceCents, lineTotalCents }) => ({
      sku,
      name,
      quantity,
      unit_price: money(unitPriceCents),
      line_total: money(lineTotalCents),
    })),
    total: money(order.totalCents),
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
  });
}

/** Strong, and other for who sees more. An order does not change yet, so its status is all that varies. */
export function orderEtag({ status }: Order, showPersonalData: boolean): string {
  return showPersonalData ? `"${status}-1-full"` : `"${status}-1-public"`;
}

export function renderProduct(product: Product) {
  return {
    sku: product.sku,
    name: product.name,
    description: product.description,
    price: money(product.priceCents),
    image_url: product.imageUrl,
    category: product.category,
    num_in_stock: product.onHand,
    active: product.active,
  };
}
