/** What is done for a customer over all their orders. */
import { z } from 'zod';
import { normalizeCustomerText } from '../../domain/customer-text.ts';
import { emailLengthMax } from '../../domain/email-address.ts';
import { eraseCustomer } from '../../intake/erase-customer.ts';
import { endpoint } from '../endpoint.ts';
import { jsonBody } from '../request/declared-body.ts';
import { checkedText } from './order-schema.ts';
import { takeStep } from './take-step.ts';

/** Also addresses that an earlier version has taken and an order could not have today: their orders are erased, too. */
function codeOf(email: string): string | null {
  if (email === '') return 'required';
  if (email.length > emailLengthMax) return 'email_too_long';
  return email.includes('@') ? null : 'email_incomplete';
}

const erasureRequestSchema = z
  .strictObject({
    email: checkedText(normalizeCustomerText, codeOf).meta({
      description: 'As the orders have it; capitals make no difference.',
      minLength: 1,
      maxLength: emailLengthMax,
      pattern: '@',
      examples: ['ada@example.com'],
    }),
    cursor: z
      .string()
      .regex(/^[1-9][0-9]{0,14}$/, 'invalid_cursor')
      .meta({ description: 'The `next_cursor` of the answer before, to go on.' })
      .nullish(),
  })
  .meta({ id: 'CustomerErasureRequest' });

const erasureSchema = z
  .object({
    orders_erased: z
      .int()
      .min(0)
      .meta({ description: 'By this request. 0 when no order has this email, or has it any more.' }),
    next_cursor: z.string().nullable().meta({
      description:
        'Null when all orders were looked at. A shop of some millions is looked at in several requests: send this as `cursor`.',
    }),
  })
  .meta({ id: 'CustomerErasure' });

const eraseCustomerOrders = endpoint({
  id: 'eraseCustomer',
  method: 'POST',
  path: '/api/v1/customers/erase',
  tag: 'Orders',
  summary: 'Erase the personal data of a customer',
  description:
    'Of every order with this email, as by `/api/v1/orders/{order_id}/erase`. It is safe to send again: what is erased stays erased, and an answer that did not arrive may have left orders for the next request. Orders that are placed after the request are not erased, nor are orders without this email: erase those one by one.',
  scope: { all: ['orders:write', 'customers:read'] },
  request: { body: jsonBody(erasureRequestSchema) },
  answers: {
    200: {
      description: 'Done as far as `next_cursor` says, and durable.',
      content: { 'application/json': erasureSchema },
    },
  },
  problems: ['validation_failed', 'overloaded', 'store_unavailable'],
  async handle(deps, { body: { email, cursor }, caller, context }) {
    const call = { caller, context };
    const { orders, next } = await eraseCustomer(
      {
        store: deps.store,
        takeStep: (asked) => takeStep(deps, call, { ...asked, callerKey: null }, { by: 'email' }),
      },
      { email, beforeNumber: cursor == null ? null : Number(cursor) },
    );
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      json: { orders_erased: orders, next_cursor: next === null ? null : String(next) },
    };
  },
});

export const customersEndpoints = [eraseCustomerOrders];
