/** The password of a connection, found anew each time, so that it can be changed while the service runs. */
import { readFileSync } from 'node:fs';
import type { ValuesOf } from '../../config/setting.ts';
import { ConnectionFailedError } from './connection-errors.ts';
import type { accessSettings } from './server-settings.ts';

/**
 * That of the address goes before the file, and the file before the one in the environment. Null when there is none.
 * @throws ConnectionFailedError when the file can't be read, or is empty
 */
export function findPassword(
  ofAddress: string | null,
  settings: Pick<ValuesOf<typeof accessSettings>, 'password' | 'passwordFile'>,
): string | null {
  if (ofAddress !== null) return ofAddress;
  if (settings.passwordFile === null) return settings.password;
  const password = readPassword(settings.passwordFile);
  // A secret that was not filled in would hide DATABASE_PASSWORD, and the server would be blamed for it.
  if (password !== '') return password;
  throw new ConnectionFailedError(
    `DATABASE_PASSWORD_FILE names an empty file: ${settings.passwordFile}. Write the password into it, or leave the setting out to use DATABASE_PASSWORD.`,
  );
}

function readPassword(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const { message } = cause as Error;
    throw new ConnectionFailedError(
      `DATABASE_PASSWORD_FILE can't be read: ${message}. Is its path right, and may this user read it?`,
      { cause },
    );
  }
}
