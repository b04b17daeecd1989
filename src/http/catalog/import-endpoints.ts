/** `POST /api/v1/products/import`: a list of products in one request. */
import { z } from 'zod';
import { actorOf } from '../../access/caller.ts';
import type { ImportReport } from '../../bulk/import-products.ts';
import type { LoadedPicture } from '../../bulk/import-run.ts';
import { changedFields, productFields } from '../../domain/decide-catalog.ts';
import { hashInImagePath } from '../../domain/product-image.ts';
import {
  movementTextLengthMax,
  normalizeProductText,
  productTextProblem,
} from '../../domain/product-text.ts';
import { requiredTextPattern } from '../../domain/text-pattern.ts';
import { findImage } from '../../web/assets.ts';
import { auditOriginOf } from '../access/audit-draft.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { endpoint } from '../endpoint.ts';
import { bytesBody } from '../request/declared-body.ts';
import { pointerTo } from '../request/field-mistakes.ts';
import { booleanParameter, optionalText } from '../request/parameter.ts';

/** Bytes of a list in one request; `nozama catalog import` takes lists of any length. */
export const importBytesMax = 16 * 1024 * 1024;

/** A list of {@link importBytesMax} takes half a minute; a slow database takes several times as long. */
const importMsMax = 5 * 60_000;

/** Bytes that are read at once, so that other requests get their turn in between. */
const chunkBytes = 32 * 1024;

/** Changes that an answer lists; all are counted. */
const changesListedMax = 1_000;

/** Stores that a list is imported into: two at once would take the time of requests and the memory of two lists. */
const importing = new WeakSet<HttpDependencies['store']>();

const anotherImport = 'Another list is being imported. Try again when it is done.';

const changeSchema = z.object({
  sku: z.string(),
  effect: z.enum(['added', 'changed']),
  fields: z
    .array(z.enum(productFields))
    .meta({ description: 'The columns that change; none for a product that is added.' }),
});

const reportSchema = z
  .object({
    dry_run: z.boolean().meta({ description: 'True when nothing was changed, because that was asked for.' }),
    lines: z.int(),
    added: z.int(),
    changed: z.int(),
    unchanged: z.int(),
    units_received: z.int(),
    reference: z.string().meta({ description: 'What the stock is received under.' }),
    changes: z
      .array(changeSchema)
      .meta({ description: `The products that are added or changed, the first ${changesListedMax}.` }),
    skipped: z
      .array(
        z.object({
          line: z.int(),
          column: z.string().nullable(),
          code: z.string(),
          detail: z.string(),
        }),
      )
      .meta({ description: 'The mistakes of the lines that were left out, the first 100.' }),
    mistakes: z.int().meta({ description: 'How many mistakes there are.' }),
  })
  .meta({ id: 'ProductImport' });

const importList = endpoint({
  id: 'importProducts',
  method: 'POST',
  path: '/api/v1/products/import',
  tag: 'Products',
  summary: 'Add and change products from a list',
  description:
    'CSV or NDJSON in UTF-8 with the columns sku, name, description, category, price (such as 19.99), image (a path that this shop serves), active and stock, of which sku, name and price are needed. Nothing is imported when a line is wrong, unless wrong lines are skipped. Stock needs the scope `stock:write`, too.',
  scope: 'catalog:write',
  request: {
    query: {
      dry_run: booleanParameter('Shows what would change, and changes nothing.'),
      skip_bad_lines: booleanParameter('Imports the good lines, and lists the others.'),
      reference: optionalText({
        description:
          'What the stock is received under, once; made from the list unless given. Stock needs one where wrong lines are skipped, and for products that the list does not add (`reference_required`).',
        schema: z
          .string()
          .transform(normalizeProductText)
          .refine((text) => productTextProblem(text, movementTextLengthMax) === null)
          .meta({
            sentAs: {
              type: 'string',
              minLength: 1,
              maxLength: movementTextLengthMax,
              pattern: requiredTextPattern,
            },
          }),
        mustBe: `one line of 1 to ${movementTextLengthMax} characters`,
      }),
    },
    body: bytesBody(['text/csv', 'application/x-ndjson'], importBytesMax),
  },
  answers: {
    200: { description: 'Imported, or what would be.', content: { 'application/json': reportSchema } },
  },
  problems: ['validation_failed', 'store_unavailable', 'busy'],
  async handle(deps, { query, body, caller, context }) {
    const changes: z.input<typeof changeSchema>[] = [];
    const mediaType = context.request.headers.get('content-type') ?? '';
    const endMs = performance.now() + importMsMax;
    // Loaded by the first list, with the readers of CSV and of pictures: few processes ever import one.
    const { importProducts } = await import('../../bulk/import-products.ts');
    if (importing.has(deps.store)) return { code: 'busy', detail: anotherImport } as const;
    const reporting = importProducts(deps.store, {
      open: () => inChunks(body),
      isOverdue: () => performance.now() > endMs,
      format: /ndjson/i.test(mediaType) ? 'ndjson' : 'csv',
      // The body has a bound, and an instance may have no folder to write to.
      keepsSkusIn: 'memory',
      isDryRun: query.dry_run,
      skipsBadLines: query.skip_bad_lines,
      reference: query.reference,
      mayReceiveStock: caller.kind !== 'key' || caller.scopes.has('stock:write'),
      actor: actorOf(caller),
      origin: auditOriginOf(deps, { caller, context }),
      atMs: deps.nowMs(),
      loadPicture: (name) => loadServedPicture(deps, name),
      onResult(result) {
        const { effect, product } = result;
        if (effect !== 'unchanged' && changes.length < changesListedMax)
          changes.push({ sku: product.sku, effect, fields: [...changedFields(result)] });
      },
    });
    importing.add(deps.store);
    const report = await reporting.finally(() => importing.delete(deps.store));
    const taken = report.isDone ? report.added + report.changed + report.unchanged : 0;
    if (!query.dry_run) {
      deps.metrics.catalog.countImportLines('taken', taken);
      deps.metrics.catalog.countImportLines('refused', report.lines - taken);
    }
    if (!report.isDone) return { code: 'validation_failed', errors: errorsOf(report) } as const;
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      json: {
        dry_run: query.dry_run,
        lines: report.lines,
        added: report.added,
        changed: report.changed,
        unchanged: report.unchanged,
        units_received: report.unitsReceived,
        reference: report.reference,
        changes,
        skipped: [...report.problems],
        mistakes: report.problemCount,
      },
    } as const;
  },
});

async function* inChunks(body: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += chunkBytes) {
    yield body.subarray(at, at + chunkBytes);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Line and column as a JSON pointer: `/7/price` is the price on line 7. */
function errorsOf({ problems }: ImportReport) {
  return problems.map(({ line, column, code, detail }) => ({
    pointer: pointerTo(column === null ? [line] : [line, column]),
    code,
    detail: `Line ${line}: ${detail}`,
  }));
}

async function loadServedPicture(
  { store, basePath }: HttpDependencies,
  name: string,
): Promise<LoadedPicture> {
  const path = name.startsWith(`${basePath}/images/`) ? name.slice(basePath.length) : name;
  const hash = hashInImagePath(path);
  const isServed =
    hash === null
      ? path.startsWith('/images/') && findImage(path.slice('/images/'.length)) !== null
      : (await store.findImage(hash)) !== null;
  if (isServed) return { imageUrl: path, image: null };
  return {
    problem:
      'This shop serves no such picture. Leave it empty and send the picture with PUT /api/v1/products/{sku}/image, or import the list with nozama catalog import.',
  };
}

export const importEndpoints = [importList];
