/** Parquet files of the lake, read back by hyparquet. Readers of others' making: test/lake/readers.test.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { statsTextOf } from '../../src/events/lake/file-stats.ts';
import { readParquetInto } from '../../src/events/parquet/read-parquet.ts';
import {
  beginParquet,
  groupRowsMax,
  groupTextMax,
  writeParquet,
} from '../../src/events/parquet/write-parquet.ts';
import { buildBatch } from '../../src/events/tables/column-builder.ts';
import type { ColumnBatch } from '../../src/events/tables/column-values.ts';
import type { LakeColumn } from '../../src/events/tables/lake-table.ts';
import { cellsIn, everyTypeTable, randomRows, toBatch } from './random-table.ts';

const { columns } = everyTypeTable;
const [textColumn] = columns.filter(({ name }) => name === 'some_string') as [LakeColumn];
const groupsIn = (bytes: Uint8Array) =>
  parquetMetadata(new Uint8Array(bytes).buffer).row_groups.map(({ num_rows }) => Number(num_rows));

async function readBack(bytes: Uint8Array, read: readonly LakeColumn[] = columns): Promise<ColumnBatch> {
  const batch = buildBatch(read);
  await readParquetInto(batch, read, bytes);
  return batch.build();
}

const wellFormed = (cell: unknown) => (typeof cell === 'string' ? cell.toWellFormed() : cell);

function textBatch(texts: readonly string[]): ColumnBatch {
  return { rowCount: texts.length, columns: new Map([[textColumn.name, { kind: 'text', values: texts }]]) };
}

describe('a Parquet file', () => {
  it('gives back each value of each type', async () => {
    await fc.assert(
      fc.asyncProperty(randomRows(90), async (rows) => {
        const batch = toBatch(rows);
        const back = await readBack(writeParquet(columns, batch).bytes);
        assert.equal(back.rowCount, rows.rowCount);
        for (const { name } of columns) {
          const wanted = cellsIn(batch, name).map(wellFormed);
          assert.deepEqual(cellsIn(back, name), wanted, name);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('gives back texts that repeat, by a dictionary of any width', async () => {
    for (const distinct of [1, 2, 3, 4, 5, 255, 256, 257, 4_096, 32_768, 32_769]) {
      const texts = Array.from({ length: distinct * 3 }, (_, row) => `text ${row % distinct}`);
      const { bytes, bounds } = writeParquet([textColumn], textBatch(texts));
      const back = await readBack(bytes, [textColumn]);
      assert.deepEqual(cellsIn(back, textColumn.name), texts, `${distinct} texts`);
      assert.equal(bounds.get(textColumn.name)?.min, 'text 0');
    }
  });

  it('has row groups of bounded length', async () => {
    const texts = Array.from({ length: groupRowsMax + 1 }, (_, row) => String(row));
    const { bytes, bounds } = writeParquet([textColumn], textBatch(texts));
    assert.deepEqual(groupsIn(bytes), [groupRowsMax, 1]);
    assert.deepEqual(bounds.get(textColumn.name), { min: '0', max: '9999', nullCount: 0 });
    assert.deepEqual(cellsIn(await readBack(bytes, [textColumn]), textColumn.name), texts);
  });

  it('has row groups of bounded size, but with one row at least', () => {
    const half = 'a'.repeat(groupTextMax / 2);
    assert.deepEqual(groupsIn(writeParquet([textColumn], textBatch([half, half])).bytes), [2]);
    assert.deepEqual(groupsIn(writeParquet([textColumn], textBatch([half, half, 'a'])).bytes), [1, 2]);
    assert.deepEqual(groupsIn(writeParquet([textColumn], textBatch([`${half}${half}a`])).bytes), [1]);
  });

  it('takes batches one after the other, and parts of them', async () => {
    const draft = beginParquet([textColumn]);
    draft.add(textBatch(['a', 'b']));
    draft.add(textBatch(['c', 'd', 'e']), { from: 1, to: 3 });
    draft.add(textBatch([]));
    const { bytes, rowCount, bounds } = draft.finish();
    assert.deepEqual(cellsIn(await readBack(bytes, [textColumn]), textColumn.name), ['a', 'b', 'd', 'e']);
    assert.deepEqual([rowCount, groupsIn(bytes)], [4, [2, 2]]);
    assert.deepEqual(bounds.get(textColumn.name), { min: 'a', max: 'e', nullCount: 0 });
  });

  it('lacks a column that came later: it is null', async () => {
    const older = columns.filter(({ name }) => name !== 'maybe_long');
    const rows = fc.sample(randomRows(5), 20).find(({ rowCount }) => rowCount > 0);
    assert.ok(rows);
    const back = await readBack(writeParquet(older, toBatch(rows)).bytes);
    assert.deepEqual(cellsIn(back, 'maybe_long'), new Array(rows.rowCount).fill(null));
  });
});

describe('the statistics of a file', () => {
  const parsed = (text: string) =>
    JSON.parse(text) as Record<'minValues' | 'maxValues' | 'nullCount', Readonly<Record<string, unknown>>>;

  it('hold every value of the file', () => {
    fc.assert(
      fc.property(randomRows(60), (rows) => {
        const batch = toBatch(rows);
        const { minValues, maxValues, nullCount } = parsed(
          statsTextOf(columns, writeParquet(columns, batch)),
        );
        for (const { name, type } of columns) {
          const cells = cellsIn(batch, name);
          assert.equal(nullCount[name] ?? 0, cells.filter((cell) => cell === null).length, name);
          if (type !== 'timestamp') continue;
          for (const cell of cells) {
            if (cell === null) continue;
            assert.ok(BigInt(Date.parse(String(minValues[name]))) * 1_000n <= BigInt(String(cell)), name);
            // The last second of year 9999 has no later one that a text of four digits can tell.
            const max = maxValues[name] ?? '+010000-01-01T00:00:00Z';
            assert.ok(BigInt(Date.parse(String(max))) * 1_000n >= BigInt(String(cell)), name);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('have 64-bit integers digit by digit, days, and no bounds of booleans', () => {
    const [long, day, flag] = ['some_long', 'some_date', 'some_boolean'].map((name) =>
      columns.find((column) => column.name === name),
    ) as [LakeColumn, LakeColumn, LakeColumn];
    const batch = buildBatch([long, day, flag]);
    for (const value of [-(2n ** 63n), 2n ** 63n - 1n]) batch.columns.get(long.name)?.push(value);
    for (const value of [-1, 20_787]) batch.columns.get(day.name)?.push(value);
    for (const value of [false, true]) batch.columns.get(flag.name)?.push(value);
    const file = writeParquet([long, day, flag], batch.build());
    assert.equal(
      statsTextOf([long, day, flag], file),
      '{"numRecords":2,"minValues":{"some_long":-9223372036854775808,"some_date":"1969-12-31"},' +
        '"maxValues":{"some_long":9223372036854775807,"some_date":"2026-11-30"},' +
        '"nullCount":{"some_long":0,"some_date":0,"some_boolean":0}}',
    );
  });
});

describe('a column', () => {
  const push = (type: LakeColumn['type'], value: string | number | bigint | boolean) => () =>
    buildBatch([{ ...textColumn, type }])
      .columns.get(textColumn.name)
      ?.push(value);

  it('refuses what its type can not hold', () => {
    assert.throws(push('integer', 2 ** 31), RangeError);
    assert.throws(push('integer', 0.5), RangeError);
    assert.throws(push('long', 2 ** 53), RangeError);
    assert.throws(push('long', 2n ** 63n), RangeError);
    assert.throws(push('long', '1'), TypeError);
    assert.throws(push('string', 1), TypeError);
    assert.throws(push('boolean', 1), TypeError);
  });

  it('that is never null refuses a null', () => {
    const batch = buildBatch([{ ...textColumn, type: 'long' }]);
    batch.columns.get(textColumn.name)?.push(null);
    assert.throws(() => writeParquet([{ ...textColumn, type: 'long' }], batch.build()), /never null/);
    assert.throws(
      () =>
        writeParquet([textColumn], {
          rowCount: 1,
          columns: new Map([[textColumn.name, { kind: 'text', values: [null] }]]),
        }),
      /never null/,
    );
  });
});
