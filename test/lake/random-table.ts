/** Tables of every type with the values that are hard, and batches of random rows for them. */
import fc from 'fast-check';
import { buildBatch, type Cell } from '../../src/events/tables/column-builder.ts';
import type { ColumnBatch } from '../../src/events/tables/column-values.ts';
import type { ColumnType, LakeColumn, LakeTable } from '../../src/events/tables/lake-table.ts';

const types: readonly ColumnType[] = ['string', 'long', 'integer', 'boolean', 'timestamp', 'date'];

function column(name: string, type: ColumnType, nullable: boolean): LakeColumn {
  return { name, type, nullable, unit: null, meaning: 'Anything.', personal: false };
}

/** Each type twice: one column that is never null, one that may be. */
export const everyTypeTable: LakeTable = {
  name: 'every_type',
  meaning: 'One row for each try.',
  positionColumn: 'position',
  partitionColumn: 'day',
  columns: [
    column('position', 'long', false),
    column('day', 'date', false),
    ...types.flatMap((type) => [column(`some_${type}`, type, false), column(`maybe_${type}`, type, true)]),
  ],
};

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom(
    '',
    ' ',
    '"',
    '\\',
    '\n',
    '\u0000',
    '\uffff',
    '\u{10000}',
    'a'.repeat(5_000),
    'ä'.repeat(50),
  ),
);
const longs = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n, 2n ** 53n + 1n, -(2n ** 32n)),
);
/** Years 1 to 9999, which all readers have. */
const days = fc.integer({ min: -719_162, max: 2_932_896 });
const micros = fc.oneof(
  fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }),
  fc.constantFrom(-1n, 0n, 999n, -1_001n),
);

const cells: Readonly<Record<ColumnType, fc.Arbitrary<Cell>>> = {
  string: texts,
  long: longs,
  integer: fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1)),
  boolean: fc.boolean(),
  timestamp: micros,
  date: days,
};

/** A value or none, in a column that is null often, seldom or always. */
function cellsOf({ type, nullable }: LakeColumn, length: number): fc.Arbitrary<readonly Cell[]> {
  const some = fc.oneof(
    fc.array(cells[type], { minLength: length, maxLength: length }),
    // Few different values: these become a dictionary.
    fc
      .array(cells[type], { minLength: 1, maxLength: 3 })
      .chain((few) => fc.array(fc.constantFrom(...few), { minLength: length, maxLength: length })),
  );
  if (!nullable) return some;
  return fc
    .tuple(some, fc.constantFrom(0, 1, 9, 10), fc.array(fc.nat(9), { minLength: length, maxLength: length }))
    .map(([values, nullsInTen, draws]) =>
      values.map((value, row) => ((draws[row] ?? 0) < nullsInTen ? null : value)),
    );
}

export interface RandomRows {
  readonly rowCount: number;
  readonly cells: ReadonlyMap<string, readonly Cell[]>;
}

/** Rows in a few days around the epoch and now. */
export function randomRows(rowsMax: number): fc.Arbitrary<RandomRows> {
  const { columns, positionColumn, partitionColumn } = everyTypeTable;
  const others = columns.filter(({ name }) => name !== positionColumn && name !== partitionColumn);
  return fc.nat(rowsMax).chain((rowCount) =>
    fc
      .tuple(
        fc.array(fc.constantFrom(-719_162, -1, 0, 20_787, 20_788), {
          minLength: rowCount,
          maxLength: rowCount,
        }),
        ...others.map((one) => cellsOf(one, rowCount)),
      )
      .map(([dayCells, ...rest]) => ({
        rowCount,
        cells: new Map<string, readonly Cell[]>([
          [positionColumn, Array.from({ length: rowCount }, (_, row) => row + 1)],
          [partitionColumn, dayCells],
          ...others.map(({ name }, index): [string, readonly Cell[]] => [name, rest[index] ?? []]),
        ]),
      })),
  );
}

/** @param firstPosition of the first row */
export function toBatch({ rowCount, cells: given }: RandomRows, firstPosition = 1): ColumnBatch {
  const batch = buildBatch(everyTypeTable.columns);
  for (const [name, builder] of batch.columns) {
    for (let row = 0; row < rowCount; row += 1)
      builder.push(
        name === everyTypeTable.positionColumn ? firstPosition + row : (given.get(name)?.[row] ?? null),
      );
  }
  return batch.build();
}

/** The cells as they are read back. */
export function cellsIn({ columns }: ColumnBatch, name: string): readonly Cell[] {
  const values = columns.get(name);
  if (values === undefined) throw new Error(`no column ${name}`);
  if (values.kind === 'text') return values.values;
  return Array.from(values.values as ArrayLike<number | bigint>, (value, row) => {
    if (values.nulls?.[row] === 1) return null;
    return values.kind === 'boolean' ? value === 1 : value;
  });
}
