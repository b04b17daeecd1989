/** The secret of the order keys: from the configuration, or made once and kept beside the database. */
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export class OrderKeySecretError extends Error {
  override readonly name = 'OrderKeySecretError';
}

const secretBytes = 32;

/** Where the secret of a database lives. */
export function orderKeyFile(databaseFile: string): string {
  return `${databaseFile}.order-key`;
}

/**
 * Reads the secret, or makes it. Safe when two processes start at once: one makes the file (O_EXCL), the
 * other waits for it to be whole. @throws OrderKeySecretError when others could read or have written it
 */
export async function loadOrderKeySecret(path: string): Promise<Buffer> {
  const made = makeSecret(path);
  if (made !== null) return made;
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const secret = readSecret(path);
    if (secret !== null) return secret;
    await sleep(20);
  }
  throw new OrderKeySecretError(
    `${path} holds no secret of ${secretBytes} bytes. If you have a copy, restore it; else remove the file: links to older confirmations then show no names.`,
  );
}

function makeSecret(path: string): Buffer | null {
  mkdirSync(dirname(path), { recursive: true });
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null;
    throw new OrderKeySecretError(`${path} can't be made: ${String(error)}`, { cause: error });
  }
  try {
    const secret = randomBytes(secretBytes);
    writeSync(file, secret.toString('base64url'));
    fsyncSync(file);
    return secret;
  } finally {
    closeSync(file);
  }
}

/** Null while another process has not finished writing it. */
function readSecret(path: string): Buffer | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new OrderKeySecretError(`${path} can't be read: ${String(error)}`, { cause: error });
  }
  try {
    const { mode } = fstatSync(file);
    if ((mode & 0o077) !== 0) {
      throw new OrderKeySecretError(
        `${path} can be read by others (mode ${(mode & 0o777).toString(8)}). Run: chmod 600 ${path}`,
      );
    }
    const secret = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url');
    return secret.length === secretBytes ? secret : null;
  } finally {
    closeSync(file);
  }
}
