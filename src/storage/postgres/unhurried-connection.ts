/** Connections without time limits, for what takes as long as it takes. */
import { openUnhurried, withUnhurried } from '../server/unhurried-connection.ts';
import { type Connection, openConnection } from './connection.ts';
import { parseDatabaseUrl } from './database-url.ts';
import type { PostgresSettings } from './postgres-settings.ts';

export interface DatabaseOptions {
  /** What comes after `postgres:` in a DATABASE_URL. */
  readonly location: string;
  readonly settings: PostgresSettings;
}

const opening =
  ({ location, settings }: DatabaseOptions) =>
  () =>
    openConnection(parseDatabaseUrl(location), settings, { applicationName: 'nozama', isUnhurried: true });

/** The caller closes it. @throws DatabaseRefusedError with a sentence for the operator */
export function openUnhurriedConnection(options: DatabaseOptions): Promise<Connection> {
  return openUnhurried(opening(options));
}

/** For as long as `use` runs. @throws DatabaseRefusedError with a sentence for the operator */
export function withUnhurriedConnection<Result>(
  options: DatabaseOptions,
  use: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  return withUnhurried(opening(options), use);
}
