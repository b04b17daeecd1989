/** What can go wrong with a connection, whichever server is at its other end. */
import { OperatorError } from '../../program/operator-error.ts';

/** There is no connection, or it has gone: whether what was under way took effect is not known. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
}

/** No connection could be made: nothing was asked, so nothing happened. */
export class ConnectionFailedError extends OperatorError {
  override readonly name = 'ConnectionFailedError';
}

/** The connection was lost at COMMIT: everything of the transaction is stored, or nothing is. */
export class UnansweredCommitError extends Error {
  override readonly name = 'UnansweredCommitError';

  constructor(cause: ConnectionLostError) {
    super(cause.message, { cause });
  }
}
