/** The secret of the order keys, made once and kept in a file beside the database. */
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, linkSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasCode, hasFileModes, makeFolder, syncFolder } from '../../program/file-system.ts';
import { OperatorError } from '../../program/operator-error.ts';

export class OrderKeySecretError extends OperatorError {
  override readonly name = 'OrderKeySecretError';
}

const secretBytes = 32;

/** Where the secret of a database lives. */
export function orderKeyFile(databaseFile: string): string {
  return `${databaseFile}.order-key`;
}

/**
 * Reads the secret, or makes it. Safe when two processes start at once, and when one is killed or finds the
 * disk full meanwhile: the file appears under its name whole or not at all.
 * @throws OrderKeySecretError when others could read or have written it, or when it can't be made
 */
export function loadOrderKeySecret(path: string, platform: NodeJS.Platform = process.platform): Buffer {
  const read = () => readOrderKeySecret(path, platform);
  const secret = read() ?? makeSecret(path, platform) ?? read();
  if (secret === null)
    throw new OrderKeySecretError(`${path} comes and goes: is another program removing it?`);
  return secret;
}

/** Null when another process was first. */
function makeSecret(path: string, platform: NodeJS.Platform): Buffer | null {
  const secret = randomBytes(secretBytes);
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    makeFolder(dirname(path));
    writeFileSync(draft, secret.toString('base64url'), { flag: 'wx', mode: 0o600, flush: true });
    // Unlike a rename, a link never replaces a file that another process has made.
    linkSync(draft, path);
    // So that its name survives a power failure, as the orders do whose links need it.
    syncFolder(dirname(path), platform);
    return secret;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return null;
    throw new OrderKeySecretError(
      `${path} can't be made (${String(error)}): mend that, or give a secret in ORDER_KEY_SECRET.`,
      { cause: error },
    );
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Null when there is none.
 * @throws OrderKeySecretError when others could read it, as far as its mode says so, or it is no secret
 */
export function readOrderKeySecret(
  path: string,
  platform: NodeJS.Platform = process.platform,
): Buffer | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw new OrderKeySecretError(`${path} can't be read: ${String(error)}`, { cause: error });
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw new OrderKeySecretError(`${path} is no file: move it away, and start again.`);
    if (hasFileModes(platform) && (found.mode & 0o077) !== 0) {
      throw new OrderKeySecretError(
        `${path} can be read by others (mode ${(found.mode & 0o777).toString(8)}). Run: chmod 600 ${path}`,
      );
    }
    const secret = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url');
    if (secret.length === secretBytes) return secret;
    throw new OrderKeySecretError(
      `${path} holds no secret of ${secretBytes} bytes. If you have a copy, restore it; else remove the file: links to older confirmations then show no names.`,
    );
  } finally {
    closeSync(file);
  }
}
