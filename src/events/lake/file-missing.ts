import { TableRefusedError } from '../tables/table-refused-error.ts';

/** @param path of a data file that the table's log names */
export function fileMissing(where: string, path: string): TableRefusedError {
  return new TableRefusedError(
    `${where} lacks ${path}, which its log names: somebody removed it. Bring it back, or name an empty place and run nozama lake backfill.`,
  );
}
