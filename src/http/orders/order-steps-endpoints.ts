/** `/api/v1/orders/{order_id}/…`: the steps of an order, and its timeline. */

import { z } from 'zod';
import { shipmentsMax } from '../../domain/order-lifecycle.ts';
import type { Step } from '../../domain/order-step.ts';
import { mergeLines } from '../../domain/submission.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { type AnyCall, endpoint } from '../endpoint.ts';
import { type IfMatch, requiredIfMatchParameter } from '../request/conditional-request.ts';
import { jsonBody, optionalJsonBody } from '../request/declared-body.ts';
import { type callerKeyOf, ownKey } from '../request/idempotency-key.ts';
import { requiredText } from '../request/parameter.ts';
import { confirmationUrl } from './confirmation-link.ts';
import { eventListSchema, representEvents } from './order-event-representation.ts';
import { holderQuery, idempotencyKeyParameter, orderIdParameter } from './order-parameters.ts';
import { orderEtag, orderSchema, orderViewOf, representOrder, revisionsIn } from './order-representation.ts';
import {
  cancellationSchema,
  noDetailsSchema,
  returnSchema,
  shipmentRequestSchema,
} from './order-step-schema.ts';
import { refusedStep } from './refused-step.ts';
import { takeStep } from './take-step.ts';

const stepRequest = {
  path: { order_id: orderIdParameter },
  headers: { 'If-Match': requiredIfMatchParameter, 'Idempotency-Key': idempotencyKeyParameter },
} as const;

const noDetails = optionalJsonBody(noDetailsSchema);

const stepHeaders = {
  etag: { description: 'Strong.' },
  'idempotent-replayed': { description: '`true` when this answer was given before.', isOptional: true },
} as const;

const steppedAnswer = {
  description: 'Done, and durable: the order after the step.',
  content: { 'application/json': orderSchema },
  headers: stepHeaders,
} as const;

const stepProblems = [
  'order_not_found',
  'shipment_not_found',
  'not_allowed_now',
  'stock_full',
  'precondition_failed',
  'idempotency_key_reused',
  'validation_failed',
  'overloaded',
  'store_unavailable',
] as const;

interface StepCall extends Pick<AnyCall, 'caller' | 'context'> {
  readonly path: { readonly order_id: string };
  readonly headers: {
    readonly 'If-Match': IfMatch;
    readonly 'Idempotency-Key': ReturnType<typeof callerKeyOf> | null;
  };
}

async function answerStep<const Status extends 200 | 201>(
  deps: HttpDependencies,
  { path, headers, caller, context }: StepCall,
  step: Step,
  status: Status,
) {
  const asked = {
    orderId: path.order_id,
    step,
    expectedRevisions: revisionsIn(headers['If-Match']),
    callerKey: ownKey(caller, headers['Idempotency-Key']),
  };
  const outcome = await takeStep(deps, { caller, context }, asked);
  if (!('order' in outcome) || outcome.kind === 'stale') return refusedStep(outcome);
  const { order } = outcome;
  const isHolder = caller.kind === 'holder';
  const view = orderViewOf(caller, isHolder);
  const url = confirmationUrl(deps, order.orderId, isHolder ? deps.orderKeys.keyOf(order.orderId) : null);
  return {
    status,
    headers: {
      'cache-control': 'no-store',
      etag: orderEtag(order, view),
      ...(outcome.kind === 'replayed' ? { 'idempotent-replayed': 'true' } : {}),
    },
    json: representOrder(order, view !== 'public', url),
  } as const;
}

const cancelOrder = endpoint({
  id: 'cancelOrder',
  method: 'POST',
  path: '/api/v1/orders/:order_id/cancel',
  tag: 'Orders',
  summary: 'Cancel an order',
  description: 'While it is placed or packed. Its units are in stock again, and it counts in no ranking.',
  scope: { holder: true, or: 'orders:write' },
  request: { ...stepRequest, query: holderQuery, body: optionalJsonBody(cancellationSchema) },
  answers: { 200: steppedAnswer },
  problems: stepProblems,
  isGrantChecked: true,
  handle: (deps, call) => answerStep(deps, call, { name: 'cancel', reason: call.body.reason || null }, 200),
});

const packOrder = endpoint({
  id: 'packOrder',
  method: 'POST',
  path: '/api/v1/orders/:order_id/pack',
  tag: 'Orders',
  summary: 'Pack an order',
  scope: 'orders:write',
  request: { ...stepRequest, body: noDetails },
  answers: { 200: steppedAnswer },
  problems: stepProblems,
  isGrantChecked: true,
  handle: (deps, call) => answerStep(deps, call, { name: 'pack' }, 200),
});

