/** The Parquet schema of declared columns (Apache Parquet, parquet-format, LogicalTypes.md). */
import type { SchemaElement } from 'hyparquet';
import type { ColumnType, LakeColumn } from '../tables/lake-table.ts';

type ElementType = Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>;

/** Both the older and the newer name of a type: readers know one, or the other. */
const elementTypes: Readonly<Record<ColumnType, ElementType>> = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  long: { type: 'INT64' },
  integer: { type: 'INT32' },
  boolean: { type: 'BOOLEAN' },
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
  date: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
};

export function parquetElement({ name, type, nullable }: LakeColumn): SchemaElement {
  return { name, repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED', ...elementTypes[type] };
}

/** The column's element after the root, as a file's schema has it. */
export function parquetSchemaOf(columns: readonly LakeColumn[]): SchemaElement[] {
  return [{ name: 'root', num_children: columns.length }, ...columns.map(parquetElement)];
}
