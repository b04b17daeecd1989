/** How a DATABASE_URL asks for its connection to be encrypted, and the server to be checked. */

import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { isLoopback } from '../../program/loopback.ts';
import { type ParameterName, type Parameters, refused } from './database-url-parameters.ts';

const tlsModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type TlsMode = (typeof tlsModes)[number];

/** Modes of libpq and of other drivers → what to use instead. */
const insteadOf: Readonly<Record<string, string>> = {
  prefer:
    'would send orders in the clear to a server that offers no TLS. Use sslmode=require or better, sslmode=verify-full',
  allow:
    'would send orders in the clear where the server takes them so. Use sslmode=require or better, sslmode=verify-full',
  'no-verify': 'is called sslmode=require',
};

const files = ['sslrootcert', 'sslcert', 'sslkey'] as const;

/**
 * Safe unless told otherwise: to another machine, with the server's certificate and name checked.
 * @returns false for a connection without TLS
 * @throws DatabaseRefusedError
 */
export function readTls(host: string, parameters: Parameters): false | ConnectionOptions {
  const mode = readMode(host, parameters);
  if (mode === 'disable') {
    const unused = files.find((name) => parameters.has(name));
    if (unused !== undefined)
      throw refused(`has sslmode=disable, and then ${unused} is for nothing. Leave out one of them.`);
    return false;
  }
  if (parameters.has('sslcert') !== parameters.has('sslkey'))
    throw refused('has only one of sslcert and sslkey: a certificate of the client needs both.');
  const [ca, cert, key] = files.map((name) => readCertificate(parameters, name));
  // As in libpq: with an authority that is named, require checks the certificate too.
  const isChecked = mode !== 'require' || ca !== undefined;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: isChecked,
    ...(isChecked && mode !== 'verify-full' ? { checkServerIdentity: () => undefined } : {}),
  };
}

function readMode(host: string, parameters: Parameters): TlsMode {
  const given = parameters.get('sslmode');
  const isPlain = isThisMachine(host) && !files.some((name) => parameters.has(name));
  if (given === undefined) return isPlain ? 'disable' : 'verify-full';
  const mode = tlsModes.find((one) => one === given);
  if (mode !== undefined) return mode;
  const instead = insteadOf[given];
  throw refused(
    instead === undefined
      ? `has sslmode=${given}, but it must be one of ${tlsModes.join(', ')}.`
      : `has sslmode=${given}, which ${instead}.`,
  );
}

/** By its loopback addresses, or a folder with a Unix socket. */
function isThisMachine(host: string): boolean {
  return isLoopback(host) || host.startsWith('/');
}

function readCertificate(parameters: Parameters, name: ParameterName): string | undefined {
  const file = parameters.get(name);
  // libpq's word for the authorities that the machine trusts, which are asked without a file.
  if (file === undefined || (name === 'sslrootcert' && file === 'system')) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw refused(`has ${name}=${file}, which can't be read: ${(cause as Error).message}.`, { cause });
  }
}

export type ChannelBinding = 'disable' | 'prefer' | 'require';

/** RFC 5929, tls-server-end-point: the password is proved for this server's certificate alone. */
export function readChannelBinding(parameters: Parameters, hasTls: boolean): ChannelBinding {
  const given = parameters.get('channel_binding') ?? 'disable';
  if (given === 'require' && !hasTls)
    throw refused('has channel_binding=require, which needs TLS: add sslmode=verify-full.');
  if (given === 'disable' || given === 'prefer' || given === 'require') return given;
  throw refused(`has channel_binding=${given}, but it must be disable, prefer or require.`);
}
