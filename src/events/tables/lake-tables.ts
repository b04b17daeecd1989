/** The five tables of the lake. */
import type { ColumnType, LakeColumn, LakeTable } from './lake-table.ts';

type Extra = { readonly unit?: string; readonly nullable?: boolean };

function column(name: string, type: ColumnType, meaning: string, extra: Extra = {}): LakeColumn {
  const { unit = null, nullable = false } = extra;
  return { name, type, unit, meaning, nullable, personal: false };
}

function personal(name: string, meaning: string): LakeColumn {
  return { name, type: 'string', unit: null, meaning, nullable: true, personal: true };
}

const cents = { unit: 'cents (USD)' };
const units = { unit: 'units' };
const instant = { unit: 'UTC, microseconds' };
const day = { unit: 'UTC day' };
const orNone = { nullable: true };

const logPosition = column(
  'position',
  'long',
  "Position in the shop's log; grows with every order and step.",
);
const orderId = column('order_id', 'string', 'Names the order everywhere: a UUIDv7, lower case.');
const orderNumber = column('order_number', 'long', "The order's short number for people; grows, with gaps.");
const orderState = column(
  'state',
  'string',
  'State or territory of the shipping address: two letters (USPS).',
);
const sku = column('sku', 'string', 'Names the product.');
const actor = column('actor', 'string', 'The caller: shopper, key:NAME, cli or service.');

export const ordersTable: LakeTable = {
  name: 'orders',
  meaning: 'One row for each order, as it was placed.',
  positionColumn: 'position',
  partitionColumn: 'placed_date',
  columns: [
    logPosition,
    orderId,
    orderNumber,
    column('placed_at', 'timestamp', 'When the order was placed.', instant),
    column('placed_date', 'date', 'The day of placed_at.', day),
    orderState,
    column('zip_code', 'string', 'ZIP code of the shipping address: five digits.'),
    column('line_count', 'integer', 'Lines of the order: 1 to 50.'),
    column('unit_count', 'integer', 'Units of all lines.', units),
    column('total_cents', 'long', 'Sum of all lines.', cents),
    personal('customer_name', 'Name of the customer.'),
    personal('email', 'Email address of the customer, when one was given.'),
    personal('street_address', 'Street address: one line, or two.'),
    personal('city', 'City as the customer has written it.'),
    personal('zip_add_on', 'The four digits after the ZIP code, when they were given.'),
  ],
};

export const orderLinesTable: LakeTable = {
  name: 'order_lines',
  meaning: 'One row for each line of an order, as it was placed.',
  positionColumn: 'position',
  partitionColumn: 'placed_date',
  columns: [
    logPosition,
    orderId,
    column('line_number', 'integer', 'Place of the line in its order: 1, 2, 3 …'),
    column('placed_at', 'timestamp', 'When the order was placed.', instant),
    column('placed_date', 'date', 'The day of placed_at.', day),
    orderState,
    sku,
    column('product_name', 'string', 'Name of the product when it was ordered.'),
    column('quantity', 'integer', 'Ordered units: 1 to 10,000.', units),
    column('unit_price_cents', 'long', 'Price of one unit when it was ordered.', cents),
    column('line_total_cents', 'long', 'Quantity times price.', cents),
  ],
};

export const orderEventsTable: LakeTable = {
  name: 'order_events',
  meaning: 'One row for each step of an order after it was placed.',
  positionColumn: 'position',
  partitionColumn: 'event_date',
  columns: [
    logPosition,
    column('event_id', 'string', 'Names the event: a UUIDv7, lower case.'),
    orderId,
    column('revision', 'integer', 'Revision of the order that the event made: 2 or more.'),
    column('type', 'string', 'Such as order_packed, order_shipped or order_returned.'),
    column('event_at', 'timestamp', 'When it happened.', instant),
    column('event_date', 'date', 'The day of event_at.', day),
    actor,
    column(
      'shipment',
      'integer',
      'Number of the shipment within the order; of shipping and delivery.',
      orNone,
    ),
    column('units', 'integer', 'Units that were shipped or came back.', { ...units, ...orNone }),
    column(
      'lines',
      'string',
      'What was shipped or came back, in JSON: [{"sku":"tent-4p","quantity":1}].',
      orNone,
    ),
    column('restock', 'boolean', 'Whether returned units are on hand again.', orNone),
    column('carrier', 'string', 'Who carries the shipment.', orNone),
    personal('reason', 'Why it was cancelled or returned, in somebody’s own words.'),
    personal('tracking_number', 'Number of the shipment at its carrier.'),
    personal('tracking_url', 'Page of the carrier about the shipment.'),
  ],
};

export const productsTable: LakeTable = {
  name: 'products',
  meaning: 'One row for each revision of a product; the highest position of a SKU is how it is now.',
  positionColumn: 'position',
  partitionColumn: 'changed_date',
  columns: [
    column('position', 'long', "Position in the log of products; grows with every product's change."),
    sku,
    column('revision', 'integer', 'Revision of the product: 1 when it was added.'),
    column('changed_at', 'timestamp', 'When the product was added or changed.', instant),
    column('changed_date', 'date', 'The day of changed_at.', day),
    column('name', 'string', 'Name of the product.'),
    column('description', 'string', 'Description of the product.'),
    column('category', 'string', 'Category of the product.'),
    column('price_cents', 'long', 'Price of one unit.', cents),
    column('image_url', 'string', 'Path of its picture on the service.'),
    column('active', 'boolean', 'Whether it can be ordered.'),
  ],
};

export const stockMovementsTable: LakeTable = {
  name: 'stock_movements',
  meaning: 'One row for each movement of stock that is no order: what came in, and what was more or less.',
  positionColumn: 'movement_id',
  partitionColumn: 'moved_date',
  columns: [
    column('movement_id', 'long', 'Number of the movement; grows, with gaps.'),
    sku,
    column('units', 'long', 'More is positive, fewer is negative.', units),
    column('reason', 'string', 'receipt, count, damage, theft or found.'),
    column('reference', 'string', 'What the seller calls it, such as a delivery note.', orNone),
    actor,
    column('moved_at', 'timestamp', 'When it was recorded.', instant),
    column('moved_date', 'date', 'The day of moved_at.', day),
    personal('note', 'A note in somebody’s own words.'),
  ],
};

export const lakeTables: readonly LakeTable[] = [
  ordersTable,
  orderLinesTable,
  orderEventsTable,
  productsTable,
  stockMovementsTable,
];
