/** Why a store of objects can't be used. */
import { OperatorError } from '../program/operator-error.ts';

/**
 * A store can't be reached, refuses a call, or is no store that can be used. The message is one sentence for the
 * operator, with the remedy and without credentials.
 */
export class ObjectStoreError extends OperatorError {
  override readonly name = 'ObjectStoreError';
}
