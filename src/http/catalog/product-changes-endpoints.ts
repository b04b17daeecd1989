/** Changes of the catalogue: `PUT` and `PATCH` of a product, and its picture. */
import type { CatalogProduct, Product } from '../../domain/product.ts';
import { imageBytesMax, imagePath, placeholderImagePath } from '../../domain/product-image.ts';
import { categoryDefault } from '../../domain/product-text.ts';
import { auditOriginOf } from '../access/audit-draft.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { type AnyCall, endpoint } from '../endpoint.ts';
import {
  type Conditions,
  conditionProblem,
  etagOf,
  type IfMatch,
  ifMatchParameter,
  ifNoneMatchParameter,
} from '../request/conditional-request.ts';
import { bytesBody, jsonBody } from '../request/declared-body.ts';
import { productSchema, representProduct } from './product-representation.ts';
import { productPatchSchema, productPutSchema } from './product-schema.ts';
import { newSkuParameter, skuParameter } from './products-endpoints.ts';

const etagHeader = { etag: { description: 'Strong; of all fields but the stock.' } } as const;

const changedAnswer = {
  description: 'The product as it is now.',
  content: { 'application/json': productSchema },
  headers: etagHeader,
} as const;

const addedAnswer = {
  ...changedAnswer,
  description: 'The product is added; it has no stock yet.',
  headers: { ...etagHeader, location: { description: 'The product.' } },
} as const;

const problems = ['precondition_failed', 'precondition_required', 'busy', 'store_unavailable'] as const;

/** A change that says `*` is decided anew when others change the product meanwhile, so often at most. */
const triesMax = 8;

const putProduct = endpoint({
  id: 'putProduct',
  method: 'PUT',
  path: '/api/v1/products/:sku',
  tag: 'Products',
  summary: 'Add a product, or replace what is said of it',
  description:
    'A product that there is needs `If-Match`. Its stock and its picture stay, and so do old orders with their prices.',
  scope: 'catalog:write',
  request: {
    path: { sku: newSkuParameter },
    headers: { 'If-Match': ifMatchParameter, 'If-None-Match': ifNoneMatchParameter },
    body: jsonBody(productPutSchema),
  },
  answers: { 200: changedAnswer, 201: addedAnswer },
  problems,
  handle: (deps, { path: { sku }, headers, body, ...asked }) =>
    save(deps, asked, sku, conditionsOf(headers), true, (before) => ({
      sku,
      name: body.name,
      description: body.description ?? '',
      category: body.category ?? categoryDefault,
      priceCents: body.price.amount,
      imageUrl: before?.imageUrl ?? placeholderImagePath,
      active: body.active ?? true,
    })),
});

const patchProduct = endpoint({
  id: 'patchProduct',
  method: 'PATCH',
  path: '/api/v1/products/:sku',
  tag: 'Products',
  summary: 'Change a product',
  description: 'Needs `If-Match`. `{"active": false}` retires a product, and `true` brings it back.',
  scope: 'catalog:write',
  request: {
    path: { sku: skuParameter },
    headers: { 'If-Match': ifMatchParameter },
    body: jsonBody(productPatchSchema),
  },
  answers: { 200: changedAnswer },
  problems: [...problems, 'product_not_found'],
  async handle(deps, { path: { sku }, headers, body, ...asked }) {
    if ((await deps.store.findProduct(sku)) === null) return { code: 'product_not_found' } as const;
    const conditions = { ifMatch: headers['If-Match'], ifNoneMatch: null };
    const answer = await save(deps, asked, sku, conditions, true, (before) => ({
      sku,
      name: body.name ?? before?.name ?? '',
      description: body.description ?? before?.description ?? '',
      category: body.category ?? before?.category ?? categoryDefault,
      priceCents: body.price?.amount ?? before?.priceCents ?? 0,
      imageUrl: before?.imageUrl ?? placeholderImagePath,
      active: body.active ?? before?.active ?? true,
    }));
    // A product is never taken away, so that none is added here.
    if ('status' in answer && answer.status === 201) throw new Error(`a change has added ${sku}`);
    return answer as Exclude<typeof answer, { status: 201 }>;
  },
});

