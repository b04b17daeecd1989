/** All five tables from the logs of a shop, whatever breaks in between. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCommitChain } from '../../src/events/lake/commit-chain.ts';
import { compactTable, smallFilesMax } from '../../src/events/lake/compact-table.ts';
import { openSession } from '../../src/events/lake/lake-session.ts';
import { lakeOptions, openLakeSinks } from '../../src/events/lake/lake-sinks.ts';
import { readTable } from '../../src/events/lake/read-table.ts';
import {
  createTableWriter,
  silentMsMax,
  type TableWriter,
  type Written,
} from '../../src/events/table-writer.ts';
import { columnsOf } from '../../src/events/tables/lake-table.ts';
import { lakeTables, stockMovementsTable } from '../../src/events/tables/lake-tables.ts';
import type { ObjectStore } from '../../src/objects/object-store.ts';
import { storeBelow } from '../../src/objects/store-below.ts';
import { type Break, breakAt, Killed } from './broken-objects.ts';
import { openMemoryObjects } from './memory-objects.ts';
import { aMemoryShop, type MemoryShop } from './memory-shop.ts';
import { rowsIn } from './small-shop.ts';

interface Opened {
  readonly writer: TableWriter;
  readonly written: Written[];
}

let ids = 0;

function newId(): string {
  ids += 1;
  return String(ids).padStart(8, '0');
}

async function open(
  shop: MemoryShop,
  store: ObjectStore,
  { personalData = false, nowMs = () => Date.UTC(2026, 11, 1) } = {},
): Promise<Opened> {
  const written: Written[] = [];
  const sinks = await openLakeSinks({ store, shop: shop.log, personalData, nowMs, newId });
  const onWritten = (one: Written) => written.push(one);
  return { writer: createTableWriter({ shop: shop.log, sinks, nowMs, onWritten }), written };
}

/** The rows of a table, by position; instants and days as numbers. */
async function rowsOf(store: ObjectStore, name: string, personal = false) {
  const table = lakeTables.find((one) => one.name === name) ?? assert.fail(name);
  const batch = await rowsIn(storeBelow(store, name), table);
  const columns = columnsOf(table, personal).map(({ name: column }) => column);
  const rows = Array.from({ length: batch.rowCount }, (_, row) =>
    Object.fromEntries(
      columns.map((column) => {
        const values = batch.columns.get(column);
        const isNull = values?.kind !== 'text' && values?.nulls?.[row] === 1;
        const value = isNull ? null : values?.values[row];
        return [column, typeof value === 'bigint' ? Number(value) : value];
      }),
    ),
  );
  return rows.sort((a, b) => Number(a[table.positionColumn]) - Number(b[table.positionColumn]));
}

const positionsOf = async (store: ObjectStore, name: string) =>
  (await rowsOf(store, name)).map(({ position, movement_id: id }) => position ?? id);

/** Orders, steps of every type, products and movements. */
function aBusyShop(orders: number): MemoryShop {
  const shop = aMemoryShop();
  for (const sku of ['tent-4p', 'mug']) shop.changeProduct({ sku });
  shop.move({ sku: 'tent-4p', units: 1_000_000_000_000 });
  shop.move({ sku: 'mug', units: -3, reason: 'damage', reference: 'DN-1' }, 5);
  for (let count = 0; count < orders; count += 1) goOn(shop);
  return shop;
}

function goOn(shop: MemoryShop): void {
  const number = shop.placeOrder();
  if (number % 3 === 0) shop.addEvent(number, { type: 'order_packed', data: {} });
  if (number % 4 === 0) shop.changeProduct({ sku: 'mug', priceCents: number });
  if (number % 5 === 0) shop.move({ sku: 'mug', units: 10 }, number % 2);
}

