/**
 * Tables of the lake read by others: delta-rs, DuckDB and Polars. LAKE_PYTHON names a Python that has them:
 * scripts/test-lake.sh. RUNS (40) is the number of random tables, SEED replays a run.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { appendRows } from '../../src/events/lake/append-rows.ts';
import { compactDay } from '../../src/events/lake/compact-day.ts';
import { isOurDataFile } from '../../src/events/lake/data-files.ts';
import { openSession, readNewest } from '../../src/events/lake/lake-session.ts';
import { writeCheckpoint } from '../../src/events/lake/write-checkpoint.ts';
import { openFolderObjects } from '../../src/objects/folder/folder-objects.ts';
import { cellsIn, everyTypeTable, type RandomRows, randomRows, toBatch } from './random-table.ts';
import {
  aShop,
  aTable,
  countTo,
  ordersBetween,
  ordersOptions,
  positionsIn,
  writeOrders,
} from './small-shop.ts';

const python = process.env['LAKE_PYTHON'] ?? '';
const skip = python === '' && 'LAKE_PYTHON names no Python with delta-rs, DuckDB and Polars';
const runs = Number(process.env['RUNS'] || 40);
const seed = Number(process.env['SEED'] || Math.trunc(Math.random() * 2 ** 31));

const root = mkdtempSync(join(tmpdir(), 'nozama-lake-readers-'));
after(() => rmSync(root, { recursive: true, force: true }));

const { columns, partitionColumn } = everyTypeTable;
const nowMs = Date.UTC(2026, 11, 1);

interface Found {
  readonly error?: string;
  readonly kinds: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

interface Question {
  readonly table: string;
  readonly where: string | null;
}

/** What each reader answers, by its name. */
function ask(questions: readonly Question[]): readonly (readonly (readonly [string, Found])[])[] {
  const answers = execFileSync(python, [join(import.meta.dirname, 'read-tables.py')], {
    input: JSON.stringify(questions),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    // What they say of damaged files; a failure of the script shows it.
    stdio: 'pipe',
  });
  const lines = answers.trim().split('\n');
  assert.equal(lines.length, questions.length);
  return lines.map((line) => Object.entries(JSON.parse(line) as Record<string, Found>));
}

function writeAsOthers(what: 'optimize' | 'checkpoint' | 'append', folder: string): void {
  execFileSync(python, [join(import.meta.dirname, 'foreign-writes.py'), what, folder], { stdio: 'pipe' });
}

interface RandomTable {
  readonly parts: readonly RandomRows[];
  /** After this part. */
  readonly checkpointAfter: number;
  readonly isCompacted: boolean;
  /** Whether the versions before the checkpoint are gone. */
  readonly isShortened: boolean;
}

const randomTables = fc.record<RandomTable>({
  parts: fc.array(randomRows(30), { minLength: 1, maxLength: 6 }),
  checkpointAfter: fc.nat(6),
  isCompacted: fc.boolean(),
  isShortened: fc.boolean(),
});

/** @returns the rows that readers are to find, in the form of read-tables.py */
async function write(folder: string, { parts, checkpointAfter, isCompacted, isShortened }: RandomTable) {
  const files = openFolderObjects(folder);
  const session = openSession(ordersOptions(files, aShop(10_000), { table: everyTypeTable }));
  const wanted: unknown[][] = [];
  let position = 0;
  for (const [index, part] of parts.entries()) {
    const rows = toBatch(part, position + 1);
    const through = position + part.rowCount + 1;
    await appendRows(session, { after: position, through, fact: `order-${through}`, rows });
    const cells = columns.map(({ name }) => cellsIn(rows, name));
    for (let row = 0; row < part.rowCount; row += 1)
      wanted.push(cells.map((column) => asPrinted(column[row])));
    position = through;
    if (isCompacted && index === parts.length - 2) await compactDay(session, '1970-01-01');
    if (index !== checkpointAfter) continue;
    const { state } = await readNewest(session);
    await writeCheckpoint(files, state, nowMs);
    for (let version = 0; isShortened && version < state.version; version += 1)
      await files.remove(`_delta_log/${String(version).padStart(20, '0')}.json`);
  }
  return wanted;
}

