/** Tables that gain a column, checkpoints, compaction and vacuum. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appendRows } from '../../src/events/lake/append-rows.ts';
import { compactDay } from '../../src/events/lake/compact-day.ts';
import {
  checkpointPath,
  formatActions,
  lastCheckpointPath,
  versionPath,
} from '../../src/events/lake/delta-actions.ts';
import { removedFileRetentionMs } from '../../src/events/lake/forget-removed.ts';
import { openSession, readNewest } from '../../src/events/lake/lake-session.ts';
import { readTable } from '../../src/events/lake/read-table.ts';
import type { TableState } from '../../src/events/lake/table-state.ts';
import { retentionMsMin, vacuumFiles, vacuumLog } from '../../src/events/lake/vacuum.ts';
import { isCheckpointDue, writeCheckpoint } from '../../src/events/lake/write-checkpoint.ts';
import type { LakeTable } from '../../src/events/tables/lake-table.ts';
import { ordersTable } from '../../src/events/tables/lake-tables.ts';
import type { ObjectStore } from '../../src/objects/object-store.ts';
import { openMemoryObjects } from './memory-objects.ts';
import { cellsIn } from './random-table.ts';
import {
  aShop,
  aTable,
  countTo,
  dayMs,
  ordersBetween,
  ordersOptions,
  positionsIn,
  rowsIn,
  writeOrders,
} from './small-shop.ts';

const gift = {
  name: 'gift',
  type: 'boolean',
  unit: null,
  meaning: 'A gift.',
  nullable: true,
  personal: false,
} as const;
const grownTable: LakeTable = { ...ordersTable, columns: [...ordersTable.columns, gift] };
const startMs = Date.UTC(2026, 11, 1);

describe('a table', () => {
  it('gains a column that came later, without a new version before there are rows', async () => {
    const [files, shop] = [openMemoryObjects(), aShop(20)];
    await aTable(files, aShop(10), 10);
    const session = openSession(ordersOptions(files, shop, { table: grownTable }));
    assert.equal((await readNewest(session)).state.version, 1);
    const part = ordersBetween(shop, 10, 20);
    const gifts = { kind: 'boolean', values: new Uint8Array(10).fill(1), nulls: null } as const;
    part.rows.columns.get('position');
    const columns = new Map([...part.rows.columns, ['gift', gifts] as const]);
    await appendRows(session, { ...part, rows: { rowCount: 10, columns } });
    const rows = await rowsIn(files, grownTable);
    const byPosition = new Map(
      cellsIn(rows, 'position').map((position, row) => [Number(position), cellsIn(rows, 'gift')[row]]),
    );
    assert.deepEqual([byPosition.get(1), byPosition.get(20)], [null, true]);
    // A program that does not know the column stops rather than leave it empty.
    await assert.rejects(
      readNewest(openSession(ordersOptions(files, shop))),
      /column gift that this version/,
    );
  });

  it('gains the columns of persons when they are asked for, and keeps them empty when they are not any more', async () => {
    const [files, shop] = [openMemoryObjects(), aShop(20)];
    await aTable(files, aShop(5), 5);
    assert.equal((await readTable(files))?.metaData?.configuration['delta.appendOnly'], 'true');
    const asking = openSession(ordersOptions(files, shop, { personalData: true }));
    const part = ordersBetween(shop, 5, 10);
    const names = { kind: 'text', values: countTo(5).map((n) => `Ann ${n}`) } as const;
    const columns = new Map([...part.rows.columns, ['customer_name', names] as const]);
    await appendRows(asking, { ...part, rows: { rowCount: 5, columns } });
    assert.equal((await readTable(files))?.metaData?.configuration['delta.appendOnly'], 'false');
    await writeOrders(openSession(ordersOptions(files, shop)), shop, 5);
    const found = cellsIn(await rowsIn(files), 'customer_name').filter((name) => name !== null);
    assert.deepEqual(found.toSorted(), names.values.toSorted());
  });
});

const everythingIn = ({ version, protocol, metaData, transactions, files }: TableState) => ({
  version,
  protocol,
  metaData,
  transactions: [...transactions.values()],
  files: [...files.values()]
    .map((file) => ({ ...file, dataChange: false }))
    .sort((a, b) => (a.path < b.path ? -1 : 1)),
});

async function stateOf(files: ObjectStore): Promise<TableState> {
  const state = await readTable(files);
  assert.ok(state);
  return state;
}

describe('a checkpoint', () => {
  it('tells what all versions before it tell', async () => {
    const [files, shop] = [openMemoryObjects(), aShop(60)];
    const session = await aTable(files, shop, 4);
    const other = { appId: 'someone "else"', version: 2n ** 63n - 1n };
    await files.create(versionPath(16), formatActions([{ txn: other }]));
    await compactDay(session, '2026-11-29');
    const whole = await stateOf(files);
    await writeCheckpoint(files, await stateOf(files), startMs);
    for (let version = 0; version <= whole.version; version += 1) await files.remove(versionPath(version));
    const short = await stateOf(files);
    assert.deepEqual(
      everythingIn(short),
      everythingIn({
        ...whole,
        transactions: new Map(
          [...whole.transactions].map(([id, txn]) => [id, txn.lastUpdated === undefined ? other : txn]),
        ),
      }),
    );
    assert.deepEqual([...short.removed.keys()].sort(), [...whole.removed.keys()].sort());
    assert.equal(short.checkpointVersion, whole.version);
    await writeOrders(openSession(ordersOptions(files, aShop(70))), aShop(70), 4);
    assert.deepEqual(await positionsIn(files), countTo(70));
  });

  it('is due after a hundred versions', async () => {
    const state = await stateOf((await aTable(openMemoryObjects(), aShop(4), 4)).options.files);
    assert.equal(isCheckpointDue({ ...state, version: 98 }), false);
    assert.equal(isCheckpointDue({ ...state, version: 99 }), true);
    assert.equal(isCheckpointDue({ ...state, version: 199, checkpointVersion: 100 }), false);
    assert.equal(isCheckpointDue({ ...state, version: 200, checkpointVersion: 100 }), true);
  });

  it('loses the checksum that Spark made of the hint before', async () => {
    const files = openMemoryObjects();
    await aTable(files, aShop(8), 4);
    const checksum = '_delta_log/._last_checkpoint.crc';
    await files.write(checksum, new Uint8Array(8));
    await writeCheckpoint(files, await stateOf(files), startMs);
    assert.equal(await files.read(checksum), null);
  });

  it('is found without its hint, and passed over when it is damaged', async () => {
    const [files, shop] = [openMemoryObjects(), aShop(20)];
    const session = await aTable(files, aShop(8), 4);
    await writeCheckpoint(files, await stateOf(files), startMs);
    await writeOrders(session, aShop(16), 4);
    await writeCheckpoint(files, await stateOf(files), startMs);
    await files.remove(versionPath(0));
    for (const hint of ['{"version":999}', 'x', '']) {
      await files.write(lastCheckpointPath, new TextEncoder().encode(hint));
      assert.equal((await stateOf(files)).version, 4, hint);
    }
    await files.write(checkpointPath(4), new Uint8Array(40));
    assert.equal((await stateOf(files)).checkpointVersion, 2);
    await writeOrders(openSession(ordersOptions(files, shop)), shop, 4);
    assert.deepEqual(await positionsIn(files), countTo(20));
  });

  it('is where a writer goes on that has slept while the log was cleaned up', async () => {
    const [files, shop] = [openMemoryObjects(), aShop(20)];
    let now = startMs;
    const sleeper = openSession(ordersOptions(files, shop, { nowMs: () => now }));
    await writeOrders(sleeper, aShop(4), 4);
    await writeOrders(openSession(ordersOptions(files, aShop(16))), aShop(16), 4);
    const state = await stateOf(files);
    await writeCheckpoint(files, state, startMs);
    for (let version = 0; version < state.version; version += 1) await files.remove(versionPath(version));
    now += 40 * dayMs;
    await writeOrders(sleeper, shop, 4);
    assert.deepEqual(await positionsIn(files), countTo(20));
    assert.equal(await files.read(versionPath(2)), null);
  });

  it('forgets files that were removed long ago', async () => {
    const files = openMemoryObjects();
    const session = await aTable(files, aShop(20), 4);
    await compactDay(session, '2026-11-30');
    const removedAtMs = startMs;
    await writeCheckpoint(files, await stateOf(files), removedAtMs + removedFileRetentionMs);
    assert.ok((await stateOf(files)).removed.size > 0);
    await writeCheckpoint(files, await stateOf(files), removedAtMs + removedFileRetentionMs + 1);
    const short = await readTable({
      ...files,
      read: async (path) => (path.endsWith('.json') ? null : files.read(path)),
    });
    assert.equal(short?.removed.size, 0);
  });
});

describe('a day that is compacted', () => {
  it('has the same rows in few files, and its writer goes on', async () => {
    const [files, shop] = [openMemoryObjects(), aShop(60)];
    const session = await aTable(files, aShop(50), 3);
    const before = await rowsIn(files);
    assert.deepEqual(await compactDay(session, '2026-11-30', 30), {
      kind: 'compacted',
      version: 18,
      removed: 14,
      added: 2,
    });
    const after = await rowsIn(files);
    const sorted = (name: string, rows: typeof before) => {
      const positions = cellsIn(rows, 'position');
      return cellsIn(rows, name)
        .map((cell, row) => `${String(positions[row]).padStart(9)} ${cell}`)
        .sort();
    };
    for (const { name } of ordersTable.columns)
      assert.deepEqual(sorted(name, after), sorted(name, before), name);
    await writeOrders(session, shop, 3);
    assert.deepEqual(await positionsIn(files), countTo(60));
  });

  it('says that its rows did not change, and keeps the position', async () => {
    const files = openMemoryObjects();
    const session = await aTable(files, aShop(30), 3);
    const compacted = await compactDay(session, '2026-11-30');
    assert.ok(compacted.kind === 'compacted');
    const text = new TextDecoder().decode(
      (await files.read(versionPath(compacted.version))) ?? new Uint8Array(),
    );
    assert.ok(!text.includes('"dataChange":true') && !text.includes('"txn"'));
    assert.equal((await readNewest(session)).position, 30);
  });

  it('keeps files with more than half of the rows of a file', async () => {
    const files = openMemoryObjects();
    const session = await aTable(files, aShop(40), 10);
    assert.deepEqual(await compactDay(session, '2026-11-30', 19), { kind: 'nothing_to_do' });
    assert.equal((await compactDay(session, '2026-11-30', 20)).kind, 'compacted');
  });

  it('is left as it is when nothing is to be gained', async () => {
    const files = openMemoryObjects();
    const session = await aTable(files, aShop(8), 8);
    assert.deepEqual(await compactDay(session, '2026-11-29'), { kind: 'nothing_to_do' });
    assert.deepEqual(await compactDay(session, '2031-01-01'), { kind: 'nothing_to_do' });
  });

  it('is left as it is when somebody else has compacted it meanwhile', async () => {
    const files = openMemoryObjects();
    const session = await aTable(files, aShop(30), 3);
    const other = openSession(ordersOptions(files, aShop(30)));
    let hasWritten = false;
    const slow = openSession({
      ...session.options,
      files: {
        ...files,
        async write(path, bytes) {
          if (!hasWritten) {
            hasWritten = true;
            await compactDay(other, '2026-11-30');
          }
          await files.write(path, bytes);
        },
      },
    });
    assert.deepEqual(await compactDay(slow, '2026-11-30'), { kind: 'overtaken' });
    assert.deepEqual(await positionsIn(files), countTo(30));
  });
});

describe('vacuum', () => {
  async function aDayLater(retentionMs: number) {
    let now = startMs;
    const files = openMemoryObjects(() => now);
    const session = openSession(ordersOptions(files, aShop(30), { nowMs: () => now }));
    await writeOrders(session, aShop(30), 3);
    await compactDay(session, '2026-11-30');
    await files.write('placed_date=2026-11-30/nozama-stray.parquet', new Uint8Array(7));
    await files.write('_spark_metadata/1.parquet', new Uint8Array(7));
    await files.write('notes.txt', new Uint8Array(7));
    now += retentionMs;
    const before = files.contents.size;
    const atEdge = await vacuumFiles(session, retentionMs);
    now += 1;
    return {
      files,
      before,
      atEdge,
      session,
      pass: (ms: number) => (now += ms),
      after: await vacuumFiles(session, retentionMs),
    };
  }

  it('takes what no version has named for the retention, to the millisecond', async () => {
    const { files, atEdge, after } = await aDayLater(retentionMsMin);
    assert.equal(atEdge.removedFiles, 0);
    assert.ok(after.removedFiles > 5 && after.removedBytes > 7);
    assert.deepEqual(await positionsIn(files), countTo(30));
    assert.ok(files.contents.has('_spark_metadata/1.parquet') && files.contents.has('notes.txt'));
    assert.ok(!files.contents.has('placed_date=2026-11-30/nozama-stray.parquet'));
  });

  it('takes nothing that is young by the clock of the store, however far ours runs ahead', async () => {
    const [dayMs, ahead] = [86_400_000, 10];
    const files = openMemoryObjects(() => startMs);
    const options = { nowMs: () => startMs + ahead * dayMs };
    const session = openSession(ordersOptions(files, aShop(9), options));
    await writeOrders(session, aShop(9), 3);
    await files.write('placed_date=2026-11-30/nozama-under-way.parquet', new Uint8Array(7));
    assert.deepEqual(await vacuumFiles(session, dayMs), { removedFiles: 0, removedBytes: 0 });
    assert.deepEqual(await vacuumLog(session, dayMs), { removedFiles: 0, removedBytes: 0 });
    assert.ok(![...files.contents.keys()].some((name) => name.includes('clock-')));
  });

  it('takes versions before the newest checkpoint that is old enough', async () => {
    const { files, session, pass } = await aDayLater(retentionMsMin);
    await writeCheckpoint(files, (await readNewest(session)).state, startMs);
    pass(2 * dayMs);
    await writeOrders(session, aShop(40), 3);
    const kept = (await vacuumLog(session, dayMs)).removedFiles;
    assert.ok(kept > 5);
    assert.deepEqual(await positionsIn(files), countTo(40));
    assert.equal((await vacuumLog(session, dayMs)).removedFiles, 0);
  });

  it('refuses a retention that is too short, or longer than the log remembers', async () => {
    const session = await aTable(openMemoryObjects(), aShop(5), 5);
    await assert.rejects(vacuumFiles(session, retentionMsMin - 1), RangeError);
    await assert.rejects(vacuumFiles(session, Number.NaN), RangeError);
    await assert.rejects(vacuumFiles(session, removedFileRetentionMs + 1), RangeError);
    await assert.rejects(vacuumLog(session, retentionMsMin - 1), RangeError);
  });
});
