/**
 * The packages in the executable, from the lockfile.
 *
 * `npm sbom --omit dev` can't list them: it leaves out `pg` and its dependencies, because a development dependency needs
 * `pg` too.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RuntimePackage {
  readonly name: string;
  readonly version: string;
  /** As an SPDX expression. */
  readonly license: string;
  /** Such as `sha512-…`, base64. */
  readonly integrity: string;
  /** The names of its dependencies. */
  readonly needs: readonly string[];
  /** Its folder, relative to the repository. */
  readonly folder: string;
}

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const repository = join(import.meta.dirname, '..');

function readLockfile(): Readonly<Record<string, LockedPackage>> {
  return JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')).packages;
}

/** By name. */
export function runtimePackages(): readonly RuntimePackage[] {
  return Object.entries(readLockfile())
    .filter(([folder, { dev, optional, devOptional }]) => folder !== '' && !dev && !optional && !devOptional)
    .map(([folder, { version, license = '', integrity = '', dependencies = {} }]) => ({
      name: folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      license,
      integrity,
      needs: Object.keys(dependencies),
      folder,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