function asPrinted(cell: unknown): unknown {
  if (typeof cell === 'number' || typeof cell === 'bigint') return String(cell);
  return typeof cell === 'string' ? cell.toWellFormed() : cell;
}

/** Conditions that leave out files by their day, and by the statistics of each type. */
const conditions = [
  `${partitionColumn} = DATE '1970-01-01'`,
  `${partitionColumn} < DATE '1970-01-01'`,
  'some_long > 0',
  'some_long <= -9223372036854775807',
  'maybe_integer = 2147483647',
  "some_string >= 'a'",
  "maybe_string = ''",
  'maybe_boolean',
  'maybe_date is null',
  'maybe_long is not null',
];

const conditionCells: Readonly<Record<string, (cell: (name: string) => unknown) => boolean>> = {
  [conditions[0] ?? '']: (cell) => cell(partitionColumn) === '0',
  [conditions[1] ?? '']: (cell) => Number(cell(partitionColumn)) < 0,
  [conditions[2] ?? '']: (cell) => BigInt(String(cell('some_long'))) > 0n,
  [conditions[3] ?? '']: (cell) => BigInt(String(cell('some_long'))) <= -(2n ** 63n) + 1n,
  [conditions[4] ?? '']: (cell) => cell('maybe_integer') === '2147483647',
  [conditions[5] ?? '']: (cell) =>
    Buffer.compare(Buffer.from(String(cell('some_string'))), Buffer.from('a')) >= 0,
  [conditions[6] ?? '']: (cell) => cell('maybe_string') === '',
  [conditions[7] ?? '']: (cell) => cell('maybe_boolean') === true,
  [conditions[8] ?? '']: (cell) => cell('maybe_date') === null,
  [conditions[9] ?? '']: (cell) => cell('maybe_long') !== null,
};

function assertFound(
  found: readonly (readonly [string, Found])[],
  wanted: readonly unknown[][],
  of: string,
): void {
  for (const [reader, { error, kinds, names, rows }] of found) {
    assert.equal(error, undefined, `${reader} of ${of}`);
    const order = columns.map(({ name }) => names.indexOf(name));
    assert.deepEqual(
      Object.fromEntries(columns.map(({ name, type }) => [name, type])),
      kinds,
      `${reader} of ${of}`,
    );
    assert.deepEqual(
      rows.map((row) => order.map((index) => row[index])),
      wanted,
      `${reader} of ${of}`,
    );
  }
}

describe(`other readers (SEED=${seed} RUNS=${runs})`, { skip }, () => {
  it('find the same rows, types and nulls, whatever they leave out', async () => {
    const questions: Question[] = [];
    const wanted: unknown[][][] = [];
    for (const [index, table] of fc.sample(randomTables, { numRuns: runs, seed }).entries()) {
      const folder = join(root, `random-${index}`);
      const rows = await write(folder, table);
      for (const where of [null, ...conditions]) {
        questions.push({ table: folder, where });
        const holds = where === null ? () => true : conditionCells[where];
        wanted.push(
          rows.filter((row) => holds?.((name) => row[columns.findIndex((one) => one.name === name)])),
        );
      }
    }
    for (const [index, found] of ask(questions).entries()) {
      const { table, where } = questions[index] as Question;
      assertFound(found, wanted[index] ?? [], `${table} where ${where}`);
    }
    assert.ok(wanted.flat().length > runs * 30, 'the tables have rows');
  });

  it('read no file of another day, nor one whose statistics leave it out', async () => {
    const folder = join(root, 'pruned');
    const [few] = fc.sample(randomRows(30), { numRuns: 50, seed }).filter(({ rowCount }) => rowCount > 20);
    assert.ok(few);
    const rows = await write(folder, {
      parts: [few],
      checkpointAfter: 9,
      isCompacted: false,
      isShortened: false,
    });
    const days = readdirSync(folder).filter((name) => name.startsWith(`${partitionColumn}=`));
    const [kept] = days;
    assert.ok(days.length > 1 && kept);
    for (const day of days.slice(1))
      for (const name of readdirSync(join(folder, day))) writeFileSync(join(folder, day, name), 'damaged');
    const [pruned, whole] = ask([
      { table: folder, where: `${partitionColumn} = DATE '${kept.slice(-10)}'` },
      { table: folder, where: null },
    ]);
    const dayOfRow = Date.parse(`${kept.slice(-10)}T00:00:00Z`) / 86_400_000;
    assertFound(
      pruned ?? [],
      rows.filter((row) => row[1] === String(dayOfRow)),
      'a pruned table',
    );
    for (const [reader, { error }] of whole ?? []) assert.ok(error, `${reader} reads damaged files`);
  });
});

