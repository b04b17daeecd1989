/** The stock ledger: what comes in, what is found to be more or less, and the list of both. */
import { z } from 'zod';
import { actorOf } from '../../access/caller.ts';
import type { CatalogProblem } from '../../domain/decide-catalog.ts';
import { movementWords } from '../../domain/movement-words.ts';
import { type MovementReason, movementReasons, type StockMovement } from '../../domain/stock-movement.ts';
import { auditOriginOf } from '../access/audit-draft.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { type AnyCall, endpoint } from '../endpoint.ts';
import type { Problem } from '../problem-details.ts';
import { jsonBody } from '../request/declared-body.ts';
import { cursorParameter, linkHeader, nextLink, nextPage, pageLimitParameter } from '../request/list-page.ts';
import { adjustmentSchema, receiptSchema } from './product-schema.ts';
import { skuParameter } from './products-endpoints.ts';

const madeMovements = z
  .object({
    movements: z.array(
      z.object({
        sku: z.string(),
        units: z.int(),
        repeated: z
          .boolean()
          .meta({ description: 'True when this reference had moved it before: nothing changed now.' }),
        num_in_stock: z.int().min(0),
      }),
    ),
  })
  .meta({ id: 'StockMoved' });

const answers = {
  200: {
    description: 'All of it was moved before, under this reference: nothing changed.',
    content: { 'application/json': madeMovements },
  },
  201: {
    description: 'Moved, all lines of it, and durable.',
    content: { 'application/json': madeMovements },
  },
} as const;

const problems = ['stock_below_zero', 'reference_reused', 'validation_failed', 'store_unavailable'] as const;

const receiveStock = endpoint({
  id: 'receiveStock',
  method: 'POST',
  path: '/api/v1/stock/receipts',
  tag: 'Stock',
  summary: 'Receive stock',
  description: 'With a `reference` it is safe to send again: each product is received once under it.',
  scope: 'stock:write',
  request: { body: jsonBody(receiptSchema) },
  answers,
  problems,
  handle: (deps, { body, ...asked }) => move(deps, body, 'receipt', asked),
});

const adjustStock = endpoint({
  id: 'adjustStock',
  method: 'POST',
  path: '/api/v1/stock/adjustments',
  tag: 'Stock',
  summary: 'Adjust stock up or down',
  description:
    'Never below zero. With a `reference` it is safe to send again: each product is adjusted once under it.',
  scope: 'stock:write',
  request: { body: jsonBody(adjustmentSchema) },
  answers,
  problems,
  handle: (deps, { body, ...asked }) => move(deps, body, body.reason, asked),
});

const movementSchema = z.object({
  movement_id: z.string(),
  at: z.string().meta({ format: 'date-time' }),
  units: z.int().meta({ description: 'Negative when units went.' }),
  reason: z.enum(movementReasons),
  note: z.string().nullable(),
  reference: z.string().nullable(),
  actor: z.string().meta({ description: '`key:NAME`, `cli`, or `service` for the demo catalogue.' }),
});

const listStockMovements = endpoint({
  id: 'listStockMovements',
  method: 'GET',
  path: '/api/v1/products/:sku/stock-movements',
  tag: 'Stock',
  summary: 'List the stock movements of a product',
  description: 'Orders are no movements: what is on hand is the sum of the movements less what was sold.',
  scope: 'stock:write',
  request: {
    path: { sku: skuParameter },
    query: {
      limit: pageLimitParameter,
      cursor: cursorParameter(z.string().regex(/^[1-9][0-9]{0,14}$/)),
    },
  },
  answers: {
    200: {
      description: 'Newest first.',
      content: {
        'application/json': z
          .object({
            num_in_stock: z.int().min(0),
            movements: z.array(movementSchema),
            next_cursor: z.string().nullable(),
          })
          .meta({ id: 'StockMovementList' }),
      },
      headers: linkHeader,
    },
  },
  problems: ['product_not_found', 'store_unavailable'],
  async handle({ store, basePath }, { path: { sku }, query: { limit, cursor } }) {
    const product = await store.findProduct(sku);
    if (product === null) return { code: 'product_not_found' };
    const before = cursor === null ? null : Number(cursor);
    const { movements, hasMore } = await store.listStockMovements(sku, before, limit);
    const last = movements.at(-1);
    const next = hasMore && last !== undefined ? String(last.movementId) : null;
    const path = `${basePath}/api/v1/products/${sku}/stock-movements`;
    return {
      status: 200,
      headers: { 'cache-control': 'no-cache', ...nextLink(path, nextPage(limit, next)) },
      json: {
        num_in_stock: product.onHand,
        movements: movements.map(({ movementId, atMs, units, reason, note, reference, actor }) => ({
          movement_id: String(movementId),
          at: new Date(atMs).toISOString(),
          units,
          reason,
          note,
          reference,
          actor,
        })),
        next_cursor: next,
      },
    };
  },
});

