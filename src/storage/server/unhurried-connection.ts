/** For what takes as long as it takes: migrations, verification, copies. */
import { DatabaseRefusedError } from '../engine.ts';
import { ConnectionFailedError } from './connection-errors.ts';
import type { ServerConnection } from './connection-slot.ts';

/**
 * A command or a start ends when it gets no connection, where a running service would try again.
 * @param open a connection without time limits; the caller closes it
 * @throws DatabaseRefusedError with a sentence for the operator
 */
export async function openUnhurried<Connection extends ServerConnection>(
  open: () => Promise<Connection>,
): Promise<Connection> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof ConnectionFailedError)) throw error;
    throw new DatabaseRefusedError(error.message, { cause: error });
  }
}

/** For as long as `use` runs; its failures stop a command or a start. @throws DatabaseRefusedError */
export async function withUnhurried<Connection extends ServerConnection, Result>(
  open: () => Promise<Connection>,
  use: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await openUnhurried(open);
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}
