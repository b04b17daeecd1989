/** Personal data of erased orders leaves the tables with the version that moves their position, once. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { appendRows } from '../../src/events/lake/append-rows.ts';
import { readCommitChain } from '../../src/events/lake/commit-chain.ts';
import { compactDay } from '../../src/events/lake/compact-day.ts';
import { formatActions, versionPath } from '../../src/events/lake/delta-actions.ts';
import { openSession, readNewest } from '../../src/events/lake/lake-session.ts';
import { lakeOptions, openLakeSinks } from '../../src/events/lake/lake-sinks.ts';
import { readTable } from '../../src/events/lake/read-table.ts';
import { vacuumFiles } from '../../src/events/lake/vacuum.ts';
import { writeCheckpoint } from '../../src/events/lake/write-checkpoint.ts';
import { createTableWriter, type TableWriter } from '../../src/events/table-writer.ts';
import { buildBatch } from '../../src/events/tables/column-builder.ts';
import type { LakeTable } from '../../src/events/tables/lake-table.ts';
import { orderEventsTable, ordersTable } from '../../src/events/tables/lake-tables.ts';
import { entriesIn } from '../../src/events/tables/table-sources.ts';
import type { ObjectStore } from '../../src/objects/object-store.ts';
import { ObjectStoreError } from '../../src/objects/object-store-error.ts';
import { storeBelow } from '../../src/objects/store-below.ts';
import { type Break, breakAt, delayCreation, interruptAt, Killed } from './broken-objects.ts';
import { type MemoryObjects, openMemoryObjects } from './memory-objects.ts';
import { aMemoryShop, type MemoryShop } from './memory-shop.ts';
import { cellsIn } from './random-table.ts';
import { dayMs, rowsIn } from './small-shop.ts';

const nowMs = Date.UTC(2026, 11, 1);
const day = '2026-11-30';
/** Which a writer of a test writes. */
const both = [ordersTable, orderEventsTable];
/** Enough for a disturbance, and four times as quick. */
const one = [ordersTable];
let ids = 0;
const newId = () => {
  ids += 1;
  return String(ids).padStart(8, '0');
};

function settings(shop: MemoryShop, store: ObjectStore, personalData = true, now = () => nowMs) {
  return { store, shop: shop.log, personalData, nowMs: now, newId };
}

async function openWriter(
  shop: MemoryShop,
  store: ObjectStore,
  personalData = true,
  tables: readonly LakeTable[] = both,
): Promise<TableWriter> {
  const sinks = await openLakeSinks(settings(shop, store, personalData));
  const erasable = sinks.filter(({ source }) => tables.includes(source.table));
  return createTableWriter({
    shop: shop.log,
    sinks: erasable,
    nowMs: () => nowMs,
    onWritten: () => undefined,
  });
}

async function sessionOf(shop: MemoryShop, store: ObjectStore, name: string, now = () => nowMs) {
  const options = await lakeOptions(settings(shop, store, true, now));
  return openSession(options.find(({ table }) => table.name === name) ?? assert.fail(name));
}

function goOn(shop: MemoryShop): void {
  const number = shop.placeOrder({ email: 'ann@example.com', city: 'Seattle', zipCode: '98101-1234' });
  const shipped = {
    shipment: 1,
    lines: [],
    carrier: 'UPS',
    trackingNumber: `1Z-${number}`,
    trackingUrl: null,
  };
  shop.addEvent(number, { type: 'order_shipped', data: shipped });
}

/** 12 orders in 4 files of either table; then two of them are erased, and a thirteenth comes. */
async function aShopWithErasures(tables = both): Promise<{ shop: MemoryShop; before: MemoryObjects }> {
  const shop = aMemoryShop();
  const before = openMemoryObjects(() => nowMs);
  const writer = await openWriter(shop, before, true, tables);
  for (let file = 0; file < 4; file += 1) {
    for (let count = 0; count < 3; count += 1) goOn(shop);
    assert.equal(await writer.writeNews(), 'done');
  }
  shop.addEvent(1_002, { type: 'order_erased', data: {} });
  shop.addEvent(1_009, { type: 'order_erased', data: {} });
  goOn(shop);
  return { shop, before };
}

function copyOf(store: MemoryObjects): MemoryObjects {
  const copy = openMemoryObjects(() => nowMs);
  for (const [path, content] of store.contents) copy.contents.set(path, content);
  return copy;
}

const orderPositions = [...Array.from({ length: 12 }, (_, index) => 1 + index * 2), 27];
const eventPositions = [...Array.from({ length: 12 }, (_, index) => 2 + index * 2), 25, 26, 28];