const putProductImage = endpoint({
  id: 'putProductImage',
  method: 'PUT',
  path: '/api/v1/products/:sku/image',
  tag: 'Products',
  summary: 'Give a product its picture',
  description:
    'PNG, JPEG, WebP or AVIF, recognized by its content; at most 1 MiB and 4,096 pixels a side. Notes that may name a place, a person or a camera (EXIF, XMP, texts) are left out, but not of AVIF: remove those before. `If-Match` may be left out.',
  scope: 'catalog:write',
  request: {
    path: { sku: skuParameter },
    headers: { 'If-Match': ifMatchParameter },
    body: bytesBody(['image/png', 'image/jpeg', 'image/webp', 'image/avif'], imageBytesMax),
  },
  answers: { 200: changedAnswer },
  problems: [...problems, 'product_not_found', 'invalid_image'],
  async handle(deps, { path: { sku }, headers, body, ...asked }) {
    const found = await deps.store.findProduct(sku);
    if (found === null) return { code: 'product_not_found' } as const;
    const conditions = { ifMatch: headers['If-Match'], ifNoneMatch: null };
    const stale = conditionProblem(conditions, found.revision, false);
    if (stale !== null) return stale;
    // Loaded by the first picture: few processes ever take one.
    const { takePicture } = await import('../../bulk/product-picture.ts');
    const picture = await takePicture(body);
    if ('code' in picture) {
      const { code, detail } = picture;
      if (code === 'busy') return { code } as const;
      return { code: 'invalid_image', detail, errors: [{ pointer: '', code, detail }] } as const;
    }
    const answer = await save(deps, asked, sku, conditions, false, async (before) => {
      if (before === null) throw new Error(`a picture of ${sku}, which is gone`);
      // Not before the condition holds: no product would name the picture, and nothing takes it away.
      await deps.store.saveImages([picture]);
      return { ...before, imageUrl: imagePath(picture) };
    });
    if ('status' in answer && answer.status === 201) throw new Error(`a picture has added ${sku}`);
    return answer as Exclude<typeof answer, { status: 201 }>;
  },
});

function conditionsOf(headers: {
  readonly 'If-Match': IfMatch | null;
  readonly 'If-None-Match': string | null;
}): Conditions {
  return { ifMatch: headers['If-Match'], ifNoneMatch: headers['If-None-Match'] };
}

/**
 * @param isNeeded whether a product that there is may be changed only with `If-Match`
 * @param changed called each time that the conditions hold
 */
async function save(
  deps: HttpDependencies,
  asked: Pick<AnyCall, 'caller' | 'context'>,
  sku: string,
  conditions: Conditions,
  isNeeded: boolean,
  changed: (before: Product | null) => CatalogProduct | Promise<CatalogProduct>,
) {
  const { store, basePath } = deps;
  for (let tries = 1; ; tries += 1) {
    const before = await store.findProduct(sku);
    const refused = conditionProblem(conditions, before?.revision ?? null, isNeeded);
    if (refused !== null) return refused;
    const products = [{ product: await changed(before), expectedRevision: before?.revision ?? 0 }];
    const outcome = await store.changeCatalog(
      { atMs: deps.nowMs(), products, movements: [], onlyIfEmpty: false, isTrial: false },
      auditOriginOf(deps, asked),
    );
    const [result] = outcome.kind === 'changed' ? outcome.products : [];
    if (result !== undefined) {
      const json = representProduct(basePath, { ...result.product, onHand: before?.onHand ?? 0 });
      const headers = { etag: etagOf(result.product.revision), 'cache-control': 'no-cache' };
      if (result.effect !== 'added') return { status: 200, headers, json } as const;
      const location = `${basePath}/api/v1/products/${sku}`;
      return { status: 201, headers: { ...headers, location }, json } as const;
    }
    // Somebody else was faster. What was asked for of whatever there is can still be done.
    if (tries === triesMax) return { code: 'busy' } as const;
  }
}

export const productChangesEndpoints = [putProduct, patchProduct, putProductImage];
