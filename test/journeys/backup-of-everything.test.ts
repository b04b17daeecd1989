/** A backup of a shop that has something of everything, row by row: on another file, and from there on PostgreSQL. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { argumentsOf, assertSameShop, openSourceShop, type SourceShop } from '../postgres/copied-shop.ts';
import { openTestDatabase, postgresMissing } from '../postgres/postgres-databases.ts';
import { runCli } from '../service.ts';

const missing = await postgresMissing();

/** Every row of every table, by table. */
function rowsOf(file: string): ReadonlyMap<string, readonly unknown[]> {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
    return new Map(
      tables.map(({ name }) => [String(name), db.prepare(`SELECT * FROM "${name}" ORDER BY 1, 2`).all()]),
    );
  } finally {
    db.close();
  }
}

/** Tables that may be empty: of an earlier version, and a place for a trial write. */
const mayBeEmpty = ['stock_receipts', 'write_probe', 'sqlite_stat4'];

describe('a backup of a shop with pictures, movements, steps, keys and an audit log', () => {
  let source: SourceShop;
  let restored: string;
  const cli = async (...args: readonly string[]) => {
    const { code, output } = await runCli(args, { dir: source.folder, env: { DATABASE_URL: source.url } });
    assert.equal(code, 0, output);
    return output;
  };
  before(async () => {
    source = await openSourceShop(40);
    const location = join(source.folder, 'backups');
    restored = join(source.folder, 'restored', 'nozama.db');
    await cli('backup', '--to', location);
    await cli('restore', 'latest', '--from', location, '--to', `sqlite:${restored}`);
  });
  after(() => source?.[Symbol.asyncDispose]());

  it('is the same in each row of each table', () => {
    const [before, after] = [rowsOf(source.file), rowsOf(restored)];
    assert.deepEqual([...after.keys()], [...before.keys()]);
    for (const [table, rows] of before) {
      if (!mayBeEmpty.includes(table)) assert.ok(rows.length > 0, `${table} has nothing to back up`);
      assert.deepEqual(after.get(table), rows, table);
    }
  });

  it('is verified anew where it was restored', async () => {
    const { code, output } = await runCli(['verify'], {
      dir: source.folder,
      env: { DATABASE_URL: `sqlite:${restored}` },
    });
    assert.equal(code, 0, output);
    assert.match(output, /Everything agrees\.\n$/);
    assert.doesNotMatch(output, /\(0 examined\)/, 'there is something of everything');
  });

  it('moves on to PostgreSQL, read by read', { skip: missing ?? false }, async () => {
    await using target = await openTestDatabase({ isEmpty: true });
    await cli(...argumentsOf(`sqlite:${restored}`, target.url));
    await assertSameShop(source, target);
  });
});
