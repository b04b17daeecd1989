/**
 * The port of a place that keeps tables of the shop's facts: a lake, a warehouse.
 *
 * The place itself knows how far each table has come, so that rows and position are written together. A writer that goes
 * by another position than the table's writes nothing.
 */
import type { ColumnBatch } from './tables/column-values.ts';
import type { TableSource } from './tables/table-sources.ts';

/** The rows of a part of the log. */
export interface LogPart {
  /** The position before the first: what {@link TableSink.readPosition} gave when the part was read. */
  readonly after: number;
  /** The last position, whether or not it has a row. */
  readonly through: number;
  /** What stands there; see `ShopLog.readFact`. */
  readonly fact: string;
  /** None, when the part has nothing for this table. */
  readonly rows: ColumnBatch;
  /** Orders whose personal data was erased in this part. Their rows lose it, in this part and before. */
  readonly erasedOrderIds?: readonly string[];
}

export type AppendOutcome =
  | { readonly kind: 'appended' }
  /** Another writer was faster, and nothing was written. The log is to be read on from this position. */
  | { readonly kind: 'moved'; readonly position: number };

/** One table of the place. */
export interface TableSink {
  readonly source: TableSource;
  /** For messages: where the table is. */
  readonly description: string;
  /** The columns that rows are made for; personal ones only when the shop wants them outside. */
  readonly columns: TableSource['table']['columns'];
  /**
   * The last position of the log whose rows are in the table. Makes the table when there is none.
   * @throws TableRefusedError when this shop can't write it
   */
  readPosition(): Promise<number>;
  /** Appends rows exactly once. @throws TableRefusedError when this shop can't write the table, or the outcome is not known */
  append(part: LogPart): Promise<AppendOutcome>;
}
