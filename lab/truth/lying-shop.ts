/** A small shop for tests of the check: takes orders as the API does, and lies as told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
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
  /** Places an order behind everybody's back. */
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
  const stock = new Map(Object.entries(given));
  const orders = new Map<string, string>();
  const answers = new Map<string, string>();
  let count = 0;
  let lastAnswer = '';

  function placed(body: OrderBody): string | null {
    const isLiedTo = count % 5 === 4;
    const lines = body.lines.map(({ sku, quantity }) => ({ sku, quantity }));
    const maySell = lie === 'oversells' || lie === 'hides overselling';
    if (!maySell && lines.some(({ sku, quantity }) => (stock.get(sku) ?? 0) < quantity)) return null;
    count += 1;
    if (lie === 'shares' && isLiedTo) return lastAnswer;
    const id = `order-${count}`;
    const acknowledged = render(
      id,
      body,
      lines,
      isLiedTo && lie === 'renames' ? { customer_name: 'Eve' } : {},
    );
    const moreLines = lines.map((line) => ({ ...line, quantity: line.quantity + 1 }));
    const isKept = !(isLiedTo && lie === 'forgets');
    if (isKept) {
      const kept =
        isLiedTo && lie === 'moves'
          ? render(id, body, lines, { street_address: 'Elsewhere' })
          : isLiedTo && lie === 'adds units'
            ? render(id, body, moreLines)
            : acknowledged;
      orders.set(id, kept);
      for (const { sku, quantity } of lines) {
        const left = (stock.get(sku) ?? 0) - quantity - (isLiedTo && lie === 'miscounts' ? 2 : 0);
        stock.set(sku, lie === 'hides overselling' ? Math.max(0, left) : left);
      }
    }
    lastAnswer = acknowledged;
    return acknowledged;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const say = (status: number, body: string, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
    const sent = await readText(request);
    const path = request.url ?? '';
    if (shop.only !== null) {
      say(shop.only.status, shop.only.body);
    } else if (request.method === 'POST') {
      const key = String(request.headers['idempotency-key']);
      const before = lie === 'forgets keys' ? undefined : answers.get(key);
      const body = before ?? placed(JSON.parse(sent));
      if (body !== null) answers.set(key, body);
      if (body === null) say(409, '{}');
      else say(201, body, before === undefined ? {} : { 'idempotent-replayed': 'true' });
    } else if (path.startsWith('/api/v1/products')) {
      const products = Array.from(stock, ([sku, left]) => ({ sku, num_in_stock: left, active: true }));
      say(200, JSON.stringify({ products, next_cursor: null }));
    } else {
      const order = orders.get(/^\/api\/v1\/orders\/([^?]+)\?key=k$/.exec(path)?.[1] ?? '');
      if (order === undefined) say(404, '{}');
      else say(200, order);
    }
  }

  const server = createServer((request, response) => void answer(request, response));
  const shop: LyingShop = {
    url: '',
    only: null,
    buy: (sku, quantity) => void stock.set(sku, (stock.get(sku) ?? 0) - quantity),
    orders: () => count,
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
