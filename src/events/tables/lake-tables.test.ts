/** Rules that the declared tables keep. The schemas themselves are held by test/lake/golden-schemas.test.ts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { columnsOf } from './lake-table.ts';
import { lakeTables } from './lake-tables.ts';

describe('the tables of the lake', () => {
  for (const table of lakeTables) {
    const { name, columns, positionColumn, partitionColumn } = table;

    it(`${name} has a position that is never null, and a day to be partitioned by`, () => {
      const find = (wanted: string) => columns.find((column) => column.name === wanted);
      assert.deepEqual([find(positionColumn)?.type, find(positionColumn)?.nullable], ['long', false]);
      assert.deepEqual([find(partitionColumn)?.type, find(partitionColumn)?.nullable], ['date', false]);
    });

    it(`${name} has one column of each name, with a meaning, and a unit where it counts something`, () => {
      assert.equal(new Set(columns.map((column) => column.name)).size, columns.length);
      for (const column of columns) {
        assert.match(column.name, /^[a-z][a-z_]*$/);
        assert.match(column.meaning, /^\S.*[.…)\]]$/);
        if (column.type === 'timestamp' || column.type === 'date') assert.ok(column.unit, column.name);
        if (column.name.endsWith('_cents'))
          assert.deepEqual([column.type, column.unit], ['long', 'cents (USD)']);
      }
    });

    it(`${name} has no personal column unless it is asked for, and may do without each`, () => {
      assert.ok(columnsOf(table, false).every(({ personal }) => !personal));
      assert.deepEqual(columnsOf(table, true), columns);
      assert.ok(columns.every(({ personal, nullable }) => !personal || nullable));
    });
  }

  it('leave out what names a person or leads to one', () => {
    const shown = lakeTables.flatMap((table) => columnsOf(table, false).map(({ name }) => name));
    const hidden = /customer|email|street|city|add_on|note|tracking|phone/;
    assert.deepEqual(
      shown.filter((name) => hidden.test(name)),
      [],
    );
  });
});
