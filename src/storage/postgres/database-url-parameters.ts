/**
 * The parameters of a DATABASE_URL, after its `?`. They are named as in libpq (PostgreSQL manual, "Parameter Key Words").
 * None is ignored: a parameter is honoured, or refused with what to use instead.
 */
import { DatabaseRefusedError } from '../engine.ts';

const parametersKnown = [
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'channel_binding',
  'application_name',
  'connect_timeout',
  'pgbouncer',
] as const;

export type ParameterName = (typeof parametersKnown)[number];
export type Parameters = ReadonlyMap<ParameterName, string>;

const inTheAddress = 'write it into the address itself, as in postgres://user@host:5432/shop';
const ofTheRole = 'Nozama sets up its sessions itself; a setting of the role is made with ALTER ROLE … SET';
const alwaysAlive = 'idle connections are probed after 10 s; leave it out';

/** Parameters that providers, other drivers and libpq know → what to use instead. */
const insteadOf: Readonly<Record<string, string>> = {
  host: `${inTheAddress}, and the folder of a socket as postgres://user@%2Fvar%2Frun%2Fpostgresql/shop`,
  hostaddr: inTheAddress,
  port: inTheAddress,
  user: inTheAddress,
  dbname: inTheAddress,
  password: 'give it as DATABASE_PASSWORD or DATABASE_PASSWORD_FILE',
  passfile: 'give the password as DATABASE_PASSWORD or DATABASE_PASSWORD_FILE',
  options: `${ofTheRole}, and the endpoint of Neon is found by its host name`,
  schema: `use ALTER ROLE … SET search_path; ${ofTheRole}`,
  currentschema: `use ALTER ROLE … SET search_path; ${ofTheRole}`,
  search_path: `use ALTER ROLE … SET search_path; ${ofTheRole}`,
  fallback_application_name: 'use application_name',
  ssl: 'use sslmode=verify-full, or sslmode=require',
  uselibpqcompat: 'leave it out: sslmode means here what it means in libpq',
  requiressl: 'use sslmode=verify-full, or sslmode=require',
  sslnegotiation: 'leave it out: the server is asked for TLS before it begins',
  sslsni: 'leave it out: the server is told its host name',
  statement_timeout: 'use the setting DATABASE_STATEMENT_TIMEOUT_MS',
  lock_timeout: 'use the setting DATABASE_LOCK_TIMEOUT_MS',
  connection_limit: 'use the settings DATABASE_READ_CONNECTIONS and DATABASE_WRITE_CONNECTIONS',
  pool_timeout: 'use the setting DATABASE_CONNECT_TIMEOUT_MS',
  target_session_attrs: 'leave it out: a server that takes no writes is refused anyway',
  load_balance_hosts: 'name one host: the primary, or what leads to it',
  keepalives: alwaysAlive,
  keepalives_idle: alwaysAlive,
  keepalives_interval: alwaysAlive,
  keepalives_count: alwaysAlive,
  tcp_user_timeout: alwaysAlive,
};

/** What a connection has anyway: nothing is ignored when it is asked for. */
const granted: Readonly<Record<string, RegExp>> = {
  client_encoding: /^(utf-?8|auto)$/i,
  gssencmode: /^(disable|prefer)$/,
};

/**
 * @param query after the `?`; libpq decodes %-encoding in it, and takes a + as it is
 * @throws DatabaseRefusedError
 */
export function readParameters(query: string): Parameters {
  const parameters = new Map<ParameterName, string>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = pair.slice(0, at === -1 ? undefined : at);
    const value = at === -1 ? '' : decode(pair.slice(at + 1), name);
    if (granted[name.toLowerCase()]?.test(value)) continue;
    const known = parametersKnown.find((one) => one === name);
    if (known === undefined) throw unknownParameter(name);
    if (parameters.has(known)) throw refused(`has the parameter ${name} twice. Keep one of them.`);
    parameters.set(known, value);
  }
  return parameters;
}

function decode(text: string, name: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused(`has a % in ${name} that encodes nothing: write %25.`);
  }
}

function unknownParameter(name: string): DatabaseRefusedError {
  if (!/^\w{1,40}$/.test(name))
    return refused('has a ? and after it no parameter such as sslmode=verify-full.');
  const instead = insteadOf[name.toLowerCase()];
  return refused(
    instead === undefined
      ? `has the unknown parameter "${name}"; known are ${parametersKnown.join(', ')}.`
      : `has the parameter "${name}", which Nozama does not take: ${instead}.`,
  );
}

/** @param sentence completes "DATABASE_URL …" and holds no password */
export function refused(sentence: string, options?: ErrorOptions): DatabaseRefusedError {
  return new DatabaseRefusedError(`DATABASE_URL ${sentence}`, options);
}

export function readSwitch(parameters: Parameters, name: ParameterName): boolean {
  const value = parameters.get(name) ?? 'false';
  if (value !== 'true' && value !== 'false')
    throw refused(`has ${name}=${value}, but it must be true or false.`);
  return value === 'true';
}

/** PostgreSQL keeps 63 bytes of a name, and replaces what is not ASCII; Nozama's own part comes before it. */
const applicationNameLengthMax = 48;

export function readApplicationName(parameters: Parameters): string | null {
  const value = parameters.get('application_name');
  if (value === undefined) return null;
  if (!/^[\x21-\x7e][\x20-\x7e]*$/.test(value) || value.length > applicationNameLengthMax)
    throw refused(
      `has an application_name that is not 1 to ${applicationNameLengthMax} ASCII characters. Shorten it.`,
    );
  return value;
}

/** In seconds, as in libpq, where 0 means without end; the same bounds as those of DATABASE_CONNECT_TIMEOUT_MS. */
export function readConnectTimeoutMs(parameters: Parameters): number | null {
  const value = parameters.get('connect_timeout');
  if (value === undefined) return null;
  const seconds = /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (seconds < 1 || seconds > 60)
    throw refused(`has connect_timeout=${value}, but it must be a whole number of seconds from 1 to 60.`);
  return seconds * 1_000;
}
