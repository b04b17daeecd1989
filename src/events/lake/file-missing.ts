import { TableRefusedError } from '../tables/table-refused-error.ts';

/** @param path of a data file that the table's log names */
export function fileMissing(where: string, path: string): TableRefusedError {
  return new TableRefusedError(
    `${where} lacks ${path}, which its log names: somebody removed it. Bring it back, or name an empty place and run nozama lake backfill.`,
  );
}

/** @param why such as the message of the program that reads Parquet files */
export function fileDamaged(where: string, path: string, why: string): TableRefusedError {
  return new TableRefusedError(
    `${where}/${path} is damaged: ${why}. Bring it back from a copy, or name an empty place and run nozama lake backfill.`,
  );
}
