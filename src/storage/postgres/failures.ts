/** What can go wrong with a database, sorted by what to do about it. */
import { ConnectionFailedError, ConnectionLostError } from '../server/connection-errors.ts';

/** SQLSTATEs (PostgreSQL manual, appendix A). */
export const serializationFailure = '40001';
export const deadlock = '40P01';
export const uniqueViolation = '23505';
export const lockNotAvailable = '55P03';
export const insufficientPrivilege = '42501';
export const internalError = 'XX000';

/** PostgreSQL refused a statement; its transaction is undone. */
export class StatementFailedError extends Error {
  override readonly name = 'StatementFailedError';
  /** SQLSTATE, five characters (PostgreSQL manual, appendix A). */
  readonly sqlState: string;

  /**
   * Neither the detail nor the values of the original: they can hold a customer's name and address, and
   * this error is logged.
   */
  constructor(message: string, sqlState: string) {
    super(`${message} (SQLSTATE ${sqlState})`);
    this.sqlState = sqlState;
  }
}

/** What PostgreSQL sends as an error (PostgreSQL manual, "Error and Notice Message Fields"). */
export interface ServerMessage {
  readonly message: string;
  readonly code: string;
  readonly severity: string;
}

export function isServerMessage(error: unknown): error is Error & ServerMessage {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string';
}

/**
 * The error of a statement on a connection that was open, as one of ours.
 * @param sqlStateOf the SQLSTATE that the server means
 */
export function toFailure(error: unknown, sqlStateOf: (message: ServerMessage) => string): Error {
  if (!isServerMessage(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return new ConnectionLostError(`the connection to PostgreSQL was lost: ${message}`);
  }
  // FATAL and PANIC end the session; what it was doing may have been committed just before.
  if (/^(FATAL|PANIC)$/.test(error.severity) || /^(08|57P)/.test(error.code)) {
    return new ConnectionLostError(`PostgreSQL has ended the session: ${error.message} (${error.code})`);
  }
  return new StatementFailedError(withoutValues(error.message), sqlStateOf(error));
}

/** `invalid input syntax for type bigint: "12 Analytical Way"` keeps its words and loses the value. */
function withoutValues(message: string): string {
  return message.replace(/^(invalid input syntax[^:]*|invalid byte sequence[^:]*):.*$/s, '$1');
}

/** Whether another transaction came first, and nothing but that was wrong. */
export function isLostRace(error: unknown): boolean {
  return error instanceof StatementFailedError && [serializationFailure, deadlock].includes(error.sqlState);
}

/**
 * Whether the same batch, decided anew, may well succeed: another instance came first, or the connection
 * went while it was under way.
 */
export function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof ConnectionLostError) return true;
  return isLostRace(error) || (error instanceof StatementFailedError && error.sqlState === uniqueViolation);
}

/** Whether waiting may help a caller who has to know how a commit ended. */
export function mayPass(error: unknown): boolean {
  return (
    isWorthAnotherTry(error) ||
    error instanceof ConnectionFailedError ||
    (error instanceof StatementFailedError && error.sqlState === lockNotAvailable)
  );
}