/** Each row once, as before but for the personal data of the erased; nothing of it in the log or a checkpoint. */
async function assertErased(store: MemoryObjects, tables = both): Promise<void> {
  const orders = await rowsIn(storeBelow(store, 'orders'), ordersTable);
  const events = await rowsIn(storeBelow(store, 'order_events'), orderEventsTable);
  const byPosition = (rows: typeof orders, names: readonly string[]) =>
    cellsIn(rows, 'position')
      .map((position, row): unknown[] => [Number(position), ...names.map((name) => cellsIn(rows, name)[row])])
      .sort((a, b) => Number(a[0]) - Number(b[0]));
  const personal = ['customer_name', 'email', 'street_address', 'city', 'zip_add_on'];
  assert.deepEqual(
    byPosition(orders, ['order_number', ...personal]),
    orderPositions.map((position, index) => {
      const number = 1_001 + index;
      const kept = [`Customer ${number}`, 'ann@example.com', `${number} Main Street`, 'Seattle', '1234'];
      return [
        position,
        BigInt(number),
        ...([1_002, 1_009].includes(number) ? personal.map(() => null) : kept),
      ];
    }),
  );
  assert.deepEqual(
    byPosition(events, ['carrier', 'tracking_number']),
    (tables === both ? eventPositions : []).map((position) => {
      if (position === 25 || position === 26) return [position, null, null];
      const number = position === 28 ? 1_013 : 1_000 + position / 2;
      return [position, 'UPS', number === 1_002 || number === 1_009 ? null : `1Z-${number}`];
    }),
  );
  for (const { name } of tables)
    assert.deepEqual(await readCommitChain(storeBelow(store, name)), { after: 0, through: 28, breaks: [] });
  for (const [path, { bytes }] of store.contents) {
    const text = path.includes('_delta_log') ? Buffer.from(bytes).toString('latin1') : '';
    assert.doesNotMatch(text, /Customer \d|Main Street|1Z-|ann@/, path);
  }
}

/** All that a writer does: the news, a checkpoint, compaction. */
async function work(shop: MemoryShop, store: ObjectStore, tables = both): Promise<void> {
  await (await openWriter(shop, store, true, tables)).writeNews();
  for (const { name } of tables) await upkeep(shop, store, name);
}

async function upkeep(shop: MemoryShop, store: ObjectStore, name: string): Promise<void> {
  const session = await sessionOf(shop, store, name);
  const { state } = await readNewest(session);
  await writeCheckpoint(session.options.files, state, nowMs);
  await compactDay(session, day);
}

/** When an answer is lost as the store is tried, nothing is written. */
const orKilled = (error: unknown) =>
  assert.ok(error instanceof Killed || error instanceof ObjectStoreError, String(error));

async function removedIn(store: MemoryObjects): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const { name } of both) {
    const state = await readTable(storeBelow(store, name));
    paths.push(...[...(state?.removed.keys() ?? [])].map((path) => `${name}/${path}`));
  }
  return paths;
}

