/** Rows as SQLite gives them, and the domain values they stand for. */
import { asPlaced, type Order, type OrderLine } from '../../domain/order.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import type { OrderStatus } from '../../domain/order-lifecycle.ts';
import type { Product } from '../../domain/product.ts';
import type { ImageMediaType, ProductImage } from '../../domain/product-image.ts';
import type { MovementReason, NumberedMovement } from '../../domain/stock-movement.ts';
import type { UsState } from '../../domain/us-state.ts';

/** The revision of its order to which a row of `idempotency_keys` leads. */
export const revisionOfKey = `coalesce((SELECT revision FROM keys_of_steps
  WHERE keys_of_steps.scope = idempotency_keys.scope
    AND keys_of_steps.idempotency_key = idempotency_keys.idempotency_key), 1)`;

/** By scope and key. */
export const selectKey = `
  SELECT fingerprint, order_number, ${revisionOfKey} AS revision FROM idempotency_keys
  WHERE scope = ? AND idempotency_key = ?`;

export interface OrderRow {
  readonly number: number;
  readonly order_id: string;
  readonly status: OrderStatus;
  readonly placed_at_ms: number;
  readonly customer_name: string;
  readonly street_address: string;
  readonly city: string | null;
  readonly state: UsState;
  readonly zip_code: string;
  readonly email: string | null;
  readonly total_cents: number;
  /** 1 when no step was taken: then it has no events. */
  readonly revision: number;
}

export interface EventRow {
  readonly event_id: string;
  readonly revision: number;
  readonly type: OrderEvent['type'];
  readonly at_ms: number;
  readonly actor: string;
  /** JSON. */
  readonly data: string;
}

export interface OrderLineRow {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly unit_price_cents: number;
  readonly line_total_cents: number;
}

export interface PicturedOrderLineRow extends OrderLineRow {
  readonly image_url: string;
}

export interface ProductRow {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price_cents: number;
  readonly image_url: string;
  readonly active: number;
  readonly revision: number;
  readonly created_at_ms: number;
  readonly on_hand: number;
}

export interface MovementRow {
  readonly movement_id: number;
  readonly sku: string;
  readonly units: number;
  readonly reason: MovementReason;
  readonly note: string | null;
  readonly reference: string | null;
  readonly actor: string;
  readonly at_ms: number;
}

export interface ImageRow {
  readonly hash: string;
  readonly media_type: ImageMediaType;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** Columns of an order as it is placed; a new row has revision 1. */
export const placedColumns =
  'number, order_id, status, placed_at_ms, customer_name, street_address, city, state, zip_code, email, total_cents';

export const orderColumns = `${placedColumns}, revision`;

/**
 * As far as the order's row tells: a reader may see a row and later the events of a newer one. A range of one number, as in
 * {@link selectOrderLines}.
 */
export const selectEvents = `
  SELECT event_id, revision, type, at_ms, actor, data FROM order_events
  WHERE order_number BETWEEN ?1 AND ?1 AND revision <= ?2 ORDER BY order_number, revision`;

/**
 * A range of one number instead of `=`: SQLite looks at the value bound to some parameters when it plans
 * (here `=` with ORDER BY, elsewhere LIMIT), and then plans anew each time one is bound, which takes
 * longer than the query.
 */
export const selectOrderLines = `
  SELECT sku, name, quantity, unit_price_cents, line_total_cents FROM order_lines
  WHERE order_number BETWEEN ?1 AND ?1 ORDER BY order_number, line_index`;

/**
 * The same lines with the pictures of their products, for the confirmation. Name and price are the order's
 * own; the picture is looked up by the product's primary key, and CROSS JOIN keeps SQLite from turning the
 * join around.
 */
export const selectPicturedOrderLines = `
  SELECT line.sku, line.name, quantity, unit_price_cents, line_total_cents, image_url
  FROM order_lines AS line CROSS JOIN products ON products.sku = line.sku
  WHERE order_number BETWEEN ?1 AND ?1 ORDER BY order_number, line_index`;

/** The stock by a subquery, not a join: a join on a bound SKU is planned anew each time it is bound. */
export const selectProducts = `
  SELECT sku, name, description, category, price_cents, image_url, active, revision, created_at_ms,
    (SELECT on_hand FROM stock WHERE stock.sku = products.sku) AS on_hand
  FROM products`;

/** As it was placed: its events tell of the rest. */
export function toPlacedOrder(row: OrderRow, lineRows: readonly OrderLineRow[]): Order {
  return {
    orderId: row.order_id,
    number: row.number,
    status: asPlaced.status,
    placedAtMs: row.placed_at_ms,
    customerName: row.customer_name,
    streetAddress: row.street_address,
    city: row.city,
    state: row.state,
    zipCode: row.zip_code,
    email: row.email,
    lines: lineRows.map(toOrderLine),
    totalCents: row.total_cents,
    revision: asPlaced.revision,
    shipments: asPlaced.shipments,
    returns: asPlaced.returns,
  };
}

export function toEvent(row: EventRow): OrderEvent {
  return {
    type: row.type,
    data: JSON.parse(row.data),
    eventId: row.event_id,
    revision: row.revision,
    atMs: row.at_ms,
    actor: row.actor,
  };
}

function toOrderLine(row: OrderLineRow): OrderLine {
  return {
    sku: row.sku,
    name: row.name,
    quantity: row.quantity,
    unitPriceCents: row.unit_price_cents,
    lineTotalCents: row.line_total_cents,
  };
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
    active: row.active === 1,
    revision: row.revision,
    createdAtMs: row.created_at_ms,
  };
}

export const movementColumns = 'movement_id, sku, units, reason, note, reference, actor, at_ms';

export function toMovement({ movement_id, at_ms, ...row }: MovementRow): NumberedMovement {
  return { ...row, movementId: movement_id, atMs: at_ms };
}

export const imageColumns = 'hash, media_type, width, height, bytes';

export function toImage({ media_type, ...row }: ImageRow): ProductImage {
  return { ...row, mediaType: media_type };
}
