/** Tables that this shop can't write: one clear sentence each, and nothing is written. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appendRows } from '../../src/events/lake/append-rows.ts';
import {
  type DeltaAction,
  formatActions,
  type MetaData,
  versionPath,
} from '../../src/events/lake/delta-actions.ts';
import { type LakeOptions, openSession, readNewest } from '../../src/events/lake/lake-session.ts';
import { readTable } from '../../src/events/lake/read-table.ts';
import { orderLinesTable, ordersTable } from '../../src/events/tables/lake-tables.ts';
import { TableRefusedError } from '../../src/events/tables/table-refused-error.ts';
import { type MemoryObjects, openMemoryObjects } from './memory-objects.ts';
import {
  aShop,
  aTable,
  countTo,
  ordersBetween,
  ordersOptions,
  positionsIn,
  type SmallShop,
  writeOrders,
} from './small-shop.ts';

const shop = aShop(10);

async function refuses(
  files: MemoryObjects,
  words: RegExp,
  change: Partial<LakeOptions> = {},
  writer: SmallShop = shop,
): Promise<void> {
  const before = [...files.contents.keys()];
  const session = openSession(ordersOptions(files, writer, change));
  await assert.rejects(
    appendRows(session, ordersBetween(writer, 10, 20)),
    (error: unknown) =>
      error instanceof TableRefusedError &&
      words.test(error.message) &&
      /^[A-Z]|^memory/.test(error.message) &&
      error.message.endsWith('.'),
    String(words),
  );
  assert.deepEqual([...files.contents.keys()], before);
}

/** The table after somebody else's commit. */
async function changed(change: (metaData: MetaData) => readonly DeltaAction[]): Promise<MemoryObjects> {
  const files = openMemoryObjects();
  const { state } = await aTable(files, shop, 10);
  assert.ok(state?.metaData);
  await files.create(versionPath(state.version + 1), formatActions(change(state.metaData)));
  return files;
}

function withField(
  metaData: MetaData,
  change: (fields: Record<string, unknown>[]) => unknown,
): readonly DeltaAction[] {
  const schema = JSON.parse(metaData.schemaString) as { fields: Record<string, unknown>[] };
  change(schema.fields);
  return [{ metaData: { ...metaData, schemaString: JSON.stringify(schema) } }];
}

