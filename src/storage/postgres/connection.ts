/** Opens a connection the one way we trust, and reads back that it is so. */
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { DatabaseRefusedError } from '../engine.ts';
import { ConnectionFailedError } from '../server/connection-errors.ts';
import type { ServerConnection } from '../server/connection-slot.ts';
import { createChannelBindingGuard } from './channel-binding.ts';
import type { DatabaseAddress } from './database-url.ts';
import { isServerMessage, toFailure } from './failures.ts';
import {
  answerGraceMs,
  idleInTransactionTimeoutMs,
  type PostgresSettings,
  plannerSettings,
} from './postgres-settings.ts';
import { createNameCheck } from './prepared-names.ts';

/** The oldest server that the tests run on. */
export const serverVersionMin = 15;

export type Row = Readonly<Record<string, unknown>>;

export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Prepared once for each connection under this name, then only bound. */
  readonly name?: string;
}

export interface Answer {
  readonly rows: readonly Row[];
  /** Such as `INSERT`, or `ROLLBACK` for the COMMIT of a transaction that had failed. */
  readonly command: string;
  readonly rowCount: number;
}

export interface Connection extends ServerConnection {
  readonly server: ServerSettings;
  /**
   * Sends the statements together and resolves with an answer for each: one round trip, however many.
   * Rejects with the first failure, when all have been answered.
   * @throws StatementFailedError, ConnectionLostError
   */
  send(statements: readonly Statement[]): Promise<readonly Answer[]>;
}

export interface ConnectionPurpose {
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** No limit for `verify` and migrations, which take as long as they take. */
  readonly isUnhurried?: boolean;
}

/** Besides how to plan at all: statements that are prepared are planned once, whatever values are bound first. */
const sessionOptions = Object.entries({ ...plannerSettings, plan_cache_mode: 'force_generic_plan' })
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ');

/**
 * Citus plans statements about distributed tables by their values only, and refuses to do without. One connection
 * to each worker does for a batch: more would each have two phases of a commit to go through.
 */
const citusSettings = "SET plan_cache_mode = 'auto'; SET citus.multi_shard_modify_mode = 'sequential'";

/** bigint is a number here: every column of ours has a bound within 2^53. */
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as never,
};

/** @throws ConnectionFailedError with an operator's sentence; DatabaseRefusedError when it can't be trusted */
export async function openConnection(
  address: DatabaseAddress,
  settings: PostgresSettings,
  purpose: ConnectionPurpose,
): Promise<Connection> {
  const password = findPassword(address, settings);
  // Empty, since undefined would make the client look into PGPASSWORD and ~/.pgpass, which nobody told us to use.
  const binding = createChannelBindingGuard(
    address.channelBinding,
    password ?? '',
    `${address.host}:${address.port}`,
  );
  const client = new pg.Client({
    ...clientOptions(address, settings, purpose),
    ...binding.options,
  });
  let isOpen = false;
  let hasCitus = false;
  const closed = () => {
    isOpen = false;
  };
  // Reported to whoever was waiting for an answer; without a listener it would end the process.
  client.on('error', closed);
  client.on('end', closed);
  binding.watch(client);
  try {
    await client.connect();
    isOpen = true;
  } catch (error) {
    if (error instanceof ConnectionFailedError) throw error;
    throw new ConnectionFailedError(describeFailure(error, address, password));
  }

  const send = createSend(client, address.isPooled, () => hasCitus);
  try {
    const server = await readServer(send);
    binding.assertBound();
    assertTrusted(server, settings, address);
    hasCitus = server.has_citus;
    if (hasCitus) {
      // The settings would be one session's, and so would the lock of `verify`, which stops all orders while it is held.
      if (address.isPooled) throw new DatabaseRefusedError(noCitusBehindPooler(address));
      await send([{ text: citusSettings }]);
    }
    return { server, send, isOpen: () => isOpen, close: () => client.end() };
  } catch (error) {
    await client.end();
    throw error;
  }
}

function clientOptions(
  address: DatabaseAddress,
  { statementTimeoutMs, lockTimeoutMs, connectTimeoutMs }: PostgresSettings,
  { applicationName, isUnhurried = false }: ConnectionPurpose,
): pg.ClientConfig & { readonly pipeline: true } {
  const isHurried = !isUnhurried;
  return {
    host: address.host,
    port: address.port,
    user: address.user,
    database: address.database,
    ssl: address.tls,
    application_name: [applicationName, address.applicationName].filter((name) => name !== null).join(' '),
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: address.connectTimeoutMs ?? connectTimeoutMs,
    types,
    ...(isHurried ? { query_timeout: statementTimeoutMs + answerGraceMs } : {}),
    ...(isHurried && !address.isPooled
      ? {
          statement_timeout: statementTimeoutMs,
          lock_timeout: lockTimeoutMs,
          idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
          options: sessionOptions,
        }
      : {}),
  };
}

