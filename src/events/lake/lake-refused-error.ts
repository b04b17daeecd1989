import { OperatorError } from '../../program/operator-error.ts';

/** The lake can't be written as it is. Nothing was written; the message says why and names the remedy. */
export class LakeRefusedError extends OperatorError {}

/** @param path of a data file that the table's log names */
export function fileMissing(where: string, path: string): LakeRefusedError {
  return new LakeRefusedError(
    `${where} lacks ${path}, which its log names: somebody removed it. Bring it back, or name an empty place and run nozama lake backfill.`,
  );
}
