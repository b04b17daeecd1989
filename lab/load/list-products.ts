import type { ListedProduct } from '../scenarios/scenario.ts';

const pagesMax = 100;
const pageTimeoutMs = 10_000;

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
 * @throws one sentence when nothing answers there
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
  try {
    response = await fetch(new URL(path, url), {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(pageTimeoutMs),
    });
  } catch (error) {
    throw new Error(`${url} does not answer (${causeOf(error)}); is the service running there?`);
  }
  if (!response.ok) {
    await response.body?.cancel();
    return null;
  }
  return (await response.json().catch(() => null)) as ProductsPage | null;
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
