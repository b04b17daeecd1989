/**
 * `/orders/{order_id}/cancel`: a page that asks first, and the form on it.
 *
 * The form carries the revision that its page showed, with a digest that only the service can make. So no other page can
 * send it in a shopper's name, also where a browser would send the cookie along, and an order that has changed meanwhile is
 * asked about again. A second press of the button finds the order cancelled, and leads to it.
 */
import { z } from 'zod';
import type { Order } from '../../domain/order.ts';
import { allowedSteps } from '../../domain/order-lifecycle.ts';
import { StoreUnavailableError } from '../../intake/batches-at-store.ts';
import { QueueFullError } from '../../intake/commit-batcher.ts';
import { cancellationFields, renderCancellationPage } from '../../web/cancellation/cancellation-page.ts';
import { statusWordsOf } from '../../web/confirmation/status-words.ts';
import { AnsweredFault } from '../answered-fault.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { type AnyCall, endpoint } from '../endpoint.ts';
import { isKeptKey, keyQueryOf, orderPageHeaders } from '../orders/order-page-right.ts';
import { orderReadRequest } from '../orders/order-parameters.ts';
import { takeStep } from '../orders/take-step.ts';
import { retryAfterSeconds } from '../problem-details.ts';
import { formBody } from '../request/declared-body.ts';

const confirmationSchema = z
  .object({
    [cancellationFields.revision]: z.string().meta({ description: 'Of the order, as the page showed it.' }),
    [cancellationFields.confirmation]: z.string().meta({ description: 'As the page has it.' }),
  })
  .meta({ id: 'CancellationForm' });

interface PageCall extends Pick<AnyCall, 'caller' | 'context'> {
  readonly path: { readonly order_id: string };
  readonly query: { readonly key: string | null };
}

const cancelRule = { holder: true, or: 'orders:write' } as const;
const page = { content: { 'text/html': null } } as const;

const showCancellation = endpoint({
  id: 'showCancellation',
  method: 'GET',
  path: '/orders/:order_id/cancel',
  tag: 'Pages',
  summary: 'The page that asks before an order is cancelled',
  scope: cancelRule,
  problemForm: 'page_unless_json',
  request: orderReadRequest,
  answers: {
    200: { description: 'The page. It says so when the order can’t be cancelled any more.', ...page },
    303: {
      description: 'To the page’s address without the key, when the browser has it in a cookie, too.',
      headers: { location: { description: 'The same page.' } },
    },
  },
  problems: ['order_not_found', 'store_unavailable'],
  async handle(deps, call) {
    const { path, query, context } = call;
    if (query.key !== null && isKeptKey(deps, context, path.order_id, query.key))
      return { status: 303, headers: { location: 'cancel', ...orderPageHeaders } };
    const order = await deps.store.findOrder(path.order_id);
    if (order === null) return { code: 'order_not_found' };
    return { status: 200, headers: orderPageHeaders, page: pageOf(deps, call, order, null) };
  },
});

const cancelOnPage = endpoint({
  id: 'cancelOnPage',
  method: 'POST',
  path: '/orders/:order_id/cancel',
  tag: 'Pages',
  summary: 'Cancel an order by the form of its page',
  description: 'Programs use `POST /api/v1/orders/{order_id}/cancel`.',
  scope: cancelRule,
  problemForm: 'page_unless_json',
  request: { ...orderReadRequest, body: formBody(confirmationSchema) },
  answers: {
    303: {
      description: 'Cancelled, now or before.',
      headers: { location: { description: 'The order’s page.' } },
    },
    409: {
      description: 'The page again: the order has changed, or can’t be cancelled any more.',
      ...page,
    },
    503: {
      description: 'The page again: nothing could be changed now.',
      ...page,
      headers: { 'retry-after': { description: 'Seconds.' } },
    },
  },
  problems: ['order_not_found', 'overloaded', 'store_unavailable'],
  async handle(deps, call) {
    const { path, body } = call;
    const revision = Number(body.get(cancellationFields.revision) ?? '');
    if (body.get(cancellationFields.confirmation) !== confirmationOf(deps, path.order_id, revision))
      return askAgain(deps, call, 'Please look at your order once more, and confirm again.');
    const outcome = await takeStep(deps, call, {
      orderId: path.order_id,
      step: { name: 'cancel', reason: null },
      expectedRevisions: [revision],
      callerKey: null,
    }).catch((fault: unknown) => keepPage(deps, call, fault));
    switch (outcome.kind) {
      case 'stepped':
      case 'replayed':
        return toOrder(deps, call);
      case 'stale':
        if (outcome.order.status === 'cancelled') return toOrder(deps, call);
        return refused(deps, call, outcome.order, changedWords(outcome.order));
      case 'stock_full':
        return askAgain(deps, call, 'The shop has to look into this first. Please try again later.');
      case 'order_not_found':
        return { code: 'order_not_found' };
      default:
        return askAgain(deps, call, null);
    }
  },
});

/** The order's key is over its id alone, and no id reads like this. */
function confirmationOf({ orderKeys }: HttpDependencies, orderId: string, revision: number): string {
  return orderKeys.keyOf(`cancel ${orderId} ${revision}`);
}

function pageOf(deps: HttpDependencies, call: PageCall, order: Order, notice: string | null): string {
  const { path, query, context } = call;
  return renderCancellationPage({
    basePath: deps.basePath,
    order,
    notice,
    confirmation: confirmationOf(deps, order.orderId, order.revision),
    keyQuery: keyQueryOf(deps, context, path.order_id, query.key),
  });
}

/** Relative, so that it holds below any path. */
function toOrder(deps: HttpDependencies, { path, query, context }: PageCall) {
  const location = `../${path.order_id}${keyQueryOf(deps, context, path.order_id, query.key)}`;
  return { status: 303, headers: { location, ...orderPageHeaders } } as const;
}

function refused(deps: HttpDependencies, call: PageCall, order: Order, notice: string | null) {
  return { status: 409, headers: orderPageHeaders, page: pageOf(deps, call, order, notice) } as const;
}

async function askAgain(deps: HttpDependencies, call: PageCall, notice: string | null) {
  const order = await deps.store.findOrder(call.path.order_id);
  return order === null ? ({ code: 'order_not_found' } as const) : refused(deps, call, order, notice);
}

function changedWords(order: Order): string | null {
  if (!allowedSteps(order).includes('cancel')) return null;
  const status = statusWordsOf(order).name.toLowerCase();
  return `Your order has changed since you opened this page: it is ${status} now. You can still cancel it.`;
}

/** The page with its button, as long as the order can be read. Rejects with the fault where it can't. */
async function keepPage(deps: HttpDependencies, call: PageCall, fault: unknown): Promise<never> {
  if (!(fault instanceof QueueFullError || fault instanceof StoreUnavailableError)) throw fault;
  const order = await deps.store.findOrder(call.path.order_id).catch(() => null);
  if (order === null) throw fault;
  const text =
    'Our order book did not answer. Please press the button again in a moment: the order is cancelled once, whatever happens.';
  const headers = { ...orderPageHeaders, 'retry-after': String(retryAfterSeconds) };
  throw new AnsweredFault({ status: 503, headers, page: pageOf(deps, call, order, text) }, fault);
}

export const cancellationEndpoints = [showCancellation, cancelOnPage];
