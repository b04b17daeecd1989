/** What is done for the tables beside the writing of rows, for days on end, and with files that are missing or damaged. */
import assert from 'node:assert/strict';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compactDay } from '../../src/events/lake/compact-day.ts';
import { compactTable } from '../../src/events/lake/compact-table.ts';
import { versionPath } from '../../src/events/lake/delta-actions.ts';
import { removedFileRetentionMs } from '../../src/events/lake/forget-removed.ts';
import { openSession, readNewest } from '../../src/events/lake/lake-session.ts';
import { lakeOptions, openLakeSinks } from '../../src/events/lake/lake-sinks.ts';
import { readTable } from '../../src/events/lake/read-table.ts';
import { logRetentionMs } from '../../src/events/lake/vacuum.ts';
import { writeCheckpoint } from '../../src/events/lake/write-checkpoint.ts';
import { createTableWriter } from '../../src/events/table-writer.ts';
import { createUpkeep, type VacuumDue, vacuumMs, vacuumRetryMs } from '../../src/lake-writer/lake-upkeep.ts';
import { type LakeNews, writeLake } from '../../src/lake-writer/write-lake.ts';
import type { ObjectStore } from '../../src/objects/object-store.ts';
import { ObjectStoreError } from '../../src/objects/object-store-error.ts';
import { storeBelow } from '../../src/objects/store-below.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { inFolder } from '../journeys/open-shop.ts';
import { openMemoryObjects } from './memory-objects.ts';
import { aMemoryShop } from './memory-shop.ts';
import { aShop, aTable, countTo, dayMs, ordersOptions, positionsIn, writeOrders } from './small-shop.ts';

const hourMs = 3_600_000;
/** Both days of a small shop are over then. */
const laterMs = Date.UTC(2026, 11, 3);

/** Data files of a table that its newest version does not name. */
async function unnamedIn(files: ObjectStore): Promise<readonly string[]> {
  const named = (await readTable(files))?.files ?? new Map();
  const all = await Array.fromAsync(files.list('placed_date='), ({ name }) => name);
  return all.filter((path) => !named.has(path));
}

async function pathsOfDay(files: ObjectStore, day: string): Promise<readonly string[]> {
  const named = [...((await readTable(files))?.files.keys() ?? [])];
  return named.filter((path) => path.startsWith(`placed_date=${day}/`)).sort();
}

describe('a session that writes no checkpoints', () => {
  it('forgets removed files after two days, whether it compacts or stands by', async () => {
    let now = laterMs;
    const nowMs = () => now;
    const files = openMemoryObjects(nowMs);
    const hours = 84;
    const aSession = () => openSession(ordersOptions(files, aShop(hours * 3), { nowMs }));
    const [writing, compacting, standingBy] = [aSession(), aSession(), aSession()];
    const removed = { most: 0, all: 0 };
    for (let hour = 1; hour <= hours; hour += 1) {
      await writeOrders(writing, aShop(hour * 3), 1);
      for (const day of ['2026-11-29', '2026-11-30']) {
        const compacted = await compactDay(compacting, day);
        if (compacted.kind === 'compacted') removed.all += compacted.removed;
      }
      for (let half = 0; half < 2; half += 1) {
        now += hourMs / 2;
        for (const session of [compacting, standingBy])
          removed.most = Math.max(removed.most, (await readNewest(session)).state.removed.size);
      }
    }
    // Of two days and the hour between two looks: at most four files an hour.
    const bound = (removedFileRetentionMs / hourMs + 1) * 4;
    assert.ok(removed.all > bound * 1.5, `${removed.all} were removed`);
    assert.ok(removed.most <= bound, `${removed.most} are remembered, of ${removed.all}`);
  });
});

describe('a day with a bad file', () => {
  const damages = {
    missing: (files: ObjectStore, path: string) => files.remove(path),
    damaged: (files: ObjectStore, path: string) => files.write(path, new Uint8Array(40)),
  } as const;

  for (const [how, damage] of Object.entries(damages)) {
    it(`that is ${how} stays as it is, and the other days are compacted`, async () => {
      const files = openMemoryObjects();
      await aTable(files, aShop(30), 3);
      const session = openSession(ordersOptions(files, aShop(30), { nowMs: () => laterMs }));
      const [, bad = ''] = await pathsOfDay(files, '2026-11-29');
      await damage(files, bad);
      const { failures, ...sum } = await compactTable(session, () => false);
      assert.deepEqual(sum, { days: 1, removedFiles: 7, addedFiles: 1 });
      assert.equal(failures.length, 1);
      assert.match(
        String(failures[0]),
        /^(?:Table)?\w*Error: memory.*placed_date=2026-11-29\/.*Bring it back/,
      );
      assert.ok(String(failures[0]).includes(bad));
    });

    it(`that is ${how} keeps no half-done work in the store`, async () => {
      const files = openMemoryObjects();
      const session = await aTable(files, aShop(30), 3);
      const paths = await pathsOfDay(files, '2026-11-30');
      // Files of 3 rows, two to a bin: the third bin is the bad one.
      await damage(files, paths[5] ?? '');
      await assert.rejects(compactDay(session, '2026-11-30', 6), /Bring it back/);
      assert.deepEqual(await unnamedIn(files), []);
    });
  }

  it('keeps rewritten files when it is not known whether the version was written', async () => {
    const files = openMemoryObjects();
    await aTable(files, aShop(30), 3);
    const losing = openSession(
      ordersOptions({ ...files, create: async () => 'unknown', remove: files.remove }, aShop(30)),
    );
    await assert.rejects(compactDay(losing, '2026-11-30'), /does not tell whether version/);
    assert.equal((await unnamedIn(files)).length, 1);
    assert.deepEqual(await positionsIn(files), countTo(30));
  });
});

