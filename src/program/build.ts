/** Which program this is. */
import { readFileSync } from 'node:fs';

export interface Build {
  /** As in package.json. */
  readonly version: string;
  /** Of the source, 40 hexadecimal digits; null when it is run from its source. */
  readonly commit: string | null;
  /** When that commit was made (RFC 3339, UTC), so that a commit gives one executable, whenever it is built. */
  readonly date: string | null;
}

/** Put in the place of this name by `scripts/dist.ts`; nothing has it when the program is run from its source. */
declare const NOZAMA_BUILD: Build;

/** Of the one executable; null when the program is run from its source. */
export const executableBuild: Build | null = typeof NOZAMA_BUILD === 'undefined' ? null : NOZAMA_BUILD;

export function readBuild(): Build {
  if (executableBuild !== null) return executableBuild;
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return { version: String(version), commit: null, date: null };
}
