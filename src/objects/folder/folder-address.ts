import { isAbsolute, resolve } from 'node:path';

/**
 * `file:./lake`, `file:/var/lib/lake` or `file:///var/lib/lake`. The path is taken as it stands: `%20` is no space.
 * @returns null when it names no folder of this machine
 */
export function readFolderAddress(address: string): { readonly path: string; readonly prefix: '' } | null {
  const path = address.replace(/^file:/i, '').replace(/^\/\/(?=\/)/, '');
  if (path === '' || path.startsWith('//') || path.includes('\0')) return null;
  // file:///C:/lake
  const drive = /^\/([a-z]:[/\\].*)$/i.exec(path)?.[1];
  const own = drive !== undefined && isAbsolute(drive) ? drive : path;
  return { path: resolve(own), prefix: '' };
}
