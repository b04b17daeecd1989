/** Rows as PostgreSQL gives them, and the domain values they stand for. */
import { asPlaced, type Order, type OrderLine } from '../../domain/order.ts';
import { type OrderEvent, type OrderHistory, orderAt } from '../../domain/order-event.ts';
import type { OrderStatus } from '../../domain/order-lifecycle.ts';
import type { Product, StoredProduct } from '../../domain/product.ts';
import type { ImageMediaType, ProductImage } from '../../domain/product-image.ts';
import { sortName } from '../../domain/product-search.ts';
import type { MovementReason, NumberedMovement, StockMovement } from '../../domain/stock-movement.ts';
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
  /** 1 when no step was taken: then it has no events. */
  readonly revision: number;
  readonly events: readonly EventValues[] | null;
  /** Null only when the database is damaged: `verify` finds an order without lines. */
  readonly lines: readonly LineValues[] | null;
}

/** SKU, name, quantity, unit price, line total; and a picture where it was asked for. */
type LineValues = readonly [string, string, number, number, number, (string | null)?];

/** Event id, revision, type, time, actor and data. */
type EventValues = readonly [string, number, OrderEvent['type'], number, string, OrderEvent['data']];

export interface CatalogRow {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price_cents: number;
  readonly image_url: string;
  readonly active: boolean;
  readonly revision: number;
  readonly created_at_ms: number;
}

export interface ProductRow extends CatalogRow {
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

const columnsBesideLines = `orders.order_id, orders.number, orders.status, orders.placed_at_ms,
  orders.customer_name, orders.street_address, orders.city, orders.state, orders.zip_code, orders.email,
  orders.total_cents, orders.revision,
  CASE WHEN orders.revision > 1 THEN (
    SELECT json_agg(json_build_array(event.event_id, event.revision, event.type, event.at_ms, event.actor, event.data)
      ORDER BY event.revision)
    FROM order_events AS event WHERE event.order_id = orders.order_id) END AS events`;

const lineValues = 'line.sku, line.name, line.quantity, line.unit_price_cents, line.line_total_cents';

/** Columns of an {@link OrderRow}; the table is called `orders` in the statement. */
export const orderColumns = `${columnsBesideLines},
  (SELECT json_agg(json_build_array(${lineValues}) ORDER BY line.line_index)
    FROM order_lines AS line WHERE line.order_id = orders.order_id) AS lines`;

/** Instead of {@link orderColumns} behind the order id, where a row is no order. */
export const nullsForOrder = Array.from({ length: 13 }, () => 'NULL').join(', ');

/** {@link orderColumns} with the picture that the catalogue has of each line's product behind the line's values. */
export const picturedOrderColumns = `${columnsBesideLines},
  (SELECT json_agg(json_build_array(${lineValues}, products.image_url) ORDER BY line.line_index)
    FROM order_lines AS line LEFT JOIN products ON products.sku = line.sku
    WHERE line.order_id = orders.order_id) AS lines`;

const catalogColumns =
  'products.sku, name, description, category, price_cents, image_url, active, revision, created_at_ms';

export const selectCatalog = `SELECT ${catalogColumns} FROM products`;

export const selectProducts = `
  SELECT ${catalogColumns}, on_hand
  FROM products JOIN stock ON stock.sku = products.sku`;

/** As it is now. */
export function toOrder(row: OrderRow): Order {
  return orderAt(toHistory(row));
}

export function toHistory(row: OrderRow): OrderHistory {
  return { placed: toPlacedOrder(row), events: (row.events ?? []).map(toEvent) };
}

function toEvent([eventId, revision, type, atMs, actor, data]: EventValues): OrderEvent {
  return { type, data, eventId, revision, atMs, actor } as OrderEvent;
}

function toPlacedOrder(row: OrderRow): Order {
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
    lines: (row.lines ?? []).map(toOrderLine),
    totalCents: row.total_cents,
    revision: asPlaced.revision,
    shipments: asPlaced.shipments,
    returns: asPlaced.returns,
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
  return { ...toStoredProduct(row), onHand: row.on_hand };
}

export function toStoredProduct(row: CatalogRow): StoredProduct {
  return {
    sku: row.sku,
    name: row.name,
    description: row.description,
    category: row.category,
    priceCents: row.price_cents,
    imageUrl: row.image_url,
    active: row.active,
    revision: row.revision,
    createdAtMs: row.created_at_ms,
  };
}

/** For `unnest`: the columns of a table of products, but their stock. */
export function productColumns(products: readonly StoredProduct[]): readonly unknown[] {
  return [
    products.map(({ sku }) => sku),
    products.map(({ name }) => name),
    products.map(({ description }) => description),
    products.map(({ category }) => category),
    products.map(({ priceCents }) => priceCents),
    products.map(({ imageUrl }) => imageUrl),
    products.map(({ active }) => active),
    products.map(({ revision }) => revision),
    products.map(({ createdAtMs }) => createdAtMs),
    products.map(({ name }) => sortName(name)),
  ];
}

/** For `unnest`: the columns of the ledger behind its numbers. */
export function movementValues(movements: readonly StockMovement[]): readonly unknown[] {
  return [
    movements.map(({ sku }) => sku),
    movements.map(({ units }) => units),
    movements.map(({ reason }) => reason),
    movements.map(({ note }) => note),
    movements.map(({ reference }) => reference),
    movements.map(({ actor }) => actor),
    movements.map(({ atMs }) => atMs),
  ];
}

export const movementColumns = 'movement_id, sku, units, reason, note, reference, actor, at_ms';

export function toMovement({ movement_id, at_ms, ...row }: MovementRow): NumberedMovement {
  return { ...row, movementId: movement_id, atMs: at_ms };
}

export function toImage({ media_type, ...row }: ImageRow): ProductImage {
  return { ...row, mediaType: media_type };
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
