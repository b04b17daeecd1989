/** Where the pictures of a list are. */
import { isAbsolute, relative, resolve, sep } from 'node:path';

/** The path of a file in a folder or below it; null for the folder itself and what is elsewhere. */
export function pathBeside(folder: string, name: string): string | null {
  const path = resolve(folder, name);
  const below = relative(folder, path);
  const isElsewhere = below === '' || below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below);
  return isElsewhere ? null : path;
}