type Told = readonly (string | number)[];

/** A lake in memory with small files of a day that is over, in each table that has rows, and its upkeep. */
async function aLake() {
  let now = Date.UTC(2026, 10, 30, 12);
  const nowMs = () => now;
  let ids = 0;
  const newId = () => String(++ids).padStart(8, '0');
  const shop = aMemoryShop();
  const store = openMemoryObjects(nowMs);
  const settings = { store, shop: shop.log, personalData: false, nowMs, newId };
  const sinks = await openLakeSinks(settings);
  const writer = createTableWriter({ shop: shop.log, sinks, nowMs, onWritten: () => undefined });
  for (let count = 0; count < 6; count += 1) {
    shop.placeOrder();
    shop.move({ sku: 'mug', units: 1 });
    await writer.writeNews();
  }
  now += dayMs;
  const told: Told[] = [];
  const vacuumDue: VacuumDue = new Map();
  const begun = async (files: ObjectStore = store) => {
    const sessions = (await lakeOptions({ ...settings, store: files })).map(openSession);
    return createUpkeep(
      sessions,
      {
        onCompacted: (table) => told.push(['compacted', table]),
        onVacuumed: (table, files) => told.push(['vacuumed', table, files]),
        onUpkeepFailure: ({ work, table, error, moreDays }) =>
          told.push(['failed', work, table, String(error), moreDays]),
      },
      vacuumDue,
      nowMs,
    );
  };
  return {
    store,
    begun,
    told: (): readonly Told[] => told.splice(0),
    later(ms: number) {
      now += ms;
    },
    nowMs,
    files: (table: string) => storeBelow(store, table),
    stray: (path: string) => store.write(path, new Uint8Array(7)),
  };
}

const strayPath = 'orders/placed_date=2026-11-30/nozama-stray.parquet';

