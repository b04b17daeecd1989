/** From `postgres://user@host:5432/shop?sslmode=verify-full` to what a connection needs. */
import type { ConnectionOptions } from 'node:tls';
import { DatabaseRefusedError } from '../engine.ts';
import {
  readApplicationName,
  readConnectTimeoutMs,
  readParameters,
  readSwitch,
  refused,
} from './database-url-parameters.ts';
import { type ChannelBinding, readChannelBinding, readTls } from './tls-options.ts';

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Null when it is given elsewhere, or none is needed. */
  readonly password: string | null;
  /** False for none. */
  readonly tls: false | ConnectionOptions;
  readonly channelBinding: ChannelBinding;
  /** Shown in pg_stat_activity after Nozama's own name for a connection; null for that alone. */
  readonly applicationName: string | null;
  /** Null for that of the settings. */
  readonly connectTimeoutMs: number | null;
  /**
   * Whether a pooler in transaction mode (PgBouncer) is between us and the server: then nothing may be left
   * on a session, neither settings nor prepared statements.
   */
  readonly isPooled: boolean;
}

const example = 'it must look like postgres://user@host:5432/shop';
const encoding = 'a password with # ? / @ or % in it needs %-encoding, or is given as DATABASE_PASSWORD';

/**
 * @param location what comes after `postgres:`
 * @throws DatabaseRefusedError naming what is wrong; never with the password in it
 */
export function parseDatabaseUrl(location: string): DatabaseAddress {
  if (location.includes('#')) throw refused(`has a # in it, which is written %23: ${encoding}.`);
  const at = location.indexOf('?');
  const [authority, query] = at === -1 ? [location, ''] : [location.slice(0, at), location.slice(at + 1)];
  // Then a part of the password is where parameters belong, whose names and values are printed.
  if (!authority.includes('@') && query.includes('@'))
    throw refused(`has a ? before its @, which is written %3F: ${encoding}.`);
  // First, as an address with host= in it has no host where it belongs.
  const parameters = readParameters(query);
  if (/^\/\/[^/]*,/.test(authority.replace(/^\/\/.*@/, '//')))
    throw refused('names several hosts: name the primary alone, or what leads to it.');
  const url = parseAddress(authority);
  const host = decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '') || 'localhost';
  const database = decodeURIComponent(url.pathname.slice(1));
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  if (database === '' || database.includes('/')) throw refused(`names no database: ${example}.`);
  if (user === '') throw refused(`names no user: ${example}.`);
  if (/^[[{<].*[\]}>]$/.test(password))
    throw refused(
      'holds a placeholder where its password belongs: put the password there, %-encoded, or leave it out and give it as DATABASE_PASSWORD.',
    );
  const tls = readTls(host, parameters);
  return {
    host,
    port: url.port === '' ? 5_432 : Number(url.port),
    user,
    database,
    password: password === '' ? null : password,
    tls,
    channelBinding: readChannelBinding(parameters, tls !== false),
    applicationName: readApplicationName(parameters),
    connectTimeoutMs: readConnectTimeoutMs(parameters),
    isPooled: readSwitch(parameters, 'pgbouncer'),
  };
}

/** @returns a sentence that completes "DATABASE_URL …", or null */
export function databaseUrlMistake(location: string): string | null {
  try {
    parseDatabaseUrl(location);
    return null;
  } catch (error) {
    if (!(error instanceof DatabaseRefusedError)) throw error;
    return error.message.replace(/^DATABASE_URL /, '');
  }
}

function parseAddress(authority: string): URL {
  try {
    const url = new URL(`postgres:${authority}`);
    // A percent sign that encodes nothing throws only when it is decoded.
    for (const part of [url.hostname, url.username, url.password, url.pathname]) decodeURIComponent(part);
    if (!authority.startsWith('//') || url.port === '0') throw new Error('no host or port');
    return url;
  } catch {
    throw refused(`is not a valid address: ${example}, and ${encoding}.`);
  }
}
