/** Rows as PostgreSQL gives them, and the domain values they stand for. */
import type { Order, OrderLine } from '../../domain/order.ts';
import type { OrderStatus } from '../../domain/order-lifecycle.ts';
import type { Product } from '../../domain/product.ts';
import type { UsState } from '../../domain/us-state.ts';

/** As `selectOrder` gives it: the lines as JSON beside the order, so that one row is the whole order. */
export interface OrderRow {
  readonly order_id: string;
  readonly number: number;
  readonly status: OrderStatus;
  readonly placed_at_ms: number;
  readonly customer_name: string;
  readonly street_address: string;
  readonly city: string | null;
  readonly state: UsState;
  readonly zip_code: string;
  readonly email: string | null;
  readonly total_cents: number;
  /** Null only when the database is damaged: `verify` finds an order without lines. */
  readonly lines: readonly LineValues[] | null;
}

/** SKU, name, quantity, unit price, line total; and a picture where it was asked for. */
type LineValues = readonly [string, string, number, number, number, (string | null)?];

export interface ProductRow {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price_cents: number;
  readonly image_url: string;
  readonly active: boolean;
  readonly on_hand: number;
}

const columnsBesideLines = `orders.order_id, orders.number, orders.status, orders.placed_at_ms,
  orders.customer_name, orders.street_address, orders.city, orders.state, orders.zip_code, orders.email,
  orders.total_cents`;

const lineValues = 'line.sku, line.name, line.quantity, line.unit_price_cents, line.line_total_cents';

/** Columns of an {@link OrderRow}; the table is called `orders` in the statement. */
export const orderColumns = `${columnsBesideLines},
  (SELECT json_agg(json_build_array(${lineValues}) ORDER BY line.line_index)
    FROM order_lines AS line WHERE line.order_id = orders.order_id) AS lines`;

/** Instead of {@link orderColumns} behind the order id, where a row is no order. */
export const nullsForOrder = Array.from({ length: 11 }, () => 'NULL').join(', ');

/** {@link orderColumns} with the picture that the catalogue has of each line's product behind the line's values. */
export const picturedOrderColumns = `${columnsBesideLines},
  (SELECT json_agg(json_build_array(${lineValues}, products.image_url) ORDER BY line.line_index)
    FROM order_lines AS line LEFT JOIN products ON products.sku = line.sku
    WHERE line.order_id = orders.order_id) AS lines`;

export const selectProducts = `
  SELECT products.sku, name, description, category, price_cents, image_url, active, on_hand
  FROM products JOIN stock ON stock.sku = products.sku`;

export function toOrder(row: OrderRow): Order {
  return {
    orderId: row.order_id,
    number: row.number,
    status: row.status,
    placedAtMs: row.placed_at_ms,
    customerName: row.customer_name,
    streetAddress: row.street_address,
    city: row.city,
    state: row.state,
    zipCode: row.zip_code,
    email: row.email,
    lines: (row.lines ?? []).map(toOrderLine),
    totalCents: row.total_cents,
  };
}

/** The pictures of a row that was read with {@link picturedOrderColumns}. */
export function toLineImageUrls({ lines }: OrderRow): readonly string[] {
  return (lines ?? []).map(([, , , , , imageUrl]) => imageUrl ?? '');
}

function toOrderLine([sku, name, quantity, unitPriceCents, lineTotalCents]: LineValues): OrderLine {
  return { sku, name, quantity, unitPriceCents, lineTotalCents };
}

export function toProduct(row: ProductRow): Product {
  return {
    sku: row.sku,
    name: row.name,
    description: row.description,
    category: row.category,
    priceCents: row.price_cents,
    imageUrl: row.image_url,
    onHand: row.on_hand,
    active: row.active,
  };
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text can be an order id; PostgreSQL refuses a whole statement for one that can't. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

/** Whether a text can be stored at all: PostgreSQL's have no NUL, and it refuses a whole statement for one. */
export function isStorable(text: string): boolean {
  return !text.includes('\0');
}
