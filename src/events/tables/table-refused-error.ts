import { OperatorError } from '../../program/operator-error.ts';

/** A table can't be written as it is. Nothing was written; the message says why and names the remedy. */
export class TableRefusedError extends OperatorError {}
