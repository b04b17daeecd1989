/** Reads from the service, before a run starts, which products can be ordered and which pages can be read. */
import { readFile } from 'node:fs/promises';
import { confirmationPath } from './confirmation-path.ts';
import type { LoadOptions } from './load-options.ts';
import { createOrderRequests } from './order-requests.ts';
import { createWorkload, type Workload } from './workload.ts';

const catalogPagesMax = 100;
const requestTimeoutMs = 10_000;
/** Orders placed at the same time when pages to read are needed. */
const placedAtOnce = 16;

export interface PreparedWorkload {
  readonly workload: Workload;
  /** Orders placed to have pages to read. */
  readonly ordersPlacedBefore: number;
}

export async function prepareWorkload(options: LoadOptions): Promise<PreparedWorkload> {
  const { scenarioName: name, url, skus: given, seed, keyKind, apiKey, healthPath, acceptStatuses } = options;
  const { host } = new URL(url);
  const needsProducts = name !== 'health' && (name !== 'reads' || options.pagePathsFile === null);
  const skus = given.length > 0 || !needsProducts ? given : await listSkus(url);
  const pagePaths = name === 'reads' ? await findPages(options, skus) : [];
  return {
    workload: createWorkload({
      name,
      host,
      skus,
      seed,
      keyKind,
      apiKey,
      healthPath,
      pagePaths,
      acceptStatuses,
    }),
    ordersPlacedBefore: options.pagePathsFile === null ? pagePaths.length : 0,
  };
}

interface ListedProducts {
  readonly products: readonly {
    readonly sku: string;
    readonly active?: boolean;
    readonly num_in_stock?: number;
  }[];
  readonly next_cursor?: string | null;
}

/** Every product that can be ordered now. */
async function listSkus(url: string): Promise<readonly string[]> {
  const skus: string[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < catalogPagesMax; page += 1) {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const response = await fetch(`${url}/api/v1/products?limit=100${query}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    if (!response.ok) throw new Error(`GET /api/v1/products answered ${response.status}`);
    const listed = (await response.json()) as ListedProducts;
    for (const { sku, active, num_in_stock: inStock } of listed.products) {
      if (active !== false && inStock !== 0) skus.push(sku);
    }
    cursor = listed.next_cursor ?? null;
    if (cursor === null) break;
  }
  if (skus.length === 0) throw new Error('the service has nothing to sell');
  return skus;
}

async function findPages(options: LoadOptions, skus: readonly string[]): Promise<readonly string[]> {
  if (options.pagePathsFile !== null) {
    const lines = (await readFile(options.pagePathsFile, 'utf8')).split('\n');
    return lines.filter((line) => line.startsWith('/'));
  }
  return placeOrders(options, skus);
}

async function placeOrders(options: LoadOptions, skus: readonly string[]): Promise<readonly string[]> {
  const { url, seed, keyKind, readOrders } = options;
  const { host } = new URL(url);
  const requests = createOrderRequests({ host, path: '/', skus, seed, keyKind });
  const paths: string[] = [];
  async function placeSome(): Promise<void> {
    while (paths.length < readOrders) {
      const text = Buffer.from(requests.next()).toString();
      const key = /^Idempotency-Key: (.*)\r$/m.exec(text)?.[1] ?? '';
      const response = await fetch(`${url}/api/v1/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: text.slice(text.indexOf('\r\n\r\n') + 4),
        redirect: 'manual',
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      const body = Buffer.from(await response.arrayBuffer());
      const path = response.status === 201 ? confirmationPath(body) : null;
      if (path === null)
        throw new Error(`POST /api/v1/orders answered ${response.status}: ${body.toString()}`);
      paths.push(Buffer.from(path).toString('latin1'));
    }
  }
  await Promise.all(Array.from({ length: placedAtOnce }, placeSome));
  return paths;
}