/** @param isPooled whether a pooler stands before the server */
function createSend(client: pg.Client, isPooled: boolean, hasCitus: () => boolean): Connection['send'] {
  /** A pooler in transaction mode has another server connection each time: nothing is prepared on it. */
  const named = (statement: Statement): pg.QueryConfig =>
    isPooled || statement.name === undefined
      ? { text: statement.text, values: statement.values as unknown[] }
      : { name: statement.name, text: statement.text, values: statement.values as unknown[] };

  const assertNamesFit = createNameCheck();
  return async (statements) => {
    assertNamesFit(statements);
    const { stream } = client.connection;
    let asked: Promise<pg.QueryResult>[];
    stream.cork();
    try {
      asked = statements.map((statement) =>
        statement.values === undefined ? client.query(statement.text) : client.query(named(statement)),
      );
    } finally {
      stream.uncork();
    }
    const settled = await Promise.allSettled(asked);
    const answers: Answer[] = [];
    for (const one of settled) {
      if (one.status === 'rejected') throw toFailure(one.reason, { hasCitus: hasCitus() });
      const { rows, command, rowCount } = one.value;
      answers.push({ rows, command, rowCount: rowCount ?? 0 });
    }
    return answers;
  };
}

function noCitusBehindPooler({ host, port }: DatabaseAddress): string {
  return `PostgreSQL at ${host}:${port} has Citus, which needs sessions of our own: give DATABASE_URL the address of the coordinator itself, without pgbouncer=true.`;
}

function findPassword({ password }: DatabaseAddress, settings: PostgresSettings): string | null {
  if (password !== null) return password;
  if (settings.passwordFile === null) return settings.password;
  try {
    return readFileSync(settings.passwordFile, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const { message } = cause as Error;
    throw new ConnectionFailedError(
      `DATABASE_PASSWORD_FILE can't be read: ${message}. Is its path right, and may this user read it?`,
      { cause },
    );
  }
}

/** What makes a commit durable, and the rest we rely on, as the server itself reports it. */
export interface ServerSettings {
  readonly server_version: string;
  readonly fsync: string;
  readonly synchronous_commit: string;
  readonly full_page_writes: string;
  readonly server_encoding: string;
  readonly in_recovery: string;
  readonly transaction_read_only: string;
  /** Whether orders may be distributed over workers (deploy/citus/distribute.sql). */
  readonly has_citus: boolean;
}

async function readServer(send: Connection['send']): Promise<ServerSettings> {
  const names = [
    'server_version',
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'server_encoding',
    'transaction_read_only',
  ];
  const columns = names.map((name) => `current_setting('${name}') AS ${name}`).join(', ');
  const [answer] = await send([
    {
      text: `SELECT ${columns}, pg_is_in_recovery()::text AS in_recovery,
        to_regclass('pg_dist_node') IS NOT NULL AS has_citus`,
    },
  ]);
  return answer?.rows[0] as unknown as ServerSettings;
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
  server: Omit<ServerSettings, 'has_citus'>,
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

/** One sentence for an operator: what is wrong and what to look at. Never the password. */
function describeFailure(
  error: unknown,
  { host, port, user, database }: DatabaseAddress,
  password: string | null,
): string {
  const where = `${host}:${port}`;
  const { message } = error instanceof Error ? error : { message: String(error) };
  // What PgBouncer says of the settings that a connection of our own begins with.
  if (/unsupported startup parameter/.test(message)) {
    return `At ${where} is PgBouncer: add pgbouncer=true to DATABASE_URL.`;
  }
  if (isServerMessage(error)) {
    switch (error.code) {
      case '28P01':
        return `PostgreSQL at ${where} does not accept the password of user "${user}". Check DATABASE_PASSWORD, DATABASE_PASSWORD_FILE or the password in DATABASE_URL.`;
      case '28000':
        return `PostgreSQL at ${where} does not let user "${user}" in: ${message}.`;
      case '3D000':
        return `PostgreSQL at ${where} has no database "${database}". Make it with: createdb ${database}.`;
      case '53300':
        return `PostgreSQL at ${where} has no connection left: ${message}.`;
      default:
        return `PostgreSQL at ${where} refuses the connection: ${message} (SQLSTATE ${error.code}).`;
    }
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/password must be a (non-empty )?string|SASL/.test(message)) {
    return password === null
      ? `PostgreSQL at ${where} wants a password of user "${user}". Give it as DATABASE_PASSWORD or DATABASE_PASSWORD_FILE.`
      : `PostgreSQL at ${where} does not accept the password of user "${user}": ${message}.`;
  }
  if (/does not support SSL/.test(message)) {
    return `PostgreSQL at ${where} offers no TLS. Set it up there, or add sslmode=disable to DATABASE_URL to send orders in the clear.`;
  }
  if (/CERT|TLS|SSL|certificate|ALTNAME/i.test(`${code} ${message}`)) {
    return `PostgreSQL at ${where} shows a certificate that is not trusted: ${message}. Name its authority in DATABASE_URL with sslrootcert=FILE; sslmode=require encrypts and takes any certificate.`;
  }
  return `PostgreSQL at ${where} can't be reached: ${message}. Is it running, and is DATABASE_URL right?`;
}
