import { OperatorError } from '../../program/operator-error.ts';

/** A table can't be written as it is. Nothing was written; the message says why and names the remedy. */
export class TableRefusedError extends OperatorError {}

/**
 * The table and the shop have different histories: an older or another copy of the shop is running. Then nothing of it may
 * be written anywhere, as tables that have come less far can't show the difference.
 */
export class OtherHistoryError extends TableRefusedError {}