describe('the upkeep of a lake', () => {
  it('tells of a bad file of one table, and goes on with the others', async () => {
    const { store, begun, told, files, later, stray } = await aLake();
    await stray(strayPath);
    const [bad = ''] = await pathsOfDay(files('orders'), '2026-11-29');
    await store.write(`orders/${bad}`, new Uint8Array(40));
    later(3 * dayMs);
    await (await begun()).begin();
    const news = told();
    const failed = news.filter(([kind]) => kind === 'failed');
    assert.equal(failed.length, 1, JSON.stringify(news));
    assert.deepEqual(failed[0]?.slice(0, 3), ['failed', 'compaction', 'orders']);
    assert.match(String(failed[0]?.[3]), /is damaged/);
    const compacted = news.flatMap(([kind, table]) => (kind === 'compacted' ? [table] : []));
    assert.ok(compacted.includes('order_lines') && compacted.includes('stock_movements'), String(compacted));
    assert.equal(store.contents.has(strayPath), false);
  });

  it('removes what compaction has left two days before, once a day', async () => {
    const { store, begun, told, later, files, stray } = await aLake();
    const upkeep = await begun();
    await upkeep.begin();
    assert.ok(told().every(([kind]) => kind === 'compacted'));
    const left = (await unnamedIn(files('orders'))).length;
    assert.ok(left > 3);
    later(removedFileRetentionMs - 1);
    await upkeep.begin();
    assert.deepEqual(told(), []);
    later(vacuumMs);
    await stray(strayPath);
    await upkeep.begin();
    assert.deepEqual(
      told().find(([, table]) => table === 'orders'),
      ['vacuumed', 'orders', left],
    );
    assert.deepEqual(await unnamedIn(files('orders')), ['placed_date=2026-11-30/nozama-stray.parquet']);
    // The stray file is old enough after two days and a bit, and is looked for once a day.
    later(removedFileRetentionMs + 1);
    await upkeep.begin();
    assert.equal(store.contents.has(strayPath), false);
    await stray(strayPath);
    later(vacuumMs - 1);
    store.contents.set(strayPath, { bytes: new Uint8Array(7), changedAtMs: 0 });
    // Also when the lake is opened anew.
    await (await begun()).begin();
    assert.equal(store.contents.has(strayPath), true);
    later(60_000);
    await upkeep.begin();
    assert.equal(store.contents.has(strayPath), false);
  });

  it('removes versions of the log of more than thirty days ago', async () => {
    const { store, begun, later, files, nowMs } = await aLake();
    const state = await readTable(files('orders'));
    assert.ok(state !== null && state.version > 3);
    await writeCheckpoint(files('orders'), state, nowMs());
    const upkeep = await begun();
    later(logRetentionMs);
    await upkeep.begin();
    assert.ok(store.contents.has(`orders/${versionPath(0)}`));
    later(vacuumMs);
    await upkeep.begin();
    assert.equal(store.contents.has(`orders/${versionPath(0)}`), false);
    assert.ok((await readTable(files('orders'))) !== null);
  });

  it('tells of files that can’t be removed, tries again an hour later, and goes on with the other tables', async () => {
    const { store, begun, told, later, stray } = await aLake();
    await stray(strayPath);
    await stray('order_lines/placed_date=2026-11-30/nozama-stray.parquet');
    later(3 * dayMs);
    let mayRemove = false;
    const upkeep = await begun({
      ...store,
      async remove(path) {
        if (!mayRemove && path.startsWith('orders/')) throw new ObjectStoreError('No right to remove.');
        await store.remove(path);
      },
    });
    await upkeep.begin();
    const news = told();
    assert.deepEqual(
      news.filter(([kind]) => kind === 'failed'),
      [['failed', 'vacuum', 'orders', 'ObjectStoreError: No right to remove.', 0]],
    );
    assert.ok(news.some(([kind, table]) => kind === 'vacuumed' && table === 'order_lines'));
    mayRemove = true;
    later(vacuumRetryMs - 1);
    await upkeep.begin();
    assert.ok(store.contents.has(strayPath));
    later(60_000);
    await upkeep.begin();
    assert.equal(store.contents.has(strayPath), false);
  });

  it('leaves it to the writer to tell of a table that is refused, and removes nothing there', async () => {
    const { store, begun, told, later, stray, files } = await aLake();
    await stray(strayPath);
    const state = await readTable(files('orders'));
    const protocol = { protocol: { minReaderVersion: 3, minWriterVersion: 7 } };
    await files('orders').create(
      versionPath((state?.version ?? 0) + 1),
      new TextEncoder().encode(`${JSON.stringify(protocol)}\n`),
    );
    later(3 * dayMs);
    await (await begun()).begin();
    const news = told();
    assert.ok(news.length > 0);
    assert.ok(
      news.every(([kind, table]) => kind !== 'failed' && table !== 'orders'),
      JSON.stringify(news),
    );
    assert.ok(store.contents.has(strayPath));
  });

  it('ends between two files when it is stopped, and begins no more', async () => {
    const { store, begun, told, later, stray } = await aLake();
    for (let count = 0; count < 30; count += 1)
      await stray(`orders/placed_date=2026-11-30/nozama-stray-${count}.parquet`);
    later(3 * dayMs);
    let removals = 0;
    const upkeep = await begun({
      ...store,
      async remove(path) {
        removals += 1;
        upkeep.stop();
        await store.remove(path);
      },
    });
    await upkeep.begin();
    assert.ok(removals > 0 && removals < 10, `${removals} removals`);
    // A lake that is opened anew does the rest.
    later(vacuumRetryMs);
    await upkeep.begin();
    assert.ok(removals < 10);
    await (await begun()).begin();
    assert.ok([...store.contents.keys()].every((path) => !path.includes('stray')));
    assert.ok(told().every(([kind]) => kind !== 'failed'));
  });
});

describe('a lake that is written', () => {
  it('is rid of old files without anybody asking', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'nozama.db');
      await (await openSqliteStore({ file })).close();
      const config = {
        databaseUrl: `sqlite:${file}`,
        engineSettings: {},
        lakeUrl: `file:${join(folder, 'lake')}`,
        personalData: false,
        environment: {},
      };
      const until = async (isIt: (news: LakeNews) => boolean) => {
        const found = Promise.withResolvers<LakeNews>();
        const loop = writeLake({ config, withinMs: 1_000 }, (news) => {
          if (news.kind === 'failed') found.reject(new Error(news.words));
          else if (isIt(news)) found.resolve(news);
        });
        return found.promise.finally(() => loop.stop(1_000));
      };
      await until(({ kind }) => kind === 'round');
      const day = join(folder, 'lake/orders/placed_date=2026-11-30');
      await mkdir(day);
      await writeFile(join(day, 'nozama-stray.parquet'), new Uint8Array(7));
      const longAgo = (Date.now() - removedFileRetentionMs - hourMs) / 1_000;
      await utimes(join(day, 'nozama-stray.parquet'), longAgo, longAgo);
      assert.deepEqual(await until(({ kind }) => kind === 'vacuumed'), {
        kind: 'vacuumed',
        table: 'orders',
        removedFiles: 1,
        removedBytes: 7,
      });
      assert.deepEqual(await readdir(day).catch(() => []), []);
    });
  });
});
