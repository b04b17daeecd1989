/** Fills columns value by value, and grows them. Numbers become 64-bit integers without a BigInt for each. */
import type { ColumnBatch, ColumnKind, ColumnValues } from './column-values.ts';
import { kindOf } from './column-values.ts';
import type { LakeColumn } from './lake-table.ts';

const firstCapacity = 1_024;
const two32 = 2 ** 32;

export type Cell = string | number | bigint | boolean | null;

/** Takes the values of one column, the first row first. */
export interface ColumnBuilder {
  /**
   * @param value a string, a whole number within the type's range, a truth, or null, as the column's type wants it
   * @throws TypeError when it is of another type, RangeError when it is out of range
   */
  push(value: Cell): void;
  /** The values so far. The builder can't be used any more. */
  build(): ColumnValues;
}

export interface BatchBuilder {
  readonly columns: ReadonlyMap<string, ColumnBuilder>;
  /** @throws Error when the columns are not of equal length */
  build(): ColumnBatch;
}

export function buildBatch(columns: readonly LakeColumn[]): BatchBuilder {
  const builders = new Map(columns.map(({ name, type }) => [name, buildColumn(kindOf(type))]));
  return {
    columns: builders,
    build() {
      const built = new Map(Array.from(builders, ([name, builder]) => [name, builder.build()]));
      const lengths = new Set(Array.from(built.values(), ({ values }) => values.length));
      if (lengths.size > 1) throw new Error('a batch has columns of different lengths');
      return { rowCount: [...lengths][0] ?? 0, columns: built };
    },
  };
}

export function buildColumn(kind: ColumnKind): ColumnBuilder {
  switch (kind) {
    case 'text':
      return buildText();
    case 'long':
      return buildLong();
    case 'integer':
      return buildNumbers('integer', (capacity) => new Int32Array(capacity), toInteger);
    case 'boolean':
      return buildNumbers('boolean', (capacity) => new Uint8Array(capacity), toBit);
  }
}

function buildText(): ColumnBuilder {
  const values: (string | null)[] = [];
  return {
    push(value) {
      if (value !== null && typeof value !== 'string') throw wrongType('a text', value);
      values.push(value);
    },
    build: () => ({ kind: 'text', values }),
  };
}

function buildLong(): ColumnBuilder {
  let values = new BigInt64Array(firstCapacity);
  let halves = new Int32Array(values.buffer);
  let length = 0;
  const nulls = buildNulls();
  return {
    push(value) {
      if (length === values.length) {
        values = grown(values, new BigInt64Array(length * 2));
        halves = new Int32Array(values.buffer);
      }
      if (typeof value === 'number') {
        if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number that is exact`);
        halves[length * 2] = value % two32;
        halves[length * 2 + 1] = Math.floor(value / two32);
      } else if (typeof value === 'bigint') {
        if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} is no 64-bit integer`);
        values[length] = value;
      } else if (value === null) nulls.add(length);
      else throw wrongType('a whole number', value);
      length += 1;
    },
    build: () => ({ kind: 'long', values: values.subarray(0, length), nulls: nulls.build(length) }),
  };
}

function buildNumbers<Kind extends 'integer' | 'boolean', Values extends Int32Array | Uint8Array>(
  kind: Kind,
  make: (capacity: number) => Values,
  convert: (value: Exclude<Cell, null>) => number,
): ColumnBuilder {
  let values = make(firstCapacity);
  let length = 0;
  const nulls = buildNulls();
  return {
    push(value) {
      if (length === values.length) values = grown(values, make(length * 2));
      if (value === null) nulls.add(length);
      else values[length] = convert(value);
      length += 1;
    },
    build: () =>
      ({ kind, values: values.subarray(0, length), nulls: nulls.build(length) }) as unknown as ColumnValues,
  };
}

function buildNulls() {
  let nulls: Uint8Array | null = null;
  return {
    add(row: number) {
      nulls ??= new Uint8Array(Math.max(firstCapacity, row + 1));
      if (row >= nulls.length) nulls = grown(nulls, new Uint8Array(row * 2));
      nulls[row] = 1;
    },
    build(length: number): Uint8Array | null {
      if (nulls === null) return null;
      return nulls.length < length ? grown(nulls, new Uint8Array(length)) : nulls.subarray(0, length);
    },
  };
}

function grown<Values extends { set(from: Values): void }>(from: Values, to: Values): Values {
  to.set(from);
  return to;
}

function toInteger(value: Exclude<Cell, null>): number {
  if (typeof value !== 'number') throw wrongType('a whole number', value);
  if ((value | 0) !== value) throw new RangeError(`${value} is no 32-bit integer`);
  return value;
}

function toBit(value: Exclude<Cell, null>): number {
  if (typeof value !== 'boolean') throw wrongType('true or false', value);
  return value ? 1 : 0;
}

function wrongType(wanted: string, value: unknown): TypeError {
  return new TypeError(`a column of the lake takes ${wanted}, not ${typeof value}`);
}
