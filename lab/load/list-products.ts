import type { ListedProduct } from '../scenarios/scenario.ts';
import { readText } from './read-text.ts';

const pagesMax = 100;
const pageTimeoutMs = 10_000;

/** A hundred products of the longest names and descriptions that a shop would show are far fewer. */
export const pageBytesMax = 8_000_000;

interface ProductsPage {
  readonly products?: readonly {
    readonly sku?: unknown;
    readonly price?: { readonly amount?: unknown };
    readonly num_in_stock?: unknown;
    readonly active?: unknown;
  }[];
  readonly next_cursor?: string | null;
}

/**
 * Active products of a service, 10,000 at the most; none when it has no such list, which is no error: not
 * every host is a shop.
 *
 * Never asks another host: the user has allowed load on this one only.
 *
 * @throws one sentence when nothing answers there, it leads to another host, or a page has no end
 */
export async function listProducts(url: string): Promise<readonly ListedProduct[]> {
  const listed: ListedProduct[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page += 1) {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer: ProductsPage | null = await readPage(url, `/api/v1/products?limit=100${query}`);
    if (answer === null || !Array.isArray(answer.products)) break;
    for (const { sku, price, num_in_stock: onHand, active } of answer.products) {
      if (typeof sku !== 'string' || active === false) continue;
      listed.push({ sku, priceCents: Number(price?.amount ?? 0), onHand: Number(onHand ?? 0) });
    }
    cursor = answer.next_cursor ?? null;
    if (cursor === null) break;
  }
  return listed;
}

async function readPage(url: string, path: string): Promise<ProductsPage | null> {
  let response: Response;
  let text: string | null = null;
  try {
    response = await fetch(new URL(path, url), {
      headers: { accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(pageTimeoutMs),
    });
    if (response.ok) text = await readText(response, pageBytesMax);
    else await response.body?.cancel();
  } catch (error) {
    throw new Error(`${url} does not answer (${causeOf(error)}); is the service running there?`);
  }
  refuseOtherHost(url, response);
  if (!response.ok) return null;
  if (text === null) {
    throw new Error(
      `${url} lists its products in pages of more than ${pageBytesMax / 1e6} MB; is it a shop?`,
    );
  }
  try {
    return JSON.parse(text) as ProductsPage | null;
  } catch {
    return null;
  }
}

/** A page of its own that it leads to, such as one to log in, is only no list. */
function refuseOtherHost(url: string, { status, headers }: Response): void {
  const location = headers.get('location');
  if (status < 300 || status >= 400 || location === null || !URL.canParse(location, url)) return;
  const { origin } = new URL(location, url);
  if (origin !== new URL(url).origin) {
    throw new Error(
      `${url} sends the lab on to ${origin}: please name that host itself if it is the one to load.`,
    );
  }
}

function causeOf(error: unknown): string {
  const { code, cause, name } = error as {
    code?: unknown;
    cause?: { code?: unknown };
    name?: string;
  };
  if (name === 'TimeoutError') return 'timeout';
  return String(cause?.code ?? code ?? name);
}
