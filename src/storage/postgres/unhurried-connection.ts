/** For what takes as long as it takes: migrations, verification, copies. */
import { DatabaseRefusedError } from '../engine.ts';
import { type Connection, openConnection } from './connection.ts';
import { type DatabaseAddress, parseDatabaseUrl } from './database-url.ts';
import { ConnectionFailedError } from './failures.ts';
import type { PostgresSettings } from './postgres-settings.ts';

export interface DatabaseOptions {
  /** What comes after `postgres:` in a DATABASE_URL. */
  readonly location: string;
  readonly settings: PostgresSettings;
}

/** Without time limits; the caller closes it. @throws DatabaseRefusedError with a sentence for the operator */
export async function openUnhurriedConnection({ location, settings }: DatabaseOptions): Promise<Connection> {
  const address: DatabaseAddress = parseDatabaseUrl(location);
  const purpose = { applicationName: 'nozama', isUnhurried: true };
  return openConnection(address, settings, purpose).catch((error: unknown) => {
    throw error instanceof ConnectionFailedError
      ? new DatabaseRefusedError(error.message, { cause: error })
      : error;
  });
}

/** For as long as `use` runs; its failures stop a command or a start. */
export async function withUnhurriedConnection<Result>(
  options: DatabaseOptions,
  use: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await openUnhurriedConnection(options);
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}
