/** Statements that are prepared go out in groups: their answers are those that `pg` gives each by itself. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import { type Connection, openConnection, type Statement } from '../../src/storage/postgres/connection.ts';
import { parseDatabaseUrl } from '../../src/storage/postgres/database-url.ts';
import { locationOf, openTestDatabase, postgresMissing, testSettings } from './postgres-databases.ts';

const missing = await postgresMissing();

const aText = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '').toWellFormed()),
  fc.constantFrom(
    '',
    'NULL',
    'null',
    '{}',
    '{"a",b}',
    '"',
    '\\',
    '\\"',
    "it's",
    ' two  spaces ',
    'a,b',
    '\n\t',
    '日本 🏕',
  ),
);
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const aWholeNumber = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });

describe('prepared statements', { skip: missing ?? false }, () => {
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let connection: Connection;

  before(async () => {
    database = await openTestDatabase();
    const address = parseDatabaseUrl(locationOf(database.url));
    connection = await openConnection(address, testSettings, { applicationName: 'nozama test' });
  });
  after(async () => {
    await connection.close();
    await database[Symbol.asyncDispose]();
  });

  /** The first time a name is sent, `pg` prepares it and gives the answer; from then on it is in a group. */
  function echo(name: string, values: Statement['values']): Statement {
    return {
      name,
      values: values ?? [],
      text: `SELECT $1::text AS text, $2::text[] AS texts, $3::bigint AS number, $4::bigint[] AS numbers,
        $5::boolean AS flag, $6::boolean[] AS flags, $7::jsonb AS json, $8::jsonb[] AS jsons, $3::float8 / 7 AS part`,
    };
  }

  test('give what pg gives for each value', async () => {
    let nth = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(
          orNull(aText),
          orNull(fc.array(orNull(aText))),
          orNull(aWholeNumber),
          orNull(fc.array(orNull(aWholeNumber))),
          orNull(fc.boolean()),
          orNull(fc.array(orNull(fc.boolean()))),
          orNull(aText.map((text) => JSON.stringify({ text }))),
          orNull(fc.array(aText.map((text) => JSON.stringify([text])))),
        ),
        async (values) => {
          nth += 1;
          const statement = echo(`echo-${nth}`, values);
          const [alone] = await connection.send([statement]);
          const [first, second] = await connection.send([statement, statement]);
          assert.deepEqual(first, alone);
          assert.deepEqual(second, alone);
          const [text, texts, number, numbers, flag, flags] = values;
          const { json: _, jsons: __, part: ___, ...row } = first?.rows[0] ?? {};
          // pg gives elements of bigint arrays as texts.
          const digits = numbers?.map((one) => (one === null ? null : String(one))) ?? null;
          assert.deepEqual(row, { text, texts, number, numbers: digits, flag, flags });
        },
      ),
      { numRuns: 150 },
    );
  });

  test('tell how many rows they have changed, and the rows of each apart', async () => {
    await connection.send([{ text: 'CREATE TABLE grouped (id integer PRIMARY KEY)' }]);
    const insert = (ids: readonly number[]): Statement => ({
      name: 'insert-grouped',
      text: 'INSERT INTO grouped SELECT * FROM unnest($1::integer[])',
      values: [ids],
    });
    const select: Statement = { name: 'grouped', text: 'SELECT id FROM grouped ORDER BY id', values: [] };
    await connection.send([insert([]), select]);
    const answers = await connection.send([
      insert([2, 1]),
      select,
      insert([3]),
      select,
      { text: 'SELECT 1 AS one' },
    ]);
    assert.deepEqual(answers, [
      { command: 'INSERT', rowCount: 2, rows: [] },
      { command: 'SELECT', rowCount: 2, rows: [{ id: 1 }, { id: 2 }] },
      { command: 'INSERT', rowCount: 1, rows: [] },
      { command: 'SELECT', rowCount: 3, rows: [{ id: 1 }, { id: 2 }, { id: 3 }] },
      { command: 'SELECT', rowCount: 1, rows: [{ one: 1 }] },
    ]);
  });

  test('of which one fails leave nothing behind, and the connection goes on', async () => {
    const divide = (by: number): Statement => ({
      name: 'divide',
      text: 'SELECT 1 / $1::integer AS part',
      values: [by],
    });
    const note: Statement = { name: 'note', text: 'INSERT INTO noted SELECT $1::integer', values: [1] };
    const count: Statement = { name: 'count-noted', text: 'SELECT count(*) AS notes FROM noted', values: [] };
    await connection.send([{ text: 'CREATE TABLE noted (id integer)' }]);
    await connection.send([{ text: 'BEGIN' }, divide(1), note, count, { text: 'ROLLBACK' }]);
    await assert.rejects(
      connection.send([{ text: 'BEGIN' }, note, divide(0), note, count, { text: 'COMMIT' }]),
      (error: Error & { sqlState?: string }) => error.sqlState === '22012',
    );
    assert.deepEqual(
      (await connection.send([divide(1), count])).map(({ rows }) => rows[0]),
      [{ part: 1 }, { notes: 0 }],
    );
  });

  test('with a row that can’t be read fail, give up the connection and do not tell the row', async () => {
    const oidOfMacaddr = pg.types.builtins.MACADDR;
    const readable = pg.types.getTypeParser(oidOfMacaddr, 'text');
    let isReadable = true;
    pg.types.setTypeParser(oidOfMacaddr, (text: string) => {
      if (!isReadable) throw new SyntaxError(`unreadable: ${text}`);
      return text;
    });
    const lost = await openConnection(parseDatabaseUrl(locationOf(database.url)), testSettings, {
      applicationName: 'nozama test',
    });
    try {
      const statement: Statement = {
        name: 'mac',
        text: "SELECT '08:00:2b:01:02:03'::macaddr AS mac",
        values: [],
      };
      await lost.send([statement]);
      isReadable = false;
      await assert.rejects(lost.send([{ text: 'BEGIN' }, statement, { text: 'COMMIT' }]), (error: Error) => {
        assert.equal(error.name, 'ConnectionLostError');
        assert.match(error.message, /a row of the statement mac can’t be read/);
        assert.doesNotMatch(error.message, /08:00/);
        return true;
      });
      assert.equal(lost.isOpen(), false);
    } finally {
      pg.types.setTypeParser(oidOfMacaddr, readable as (text: string) => unknown);
      await lost.close();
    }
  });

  test('with bytes among their values are sent each by itself', async () => {
    const bytes = Buffer.from([0, 1, 34, 92, 255]);
    const statement: Statement = { name: 'bytes', text: 'SELECT $1::bytea AS bytes', values: [bytes] };
    for (let round = 0; round < 2; round += 1)
      assert.deepEqual((await connection.send([statement]))[0]?.rows, [{ bytes }]);
  });
});