interface RequestedMovement {
  readonly reference?: string | null | undefined;
  readonly note?: string | null | undefined;
  readonly lines: readonly { readonly sku: string; readonly units: number }[];
}

async function move(
  deps: HttpDependencies,
  { lines, reference = null, note = null }: RequestedMovement,
  reason: MovementReason,
  asked: Pick<AnyCall, 'caller' | 'context'>,
) {
  const { store } = deps;
  const atMs = deps.nowMs();
  const actor = actorOf(asked.caller);
  const movements = lines.map((line): StockMovement => ({ ...line, reason, note, reference, actor, atMs }));
  const repeated = reference === null ? -1 : lines.findIndex(({ sku }, at) => firstOf(lines, sku) < at);
  // Under one reference the second line of a product would be taken for the first, asked for again.
  if (repeated !== -1) return twice(repeated);
  const outcome = await store.changeCatalog(
    { atMs, products: [], movements, onlyIfEmpty: false, isTrial: false },
    auditOriginOf(deps, asked),
  );
  if (outcome.kind === 'refused') return refusedMovement(outcome.problems, movements);
  if (outcome.kind !== 'changed') throw new Error(`a movement of stock ended as ${outcome.kind}`);
  const json = {
    movements: outcome.movements.map(({ effect, onHand }, at) => ({
      sku: movements[at]?.sku ?? '',
      units: movements[at]?.units ?? 0,
      repeated: effect === 'repeated',
      num_in_stock: onHand,
    })),
  };
  const headers = { 'cache-control': 'no-store' };
  return outcome.movements.every(({ effect }) => effect === 'repeated')
    ? ({ status: 200, headers, json } as const)
    : ({ status: 201, headers, json } as const);
}

function firstOf(lines: RequestedMovement['lines'], sku: string): number {
  return lines.findIndex((line) => line.sku === sku);
}

function twice(index: number): Problem<'validation_failed'> {
  const detail = 'This product is on an earlier line, too: under one reference put its units on one line.';
  return {
    code: 'validation_failed',
    errors: [{ pointer: `/lines/${index}/sku`, code: 'repeated_sku', detail }],
  };
}

function refusedMovement(
  found: readonly CatalogProblem[],
  movements: readonly StockMovement[],
): Problem<'stock_below_zero' | 'reference_reused' | 'validation_failed'> {
  const errors = found.map((problem) => {
    const movement = movements[problem.index];
    const field = problem.code === 'unknown_product' ? 'sku' : 'units';
    const detail = movement === undefined ? '' : movementWords(problem, movement);
    return { pointer: `/lines/${problem.index}/${field}`, code: problem.code, detail };
  });
  const detail = errors.map((error) => error.detail).join(' ');
  if (found.every(({ code }) => code === 'below_zero')) return { code: 'stock_below_zero', detail, errors };
  if (found.every(({ code }) => code === 'reference_reused'))
    return { code: 'reference_reused', detail, errors };
  return { code: 'validation_failed', errors };
}

export const stockEndpoints = [receiveStock, adjustStock, listStockMovements];