describe('the tables of a lake', () => {
  it('have each entry of the logs once, in the columns that are declared', async () => {
    const shop = aMemoryShop();
    const store = openMemoryObjects();
    shop.changeProduct({ sku: 'mug', priceCents: 999, active: false });
    shop.move({ sku: 'mug', units: 1_000_000_000_000, reference: 'DN-1' }, 6);
    const number = shop.placeOrder({ zipCode: '98101-1234', email: null });
    shop.addEvent(number, {
      type: 'order_shipped',
      data: {
        shipment: 1,
        lines: [{ sku: 'mug', quantity: 2 }],
        carrier: 'UPS',
        trackingNumber: '1Z',
        trackingUrl: null,
      },
    });
    const { writer } = await open(shop, store);
    assert.equal(await writer.writeNews(), 'done');
    const [order] = await rowsOf(store, 'orders');
    const placedAt = Date.UTC(2026, 10, 29, 23, 53) * 1_000;
    assert.deepEqual(order, {
      position: 1,
      order_id: 'order-1001',
      order_number: 1001,
      placed_at: placedAt,
      placed_date: 20_786,
      state: 'TX',
      zip_code: '98101',
      line_count: 2,
      unit_count: 5,
      total_cents: 6_250,
    });
    assert.deepEqual(
      (await rowsOf(store, 'order_lines')).map(
        ({ line_number: line, sku, quantity, line_total_cents: total }) => [line, sku, quantity, total],
      ),
      [
        [1, 'tent-4p', 3, 3_750],
        [2, 'mug', 2, 2_500],
      ],
    );
    const [event] = await rowsOf(store, 'order_events');
    assert.deepEqual(
      [
        event?.['position'],
        event?.['type'],
        event?.['shipment'],
        event?.['units'],
        event?.['lines'],
        event?.['restock'],
      ],
      [2, 'order_shipped', 1, 2, '[{"sku":"mug","quantity":2}]', null],
    );
    const [product] = await rowsOf(store, 'products');
    assert.deepEqual([product?.['sku'], product?.['price_cents'], product?.['active']], ['mug', 999, 0]);
    const [movement] = await rowsOf(store, 'stock_movements');
    assert.deepEqual(
      [movement?.['movement_id'], movement?.['units'], movement?.['reference']],
      [7, 1_000_000_000_000, 'DN-1'],
    );
  });

  it('have no personal column unless they are asked for, and then gain them', async () => {
    const shop = aBusyShop(2);
    const store = openMemoryObjects();
    await (await open(shop, store)).writer.writeNews();
    for (const [name, { bytes }] of store.contents)
      assert.doesNotMatch(
        `${name} ${Buffer.from(bytes).toString('latin1')}`,
        /Customer|Main Street|example\.com|truck/,
      );
    goOn(shop);
    await (await open(shop, store, { personalData: true })).writer.writeNews();
    const names = (await rowsOf(store, 'orders', true)).map(({ customer_name: name }) => name);
    assert.deepEqual(names, [null, null, 'Customer 1003']);
    const movements = await rowsOf(store, 'stock_movements', true);
    assert.equal(movements[0]?.['note'], null);
  });

  it('go on where they have stopped, and read a range once for all tables of a log', async () => {
    const shop = aBusyShop(20);
    const store = openMemoryObjects();
    const { writer } = await open(shop, store);
    await writer.writeNews();
    const before = shop.calls.get('readPlacedOrders');
    goOn(shop);
    await writer.writeNews();
    assert.equal(shop.calls.get('readPlacedOrders'), (before ?? 0) + 1);
    assert.equal(await writer.readOldestUnwritten('all'), null);
    assert.equal((await rowsOf(store, 'orders')).length, 21);
    await assertWhole(shop, store, 'after one more order');
  });

  it('get a new position without rows after a while', async () => {
    const shop = aMemoryShop();
    const store = openMemoryObjects();
    let now = Date.UTC(2026, 11, 1);
    const { writer, written } = await open(shop, store, { nowMs: () => now });
    shop.placeOrder();
    await writer.writeNews();
    now += silentMsMax;
    shop.placeOrder();
    await writer.writeNews();
    const ofEvents = written.filter(({ sink }) => sink.source.table.name === 'order_events');
    assert.deepEqual(
      ofEvents.map(({ rows, through }) => [rows, through]),
      [[0, 2]],
    );
  });

  it('are written on when one of them is refused, and say why', async () => {
    const shop = aBusyShop(3);
    const store = openMemoryObjects();
    await store.write('products/notes.txt', new Uint8Array(1));
    const { writer } = await open(shop, store);
    assert.equal(await writer.writeNews(), 'done');
    assert.equal((await rowsOf(store, 'orders')).length, 3);
    const refused = writer.progress().filter(({ refusal }) => refusal !== null);
    assert.deepEqual(
      refused.map(({ sink }) => sink.source.table.name),
      ['products'],
    );
    assert.match(
      refused[0]?.refusal ?? '',
      /notes\.txt.* is no Delta table\. Empty it, or name an empty place by LAKE_URL\./,
    );
    await store.remove('products/notes.txt');
    await writer.writeNews();
    assert.equal((await rowsOf(store, 'products')).length, 2);
  });

  it('tell a copy of the shop that it is another', async () => {
    const store = openMemoryObjects();
    await (await open(aBusyShop(3), store)).writer.writeNews();
    const copy = aMemoryShop((kind, count) => `${kind}-of-the-copy-${count}`);
    for (let count = 0; count < 9; count += 1) goOn(copy);
    const { writer } = await open(copy, store);
    await writer.writeNews();
    const [orders] = writer.progress();
    assert.match(orders?.refusal ?? '', /written by another copy of this shop/);
  });
});

