/** From `postgres://user@host:5432/shop?sslmode=verify-full` to what a connection needs. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { DatabaseRefusedError } from '../engine.ts';

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Null when it is given elsewhere, or none is needed. */
  readonly password: string | null;
  /** False for none. */
  readonly tls: false | ConnectionOptions;
  /**
   * Whether a pooler in transaction mode (PgBouncer) is between us and the server: then nothing may be left
   * on a session, neither settings nor prepared statements.
   */
  readonly isPooled: boolean;
}

const parametersKnown = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'pgbouncer'] as const;
type ParameterName = (typeof parametersKnown)[number];
const tlsModes = ['disable', 'require', 'verify-ca', 'verify-full'];

/** By its loopback addresses, or a folder with a Unix socket. */
function isThisMachine(host: string): boolean {
  return ['localhost', '127.0.0.1', '::1'].includes(host) || host.startsWith('/');
}

/**
 * @param location what comes after `postgres:`
 * @throws DatabaseRefusedError naming what is wrong; never with the password in it
 */
export function parseDatabaseUrl(location: string): DatabaseAddress {
  const url = parseUrl(location);
  const parameters = readParameters(url.searchParams);
  const host = decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '') || 'localhost';
  const database = decodeURIComponent(url.pathname.slice(1));
  const user = decodeURIComponent(url.username);
  if (database === '' || database.includes('/')) {
    throw new DatabaseRefusedError(
      'DATABASE_URL names no database: it must look like postgres://user@host:5432/shop.',
    );
  }
  if (user === '') {
    throw new DatabaseRefusedError(
      'DATABASE_URL names no user: it must look like postgres://user@host:5432/shop.',
    );
  }
  return {
    host,
    port: url.port === '' ? 5_432 : Number(url.port),
    user,
    database,
    password: url.password === '' ? null : decodeURIComponent(url.password),
    tls: tlsOptions(host, parameters),
    isPooled: readSwitch(parameters, 'pgbouncer'),
  };
}

function parseUrl(location: string): URL {
  try {
    const url = new URL(`postgres:${location}`);
    // A percent sign that encodes nothing throws only when it is decoded.
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
    if (!location.startsWith('//')) throw new Error('no host');
    return url;
  } catch {
    throw new DatabaseRefusedError(
      'DATABASE_URL is not a valid address: it must look like postgres://user@host:5432/shop, and a password in it needs %-encoding (or give it as DATABASE_PASSWORD).',
    );
  }
}

type Parameters = ReadonlyMap<ParameterName, string>;

function readParameters(given: URLSearchParams): Parameters {
  const parameters = new Map<ParameterName, string>();
  for (const [name, value] of given) {
    const known = parametersKnown.find((one) => one === name);
    if (known === undefined) {
      throw new DatabaseRefusedError(
        `DATABASE_URL has the unknown parameter "${name}"; known are ${parametersKnown.join(', ')}.`,
      );
    }
    parameters.set(known, value);
  }
  return parameters;
}

function readSwitch(parameters: Parameters, name: ParameterName): boolean {
  const value = parameters.get(name) ?? 'false';
  if (value !== 'true' && value !== 'false') {
    throw new DatabaseRefusedError(`DATABASE_URL has ${name}=${value}, but it must be true or false.`);
  }
  return value === 'true';
}

/** Safe unless told otherwise: to another machine, with the server's certificate and name checked. */
function tlsOptions(host: string, parameters: Parameters): false | ConnectionOptions {
  const mode = parameters.get('sslmode') ?? (isThisMachine(host) ? 'disable' : 'verify-full');
  if (!tlsModes.includes(mode)) {
    throw new DatabaseRefusedError(
      `DATABASE_URL has sslmode=${mode}, but it must be one of ${tlsModes.join(', ')}.`,
    );
  }
  if (mode === 'disable') return false;
  const [ca, cert, key] = (['sslrootcert', 'sslcert', 'sslkey'] as const).map((name) =>
    readCertificate(parameters, name),
  );
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: mode !== 'require',
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

function readCertificate(parameters: Parameters, name: ParameterName): string | undefined {
  const file = parameters.get(name);
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DatabaseRefusedError(
      `DATABASE_URL has ${name}=${file}, which can't be read: ${(cause as Error).message}.`,
      { cause },
    );
  }
}
