/**
 * The answers of the HTTP ceiling: one 201 and one page, the same for all clients.
 *
 * `ANSWERS_FILE` names a JSON file with answers recorded from the real service (headers and body), which
 * the benchmark writes, so that both send the same bytes; without it, answers of about the real size.
 */

import { readFileSync } from 'node:fs';
import { typicalOrder } from '../../load/customers.ts';

export interface FixedAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface FixedAnswers {
  /** To POST /api/v1/orders, with status 201. */
  readonly placed: FixedAnswer;
  /** To GET /orders/{id}, with status 200. */
  readonly page: FixedAnswer;
}

const orderId = '01927f3e-7c00-7abc-8def-0123456789ab';
const pageBytes = 6_000;

const placed = {
  order_id: orderId,
  number: 123_456,
  status: 'placed',
  placed_at: '2026-01-05T12:00:00.000Z',
  lines: [
    {
      sku: 'tent-4p',
      name: 'Sundown Four-Person Tent',
      quantity: 1,
      unit_price: { amount: 19_999, currency: 'USD' },
      line_total: { amount: 19_999, currency: 'USD' },
    },
  ],
  total: { amount: 19_999, currency: 'USD' },
  shipping: typicalOrder,
  confirmation_url: `/orders/${orderId}?key=${'k'.repeat(43)}`,
};

const typical: FixedAnswers = {
  placed: {
    headers: {
      'content-type': 'application/json',
      location: `/api/v1/orders/${orderId}`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': orderId,
      'set-cookie': `order_key=${'k'.repeat(43)}; Path=/orders/${orderId}; HttpOnly; SameSite=Lax`,
    },
    body: JSON.stringify(placed),
  },
  page: {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-request-id': orderId,
    },
    body: `<!doctype html><title>Thank you</title><main>${'<p>Popular products in your area</p>\n'.repeat(200)}`.slice(
      0,
      pageBytes,
    ),
  },
};

export function loadFixedAnswers(file: string | undefined): FixedAnswers {
  return file === undefined ? typical : (JSON.parse(readFileSync(file, 'utf8')) as FixedAnswers);
}