const shipOrder = endpoint({
  id: 'shipOrder',
  method: 'POST',
  path: '/api/v1/orders/:order_id/shipments',
  tag: 'Orders',
  summary: 'Ship an order, or a part of it',
  description: 'All that is left when no lines are named. From the first shipment on the order is `shipped`.',
  scope: 'orders:write',
  request: { ...stepRequest, body: jsonBody(shipmentRequestSchema) },
  answers: { 201: steppedAnswer },
  problems: stepProblems,
  isGrantChecked: true,
  handle(deps, call) {
    const { lines, carrier, tracking_number, tracking_url } = call.body;
    const step: Step = {
      name: 'ship',
      lines: lines == null ? null : mergeLines(lines),
      carrier,
      trackingNumber: tracking_number || null,
      trackingUrl: tracking_url || null,
    };
    return answerStep(deps, call, step, 201);
  },
});

const shipmentNumber = requiredText({
  description: 'Number of the shipment within its order, from 1.',
  schema: z
    .string()
    .regex(/^[1-9]\d{0,3}$/)
    .transform(Number),
  mustBe: `a whole number from 1 to ${shipmentsMax}`,
  problem: 'shipment_not_found',
});

const deliverShipment = endpoint({
  id: 'deliverShipment',
  method: 'POST',
  path: '/api/v1/orders/:order_id/shipments/:shipment/deliver',
  tag: 'Orders',
  summary: 'Tell that a shipment has arrived',
  description: 'The order is `delivered` when all its units are shipped and all its shipments have arrived.',
  scope: 'orders:write',
  request: { ...stepRequest, path: { ...stepRequest.path, shipment: shipmentNumber }, body: noDetails },
  answers: { 200: steppedAnswer },
  problems: stepProblems,
  isGrantChecked: true,
  handle: (deps, call) => answerStep(deps, call, { name: 'deliver', shipment: call.path.shipment }, 200),
});

const returnLines = endpoint({
  id: 'returnLines',
  method: 'POST',
  path: '/api/v1/orders/:order_id/returns',
  tag: 'Orders',
  summary: 'Take units of an order back',
  description:
    'Units that were shipped. With `restock` they are in stock again. The order is `returned` when all its units have come back.',
  scope: 'orders:write',
  request: { ...stepRequest, body: jsonBody(returnSchema) },
  answers: { 200: steppedAnswer },
  problems: stepProblems,
  isGrantChecked: true,
  handle(deps, call) {
    const { lines, restock, reason } = call.body;
    return answerStep(
      deps,
      call,
      { name: 'return', lines: mergeLines(lines), restock, reason: reason || null },
      200,
    );
  },
});

const eraseOrder = endpoint({
  id: 'eraseOrder',
  method: 'POST',
  path: '/api/v1/orders/:order_id/erase',
  tag: 'Orders',
  summary: 'Erase the personal data of an order',
  description:
    'Replaces name, street and email, and removes the free texts and tracking numbers of its events. Figures stay. It is done once, and can’t be undone.',
  scope: { all: ['orders:write', 'customers:read'] },
  request: { ...stepRequest, body: noDetails },
  answers: { 200: steppedAnswer },
  problems: stepProblems,
  isGrantChecked: true,
  handle: (deps, call) => answerStep(deps, call, { name: 'erase' }, 200),
});

const listEvents = endpoint({
  id: 'listOrderEvents',
  method: 'GET',
  path: '/api/v1/orders/:order_id/events',
  tag: 'Orders',
  summary: 'Read the timeline of an order',
  scope: { holder: true, or: 'orders:read' },
  request: { path: { order_id: orderIdParameter }, query: holderQuery },
  answers: {
    200: {
      description: 'All of it, oldest first.',
      content: { 'application/json': eventListSchema },
    },
  },
  problems: ['order_not_found', 'store_unavailable'],
  async handle({ store }, { path, caller }) {
    const history = await store.findOrderWithEvents(path.order_id);
    if (history === null) return { code: 'order_not_found' };
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      json: { events: representEvents(history, caller) },
    };
  },
});

export const orderStepsEndpoints = [
  cancelOrder,
  packOrder,
  shipOrder,
  deliverShipment,
  returnLines,
  eraseOrder,
  listEvents,
];
