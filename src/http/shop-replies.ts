/** The shop page, empty or with what somebody typed and what was wrong with it. */
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { renderShopPage, type ShopField, type ShopPageView } from '../web/shop/shop-page.ts';
import { encodingPreferenceOf } from './content-negotiation.ts';
import type { HttpDependencies } from './dependencies.ts';
import { pageHeaders } from './page-headers.ts';
import { retryAfterSeconds } from './problem-details.ts';
import { htmlType, type Reply } from './reply.ts';
import type { RequestContext } from './request-context.ts';

/** The most products a shop page lists. */
const productsShownMax = 1_000;

const compress = promisify(gzip);

const shopFields: readonly ShopField[] = [
  'product_name',
  'quantity',
  'customer_name',
  'street_address',
  'city',
  'state',
  'zip_code',
  'email',
];

export async function shopReply(
  deps: HttpDependencies,
  context: RequestContext,
  selectedSku: string | null,
): Promise<Reply> {
  const view = await emptyView(deps, selectedSku, randomUUID());
  const html = renderShopPage(view);
  const headers = {
    'content-type': htmlType,
    // The page carries a fresh key, which two orders must not share, and the stock of this moment.
    'cache-control': 'no-store',
    vary: 'Accept-Encoding',
    ...pageHeaders(deps, context),
  };
  if (encodingPreferenceOf(context.request.headers) === 'identity') {
    return { status: 200, headers, body: html };
  }
  return {
    status: 200,
    headers: { ...headers, 'content-encoding': 'gzip' },
    body: await compress(html, { level: 4 }),
  };
}

export interface FormAnswer {
  readonly status: number;
  readonly form: URLSearchParams;
  readonly errors: ShopPageView['errors'];
  readonly notice: ShopPageView['notice'];
  /** For the next try. */
  readonly idempotencyKey: string;
}

/** Not compressed: it holds personal data beside a secret, which compression could give away (BREACH). */
export async function formReply(
  deps: HttpDependencies,
  context: RequestContext,
  { status, form, errors, notice, idempotencyKey }: FormAnswer,
): Promise<Reply> {
  const view = await emptyView(deps, null, idempotencyKey);
  return {
    status,
    headers: {
      'content-type': htmlType,
      'cache-control': 'no-store',
      ...pageHeaders(deps, context),
      ...(status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {}),
    },
    body: renderShopPage({ ...view, values: typedValues(form), errors, notice }),
  };
}

async function emptyView(
  { store }: HttpDependencies,
  selectedSku: string | null,
  idempotencyKey: string,
): Promise<ShopPageView> {
  const { products } = await store.listProducts(null, productsShownMax);
  const shown = products.filter(({ active }) => active);
  return { products: shown, selectedSku, values: {}, errors: {}, notice: null, idempotencyKey };
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
