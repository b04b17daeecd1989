/** Orders and their confirmations, gathered while earlier ones are being read. */
import type { Order } from '../../domain/order.ts';
import { type OrderHistory, orderAt } from '../../domain/order-event.ts';
import { type TopProduct, topProductsMax } from '../../domain/top-products.ts';
import type { Confirmation } from '../order-store.ts';
import { createGatheredReads } from '../server/gathered-reads.ts';
import type { Answer, Statement } from './connection.ts';
import { popularityOrder } from './ranking.ts';
import {
  isUuid,
  type OrderRow,
  orderColumns,
  picturedOrderColumns,
  toHistory,
  toLineImageUrls,
  toOrder,
} from './rows.ts';

const selectOrders = `SELECT ${orderColumns} FROM orders WHERE order_id = ANY($1::uuid[])`;
const selectByNumber = `SELECT ${orderColumns} FROM orders WHERE number = $1::bigint`;

/**
 * The ranking of each state once, however many of the orders went there. Orders are read whole before anything
 * is joined to them: they may be on other machines than the counters (docs/decisions/0018).
 */
const selectConfirmations = `
  WITH asked AS MATERIALIZED (SELECT ${picturedOrderColumns} FROM orders WHERE order_id = ANY($1::uuid[]))
  SELECT asked.*, ranking.ranked
  FROM asked JOIN (
    SELECT state, (
      SELECT json_agg(json_build_array(best.sku, best.name, products.image_url, best.orders, best.units)
        ORDER BY ${popularityOrder.replaceAll(/\b(orders|units|name|sku)\b/g, 'best.$1')})
      FROM (SELECT sku, name, orders, units FROM popularity
        WHERE popularity.state = states.state AND ranked_at_ms IS NOT NULL
        ORDER BY ${popularityOrder} LIMIT $2::integer) AS best
      JOIN products ON products.sku = best.sku) AS ranked
    FROM (SELECT DISTINCT state FROM asked) AS states) AS ranking ON ranking.state = asked.state`;

type ConfirmationRow = OrderRow & {
  /** SKU, name, image, orders, units. */
  readonly ranked: readonly (readonly [string, string, string, number, number])[] | null;
};

export interface Confirmations {
  findOrder(orderId: string): Promise<Order | null>;
  findOrderWithEvents(orderId: string): Promise<OrderHistory | null>;
  findHistoryByNumber(number: number): Promise<OrderHistory | null>;
  findConfirmation(orderId: string, topLimit: number): Promise<Confirmation | null>;
}

interface AskedConfirmation {
  readonly orderId: string;
  readonly topLimit: number;
}

const orderIdOf = (row: OrderRow) => row.order_id;

type Ask = (statement: Statement) => Promise<Answer>;

export function createConfirmations(ask: Ask, assertOpen: () => void): Confirmations {
  const orders = createGatheredReads<string, OrderRow>(async (ids) => {
    const { rows } = await ask({ name: 'orders', text: selectOrders, values: [[...new Set(ids)]] });
    return rows as unknown as readonly OrderRow[];
  }, orderIdOf);
  const confirmations = createGatheredReads<AskedConfirmation, ConfirmationRow>(async (asked) => {
    const ids = [...new Set(asked.map(({ orderId }) => orderId))];
    // As long as the longest ranking that is asked for; the others leave the rest.
    const length = Math.max(...asked.map(({ topLimit }) => topLimit));
    const { rows } = await ask({
      name: 'confirmations',
      text: selectConfirmations,
      values: [ids, Math.min(length, topProductsMax)],
    });
    return rows as unknown as readonly ConfirmationRow[];
  }, orderIdOf);

  async function findRow(orderId: string): Promise<OrderRow | undefined> {
    assertOpen();
    return isUuid(orderId) ? orders(orderId, orderId) : undefined;
  }

  return {
    async findOrder(orderId) {
      const row = await findRow(orderId);
      return row === undefined ? null : toOrder(row);
    },
    async findOrderWithEvents(orderId) {
      const row = await findRow(orderId);
      return row === undefined ? null : toHistory(row);
    },
    async findHistoryByNumber(number) {
      assertOpen();
      const { rows } = await ask({ name: 'order-by-number', text: selectByNumber, values: [number] });
      const [row] = rows as unknown as readonly OrderRow[];
      return row === undefined ? null : toHistory(row);
    },
    async findConfirmation(orderId, topLimit) {
      assertOpen();
      const row = isUuid(orderId) ? await confirmations(orderId, { orderId, topLimit }) : undefined;
      if (row === undefined) return null;
      const history = toHistory(row);
      return {
        order: orderAt(history),
        events: history.events,
        lineImageUrls: toLineImageUrls(row),
        topProducts: toTopProducts(row, topLimit),
      };
    },
  };
}

function toTopProducts({ ranked }: ConfirmationRow, limit: number): readonly TopProduct[] {
  return (ranked ?? []).slice(0, limit).map(([sku, name, imageUrl, orders, units], index) => ({
    rank: index + 1,
    sku,
    name,
    imageUrl,
    orders,
    units,
  }));
}
