/** `/api/v1/orders`: the list of orders, for the people who run the shop. */
import { z } from 'zod';
import { mayDo } from '../../access/caller.ts';
import { insufficientScope } from '../access/access-gate.ts';
import { endpoint } from '../endpoint.ts';
import { linkHeader, nextLink, pageLimitParameter } from '../request/list-page.ts';
import { confirmationUrl } from './confirmation-link.ts';
import {
  filterQuery,
  findOrders,
  orderCursorParameter,
  orderFilterParameters,
  toOrderFilter,
} from './order-query.ts';
import { orderSchema, representOrder } from './order-representation.ts';

const listOrders = endpoint({
  id: 'listOrders',
  method: 'GET',
  path: '/api/v1/orders',
  tag: 'Orders',
  summary: 'List orders',
  description:
    'By number, the newest first. Names, street addresses, cities, ZIP codes, emails and tracking only with `customers:read` too. A page may hold fewer orders than `limit`, or none, although more follow: a filter that few orders match is looked for in a part of all orders at a time, and next_cursor leads on.',
  scope: 'orders:read',
  request: {
    query: {
      limit: pageLimitParameter,
      cursor: orderCursorParameter,
      ...orderFilterParameters,
    },
  },
  answers: {
    200: {
      description: 'Orders as they are now.',
      content: {
        'application/json': z
          .object({ orders: z.array(orderSchema), next_cursor: z.string().nullable() })
          .meta({ id: 'OrderList' }),
      },
      headers: linkHeader,
    },
  },
  problems: ['invalid_parameter', 'insufficient_scope', 'store_unavailable'],
  async handle(deps, { query, caller }) {
    const { limit, cursor, ...asked } = query;
    const seesCustomers = mayDo(caller, 'customers:read');
    const asksForCustomers = asked.q !== null || asked.zip_code !== null;
    if (asksForCustomers && !seesCustomers) return insufficientScope(['orders:read', 'customers:read']);
    const page = await findOrders(deps.store, toOrderFilter(asked), cursor, limit);
    const next = page.next === null ? null : String(page.next);
    const following = next === null ? null : filterQuery(asked);
    following?.set('limit', String(limit));
    following?.set('cursor', String(next));
    return {
      status: 200,
      headers: { 'cache-control': 'no-store', ...nextLink(`${deps.basePath}/api/v1/orders`, following) },
      json: {
        orders: page.orders.map((order) =>
          representOrder(order, seesCustomers, confirmationUrl(deps, order.orderId, null)),
        ),
        next_cursor: next,
      },
    };
  },
});

export const ordersListEndpoints = [listOrders];
