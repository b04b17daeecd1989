/** The address of an emulator of a service of Google's. */
import { isLoopback } from '../../program/loopback.ts';
import { ObjectStoreError } from '../object-store-error.ts';

/**
 * @param host such as `127.0.0.1:4443` or `https://emulator.example`
 * @param variable that has it, such as `STORAGE_EMULATOR_HOST`
 * @throws ObjectStoreError when others on the way could listen
 */
export function emulatorRoot(host: string, variable: string): string {
  const root = /^https?:\/\//.test(host) ? host : `http://${host}`;
  if (URL.canParse(root)) {
    const { protocol, hostname, origin } = new URL(root);
    if (protocol === 'https:' || isLoopback(hostname)) return origin;
  }
  throw new ObjectStoreError(
    `${variable} must be an https: address, or one of this machine: others on the way could read and replace what is sent.`,
  );
}
