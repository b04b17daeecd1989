/** The shop page, empty or with what somebody typed and what was wrong with it. */
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { renderShopPage, type ShopField, type ShopPageView } from '../web/shop/shop-page.ts';
import { gzipPreferenceOf } from './content-negotiation.ts';
import type { HttpDependencies } from './dependencies.ts';
import { retryAfterSeconds } from './problem-details.ts';
import type { RequestContext } from './request-context.ts';

const compress = promisify(gzip);

const shopFields: readonly ShopField[] = [
  'product_name',
  'quantity',
  'customer_name',
  'street_address',
  'address_line_2',
  'city',
  'state',
  'zip_code',
  'email',
];

export async function shopReply(
  deps: HttpDependencies,
  { request }: RequestContext,
  selectedSku: string | null,
) {
  const view = await emptyView(deps, selectedSku, randomUUID());
  const page = renderShopPage(view);
  // The page carries a fresh key, which two orders must not share, and the stock of this moment.
  const headers = { 'cache-control': 'no-store', vary: 'Accept-Encoding' };
  if (gzipPreferenceOf(request.headers) === 'identity') return { status: 200, headers, page } as const;
  return {
    status: 200,
    headers: { ...headers, 'content-encoding': 'gzip' },
    page: await compress(page, { level: 4 }),
  } as const;
}

export interface FormAnswer<Status extends number> {
  readonly status: Status;
  readonly form: URLSearchParams;
  readonly errors: ShopPageView['errors'];
  readonly notice: ShopPageView['notice'];
  /** For the next try. */
  readonly idempotencyKey: string;
}

export interface FormReply<Status extends number> {
  readonly status: Status;
  readonly headers: { readonly 'cache-control': string; readonly 'retry-after'?: string };
  readonly page: string;
}

/** Not compressed: it holds personal data beside a secret, which compression could give away (BREACH). */
export async function formReply<Status extends number>(
  deps: HttpDependencies,
  { status, form, errors, notice, idempotencyKey }: FormAnswer<Status>,
): Promise<FormReply<Status>> {
  const view = await emptyView(deps, null, idempotencyKey);
  return {
    status,
    headers: {
      'cache-control': 'no-store',
      ...(status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {}),
    },
    page: renderShopPage({ ...view, values: typedValues(form), errors, notice }),
  };
}

async function emptyView(
  { listedProducts, basePath }: HttpDependencies,
  selectedSku: string | null,
  idempotencyKey: string,
): Promise<ShopPageView> {
  const products = await listedProducts.read();
  return { basePath, products, selectedSku, values: {}, errors: {}, notice: null, idempotencyKey };
}

function typedValues(form: URLSearchParams): ShopPageView['values'] {
  const values: Partial<Record<ShopField, string>> = {};
  for (const field of shopFields) {
    const typed = form.get(field);
    if (typed !== null) values[field] = typed;
  }
  return values;
}

export function isShopField(name: string): name is ShopField {
  return (shopFields as readonly string[]).includes(name);
}
