/**
 * Reads the order log and the ledger of the stock by ranges of positions, for shop-log.ts.
 *
 * Orders and lines come as arrays: 100,000 orders of two lines take 0.25 s of processor on Bun and 0.5 s on Node, and
 * as objects 0.2 s and 0.8 s.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { LogEntry } from '../../domain/decide-batch.ts';
import { asPlaced, type Order, type OrderLine } from '../../domain/order.ts';
import type { NumberedMovement } from '../../domain/stock-movement.ts';
import {
  type EventEntry,
  factOfEntry,
  factOfMovement,
  type LogRange,
  type PlacedEntry,
} from '../shop-log.ts';
import { type EventRow, type MovementRow, movementColumns, toEvent, toMovement } from './rows.ts';

/** LEFT JOIN: the log leads, and an order that is missing is noticed. */
const selectPlaced = `
  SELECT position, number, order_id, placed_at_ms, customer_name, street_address, city, state, zip_code, email, total_cents
  FROM order_log LEFT JOIN orders ON number = order_number
  WHERE position > ? AND position <= ? AND type = 'order_placed' ORDER BY position`;

type PlacedValues = readonly [
  position: number,
  number: number | null,
  orderId: string,
  placedAtMs: number,
  customerName: string,
  streetAddress: string,
  city: string | null,
  state: Order['state'],
  zipCode: string,
  email: string | null,
  totalCents: number,
];

/** CROSS JOIN keeps SQLite from turning the join around. */
const selectLines = `
  SELECT position, sku, name, quantity, unit_price_cents, line_total_cents
  FROM order_log CROSS JOIN order_lines ON order_lines.order_number = order_log.order_number
  WHERE position > ? AND position <= ? AND type = 'order_placed' ORDER BY position, line_index`;

type LineValues = readonly [
  position: number,
  sku: string,
  name: string,
  quantity: number,
  unitPriceCents: number,
  lineTotalCents: number,
];

const selectEvents = `
  SELECT position, order_id, entry.order_number, event_id, event.revision, event.type, event.at_ms, actor, data
  FROM order_log AS entry LEFT JOIN orders ON number = entry.order_number
    LEFT JOIN order_events AS event
      ON event.order_number = entry.order_number AND event.revision = entry.revision
  WHERE position > ? AND position <= ? AND entry.type <> 'order_placed' ORDER BY position`;

type PositionedEventRow = EventRow & {
  readonly position: number;
  readonly order_id: string;
  readonly order_number: number;
};

const selectEntry = `
  SELECT order_id AS orderId, order_log.revision, type, at_ms AS atMs
  FROM order_log JOIN orders ON number = order_number WHERE position = ?`;

/** One log, by positions. */
export interface LogReads {
  readEnd(): number;
  readTimeAfter(position: number): number | null;
  readFact(position: number): string | null;
}

interface OrderLogReads extends LogReads {
  readPlacedOrders(range: LogRange): readonly PlacedEntry[];
  readOrderEvents(range: LogRange): readonly EventEntry[];
}

export function createOrderLogReads(db: DatabaseSync): OrderLogReads {
  const placed = db.prepare(selectPlaced);
  placed.setReturnArrays(true);
  const lines = db.prepare(selectLines);
  lines.setReturnArrays(true);
  const events = db.prepare(selectEvents);
  const entry = db.prepare(selectEntry);
  const begin = db.prepare('BEGIN');
  const end = db.prepare('COMMIT');

  return {
    ...createPositions(db, { table: 'order_log', column: 'position' }),

    readFact(position) {
      const row = entry.get(position) as unknown as Omit<LogEntry, 'orderNumber'> | undefined;
      return row === undefined ? null : factOfEntry(row);
    },

    readPlacedOrders(range) {
      // One transaction: it takes the locks of the file once, and ends before the rows are looked at.
      begin.run();
      let rows: readonly PlacedValues[];
      let lineRows: readonly LineValues[];
      try {
        rows = placed.all(range.after, range.through) as unknown as readonly PlacedValues[];
        lineRows = lines.all(range.after, range.through) as unknown as readonly LineValues[];
      } finally {
        end.run();
      }
      return toPlacedEntries(rows, lineRows);
    },

    readOrderEvents(range) {
      const rows = events.all(range.after, range.through) as unknown as readonly PositionedEventRow[];
      return rows.map(toEventEntry);
    },
  };
}

