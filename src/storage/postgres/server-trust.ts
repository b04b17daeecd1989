/** Whether a server can be trusted with orders: what it reports of itself, read on each connection. */
import { DatabaseRefusedError } from '../engine.ts';
import type { DatabaseAddress } from './database-url.ts';
import type { PostgresSettings } from './postgres-settings.ts';

/** The oldest server that the tests run on. */
export const serverVersionMin = 15;

/** What makes a commit durable, and the rest we rely on, as the server itself reports it. */
export interface ServerSettings {
  readonly server_version: string;
  readonly fsync: string;
  readonly synchronous_commit: string;
  readonly full_page_writes: string;
  readonly server_encoding: string;
  readonly in_recovery: string;
  readonly transaction_read_only: string;
}

/** Settings under which a commit that was answered may be gone after a power failure. */
export function unsafeSettings(
  server: Pick<ServerSettings, 'fsync' | 'synchronous_commit' | 'full_page_writes'>,
): readonly string[] {
  return (['fsync', 'synchronous_commit', 'full_page_writes'] as const)
    .filter((name) => server[name] === 'off')
    .map((name) => `${name}=off`);
}

/** @throws DatabaseRefusedError saying what has to be changed on the server */
export function assertTrusted(
  server: ServerSettings,
  settings: PostgresSettings,
  address: Pick<DatabaseAddress, 'host' | 'port' | 'database'>,
): void {
  const where = `PostgreSQL at ${address.host}:${address.port}`;
  if (Number.parseInt(server.server_version, 10) < serverVersionMin) {
    throw new DatabaseRefusedError(
      `${where} is version ${server.server_version}, but ${serverVersionMin} or newer is needed. Upgrade the server, or use another.`,
    );
  }
  if (server.server_encoding !== 'UTF8') {
    throw new DatabaseRefusedError(
      `Database "${address.database}" has the encoding ${server.server_encoding}, but names need UTF8. Make one with: createdb -E UTF8 -T template0 ${address.database}.`,
    );
  }
  const unsafe = unsafeSettings(server);
  if (unsafe.length > 0 && !settings.allowsUnsafeCommits) {
    throw new DatabaseRefusedError(
      `${where} runs with ${unsafe.join(', ')}: it may forget orders that were confirmed. Switch it on, or set DATABASE_ALLOW_UNSAFE_COMMITS=true if losing orders is acceptable.`,
    );
  }
}

/**
 * For who begins to sell, or migrates. One that becomes so later is an outage, and may pass.
 * @throws DatabaseRefusedError when nothing can be written there
 */
export function assertTakesWrites(
  server: ServerSettings,
  { host, port, database }: Pick<DatabaseAddress, 'host' | 'port' | 'database'>,
): void {
  if (server.in_recovery === 'true') {
    throw new DatabaseRefusedError(
      `PostgreSQL at ${host}:${port} is a standby, where nothing can be written. Point DATABASE_URL at the primary.`,
    );
  }
  if (server.transaction_read_only === 'on') {
    throw new DatabaseRefusedError(
      `Database "${database}" at ${host}:${port} is read-only. Set default_transaction_read_only=off for the server, the database or the role that has it on.`,
    );
  }
}