describe('a copy of a shop', () => {
  it('that goes on by itself writes no table, also none that has not come to where they differ', async () => {
    const store = openMemoryObjects();
    const [shop, copy] = [aMemoryShop(), aMemoryShop((kind, count) => `${kind}-of-the-copy-${count}`)];
    const now = Date.UTC(2026, 11, 1);
    const { writer } = await open(shop, store, { nowMs: () => now });
    for (const one of [shop, copy]) one.changeProduct({ sku: 'mug' });
    shop.placeOrder();
    await writer.writeNews();
    const number = copy.placeOrder();
    copy.addEvent(number, { type: 'order_packed', data: {} });
    copy.changeProduct({ sku: 'mug', priceCents: 1 });
    const { writer: copied } = await open(copy, store, { nowMs: () => now });
    await copied.writeNews();
    await copied.writeNews();
    const refusals = copied.progress().map(({ refusal }) => refusal);
    assert.match(refusals[0] ?? '', /written by another copy of this shop/);
    assert.ok(
      refusals.slice(1).every((refusal) => refusal !== null),
      refusals.join('\n'),
    );
    shop.addEvent(1_001, { type: 'order_packed', data: {} });
    shop.changeProduct({ sku: 'mug', priceCents: 2 });
    await writer.writeNews();
    assert.deepEqual(
      writer.progress().flatMap(({ refusal }) => refusal ?? []),
      [],
    );
    await assertWhole(shop, store, 'the shop itself');
  });
});

describe('a lake that is taken away from under its writer', () => {
  it('is made anew with all that was in it', async () => {
    const shop = aBusyShop(5);
    const store = openMemoryObjects();
    const { writer } = await open(shop, store);
    await writer.writeNews();
    store.contents.clear();
    goOn(shop);
    // Until it reads the place again it goes by what it knows; its next round sees that nothing is there.
    for (let round = 0; round < 3; round += 1) {
      await writer.readPositions();
      await writer.writeNews();
    }
    await assertWhole(shop, store, 'after it was removed');
  });

  it('and made anew by another writer has each entry once', async () => {
    const shop = aBusyShop(5);
    const store = openMemoryObjects();
    const old = await open(shop, store);
    await old.writer.writeNews();
    store.contents.clear();
    const other = await open(shop, store);
    for (let round = 0; round < 4; round += 1) {
      goOn(shop);
      await old.writer.writeNews();
      await other.writer.writeNews();
    }
    await old.writer.readPositions();
    await old.writer.writeNews();
    await assertWhole(shop, store, 'after another writer made it anew');
  });
});

