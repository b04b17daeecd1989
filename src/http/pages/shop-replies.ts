/** The shop page: empty, or with the typed text and its errors. */
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { OrderLine } from '../../domain/order.ts';
import { type Product, skuPattern } from '../../domain/product.ts';
import { remember } from '../../web/remember.ts';
import type { Listing } from '../../web/shop/listing.ts';
import { orderForDisplay, pickFeatured } from '../../web/shop/product-order.ts';
import { productControl, type ShopField, shopFields } from '../../web/shop/shop-fields.ts';
import { renderShopPage, type ShopPageView } from '../../web/shop/shop-page.ts';
import {
  type AskedSearch,
  findPage,
  type SortedCursor,
  toSearch,
  writeCursor,
} from '../catalog/product-query.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { retryAfterSeconds } from '../problem-details.ts';
import { gzipPreferenceOf } from '../request/content-negotiation.ts';
import type { RequestContext } from '../request/request-context.ts';
import { categoriesShownMax, type FirstView, productsShownMax } from './first-view.ts';
import { createKnownProducts } from './known-products.ts';

const compress = promisify(gzip);

/** Room for a whole page, so that the thread that compresses it comes back to the serving thread once. */
const compressedBytes = 256 * 1024;

/** The parameters of the page's address. */
export interface ShopQuery extends AskedSearch {
  /** SKU of the product that is selected. */
  readonly product: string | null;
  /** Where the page of the search begins. */
  readonly after: SortedCursor | null;
}

export async function shopReply(deps: HttpDependencies, { request }: RequestContext, query: ShopQuery) {
  const view = await deps.firstViews.read();
  const page = renderShopPage({
    ...emptyView,
    ...(await withAsked(deps, view, query.product ?? '')),
    featured: pickFeatured(view.products),
    listing: await listingFor(deps, view, query),
    basePath: deps.basePath,
    takesOrders: !deps.ordersNeedKey,
    idempotencyKey: randomUUID(),
  }).bytes;
  // The page carries a fresh key, which two orders must not share, and the stock of this moment.
  const headers = { 'cache-control': 'no-store', vary: 'Accept-Encoding' };
  if (gzipPreferenceOf(request.headers) === 'identity') return { status: 200, headers, page } as const;
  const gzipped = await compress(page, { level: 4, chunkSize: compressedBytes }).catch(() => null);
  return gzipped === null
    ? ({ status: 200, headers, page } as const)
    : ({ status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, page: gzipped } as const);
}

const known = createKnownProducts();

/** A cursor of another order, from an address that was changed by hand, begins at the start. */
async function listingFor({ store }: HttpDependencies, view: FirstView, query: ShopQuery): Promise<Listing> {
  const { q, category, sort, after } = query;
  if (q === null && category === null && sort === null && after === null) return firstListing(view);
  const search = toSearch(query);
  const position = after !== null && after.sort === (sort ?? 'name') ? after.after : null;
  const { products, next } = await findPage(store, search, position, productsShownMax);
  return {
    products: products.map(known),
    search: {
      question: q ?? '',
      category: category ?? '',
      sort: sort ?? 'name',
      categories: view.more?.categories ?? (await store.listCategories(categoriesShownMax)),
      isLaterPage: position !== null,
      next: next === null ? null : writeCursor(sort ?? 'name', next),
    },
  };
}

/** The same for the same view again, so that what was rendered from it can be kept. */
const firstListing = remember(({ products, more }: FirstView): Listing => {
  if (more === null) return { products: orderForDisplay(products, pickFeatured(products)), search: null };
  const { categories, next } = more;
  const search = { question: '', category: '', sort: 'name', categories, isLaterPage: false } as const;
  return { products, search: { ...search, next: next === null ? null : writeCursor('name', next) } };
});

export interface FormAnswer<Status extends number> {
  readonly status: Status;
  readonly form: URLSearchParams;
  readonly errors: ShopPageView['errors'];
  readonly notice: ShopPageView['notice'];
  /** For the next try. */
  readonly idempotencyKey: string;
  /** Prices of now, which the list of the page may not have yet. */
  readonly newPrices?: readonly Pick<OrderLine, 'sku' | 'unitPriceCents'>[];
}

export interface FormReply<Status extends number> {
  readonly status: Status;
  readonly headers: { readonly 'cache-control': string; readonly 'retry-after'?: string };
  readonly page: Uint8Array;
}

/** Not compressed: it holds personal data beside a secret, which compression could give away (BREACH). */
export async function formReply<Status extends number>(
  deps: HttpDependencies,
  { status, form, errors, notice, idempotencyKey, newPrices = [] }: FormAnswer<Status>,
): Promise<FormReply<Status>> {
  const values = typedValues(form);
  const view = await deps.firstViews.read();
  const { products, search } = firstListing(view);
  const { asked } = await withChosen(deps, view, values);
  return {
    status,
    headers: {
      'cache-control': 'no-store',
      ...(status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {}),
    },
    page: renderShopPage({
      ...emptyView,
      basePath: deps.basePath,
      takesOrders: !deps.ordersNeedKey,
      featured: pickFeatured(view.products),
      listing: { products: repriced(products, newPrices), search },
      asked: isProduct(asked) ? (repriced([asked], newPrices)[0] ?? null) : asked,
      values,
      errors,
      notice,
      idempotencyKey,
    }).bytes,
  };
}

const emptyView = { values: {}, errors: {}, notice: null } as const;

type Asked = Pick<ShopPageView, 'asked'>;

function isProduct(asked: ShopPageView['asked']): asked is Product {
  return asked !== null && asked !== 'not_sold';
}

/** The product that a link names, wherever it stands in the catalogue. @param sku empty for none */
async function withAsked({ store }: HttpDependencies, { products }: FirstView, sku: string): Promise<Asked> {
  if (sku === '') return { asked: null };
  const listed = products.find((product) => product.sku === sku);
  if (listed !== undefined) return { asked: listed };
  const found = skuPattern.test(sku) ? await store.findProduct(sku) : null;
  return { asked: found?.active === true ? found : 'not_sold' };
}

/** The product that a form names, wherever it stands in the catalogue. */
async function withChosen(
  deps: HttpDependencies,
  view: FirstView,
  { sku, product_name: name = '' }: ShopPageView['values'],
): Promise<Asked> {
  if (sku !== undefined) return withAsked(deps, view, sku);
  if (name === '') return { asked: null };
  const found =
    view.products.find((product) => product.name === name) ?? (await deps.store.findProductByName(name));
  return { asked: found?.active === true ? found : 'not_sold' };
}

function repriced(
  products: readonly Product[],
  newPrices: FormAnswer<number>['newPrices'] & object,
): readonly Product[] {
  if (newPrices.length === 0) return products;
  const priceBySku = new Map(newPrices.map(({ sku, unitPriceCents }) => [sku, unitPriceCents]));
  return products.map((product) => {
    const { sku, priceCents } = product;
    const newPrice = priceBySku.get(sku) ?? priceCents;
    return newPrice === priceCents ? product : { ...product, priceCents: newPrice };
  });
}

function typedValues(form: URLSearchParams): ShopPageView['values'] {
  const values: Partial<Record<ShopField | typeof productControl, string>> = {};
  for (const field of [productControl, ...shopFields] as const) {
    const typed = form.get(field);
    if (typed !== null) values[field] = typed;
  }
  return values;
}