describe('other writers', { skip }, () => {
  it('compact and write checkpoints between our commits, and each order stands once', async () => {
    const folder = join(root, 'shared');
    const files = openFolderObjects(folder);
    const session = await aTable(files, aShop(30), 3);
    writeAsOthers('optimize', folder);
    await writeOrders(session, aShop(60), 3);
    writeAsOthers('checkpoint', folder);
    await writeOrders(session, aShop(90), 3);
    for (const name of readdirSync(join(folder, '_delta_log')))
      if (/^0{18}[0-9]{2}\.json$/.test(name) && Number(name.slice(0, 20)) < 20)
        rmSync(join(folder, '_delta_log', name));
    // A new writer begins with the checkpoint of delta-rs.
    const next = openSession(ordersOptions(files, aShop(120)));
    assert.ok((await readNewest(next)).state.checkpointVersion > 0);
    await writeOrders(next, aShop(120), 3);
    await compactDay(next, '2026-11-30');
    const [found] = ask([{ table: folder, where: null }]);
    for (const [reader, { error, names, rows }] of found ?? []) {
      assert.equal(error, undefined, reader);
      const at = names.indexOf('position');
      assert.deepEqual(
        rows.map((row) => Number(row[at])),
        countTo(120),
        reader,
      );
    }
    assert.ok(existsSync(join(folder, '_delta_log', '_last_checkpoint')));
  });

  it('compact rows with personal data, and an erasure reaches them', async () => {
    const folder = join(root, 'erased');
    const files = openFolderObjects(folder);
    const session = openSession(ordersOptions(files, aShop(21), { personalData: true }));
    const write = async (after: number, through: number, erasedOrderIds: readonly string[]) => {
      const part = ordersBetween(aShop(21), after, through);
      const values = Array.from({ length: through - after }, (_, index) => `Ann ${after + 1 + index}`);
      const names = { kind: 'text', values } as const;
      const rows = {
        ...part.rows,
        columns: new Map([...part.rows.columns, ['customer_name', names] as const]),
      };
      assert.equal((await appendRows(session, { ...part, rows, erasedOrderIds })).kind, 'appended');
    };
    // Within a day: from the tenth order on.
    for (let after = 0; after < 20; after += 2) await write(after, after + 2, []);
    writeAsOthers('optimize', folder);
    const { state: compacted } = await readNewest(session);
    assert.ok(Array.from(compacted.files.keys()).some((path) => !isOurDataFile(path)));
    await write(20, 21, ['order-12']);
    const { state } = await readNewest(session);
    assert.deepEqual(
      Array.from(state.files.keys()).filter((path) => !isOurDataFile(path) && path.includes('2026-11-30')),
      [],
    );
    const [found] = ask([{ table: folder, where: null }]);
    for (const [reader, { error, names, rows }] of found ?? []) {
      assert.equal(error, undefined, reader);
      const [at, name] = [names.indexOf('position'), names.indexOf('customer_name')];
      assert.deepEqual(
        rows.map((row) => [Number(row[at]), row[name]]),
        countTo(21).map((position) => [position, position === 12 ? null : `Ann ${position}`]),
        reader,
      );
    }
  });

  it('who append rows are noticed', async () => {
    const folder = join(root, 'appended');
    const files = openFolderObjects(folder);
    await aTable(files, aShop(10), 10);
    writeAsOthers('append', folder);
    assert.deepEqual((await positionsIn(files)).slice(-2), [10, 1_010]);
    await assert.rejects(
      readNewest(openSession(ordersOptions(files, aShop(10)))),
      /Another program has added rows to /,
    );
  });
});