describe('an erasure', () => {
  it('rewrites the files that hold the order, in the version that moves the position, and no others', async () => {
    const { shop, before: store } = await aShopWithErasures();
    const before = await readTable(storeBelow(store, 'orders'));
    const reads: string[] = [];
    const watched: ObjectStore = {
      ...store,
      async read(path, bytesMax) {
        if (path.endsWith('.parquet')) reads.push(path);
        return store.read(path, bytesMax);
      },
    };
    assert.equal(await (await openWriter(shop, watched)).writeNews(), 'done');
    await assertErased(store);
    const after = await readTable(storeBelow(store, 'orders'));
    assert.ok(before && after);
    assert.equal(after.version, before.version + 1);
    const gone = [...before.files.keys()].filter((path) => !after.files.has(path));
    assert.equal(gone.length, 2);
    assert.deepEqual(
      gone.map((path) => after.removed.get(path)?.dataChange),
      [true, true],
    );
    assert.equal(after.files.size, before.files.size + 1);
    assert.deepEqual(
      reads.filter((path) => path.startsWith('orders/')).sort(),
      gone.map((path) => `orders/${path}`).sort(),
    );
  });

  it('keeps the old files until a vacuum, and then nothing of the person is left', async () => {
    const { shop, before: store } = await aShopWithErasures();
    await work(shop, store);
    const laterMs = nowMs + 2 * dayMs;
    const stale = await removedIn(store);
    assert.ok(stale.length >= 4 && stale.every((path) => store.contents.has(path)));
    const later = openMemoryObjects(() => laterMs);
    for (const [name, content] of store.contents)
      later.contents.set(name, { ...content, changedAtMs: nowMs });
    for (const { name } of both) await vacuumFiles(await sessionOf(shop, later, name, () => laterMs), dayMs);
    assert.deepEqual(
      stale.filter((path) => later.contents.has(path)),
      [],
    );
    await assertErased(later);
  });

  it('leaves nothing in a row that was written after it, or with it', async () => {
    const shop = aMemoryShop();
    const store = openMemoryObjects();
    goOn(shop);
    shop.addEvent(1_001, { type: 'order_erased', data: {} });
    await (await openWriter(shop, store)).writeNews();
    const rows = await rowsIn(storeBelow(store, 'orders'), ordersTable);
    assert.deepEqual(
      ['customer_name', 'email', 'street_address', 'city', 'zip_add_on'].map((name) => cellsIn(rows, name)),
      [[null], [null], [null], [null], [null]],
    );
    // A database of several servers may show the entry before the order has changed.
    const stale = aMemoryShop();
    const staleStore = openMemoryObjects();
    goOn(stale);
    const session = await sessionOf(stale, staleStore, 'orders');
    const sinks = await openLakeSinks(settings(stale, staleStore));
    const [orders] = sinks;
    assert.ok(orders);
    const batch = buildBatch(orders.columns);
    await orders.source.addRows(batch, entriesIn(stale.log, { after: 0, through: 2 }));
    const part = { after: 0, through: 2, fact: 'event-2', rows: batch.build() };
    await appendRows(session, { ...part, erasedOrderIds: ['order-1001'] });
    const staleRows = await rowsIn(storeBelow(staleStore, 'orders'), ordersTable);
    assert.deepEqual(cellsIn(staleRows, 'customer_name'), [null]);
  });

  it('that comes alone, of the last order at the edge of a file, is not passed over', async () => {
    const shop = aMemoryShop();
    const store = openMemoryObjects();
    const writer = await openWriter(shop, store, true, one);
    for (let count = 0; count < 3; count += 1) goOn(shop);
    await writer.writeNews();
    shop.addEvent(1_003, { type: 'order_erased', data: {} });
    await writer.writeNews();
    const rows = await rowsIn(storeBelow(store, 'orders'), ordersTable);
    assert.deepEqual(cellsIn(rows, 'customer_name'), ['Customer 1001', 'Customer 1002', null]);
    assert.equal(writer.progress()[0]?.position, 7);
  });

  it('is honoured in a table that had personal data once, and touches no table that never had', async () => {
    const { shop, before: store } = await aShopWithErasures();
    await (await openWriter(shop, store, false)).writeNews();
    const rows = await rowsIn(storeBelow(store, 'orders'), ordersTable);
    const names = cellsIn(rows, 'customer_name');
    assert.equal(names.filter((name) => name === null).length, 3, 'two erased, one written without');
    const plain = aMemoryShop();
    const plainStore = openMemoryObjects();
    const writer = await openWriter(plain, plainStore, false);
    goOn(plain);
    await writer.writeNews();
    plain.addEvent(1_001, { type: 'order_erased', data: {} });
    await writer.writeNews();
    const state = await readTable(storeBelow(plainStore, 'orders'));
    assert.equal(state?.metaData?.configuration['delta.appendOnly'], 'true');
    assert.deepEqual([state?.removed.size, state?.files.size], [0, 1]);
  });
});

describe('an erasure that is disturbed', () => {
  for (const how of ['before', 'after', 'answer_lost', 'request_lost'] satisfies Break[]) {
    it(`by the death of its writer at any step (${how}) is done once after the next start`, async () => {
      const { shop, before } = await aShopWithErasures(one);
      let steps = 0;
      for (let step = 0; ; step += 1) {
        const store = copyOf(before);
        const broken = breakAt(store, step, how);
        await work(shop, broken.files, one).catch(orKilled);
        await work(shop, store, one);
        await assertErased(store, one);
        if (!broken.hasBroken()) break;
        steps += 1;
      }
      assert.ok(steps > 20, `${steps} steps`);
    });
  }

  it('by another writer who does all the work before any step is done once', async () => {
    const { shop, before } = await aShopWithErasures(one);
    for (let step = 0; ; step += 1) {
      const store = copyOf(before);
      const other = interruptAt(store, step, () => work(shop, store, one));
      await work(shop, other.files, one);
      await assertErased(store, one);
      await assertNoStrayFiles(store);
      if (!other.hasBroken()) break;
    }
  });

  it('by a compaction before any step is done once', async () => {
    const { shop, before } = await aShopWithErasures(one);
    for (let step = 0; ; step += 1) {
      const store = copyOf(before);
      const other = interruptAt(store, step, async () => {
        for (const { name } of one) await upkeep(shop, store, name);
      });
      await work(shop, other.files, one);
      await assertErased(store, one);
      await assertNoStrayFiles(store);
      if (!other.hasBroken()) break;
    }
  });

  it('at any step of a compaction is done once', async () => {
    const { shop, before } = await aShopWithErasures(one);
    for (let step = 0; ; step += 1) {
      const store = copyOf(before);
      const compaction = interruptAt(store, step, async () => {
        await (await openWriter(shop, store, true, one)).writeNews();
      });
      for (const { name } of one) await upkeep(shop, compaction.files, name);
      await work(shop, store, one);
      await assertErased(store, one);
      if (!compaction.hasBroken()) break;
    }
  });

  it('by its request that arrives late is done once', async () => {
    const { shop, before } = await aShopWithErasures(one);
    for (let creation = 0; ; creation += 1) {
      const store = copyOf(before);
      const late = delayCreation(store, creation);
      await work(shop, late.files, one).catch(orKilled);
      await work(shop, interruptAt(store, 12, () => late.arrive()).files, one);
      await assertErased(store, one);
      if (!late.hasBroken()) break;
    }
  });
});

