/**
 * Schemas of Delta tables (delta-io/delta, PROTOCOL.md, "Schema Serialization Format") and how one grows.
 *
 * All columns are nullable in the table, as later columns are null in older rows.
 */

import { type ColumnType, columnsOf, type LakeColumn, type LakeTable } from '../tables/lake-table.ts';
import { TableRefusedError } from '../tables/table-refused-error.ts';

interface DeltaField {
  readonly name: string;
  readonly type: unknown;
  readonly nullable: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What stands in a field's metadata and changes nothing for those who write. */
const knownMetadata = ['comment'];

export function schemaStringOf(columns: readonly LakeColumn[]): string {
  return fieldsToString(columns.map(toField));
}

/**
 * The table's schema with the declared columns that it lacks at its end.
 * @returns null when it lacks none
 * @throws TableRefusedError when the table has other columns, types, or rules than those that are declared
 */
export function grownSchema(
  schemaString: string,
  table: LakeTable,
  personalData: boolean,
  where: string,
): string | null {
  const fields = parseFields(schemaString, where);
  const declared = new Map(table.columns.map((column) => [column.name, column]));
  for (const field of fields) checkField(field, declared.get(field.name), where);
  const there = new Set(fields.map(({ name }) => name));
  const missing = columnsOf(table, personalData).filter(({ name }) => !there.has(name));
  const required = missing.find(({ nullable }) => !nullable);
  if (required !== undefined) {
    throw new TableRefusedError(
      `${where} has no column ${required.name}, which Nozama writes in every row: it is no table of Nozama's. Name an empty place by LAKE_URL.`,
    );
  }
  return missing.length === 0 ? null : fieldsToString([...fields, ...missing.map(toField)]);
}

/** The columns of the table that are written: those it has. */
export function columnsIn(schemaString: string, table: LakeTable, where: string): readonly LakeColumn[] {
  const there = new Set(parseFields(schemaString, where).map(({ name }) => name));
  return table.columns.filter(({ name }) => there.has(name));
}

function toField({ name, type, meaning, unit }: LakeColumn): DeltaField {
  const comment = unit === null ? meaning : `${meaning} Unit: ${unit}.`;
  return { name, type: type satisfies ColumnType, nullable: true, metadata: { comment } };
}

function fieldsToString(fields: readonly DeltaField[]): string {
  return JSON.stringify({ type: 'struct', fields });
}

function parseFields(schemaString: string, where: string): readonly DeltaField[] {
  try {
    const { fields } = JSON.parse(schemaString) as { readonly fields: readonly DeltaField[] };
    return fields.map(({ name, type, nullable, metadata = {} }) => ({ name, type, nullable, metadata }));
  } catch (cause) {
    throw new TableRefusedError(`The schema of ${where} can't be read: it is no Delta schema.`, { cause });
  }
}

function checkField(field: DeltaField, declared: LakeColumn | undefined, where: string): void {
  if (declared === undefined) {
    throw new TableRefusedError(
      `${where} has a column ${field.name} that this version of Nozama does not know. Remove the column, update Nozama, or name an empty place by LAKE_URL.`,
    );
  }
  if (field.type !== declared.type) {
    throw new TableRefusedError(
      `Column ${field.name} of ${where} is of type ${JSON.stringify(field.type)}, but Nozama writes ${declared.type}. Name an empty place by LAKE_URL.`,
    );
  }
  const rule = Object.keys(field.metadata).find((key) => !knownMetadata.includes(key));
  if (rule !== undefined || !field.nullable) {
    throw new TableRefusedError(
      `Column ${field.name} of ${where} has a rule that Nozama can't keep: ${rule ?? 'not null'}. Remove the rule, or name an empty place by LAKE_URL.`,
    );
  }
}
