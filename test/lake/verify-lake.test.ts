/** What `nozama lake verify` finds in tables that were damaged. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseActions, versionPath } from '../../src/events/lake/delta-actions.ts';
import { lakeOptions, openLakeSinks } from '../../src/events/lake/lake-sinks.ts';
import { readTable } from '../../src/events/lake/read-table.ts';
import { verifyTable } from '../../src/events/lake/verify-table.ts';
import { createTableWriter } from '../../src/events/table-writer.ts';
import { type MemoryObjects, openMemoryObjects } from './memory-objects.ts';
import { aMemoryShop, type MemoryShop } from './memory-shop.ts';

const nowMs = () => Date.UTC(2026, 11, 1);
let ids = 0;

function newId(): string {
  ids += 1;
  return String(ids).padStart(8, '0');
}

/** @returns sentences on all tables */
async function verify(
  { log }: MemoryShop,
  store: MemoryObjects,
  personalData = false,
): Promise<readonly string[]> {
  const found: string[] = [];
  const all = await lakeOptions({ store, shop: log, personalData, nowMs, newId });
  for (const options of all) {
    const state = (await readTable(options.files)) ?? assert.fail(`${options.table.name} is not there`);
    const { differences } = await verifyTable(state, { ...options, shop: log, onProgress: () => undefined });
    found.push(...differences);
  }
  return found;
}

/** A shop with everything, and its lake; the last order and movement came in a commit of their own. */
async function aLake(personalData = false) {
  const shop = aMemoryShop();
  const store = openMemoryObjects(nowMs);
  for (const sku of ['tent-4p', 'mug']) shop.changeProduct({ sku });
  shop.move({ sku: 'mug', units: 5 });
  for (let count = 0; count < 12; count += 1) shop.placeOrder();
  shop.addEvent(1_003, { type: 'order_packed', data: {} });
  const sinks = await openLakeSinks({ store, shop: shop.log, personalData, nowMs, newId });
  const writer = createTableWriter({ shop: shop.log, sinks, nowMs, onWritten: () => undefined });
  await writer.writeNews();
  shop.placeOrder({ state: 'NY' });
  shop.move({ sku: 'mug', units: -2, reason: 'damage' }, 3);
  await writer.writeNews();
  return { shop, store, writer };
}

/** Changes the actions of a version. */
async function edit(
  store: MemoryObjects,
  table: string,
  version: number,
  change: (text: string) => string,
): Promise<void> {
  const path = `${table}/${versionPath(version)}`;
  const bytes = (await store.read(path)) ?? assert.fail(`${path} is missing`);
  await store.write(path, Buffer.from(change(Buffer.from(bytes).toString())));
}

const withoutAdds = (text: string) =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('{"add"'))
    .join('\n');

describe('a lake', () => {
  it('agrees with its shop', async () => {
    const { shop, store } = await aLake();
    assert.deepEqual(await verify(shop, store), []);
    shop.placeOrder();
    assert.deepEqual(await verify(shop, store), [], 'an order that is not there yet is no difference');
  });

  it('that has lost rows shows the day and the state', async () => {
    const { shop, store } = await aLake();
    await edit(store, 'orders', 2, withoutAdds);
    assert.deepEqual(await verify(shop, store), [
      'orders of 2026-11-30, NY: the shop has 1 row, unit_count 5, total_cents 6250; the lake has no rows.',
    ]);
  });

  it('that has rows twice shows it', async () => {
    const { shop, store } = await aLake();
    const path = `stock_movements/${versionPath(2)}`;
    const [add] = parseActions((await store.read(path)) ?? assert.fail(), path).flatMap((action) =>
      'add' in action ? [action.add] : [],
    );
    const copy = {
      ...(add ?? assert.fail()),
      path: add?.path.replace(/nozama-.*/, 'nozama-copy.parquet') ?? '',
    };
    await store.write(
      `stock_movements/${copy.path}`,
      (await store.read(`stock_movements/${add?.path}`)) ?? assert.fail(),
    );
    await edit(
      store,
      'stock_movements',
      2,
      (text) => `${text.trimEnd()}\n${JSON.stringify({ add: copy })}\n`,
    );
    assert.deepEqual(await verify(shop, store), [
      'stock_movements of 2026-11-30, damage: the shop has 1 row, units -2; the lake has 2 rows, units -4.',
    ]);
  });

  it('in which one value differs shows it, though counts and sums agree', async () => {
    const { shop, store } = await aLake();
    const other = aMemoryShop();
    for (const sku of ['tent-4p', 'mug']) other.changeProduct({ sku });
    other.move({ sku: 'mug', units: 5 });
    for (let count = 0; count < 12; count += 1)
      other.placeOrder({ orderId: `order-${1_001 + count}`, ...(count === 4 ? { zipCode: '98109' } : {}) });
    other.addEvent(1_003, { type: 'order_packed', data: {} });
    other.placeOrder({ state: 'NY' });
    other.move({ sku: 'mug', units: -2, reason: 'damage' }, 3);
    const differences = await verify(other, store);
    const ofOrders = differences.filter((sentence) => sentence.startsWith('orders '));
    assert.equal(ofOrders.length, 1, differences.join('\n'));
    assert.match(ofOrders[0] ?? '', /^orders of 2026-11-\d\d, \w\w: .* in both, but not the same values\.$/);
    assert.deepEqual(await verify(shop, store), []);
  });

  it('with a version that another program has overwritten shows the gap', async () => {
    const { shop, store } = await aLake();
    await edit(store, 'order_lines', 1, (text) => withoutAdds(text).replace(/,"nozama":\{.*?\}/, ''));
    const found = await verify(shop, store);
    assert.ok(found.length > 1, found.join('\n'));
    assert.ok(found.every((sentence) => sentence.startsWith('order_lines of ')));
  });

  it('with a file that is missing or damaged names the file', async () => {
    const { shop, store } = await aLake();
    const [name = ''] = [...store.contents.keys()].filter((path) => /^products\/.*\.parquet$/.test(path));
    await store.write(name, Buffer.from('no Parquet'));
    assert.match(
      (await verify(shop, store)).join('\n'),
      /^products has a file that can't be read, changed_date=.*parquet: /m,
    );
    await store.remove(name);
    assert.match((await verify(shop, store)).join('\n'), /parquet: it is missing\.$/m);
  });

  it('that still has personal data of an erased order names the order', async () => {
    const { shop, store, writer } = await aLake(true);
    const before = new Map(store.contents);
    shop.addEvent(1_004, { type: 'order_erased', data: {} });
    await writer.writeNews();
    assert.deepEqual(await verify(shop, store, true), []);
    const path = `orders/${versionPath(3)}`;
    const actions = parseActions((await store.read(path)) ?? assert.fail(), path);
    const removed = actions.flatMap((action) => ('remove' in action ? [action.remove.path] : []));
    const added = actions.flatMap((action) => ('add' in action ? [action.add.path] : []));
    assert.deepEqual([removed.length, added.length], [1, 1]);
    // As if the file had been written anew without being erased.
    await store.write(`orders/${added[0]}`, before.get(`orders/${removed[0]}`)?.bytes ?? assert.fail());
    assert.deepEqual(await verify(shop, store, true), [
      'orders still has personal data of erased orders, such as order-1004 (1 in all).',
    ]);
  });

  it('is compared by reading the log of the shop once for each table', async () => {
    const { shop, store } = await aLake();
    const calls = shop.calls.get('readPlacedOrders') ?? 0;
    await verify(shop, store);
    assert.equal((shop.calls.get('readPlacedOrders') ?? 0) - calls, 2);
  });
});
