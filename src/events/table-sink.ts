/**
 * The port of a place that keeps tables of the shop's facts: a lake, a warehouse.
 *
 * The place itself knows how far each table has come, so that rows and position are written together. A writer that goes
 * by another position than the table's writes nothing.
 */
import type { LogPart } from './lake/append-rows.ts';
import type { TableSource } from './lake/table-sources.ts';

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
   * @throws LakeRefusedError when this shop can't write it
   */
  readPosition(): Promise<number>;
  /** Appends rows exactly once. @throws LakeRefusedError when this shop can't write the table, or the outcome is not known */
  append(part: LogPart): Promise<AppendOutcome>;
}
