/** The shop page: empty, or with the typed text and its errors. */
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { OrderLine } from '../domain/order.ts';
import { isSameProduct, type Product, skuPattern } from '../domain/product.ts';
import { productControl, type ShopField, shopFields } from '../web/shop/shop-fields.ts';
import { renderShopPage, type ShopPageView } from '../web/shop/shop-page.ts';
import { gzipPreferenceOf } from './content-negotiation.ts';
import type { HttpDependencies } from './dependencies.ts';
import { retryAfterSeconds } from './problem-details.ts';
import type { RequestContext } from './request-context.ts';

const compress = promisify(gzip);

/** Room for a whole page, so that the thread that compresses it comes back to the serving thread once. */
const compressedBytes = 256 * 1024;

export async function shopReply(
  deps: HttpDependencies,
  { request }: RequestContext,
  askedSku: string | null,
) {
  const page = renderShopPage({
    ...emptyView,
    ...(await productsWithAsked(deps, askedSku ?? '')),
    basePath: deps.basePath,
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
  return {
    status,
    headers: {
      'cache-control': 'no-store',
      ...(status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {}),
    },
    page: renderShopPage({
      ...emptyView,
      basePath: deps.basePath,
      products: repriced(await productsForForm(deps, values), newPrices),
      values,
      errors,
      notice,
      idempotencyKey,
    }).bytes,
  };
}

const emptyView = { asked: null, values: {}, errors: {}, notice: null } as const;

/** The list, with the product that a link asks for wherever it stands in the catalogue. @param sku empty for none */
async function productsWithAsked(
  { listedProducts, store }: HttpDependencies,
  sku: string,
): Promise<Pick<ShopPageView, 'products' | 'asked'>> {
  const listed = await listedProducts.read();
  if (sku === '') return { products: listed, asked: null };
  const isAsked = (product: Product) => product.sku === sku;
  const found = listed.some(isAsked) || !skuPattern.test(sku) ? null : await store.findProduct(sku);
  const products = found?.active === true ? withProduct(listed, found) : listed;
  // The object of the list: the page marks the chosen one by it.
  return { products, asked: products.find(isAsked) ?? 'not_sold' };
}

/** With the one that was chosen, wherever it stands in the catalogue. */
async function productsForForm(
  deps: HttpDependencies,
  { sku, product_name: chosenName = '' }: ShopPageView['values'],
): Promise<readonly Product[]> {
  if (sku !== undefined) return (await productsWithAsked(deps, sku)).products;
  const products = await deps.listedProducts.read();
  if (chosenName === '' || products.some(({ name }) => name === chosenName)) return products;
  const chosen = await deps.store.findProductByName(chosenName);
  return chosen?.active === true ? withProduct(products, chosen) : products;
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

const lastWithOneMore = new WeakMap<readonly Product[], readonly Product[]>();

/** The same list for an unchanged product again, so that what was rendered from it can be kept. */
function withProduct(products: readonly Product[], product: Product): readonly Product[] {
  if (products.some(({ sku }) => sku === product.sku)) return products;
  const last = lastWithOneMore.get(products);
  const lastProduct = last?.at(-1);
  if (last !== undefined && lastProduct !== undefined && isSameProduct(lastProduct, product)) return last;
  const longer = [...products, product];
  lastWithOneMore.set(products, longer);
  return longer;
}

function typedValues(form: URLSearchParams): ShopPageView['values'] {
  const values: Partial<Record<ShopField | typeof productControl, string>> = {};
  for (const field of [productControl, ...shopFields] as const) {
    const typed = form.get(field);
    if (typed !== null) values[field] = typed;
  }
  return values;
}
