import { OperatorError } from '../../program/operator-error.ts';

/** The lake can't be written as it is. Nothing was written; the message says why and names the remedy. */
export class LakeRefusedError extends OperatorError {}
