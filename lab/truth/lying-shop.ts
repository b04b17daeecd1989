/** A small shop for tests of the check: takes orders as the API does, and lies as told. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';

/**
 * - `forgets`: acknowledges every fifth order and does not store it;
 * - `forgets keys`: a key sent again makes another order;
 * - `moves`: the street of every fifth order is another, once it is stored;
 * - `adds units`: so is the quantity;
 * - `renames`: every fifth order is taken for another customer than sent;
 * - `miscounts`: takes two units more of the stock than every fifth order says;
 * - `oversells`: never says that a product is sold out, and stock goes below zero;
 * - `hides overselling`: the same, with stock that stays at zero;
 * - `shares`: every fifth key gets the order of the key before.
 */
export type Lie =
  | 'forgets'
  | 'forgets keys'
  | 'moves'
  | 'adds units'
  | 'renames'
  | 'miscounts'
  | 'oversells'
  | 'hides overselling'
  | 'shares';

export interface LyingShop extends AsyncDisposable {
  readonly url: string;
  /** While set, the answer to every request. */
  only: { readonly status: number; readonly body: string } | null;
  /** Places an order that nobody has acknowledged. */
  buy(sku: string, quantity: number): void;
  orders(): number;
}

interface OrderBody {
  readonly customer_name: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly [field: string]: unknown;
}

export interface LyingShopOptions {
  readonly stock: Readonly<Record<string, number>>;
  readonly lie?: Lie | null;
}

const priceCents = 250;

export function startLyingShop({ stock: given, lie = null }: LyingShopOptions): Promise<LyingShop> {
  const books: Books = { stock: new Map(Object.entries(given)), orders: new Map(), count: 0, lastAnswer: '' };
  const answers = new Map<string, string>();

  function place(key: string, sent: string): ShopAnswer {
    const before = lie === 'forgets keys' ? undefined : answers.get(key);
    const body = before ?? placeLying(books, lie, JSON.parse(sent));
    if (body === null) return { status: 409, body: '{}' };
    answers.set(key, body);
    return { status: 201, body, headers: before === undefined ? {} : { 'idempotent-replayed': 'true' } };
  }

  const server = createServer(async (request, response) => {
    const sent = await readText(request);
    const { status, body, headers }: ShopAnswer =
      shop.only ??
      (request.method === 'POST'
        ? place(String(request.headers['idempotency-key']), sent)
        : read(books, request.url ?? ''));
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  const shop: LyingShop = {
    url: '',
    only: null,
    buy: (sku, quantity) => void takeStock(books, sku, quantity),
    orders: () => books.count,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(Object.assign(shop, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
    });
  });
}

interface ShopAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The stock and the orders of the shop. */
interface Books {
  readonly stock: Map<string, number>;
  /** By id, as JSON. */
  readonly orders: Map<string, string>;
  count: number;
  lastAnswer: string;
}

function takeStock({ stock }: Books, sku: string, quantity: number): number {
  const left = (stock.get(sku) ?? 0) - quantity;
  stock.set(sku, left);
  return left;
}

/** @returns the acknowledged order as JSON; null when the products are sold out */
function placeLying(books: Books, lie: Lie | null, body: OrderBody): string | null {
  const lines = body.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  const sellsAlways = lie === 'oversells' || lie === 'hides overselling';
  if (!sellsAlways && lines.some(({ sku, quantity }) => (books.stock.get(sku) ?? 0) < quantity)) return null;
  // The lies that are told of every fifth order.
  const told = books.count % 5 === 4 ? lie : null;
  books.count += 1;
  if (told === 'shares') return books.lastAnswer;
  const id = `order-${books.count}`;
  const acknowledged = render(id, body, lines, told === 'renames' ? { customer_name: 'Eve' } : {});
  books.lastAnswer = acknowledged;
  if (told === 'forgets') return acknowledged;
  const stored: Partial<Record<Lie, () => string>> = {
    moves: () => render(id, body, lines, { street_address: 'Elsewhere' }),
    'adds units': () =>
      render(
        id,
        body,
        lines.map((line) => ({ ...line, quantity: line.quantity + 1 })),
      ),
  };
  books.orders.set(id, (told === null ? undefined : stored[told])?.() ?? acknowledged);
  for (const { sku, quantity } of lines) {
    const left = takeStock(books, sku, quantity + (told === 'miscounts' ? 2 : 0));
    if (lie === 'hides overselling') books.stock.set(sku, Math.max(0, left));
  }
  return acknowledged;
}

function read({ stock, orders }: Books, path: string): ShopAnswer {
  if (path.startsWith('/api/v1/products')) {
    const products = Array.from(stock, ([sku, left]) => ({ sku, num_in_stock: left, active: true }));
    return { status: 200, body: JSON.stringify({ products, next_cursor: null }) };
  }
  const order = orders.get(/^\/api\/v1\/orders\/([^?]+)\?key=k$/.exec(path)?.[1] ?? '');
  return order === undefined ? { status: 404, body: '{}' } : { status: 200, body: order };
}

function render(id: string, body: OrderBody, lines: OrderBody['lines'], given: object = {}): string {
  const { lines: _, ...shipping } = body;
  const money = (amount: number) => ({ amount, currency: 'USD' });
  const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return JSON.stringify({
    order_id: id,
    lines: lines.map(({ sku, quantity }) => ({
      sku,
      quantity,
      unit_price: money(priceCents),
      line_total: money(quantity * priceCents),
    })),
    total: money(units * priceCents),
    shipping: { ...shipping, ...given },
    confirmation_url: `/orders/${id}?key=k`,
  });
}
