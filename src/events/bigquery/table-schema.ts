/** The schema of a table in BigQuery, from the declaration of the lake's table. */

import type { ColumnType, LakeColumn } from '../tables/lake-table.ts';
import { TableRefusedError } from '../tables/table-refused-error.ts';

/** A field as BigQuery's interface has it. */
export interface TableField {
  readonly name: string;
  readonly type: string;
  readonly mode?: string;
  readonly description?: string;
}

/** The first is the name that we give a type; BigQuery may answer with another. */
const typeNames: Readonly<Record<ColumnType, readonly string[]>> = {
  string: ['STRING'],
  long: ['INTEGER', 'INT64'],
  integer: ['INTEGER', 'INT64'],
  boolean: ['BOOLEAN', 'BOOL'],
  timestamp: ['TIMESTAMP'],
  date: ['DATE'],
};

/** Every field may be null: an older row has no value for a later column. */
export function fieldOf({ name, type, meaning, unit }: LakeColumn): TableField {
  const description = unit === null ? meaning : `${meaning} Unit: ${unit}.`;
  return { name, type: typeNames[type][0] ?? '', mode: 'NULLABLE', description };
}

/**
 * All fields of the table with those that it lacks at the end; null when it lacks none. Fields of others that need no
 * value may stand in the table too.
 * @throws TableRefusedError when our rows don't fit
 */
export function grownFields(
  existing: readonly TableField[],
  columns: readonly LakeColumn[],
  where: string,
): readonly TableField[] | null {
  const byName = new Map(existing.map((field) => [field.name.toLowerCase(), field]));
  const lacking: TableField[] = [];
  for (const column of columns) {
    const field = byName.get(column.name);
    byName.delete(column.name);
    if (field === undefined) lacking.push(fieldOf(column));
    else if (!typeNames[column.type].includes(field.type) || field.mode === 'REPEATED')
      throw new TableRefusedError(
        `${where} has the column ${column.name} as ${field.mode === 'REPEATED' ? 'REPEATED ' : ''}${field.type}, where ${typeNames[column.type][0]} is expected. Remove the table, and it is made and loaded anew.`,
      );
  }
  for (const { name, mode } of byName.values())
    if (mode === 'REQUIRED')
      throw new TableRefusedError(
        `${where} has the column ${name}, which Nozama does not know and which needs a value. Make it NULLABLE.`,
      );
  return lacking.length === 0 ? null : [...existing, ...lacking];
}
