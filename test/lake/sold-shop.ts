/**
 * A shop that has sold for six weeks, by the clock of the service, and writes a lake beside its orders. Orders were
 * cancelled, shipped in part and returned; products were renamed and retired; stock was counted.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../journeys/behind-the-service.ts';
import { withClock } from '../journeys/moved-clock.ts';
import { get, type Json, jsonOf, place, ranking, send } from '../journeys/shop-client.ts';
import { type RunningService, runCli, startService } from '../service.ts';

export const states = ['TX', 'CA', 'VT'] as const;

const skus = ['tent-4p', 'backpack-28l', 'storm-lantern', 'wool-throw', 'honey-jar'] as const;

/** Days before now at which the shop sold, and the orders of each. */
const daysOfSale = [
  { daysAgo: 40, orders: 12 },
  { daysAgo: 9, orders: 14 },
  { daysAgo: 0, orders: 16 },
] as const;

/** What the shop itself says, by its API and its pages. */
export interface SoldShop extends AsyncDisposable {
  readonly folder: string;
  readonly service: RunningService;
  /** As `GET /api/v1/orders` shows them to somebody who may see ZIP codes. */
  readonly orders: readonly Json[];
  /** Those that can be ordered, with `num_in_stock`. */
  readonly products: readonly Json[];
  /** By state, as `sku orders units`. */
  readonly rankings: ReadonlyMap<string, readonly string[]>;
  /** State, orders and cents, of all orders as they were placed; the most cents first. */
  readonly ordersByState: readonly (readonly [string, number, number])[];
  /** By state: the SKUs of the three products that the page of an order shows. */
  readonly shownProducts: ReadonlyMap<string, readonly string[]>;
}

/** @param settings say where the lake is */
export async function openSoldShop(settings: Readonly<Record<string, string>>): Promise<SoldShop> {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-sold-'));
  const env = { DATABASE_URL: 'sqlite:shop.db', DEMO_STOCK: '900', LAKE_COMMIT_SECONDS: '1', ...settings };
  try {
    let key = '';
    let first = 0;
    for (const { daysAgo, orders } of daysOfSale) {
      const executable = withClock(folder, -daysAgo * 86_400);
      const service = await startService({ dir: folder, env, executable });
      if (key === '') key = await makeKey(folder, env, executable);
      await sell(service.url, key, { first, count: orders, isLastDay: daysAgo === 0 });
      first += orders;
      await untilWritten(folder, env);
      if (daysAgo === 0) return await asTold(folder, service, key);
      await service.stop();
    }
    throw new Error('the last day of sale is not today');
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function makeKey(dir: string, env: Readonly<Record<string, string>>, executable: string) {
  const scopes = 'orders:read,orders:write,customers:read,catalog:write,stock:write';
  const args = ['keys', 'create', '--name', 'desk', '--scopes', scopes];
  const { code, output, stdout } = await runCli(args, { dir, env, executable });
  assert.equal(code, 0, output);
  return stdout.trim();
}

/** Places the orders, and leads some of them on. */
async function sell(
  url: string,
  key: string,
  { first, count, isLastDay }: { first: number; count: number; isLastDay: boolean },
): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'if-match': '*' };
  const done = async (path: string, body: unknown, method = 'POST') => {
    const json = { ...headers, 'content-type': 'application/json' };
    const { status, text } = await send(`${url}/api/v1${path}`, {
      method,
      headers: json,
      body: JSON.stringify(body),
    });
    assert.ok(status === 200 || status === 201, text);
  };
  for (let index = first; index < first + count; index += 1) {
    const chosen = skus.filter((_, at) => (index * 7 + 3) & (1 << at));
    const lines = (chosen.length === 0 ? skus.slice(0, 1) : chosen).map((sku, at) => ({
      sku,
      quantity: 2 + ((index + at) % 4),
    }));
    const state = states[index % 3];
    const { order_id } = await place(url, {
      state,
      zip_code: `${{ TX: '78', CA: '94', VT: '05' }[state ?? 'TX']}70${index % 2}`,
      lines,
    });
    const order = `/orders/${order_id}`;
    if (index % 5 === 1) await done(`${order}/cancel`, {});
    if (index % 5 === 2) {
      await done(`${order}/pack`, {});
      await done(`${order}/shipments`, { carrier: 'UPS' });
      await done(`${order}/shipments/1/deliver`, {});
      const back = lines.slice(0, 2).map(({ sku, quantity }) => ({ sku, quantity: 1 + (quantity % 2) }));
      await done(`${order}/returns`, { lines: back, restock: index % 2 === 0 });
      if (index % 3 === 0)
        await done(`${order}/returns`, { lines: [{ sku: lines[0]?.sku, quantity: 1 }], restock: true });
    }
  }
  await done('/stock/adjustments', { reason: 'damage', lines: [{ sku: 'wool-throw', units: -3 }] });
  await done(`/products/honey-jar`, { name: `A jar of honey, ${first}` }, 'PATCH');
  await done(`/products/storm-lantern`, { active: !isLastDay }, 'PATCH');
}

/** Waits until the service has written all that has happened. */
async function untilWritten(dir: string, env: Readonly<Record<string, string>>): Promise<void> {
  await until(
    async () => {
      const { stdout } = await runCli(['lake', 'status'], { dir, env });
      return (
        stdout.match(/^(orders|order_lines|order_events|products|stock_movements) .* nothing /gm)?.length ===
        5
      );
    },
    'a lake that has everything',
    60_000,
  );
}

async function asTold(folder: string, service: RunningService, key: string): Promise<SoldShop> {
  const { url } = service;
  const read = async (path: string) =>
    jsonOf(await get(`${url}/api/v1${path}`, { authorization: `Bearer ${key}` }));
  const { orders, next_cursor } = await read('/orders?limit=100');
  assert.equal(next_cursor, null);
  const rankings = new Map<string, readonly string[]>();
  const shownProducts = new Map<string, readonly string[]>();
  for (const state of states) {
    rankings.set(state, await ranking(url, state));
    const { order_id } = orders.find(({ shipping }: Json) => shipping.state === state);
    const page = await get(`${url}/orders/${order_id}`, { accept: 'text/html' });
    const section = /<section class="popular".*?<\/section>/s.exec(page.text)?.[0] ?? '';
    shownProducts.set(
      state,
      Array.from(section.matchAll(/\?product=([a-z0-9-]+)#/g), ([, sku]) => sku ?? ''),
    );
  }
  return {
    folder,
    service,
    orders,
    products: (await read('/products?limit=100')).products.filter(({ active }: Json) => active),
    rankings,
    shownProducts,
    ordersByState: states
      .map((state) => {
        const of = orders.filter(({ shipping }: Json) => shipping.state === state);
        const cents: number = of.reduce((sum: number, { total }: Json) => sum + total.amount, 0);
        return [state, of.length, cents] as const;
      })
      .sort((a, b) => b[2] - a[2]),
    async [Symbol.asyncDispose]() {
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