describe('a place is refused', () => {
  it('that has files and is no table', async () => {
    const files = openMemoryObjects();
    await files.write('holiday.jpg', new Uint8Array(1));
    await refuses(files, /has files \(holiday\.jpg\) and is no Delta table/);
  });

  it('of which the log has lost its beginning', async () => {
    const files = openMemoryObjects();
    await aTable(files, shop, 5);
    await files.remove(versionPath(0));
    await refuses(files, /has files .* and is no Delta table/);
  });

  it('that is a Delta table of somebody else', async () => {
    await refuses(
      await changed((metaData) => [{ metaData: { ...metaData, configuration: {} } }]),
      /did not make/,
    );
  });

  it('of another shop', async () => {
    const files = openMemoryObjects();
    await aTable(files, shop, 10);
    await refuses(files, /belongs to another shop \(shop-1; this one is shop-2\)/, { shopId: 'shop-2' });
  });

  it('of another table', async () => {
    const files = openMemoryObjects();
    await aTable(files, shop, 10);
    await refuses(files, /is the table orders, not order_lines/, { table: orderLinesTable });
  });

  it('that was upgraded to a newer protocol, or to a feature', async () => {
    await refuses(
      await changed(() => [{ protocol: { minReaderVersion: 1, minWriterVersion: 3 } }]),
      /protocol 1\/3/,
    );
    await refuses(
      await changed(() => [{ protocol: { minReaderVersion: 2, minWriterVersion: 2 } }]),
      /protocol 2\/2/,
    );
    const features = {
      readerFeatures: ['deletionVectors'],
      writerFeatures: ['deletionVectors', 'rowTracking'],
    };
    await refuses(
      await changed(() => [{ protocol: { minReaderVersion: 3, minWriterVersion: 7, ...features } }]),
      /can't write: deletionVectors, rowTracking\./,
    );
  });

  it('whose schema has another column, type or rule', async () => {
    const change = (edit: (fields: Record<string, unknown>[]) => unknown) =>
      changed((metaData) => withField(metaData, edit));
    const extra = { name: 'mood', type: 'string', nullable: true, metadata: {} };
    await refuses(await change((fields) => fields.push(extra)), /has a column mood that this version/);
    await refuses(
      await change((fields) => Object.assign(fields[0] ?? {}, { type: 'string' })),
      /Column position of memory is of type "string", but Nozama writes long/,
    );
    await refuses(
      await change((fields) => Object.assign(fields[1] ?? {}, { metadata: { 'delta.invariants': '{}' } })),
      /Column order_id of memory has a rule that Nozama can't keep: delta\.invariants/,
    );
    await refuses(await change((fields) => Object.assign(fields[1] ?? {}, { nullable: false })), /not null/);
    await refuses(await change((fields) => fields.splice(1, 1)), /has no column order_id/);
    await refuses(
      await changed((metaData) => [{ metaData: { ...metaData, schemaString: 'x' } }]),
      /it is no Delta schema/,
    );
  });

  it('that is partitioned otherwise', async () => {
    await refuses(
      await changed((metaData) => [{ metaData: { ...metaData, partitionColumns: ['state'] } }]),
      /is not partitioned by placed_date/,
    );
  });

  it('of which a version is damaged', async () => {
    const files = openMemoryObjects();
    await aTable(files, shop, 10);
    await files.create(versionPath(2), new TextEncoder().encode('{"add":'));
    await refuses(files, /Line 1 of memory\/_delta_log\/0{19}2\.json can't be read/);
  });

  it('that a copy of this shop has written', async () => {
    const files = openMemoryObjects();
    const copy = aShop(10, (position) => (position <= 6 ? `order-${position}` : `copy-${position}`));
    await aTable(files, copy, 10);
    await refuses(files, /written by another copy of this shop: position 10/);
    const older = openMemoryObjects();
    await aTable(older, aShop(6, copy.idAt), 6);
    await writeOrders(openSession(ordersOptions(older, shop)), shop, 10);
    assert.deepEqual(await positionsIn(older), countTo(10));
  });

  it('that is ahead of this shop, which was brought back from a backup', async () => {
    const files = openMemoryObjects();
    await aTable(files, shop, 10);
    await refuses(files, /position 10, which this shop's log has not reached/, {}, aShop(7));
  });

  it('into which somebody else wrote rows, again and again', async () => {
    const stray = {
      path: 'placed_date=2026-11-30/part-1.parquet',
      partitionValues: { placed_date: '2026-11-30' },
      size: 1,
      modificationTime: 1,
      dataChange: true,
      stats: '{"numRecords":1,"maxValues":{"position":17}}',
    };
    const words = /Another program has added rows to memory, in version 2\./;
    await refuses(await changed(() => [{ add: stray }]), words);
    // In the middle of a writer's work, too, and not only the first time.
    const files = openMemoryObjects();
    const session = await aTable(files, shop, 10);
    await files.create(versionPath(2), formatActions([{ add: stray }]));
    for (let tries = 0; tries < 3; tries += 1)
      await assert.rejects(appendRows(session, ordersBetween(shop, 10, 20)), words);
    assert.equal(await files.read(versionPath(3)), null);
  });
});

describe('a table that has forgotten its transaction', () => {
  /** As a table that drops idle transactions writes its checkpoint. */
  async function forgetful(step: number): Promise<MemoryObjects> {
    const files = openMemoryObjects();
    await aTable(files, shop, step);
    for (const [path, { bytes }] of [...files.contents]) {
      if (!path.endsWith('.json')) continue;
      const lines = new TextDecoder().decode(bytes).split('\n');
      await files.write(
        path,
        new TextEncoder().encode(lines.filter((line) => !line.startsWith('{"txn"')).join('\n')),
      );
    }
    return files;
  }

  it('goes on after the highest position in its data', async () => {
    const files = await forgetful(3);
    const longer = aShop(25);
    assert.equal((await readNewest(openSession(ordersOptions(files, longer)))).position, 10);
    await writeOrders(openSession(ordersOptions(files, longer)), longer, 4);
    assert.deepEqual(await positionsIn(files), countTo(25));
  });

  it('is refused when its data does not tell it', async () => {
    const files = await forgetful(10);
    const state = await readTable(files);
    const [file] = [...(state?.files.values() ?? [])];
    assert.ok(state && file);
    await files.create(versionPath(2), formatActions([{ add: { ...file, stats: undefined } }]));
    await refuses(files, /has no statistics of position/);
    await files.create(
      versionPath(3),
      formatActions([...state.files.keys()].map((path) => ({ remove: { path, dataChange: true } }))),
    );
    await refuses(files, /its transaction is gone, and so are its rows/);
  });
});

describe('a table whose files lost their statistics', () => {
  it('is written on: its transaction tells how far it has come', async () => {
    const files = openMemoryObjects();
    const { state } = await aTable(files, shop, 10);
    const [file] = [...(state?.files.values() ?? [])];
    assert.ok(file);
    await files.create(versionPath(2), formatActions([{ add: { ...file, stats: undefined } }]));
    await writeOrders(openSession(ordersOptions(files, aShop(15))), aShop(15), 10);
    assert.equal((await readNewest(openSession(ordersOptions(files, aShop(15))))).position, 15);
  });
});

describe('a clock that runs backwards', () => {
  it('makes the writer read the table anew, and write on', async () => {
    const files = openMemoryObjects();
    let now = Date.UTC(2026, 11, 1);
    const session = openSession(ordersOptions(files, shop, { nowMs: () => (now -= 86_400_000) }));
    await writeOrders(session, shop, 3);
    assert.deepEqual(await positionsIn(files), countTo(10));
    assert.equal((await readTable(files))?.metaData?.name, ordersTable.name);
  });
});
