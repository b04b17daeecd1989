/**
 * A textbook service, as most people would write it: Express 5 over SQLite or PostgreSQL, one transaction per
 * order. It takes the same requests and gives the same answers as Nozama's order path, for orders of one line.
 * Environment: PORT, DATABASE_URL (as Nozama's), STOCK, PAGE_BYTES.
 */
import express, { type Request, type Response } from 'express';
import { isUsState } from '../../../src/domain/us-state.ts';
import { openTextbookStore } from './open-textbook-store.ts';
import { renderTextbookPage } from './textbook-page.ts';
import type { StoredTextbookOrder, TextbookOrder } from './textbook-store.ts';

const hostname = '127.0.0.1';
const port = Number(process.env['PORT'] ?? 0);
const pageBytes = Number(process.env['PAGE_BYTES'] ?? 6_000);
const store = await openTextbookStore(process.env['DATABASE_URL'] ?? 'sqlite:textbook.db', {
  products: 20,
  stock: Number(process.env['STOCK'] ?? 1_000_000_000),
});

interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

function parseOrder(
  body: unknown,
): { readonly order: TextbookOrder } | { readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = [];
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string): string => {
    const value = fields[name];
    const trimmed = typeof value === 'string' ? value.normalize('NFC').trim() : '';
    if (trimmed.length < 1 || trimmed.length > 200)
      errors.push({ pointer: `/${name}`, detail: '1 to 200 characters' });
    return trimmed;
  };
  const customerName = text('customer_name');
  const streetAddress = text('street_address');
  const city = fields['city'] === undefined ? null : text('city');
  const state = text('state');
  if (!isUsState(state)) errors.push({ pointer: '/state', detail: 'not a state' });
  const zipCode = text('zip_code');
  if (!/^\d{5}(-\d{4})?$/.test(zipCode)) errors.push({ pointer: '/zip_code', detail: '5 digits or ZIP+4' });
  const lines: unknown = fields['lines'];
  const line = (Array.isArray(lines) && lines.length === 1 ? lines[0] : {}) as {
    sku?: unknown;
    quantity?: unknown;
  };
  const { sku, quantity } = line;
  if (typeof sku !== 'string') errors.push({ pointer: '/lines', detail: 'one line with a product' });
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1 || quantity > 10_000) {
    errors.push({ pointer: '/lines/0/quantity', detail: '1 to 10000' });
  }
  if (errors.length > 0 || typeof sku !== 'string' || typeof quantity !== 'number') return { errors };
  return { order: { customerName, streetAddress, city, state, zipCode, sku, quantity } };
}

function orderAnswer(order: StoredTextbookOrder): object {
  const money = (amount: number) => ({ amount, currency: 'USD' });
  const { orderId, sku, productName, quantity, unitPriceCents, totalCents } = order;
  return {
    order_id: orderId,
    status: 'placed',
    placed_at: order.placedAt,
    lines: [
      { sku, name: productName, quantity, unit_price: money(unitPriceCents), line_total: money(totalCents) },
    ],
    total: money(totalCents),
    shipping: {
      customer_name: order.customerName,
      street_address: order.streetAddress,
      city: order.city,
      state: order.state,
      zip_code: order.zipCode,
    },
    confirmation_url: `/orders/${orderId}`,
  };
}

const app = express();
app.use(express.json({ limit: '64kb' }));

app.post('/api/v1/orders', async (request: Request, response: Response) => {
  const parsed = parseOrder(request.body);
  if ('errors' in parsed) {
    response.status(422).json({ title: 'Invalid order', errors: parsed.errors });
    return;
  }
  const outcome = await store.placeOrder(parsed.order);
  if (outcome.kind === 'unknown_product') {
    response.status(422).json({ title: 'Unknown product' });
  } else if (outcome.kind === 'out_of_stock') {
    response.status(409).json({ title: 'Out of stock', available: outcome.available });
  } else {
    response.status(201).location(`/api/v1/orders/${outcome.order.orderId}`).json(orderAnswer(outcome.order));
  }
});

app.get('/orders/:id', async (request: Request, response: Response) => {
  const order = await store.findOrder(String(request.params['id']));
  if (order === null) {
    response.status(404).send('No such order');
    return;
  }
  response.send(renderTextbookPage(order, await store.topProducts(order.state), pageBytes));
});

app.get('/api/v1/products', async (_request: Request, response: Response) => {
  const products = (await store.listProducts()).map(({ sku, name, stock }) => ({
    sku,
    name,
    num_in_stock: stock,
    active: true,
  }));
  response.json({ products });
});

app.get('/readyz', (_request: Request, response: Response) => {
  response.json({ status: 'ready', durability: store.durability });
});

const server = app.listen(port, hostname, () => {
  const address = server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  process.stdout.write(`listening on http://${hostname}:${actualPort}\n`);
});

process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  void store.close();
});
