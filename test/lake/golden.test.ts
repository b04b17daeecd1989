/** What stands in somebody's lake already: files of earlier versions of this program are read, and their columns stay. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openSession, readNewest } from '../../src/events/lake/lake-session.ts';
import { lakeTables } from '../../src/events/tables/lake-tables.ts';
import { openMemoryObjects } from './memory-objects.ts';
import { cellsIn } from './random-table.ts';
import {
  aShop,
  countTo,
  ordersBetween,
  ordersOptions,
  positionsIn,
  rowsIn,
  writeOrders,
} from './small-shop.ts';

const golden = join(import.meta.dirname, 'golden');
const columnsFile = 'columns.json';
const readJson = (name: string) => JSON.parse(readFileSync(join(golden, name), 'utf8'));

interface PublishedColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly personal: boolean;
}

/** The files of a table, by path, in base64. */
type GoldenTable = Readonly<Record<string, string>>;

describe('the columns of a table', () => {
  const first = readJson(columnsFile) as Readonly<Record<string, readonly PublishedColumn[]>>;

  it('are those that were published, with later ones at the end that are optional', () => {
    assert.deepEqual(
      lakeTables.map(({ name }) => name),
      Object.keys(first),
    );
    for (const { name, columns } of lakeTables) {
      const published = first[name] ?? [];
      const now = columns.map(({ name: column, type, nullable, personal }) => ({
        name: column,
        type,
        nullable,
        personal,
      }));
      assert.deepEqual(now.slice(0, published.length), published, name);
      assert.ok(
        now.slice(published.length).every(({ nullable }) => nullable),
        name,
      );
    }
  });
});

describe('a table of an earlier version', () => {
  const tables = readdirSync(golden).filter((name) => name !== columnsFile);

  for (const name of tables) {
    it(`(${name}) is read, and written on`, async () => {
      const files = openMemoryObjects();
      for (const [path, text] of Object.entries(readJson(name) as GoldenTable))
        await files.write(path, Buffer.from(text, 'base64'));
      assert.deepEqual(await positionsIn(files), countTo(20));
      const shop = aShop(30);
      const [rows, wanted] = [await rowsIn(files), ordersBetween(shop, 0, 20).rows];
      const order = cellsIn(rows, 'position')
        .map((_, row) => row)
        .sort((a, b) => Number(cellsIn(rows, 'position')[a]) - Number(cellsIn(rows, 'position')[b]));
      for (const column of wanted.columns.keys())
        assert.deepEqual(
          order.map((row) => cellsIn(rows, column)[row]),
          cellsIn(wanted, column),
          column,
        );
      const session = openSession(ordersOptions(files, shop));
      assert.equal((await readNewest(session)).position, 20);
      await writeOrders(session, shop, 3);
      assert.deepEqual(await positionsIn(files), countTo(30));
    });
  }

  it('is there to be read', () => {
    assert.deepEqual(tables.sort(), ['with-checkpoint.json', 'with-delta-rs.json', 'young.json']);
  });
});