describe('a writer of the lake', () => {
  const breaks: readonly Break[] = ['before', 'after', 'answer_lost', 'request_lost'];

  for (const how of breaks) {
    it(`loses and doubles nothing when a step breaks (${how}), whichever it is`, async () => {
      for (let step = 0; ; step += 1) {
        const shop = aBusyShop(6);
        const store = openMemoryObjects();
        const broken = breakAt(store, step, how);
        await open(shop, broken.files)
          .then(({ writer }) => writer.writeNews())
          .catch((error: unknown) =>
            assert.ok(error instanceof Killed || how.endsWith('lost'), String(error)),
          );
        goOn(shop);
        const { writer } = await open(shop, store);
        assert.equal(await writer.writeNews(), 'done', `step ${step}`);
        await assertWhole(shop, store, `step ${step}`);
        if (!broken.hasBroken()) break;
      }
    });
  }

  it('that was overtaken stops, and goes on from where the other has come', async () => {
    const shop = aBusyShop(4);
    const store = openMemoryObjects();
    const [one, other] = [await open(shop, store), await open(shop, store)];
    await one.writer.writeNews();
    await other.writer.readPositions();
    goOn(shop);
    await one.writer.writeNews();
    assert.equal(await other.writer.writeNews(), 'overtaken');
    goOn(shop);
    await other.writer.readPositions();
    assert.equal(await other.writer.writeNews(), 'done');
    await assertWhole(shop, store, 'two writers');
  });

  it('and another at the same time write each entry once', async () => {
    const shop = aBusyShop(4);
    const store = openMemoryObjects();
    const writers = await Promise.all([open(shop, store), open(shop, store), open(shop, store)]);
    for (let round = 0; round < 15; round += 1) {
      goOn(shop);
      await Promise.all(writers.map(({ writer }) => writer.writeNews()));
    }
    for (const { writer } of writers) await writer.writeNews();
    await assertWhole(shop, store, 'three writers');
  });
});

describe('upkeep', () => {
  it('makes few files of a day that is over, and of one that goes on when it has very many', async () => {
    const shop = aMemoryShop();
    const store = openMemoryObjects();
    let now = Date.UTC(2026, 10, 30, 12);
    const nowMs = () => now;
    const { writer } = await open(shop, store, { nowMs });
    for (let count = 0; count < smallFilesMax; count += 1) {
      shop.move({ sku: 'mug', units: 1 });
      await writer.writeNews();
    }
    const options = await lakeOptions({ store, shop: shop.log, personalData: false, nowMs, newId });
    const table = options.find(({ table: { name } }) => name === stockMovementsTable.name) ?? assert.fail();
    const session = openSession(table);
    // Some stand on the 29th, which is over; fewer than the most on the 30th.
    assert.deepEqual(await compactTable(session, () => false), {
      days: 1,
      removedFiles: 9,
      addedFiles: 1,
      failures: [],
    });
    now += 86_400_000;
    assert.deepEqual(await compactTable(session, () => false), {
      days: 1,
      removedFiles: smallFilesMax - 9,
      addedFiles: 1,
      failures: [],
    });
    assert.equal((await readTable(table.files))?.files.size, 2);
    await assertWhole(shop, store, 'after upkeep');
  });
});

/** Every entry of every log stands in its table, once, and the commits follow each other. */
async function assertWhole({ log }: MemoryShop, store: ObjectStore, when: string): Promise<void> {
  const all = { after: 0, through: 1_000_000 };
  const placed = await log.readPlacedOrders(all);
  const expected = {
    orders: placed.map(({ position }) => position),
    order_lines: placed.flatMap(({ position, order }) => order.lines.map(() => position)),
    order_events: (await log.readOrderEvents(all)).map(({ position }) => position),
    products: (await log.readProductChanges(all)).map(({ position }) => position),
    stock_movements: (await log.readMovements(all)).map(({ movementId }) => movementId),
  };
  for (const [name, positions] of Object.entries(expected)) {
    assert.deepEqual(await positionsOf(store, name), positions, `${name}: ${when}`);
    assert.deepEqual((await readCommitChain(storeBelow(store, name))).breaks, [], `${name}: ${when}`);
  }
}