async function assertNoStrayFiles(store: MemoryObjects): Promise<void> {
  for (const { name } of one) {
    const state = await readTable(storeBelow(store, name));
    const named = new Set([...(state?.files.keys() ?? []), ...(state?.removed.keys() ?? [])]);
    const stray = [...store.contents.keys()].filter(
      (path) => path.startsWith(`${name}/`) && path.endsWith('.parquet') && !path.includes('_delta_log'),
    );
    assert.deepEqual(
      stray.filter((path) => !named.has(path.slice(name.length + 1))),
      [],
    );
  }
}

describe('an erasure in files of other programs', () => {
  /** The first file of orders as another program has rewritten it. */
  async function withForeignFile(bytes: Uint8Array, size = bytes.length) {
    const { shop, before: store } = await aShopWithErasures();
    const state = await readTable(storeBelow(store, 'orders'));
    const [file] = state?.files.values() ?? [];
    assert.ok(state && file);
    const path = 'placed_date=2026-11-29/part-00000-spark.snappy.parquet';
    const foreign = { ...file, path, size, dataChange: false };
    await store.write(`orders/${path}`, bytes);
    await store.write(
      `orders/${versionPath(state.version + 1)}`,
      formatActions([
        { remove: { path: file.path, dataChange: false } },
        { add: { ...foreign, stats: '{"numRecords":3}' } },
      ]),
    );
    return { shop, store, path };
  }

  it('reads instants as Spark writes them, and rewrites the file as one of ours', async () => {
    const bytes = readFileSync(join(import.meta.dirname, 'foreign', 'orders-by-spark.parquet'));
    const { shop, store, path } = await withForeignFile(bytes);
    const before = await rowsIn(storeBelow(store, 'orders'), ordersTable);
    assert.deepEqual(cellsIn(before, 'customer_name').slice(-3), [
      'Customer 1001',
      'Customer 1002',
      'Customer 1003',
    ]);
    await (await openWriter(shop, store)).writeNews();
    await assertErased(store);
    const state = await readTable(storeBelow(store, 'orders'));
    assert.ok(!state?.files.has(path));
    const rows = await rowsIn(storeBelow(store, 'orders'), ordersTable);
    const times = cellsIn(rows, 'placed_at')
      .map(Number)
      .sort((a, b) => a - b);
    const firstMs = Date.UTC(2026, 10, 29, 23, 51);
    assert.deepEqual(
      times.map((micros) => (micros / 1_000 - firstMs) / 60_000 + 1),
      orderPositions,
    );
  });

  it('refuses one that it can’t read, and writes the other tables', async () => {
    for (const [bytes, size, why] of [
      [new TextEncoder().encode('no Parquet at all'), 17, /can't rewrite it: .* Write its rows anew/],
      [new Uint8Array(8), 300 * 1024 ** 2, /it has 314572800 bytes/],
    ] as const) {
      const { shop, store, path } = await withForeignFile(bytes, size);
      const writer = await openWriter(shop, store);
      await writer.writeNews();
      const [orders, events] = writer.progress();
      assert.match(orders?.refusal ?? '', why);
      assert.ok(orders?.refusal?.includes(path));
      assert.equal(events?.refusal, null);
      assert.equal(events?.position, 28);
      assert.equal((await readNewest(await sessionOf(shop, store, 'orders'))).position, 24);
    }
  });

  it('refuses a table that somebody made append-only', async () => {
    const { shop, before: store } = await aShopWithErasures();
    const state = await readTable(storeBelow(store, 'orders'));
    assert.ok(state?.metaData);
    const configuration = { ...state.metaData.configuration, 'delta.appendOnly': 'true' };
    const metaData = { ...state.metaData, configuration };
    await store.write(`orders/${versionPath(state.version + 1)}`, formatActions([{ metaData }]));
    const writer = await openWriter(shop, store);
    await writer.writeNews();
    assert.match(writer.progress()[0]?.refusal ?? '', /Set its property delta\.appendOnly to false\.$/);
  });
});