interface StockLogReads extends LogReads {
  readMovements(range: LogRange): readonly NumberedMovement[];
}

export function createStockLogReads(db: DatabaseSync): StockLogReads {
  const movement = db.prepare(`SELECT ${movementColumns} FROM stock_movements WHERE movement_id = ?`);
  const movements = db.prepare(`
    SELECT ${movementColumns} FROM stock_movements
    WHERE movement_id > ? AND movement_id <= ? ORDER BY movement_id`);

  return {
    ...createPositions(db, { table: 'stock_movements', column: 'movement_id' }),

    readFact(position) {
      const row = movement.get(position) as unknown as MovementRow | undefined;
      return row === undefined ? null : factOfMovement(toMovement(row));
    },

    readMovements(range) {
      return (movements.all(range.after, range.through) as unknown as readonly MovementRow[]).map(toMovement);
    },
  };
}

/** SQLite has one writer: whatever is committed later has a higher position. */
function createPositions(
  db: DatabaseSync,
  { table, column }: { readonly table: string; readonly column: string },
): Pick<LogReads, 'readEnd' | 'readTimeAfter'> {
  const last = db.prepare(`SELECT max(${column}) AS position FROM ${table}`);
  const next = db.prepare(`SELECT at_ms FROM ${table} WHERE ${column} > ? ORDER BY ${column} LIMIT 1`);
  return {
    readEnd: () => Number(last.get()?.['position'] ?? 0),
    readTimeAfter(position) {
      const row = next.get(position);
      return row === undefined ? null : Number(row['at_ms']);
    },
  };
}

/** Both lists are in the order of positions. @throws Error when an order or its lines are missing */
function toPlacedEntries(
  rows: readonly PlacedValues[],
  lineRows: readonly LineValues[],
): readonly PlacedEntry[] {
  const entries: PlacedEntry[] = [];
  let next = 0;
  for (const row of rows) {
    const [position] = row;
    const lines: OrderLine[] = [];
    for (let line = lineRows[next]; line?.[0] === position; line = lineRows[next]) {
      const [, sku, name, quantity, unitPriceCents, lineTotalCents] = line;
      lines.push({ sku, name, quantity, unitPriceCents, lineTotalCents });
      next += 1;
    }
    entries.push({ position, order: toPlacedOrder(row, lines) });
  }
  return entries;
}

function toPlacedOrder(row: PlacedValues, lines: readonly OrderLine[]): Order {
  const [position, number, orderId, placedAtMs, customerName, streetAddress] = row;
  const [, , , , , , city, state, zipCode, email, totalCents] = row;
  if (number === null || lines.length === 0) throw missingAt(position, 'an order with lines');
  return {
    orderId,
    number,
    status: asPlaced.status,
    placedAtMs,
    customerName,
    streetAddress,
    city,
    state,
    zipCode,
    email,
    lines,
    totalCents,
    revision: asPlaced.revision,
    shipments: asPlaced.shipments,
    returns: asPlaced.returns,
  };
}

function toEventEntry(row: PositionedEventRow): EventEntry {
  const { position, order_id: orderId, order_number: orderNumber } = row;
  if (row.event_id === null) throw missingAt(position, 'a step of an order');
  return { position, orderId, orderNumber, event: toEvent(row) };
}

/** A reader must not pass over it: nothing at or before a position that it has passed is read again. */
function missingAt(position: number, missing: string): Error {
  return new Error(
    `position ${position} of the order log leads to ${missing} that is not there; run \`nozama verify\``,
  );
}
