/** The cells of the lake's rows, from the entries of the shop's logs. A column of a table and its cell have the same name. */
import type { Order, OrderLine } from '../../domain/order.ts';
import { looksErased, type OrderEvent } from '../../domain/order-event.ts';
import type { NumberedMovement } from '../../domain/stock-movement.ts';
import { withoutZipAddOn, zipAddOnOf } from '../../domain/zip-code.ts';
import type { EventEntry, PlacedEntry, ProductEntry } from '../../storage/shop-log.ts';
import type { BatchBuilder, Cell } from './column-builder.ts';

type Cells<Entry> = Readonly<Record<string, (entry: Entry) => Cell>>;

const dayMs = 86_400_000;
const microseconds = (ms: number) => ms * 1_000;
const day = (ms: number) => Math.floor(ms / dayMs);

const orderCells: Cells<PlacedEntry> = {
  position: ({ position }) => position,
  order_id: ({ order }) => order.orderId,
  order_number: ({ order }) => order.number,
  placed_at: ({ order }) => microseconds(order.placedAtMs),
  placed_date: ({ order }) => day(order.placedAtMs),
  state: ({ order }) => order.state,
  zip_code: ({ order }) => withoutZipAddOn(order.zipCode),
  line_count: ({ order }) => order.lines.length,
  unit_count: ({ order }) => unitsOf(order.lines),
  total_cents: ({ order }) => order.totalCents,
  customer_name: ({ order }) => unlessErased(order, order.customerName),
  email: ({ order }) => order.email,
  street_address: ({ order }) => unlessErased(order, order.streetAddress),
  city: ({ order }) => unlessErased(order, order.city),
  zip_add_on: ({ order }) => unlessErased(order, zipAddOnOf(order.zipCode)),
};

/** A row that was written after the erasure looks like one that was erased. */
function unlessErased(order: Order, cell: string | null): string | null {
  return looksErased(order) ? null : cell;
}

function unitsOf(lines: readonly { readonly quantity: number }[]): number {
  let units = 0;
  for (const { quantity } of lines) units += quantity;
  return units;
}

interface LineEntry extends PlacedEntry {
  readonly line: OrderLine;
  /** 1, 2, 3 … */
  readonly number: number;
}

const lineCells: Cells<LineEntry> = {
  position: ({ position }) => position,
  order_id: ({ order }) => order.orderId,
  line_number: ({ number }) => number,
  placed_at: ({ order }) => microseconds(order.placedAtMs),
  placed_date: ({ order }) => day(order.placedAtMs),
  state: ({ order }) => order.state,
  sku: ({ line }) => line.sku,
  product_name: ({ line }) => line.name,
  quantity: ({ line }) => line.quantity,
  unit_price_cents: ({ line }) => line.unitPriceCents,
  line_total_cents: ({ line }) => line.lineTotalCents,
};

const eventCells: Cells<EventEntry> = {
  position: ({ position }) => position,
  event_id: ({ event }) => event.eventId,
  order_id: ({ orderId }) => orderId,
  revision: ({ event }) => event.revision,
  type: ({ event }) => event.type,
  event_at: ({ event }) => microseconds(event.atMs),
  event_date: ({ event }) => day(event.atMs),
  actor: ({ event }) => event.actor,
  shipment: ({ event }) =>
    event.type === 'order_shipped' || event.type === 'order_delivered' ? event.data.shipment : null,
  units: ({ event }) => (hasLines(event) ? unitsOf(event.data.lines) : null),
  lines: ({ event }) => (hasLines(event) ? JSON.stringify(event.data.lines) : null),
  restock: ({ event }) => (event.type === 'order_returned' ? event.data.restock : null),
  carrier: ({ event }) => (event.type === 'order_shipped' ? event.data.carrier : null),
  reason: ({ event }) =>
    event.type === 'order_cancelled' || event.type === 'order_returned' ? event.data.reason : null,
  tracking_number: ({ event }) => (event.type === 'order_shipped' ? event.data.trackingNumber : null),
  tracking_url: ({ event }) => (event.type === 'order_shipped' ? event.data.trackingUrl : null),
};

type EventWithLines = Extract<OrderEvent, { readonly type: 'order_shipped' | 'order_returned' }>;

function hasLines(event: OrderEvent): event is EventWithLines {
  return event.type === 'order_shipped' || event.type === 'order_returned';
}

const productCells: Cells<ProductEntry> = {
  position: ({ position }) => position,
  sku: ({ product }) => product.sku,
  revision: ({ product }) => product.revision,
  changed_at: ({ changedAtMs }) => microseconds(changedAtMs),
  changed_date: ({ changedAtMs }) => day(changedAtMs),
  name: ({ product }) => product.name,
  description: ({ product }) => product.description,
  category: ({ product }) => product.category,
  price_cents: ({ product }) => product.priceCents,
  image_url: ({ product }) => product.imageUrl,
  active: ({ product }) => product.active,
};

const movementCells: Cells<NumberedMovement> = {
  movement_id: ({ movementId }) => movementId,
  sku: ({ sku }) => sku,
  units: ({ units }) => units,
  reason: ({ reason }) => reason,
  reference: ({ reference }) => reference,
  actor: ({ actor }) => actor,
  moved_at: ({ atMs }) => microseconds(atMs),
  moved_date: ({ atMs }) => day(atMs),
  note: ({ note }) => note,
};

/** Each adds the rows of the entries to the batch, which has some or all columns of the table. @returns how many rows */
export function addOrders(batch: BatchBuilder, entries: readonly PlacedEntry[]): number {
  return addRows(batch, entries, orderCells);
}

export function addOrderLines(batch: BatchBuilder, entries: readonly PlacedEntry[]): number {
  const lines: LineEntry[] = [];
  for (const { position, order } of entries)
    for (const [index, line] of order.lines.entries())
      lines.push({ position, order, line, number: index + 1 });
  return addRows(batch, lines, lineCells);
}

export function addOrderEvents(batch: BatchBuilder, entries: readonly EventEntry[]): number {
  return addRows(batch, entries, eventCells);
}

export function addProducts(batch: BatchBuilder, entries: readonly ProductEntry[]): number {
  return addRows(batch, entries, productCells);
}

export function addMovements(batch: BatchBuilder, entries: readonly NumberedMovement[]): number {
  return addRows(batch, entries, movementCells);
}

/** Column by column, so that one function is called many times in a row. */
function addRows<Entry>(batch: BatchBuilder, entries: readonly Entry[], cells: Cells<Entry>): number {
  for (const [name, column] of batch.columns) {
    const cell = cells[name];
    if (cell === undefined) throw new Error(`no entry has a cell for the column ${name}`);
    for (const entry of entries) column.push(cell(entry));
  }
  return entries.length;
}
