/** Opens a connection the one way we trust, and reads back that it is so. */
import pg from 'pg';
import { DatabaseRefusedError } from '../engine.ts';
import { ConnectionFailedError } from '../server/connection-errors.ts';
import type { ServerConnection } from '../server/connection-slot.ts';
import { findPassword } from '../server/password.ts';
import { createChannelBindingGuard } from './channel-binding.ts';
import type { DatabaseAddress } from './database-url.ts';
import { type Distribution, distributionOf, maySpread, oneServer } from './distribution.ts';
import { isServerMessage, toFailure } from './failures.ts';
import {
  answerGraceMs,
  idleInTransactionTimeoutMs,
  type PostgresSettings,
  plannerSettings,
} from './postgres-settings.ts';
import { createNameCheck } from './prepared-names.ts';
import { assertTrusted, type ServerSettings } from './server-trust.ts';
import { type PreparedStatement, type RowShape, StatementGroup, toPrepared } from './statement-group.ts';

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
  readonly distribution: Distribution;
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

/** bigint is a number here: every column of ours has a bound within 2^53. */
function parserOf(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format);
}

/** @throws ConnectionFailedError with an operator's sentence; DatabaseRefusedError when it can't be trusted */
export async function openConnection(
  address: DatabaseAddress,
  settings: PostgresSettings,
  purpose: ConnectionPurpose,
): Promise<Connection> {
  const password = findPassword(address.password, settings);
  // Empty, since undefined would make the client look into PGPASSWORD and ~/.pgpass, which are no settings of ours.
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
  let distribution = oneServer;
  const closed = () => {
    isOpen = false;
  };
  // Reported to the caller that waits for an answer; without a listener it would end the process.
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

  const giveUp = () => {
    closed();
    client.connection.stream.destroy();
  };
  const send = createSend(client, address.isPooled, giveUp, () => distribution);
  try {
    const read = await readServer(send);
    binding.assertBound();
    assertTrusted(read.server, settings, address);
    distribution = read.distribution;
    if (address.isPooled && distribution.poolerMistake !== null) {
      const { host, port } = address;
      throw new DatabaseRefusedError(`PostgreSQL at ${host}:${port} ${distribution.poolerMistake}`);
    }
    if (distribution.sessionSettings.length > 0) await send(distribution.sessionSettings);
    return { ...read, send, isOpen: () => isOpen, close: () => client.end() };
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
    types: { getTypeParser: parserOf as never },
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
function createSend(
  client: pg.Client,
  isPooled: boolean,
  giveUp: () => void,
  distribution: () => Distribution,
): Connection['send'] {
  const assertNamesFit = createNameCheck();
  /** Of the statements that the server has prepared, by name. A pooler has another server each time: there it has none. */
  const shapes = new Map<string, RowShape>();

  function toKnown({ name, values }: Statement): PreparedStatement | null {
    const shape = name === undefined ? undefined : shapes.get(name);
    return name === undefined || shape === undefined ? null : toPrepared(name, shape, values);
  }

  async function askOne({ text, values, name }: Statement): Promise<readonly Answer[]> {
    if (values === undefined) return [toAnswer(await client.query(text))];
    const config: pg.QueryConfig = { text, values: values as unknown[] };
    if (isPooled || name === undefined) return [toAnswer(await client.query(config))];
    const result = await client.query({ ...config, name });
    shapes.set(name, shapeOf(result.fields));
    return [toAnswer(result)];
  }

  function askTogether(known: readonly PreparedStatement[]): Promise<readonly Answer[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Answer[]>();
    client.query(
      new StatementGroup(known, giveUp, (error, answers) =>
        error == null ? resolve(answers) : reject(error),
      ),
    );
    return promise;
  }

  return async (statements) => {
    assertNamesFit(statements);
    const { stream } = client.connection;
    const asked: Promise<readonly Answer[]>[] = [];
    let together: PreparedStatement[] = [];
    const endGroup = () => {
      if (together.length > 0) asked.push(askTogether(together));
      together = [];
    };
    stream.cork();
    try {
      for (const statement of statements) {
        const known = toKnown(statement);
        if (known !== null) together.push(known);
        else {
          endGroup();
          asked.push(askOne(statement));
        }
      }
      endGroup();
    } finally {
      stream.uncork();
    }
    const answers: Answer[] = [];
    for (const one of await Promise.allSettled(asked)) {
      if (one.status === 'rejected') throw toFailure(one.reason, distribution().sqlStateOf);
      answers.push(...one.value);
    }
    return answers;
  };
}

function shapeOf(fields: readonly pg.FieldDef[]): RowShape {
  return {
    names: fields.map(({ name }) => name),
    parsers: fields.map(({ dataTypeID }) => parserOf(dataTypeID)),
  };
}

function toAnswer({ rows, command, rowCount }: pg.QueryResult): Answer {
  return { rows, command, rowCount: rowCount ?? 0 };
}

async function readServer(
  send: Connection['send'],
): Promise<{ readonly server: ServerSettings; readonly distribution: Distribution }> {
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
        ${maySpread} AS may_spread`,
    },
  ]);
  const { may_spread: mayBeSpread, ...server } = answer?.rows[0] ?? {};
  return {
    server: server as unknown as ServerSettings,
    distribution: distributionOf(mayBeSpread === true),
  };
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
