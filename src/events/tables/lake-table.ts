/**
 * The declaration of a table of the lake. The Delta schema, the Parquet schema and docs/LAKE.md are made from it.
 *
 * A declaration may gain optional columns at its end: existing tables then gain them too. A column is never renamed,
 * removed, or given another type, because the files that stand in somebody's lake keep the old one.
 */

/**
 * `long`: 64-bit integer. `integer`: 32-bit integer. `timestamp`: an instant, in microseconds since the Unix epoch, UTC.
 * `date`: days since the Unix epoch. `string`: UTF-8.
 */
export type ColumnType = 'string' | 'long' | 'integer' | 'boolean' | 'timestamp' | 'date';

export interface LakeColumn {
  /** Lower case with underscores. */
  readonly name: string;
  readonly type: ColumnType;
  /** Of a number or a time, such as `cents (USD)`; null for texts and truths. */
  readonly unit: string | null;
  /** One sentence for the people who read the table. */
  readonly meaning: string;
  /** Whether a row may have none. A table's schema allows none in every column: an older row has no value for a later column. */
  readonly nullable: boolean;
  /** Tells of a person: left out of the table unless the shop asks for it. Is always nullable. */
  readonly personal: boolean;
}

export interface LakeTable {
  readonly name: string;
  /** One sentence: what a row stands for. */
  readonly meaning: string;
  readonly columns: readonly LakeColumn[];
  /** The `long` column that counts up with the log which the table is written from. */
  readonly positionColumn: string;
  /** The `date` column that the files are partitioned by; it is never null. */
  readonly partitionColumn: string;
}

/** The columns of the table in this shop. */
export function columnsOf({ columns }: LakeTable, personalData: boolean): readonly LakeColumn[] {
  return personalData ? columns : columns.filter(({ personal }) => !personal);
}
