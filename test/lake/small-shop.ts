/** A shop whose log is a list of orders, and the tables that are written of it. */

import { appendRows } from '../../src/events/lake/append-rows.ts';
import { decodePath } from '../../src/events/lake/data-paths.ts';
import {
  type LakeOptions,
  type LakeSession,
  openSession,
  readNewest,
} from '../../src/events/lake/lake-session.ts';
import { readTable } from '../../src/events/lake/read-table.ts';
import { readParquetInto } from '../../src/events/parquet/read-parquet.ts';
import type { LogPart } from '../../src/events/table-sink.ts';
import { buildBatch } from '../../src/events/tables/column-builder.ts';
import type { ColumnBatch } from '../../src/events/tables/column-values.ts';
import { columnsOf } from '../../src/events/tables/lake-table.ts';
import { ordersTable } from '../../src/events/tables/lake-tables.ts';
import type { ObjectStore } from '../../src/objects/object-store.ts';

export const dayMs = 86_400_000;
/** The shop's first order was placed here; each later one a minute after the one before. */
export const firstPlacedAtMs = Date.UTC(2026, 10, 29, 23, 50);

export interface SmallShop {
  readonly shopId: string;
  /** Positions are 1 to this. */
  readonly length: number;
  readonly idAt: (position: number) => string;
}

/** @param idAt tells two copies of a shop apart, which differ from a position on */
export function aShop(length: number, idAt = (position: number) => `order-${position}`): SmallShop {
  return { shopId: 'shop-1', length, idAt };
}

/** Makes the names of files and commits distinct: a process would draw them. */
let writers = 0;

export function ordersOptions(
  files: ObjectStore,
  shop: SmallShop,
  change: Partial<LakeOptions> = {},
): LakeOptions {
  writers += 1;
  const writer = writers;
  let ids = 0;
  return {
    files,
    table: ordersTable,
    shopId: shop.shopId,
    personalData: false,
    history: { factAt: async (position) => (position <= shop.length ? shop.idAt(position) : null) },
    nowMs: () => Date.UTC(2026, 11, 1),
    newId: () => {
      ids += 1;
      return `${writer}-${ids}`;
    },
    ...change,
  };
}

/** The orders after a position, up to another. */
export function ordersBetween(shop: SmallShop, after: number, through: number): LogPart {
  const batch = buildBatch(columnsOf(ordersTable, false));
  for (let position = after + 1; position <= through; position += 1) {
    const placedAtMs = firstPlacedAtMs + position * 60_000;
    const cells: Readonly<Record<string, string | number>> = {
      position,
      order_id: shop.idAt(position),
      order_number: 1_000 + position,
      placed_at: placedAtMs * 1_000,
      placed_date: Math.floor(placedAtMs / dayMs),
      state: ['WA', 'CA', 'TX'][position % 3] ?? '',
      zip_code: String(98_000 + position),
      line_count: 1 + (position % 3),
      unit_count: 1 + (position % 7),
      total_cents: position * 1_001,
    };
    for (const [name, builder] of batch.columns) builder.push(cells[name] ?? null);
  }
  return { after, through, fact: shop.idAt(through), rows: batch.build() };
}

/** Writes on until all orders are in the table, `step` at a time. */
export async function writeOrders(session: LakeSession, shop: SmallShop, step: number): Promise<void> {
  let { position } = await readNewest(session);
  while (position < shop.length) {
    const through = Math.min(position + step, shop.length);
    const appended = await appendRows(session, ordersBetween(shop, position, through));
    position = appended.kind === 'moved' ? appended.position : through;
  }
}

export async function aTable(files: ObjectStore, shop: SmallShop, step: number): Promise<LakeSession> {
  const session = openSession(ordersOptions(files, shop));
  await writeOrders(session, shop, step);
  return session;
}

/** The rows of all files that belong to the table, and the days that they stand in. */
export async function rowsIn(files: ObjectStore, table = ordersTable): Promise<ColumnBatch> {
  const state = await readTable(files);
  const columns = columnsOf(table, true);
  const batch = buildBatch(columns);
  const stored = columns.filter(({ name }) => name !== table.partitionColumn);
  for (const { path, partitionValues, stats } of state?.files.values() ?? []) {
    const bytes = await files.read(decodePath(path));
    if (bytes === null) throw new Error(`${path} is missing`);
    await readParquetInto(batch, stored, bytes);
    const { numRecords } = JSON.parse(stats ?? '{}') as { readonly numRecords: number };
    const day = Date.parse(`${partitionValues[table.partitionColumn]}T00:00:00Z`) / dayMs;
    for (let row = 0; row < numRecords; row += 1) batch.columns.get(table.partitionColumn)?.push(day);
  }
  return batch.build();
}

/** The positions of all rows, in order. */
export async function positionsIn(files: ObjectStore): Promise<readonly number[]> {
  const { columns } = await rowsIn(files);
  const positions = columns.get('position')?.values ?? [];
  return Array.from(positions as BigInt64Array, Number).sort((a, b) => a - b);
}

export function countTo(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index + 1);
}
