/**
 * Where the program's own files are: style sheets, pictures, SQL, the modules that threads begin with.
 *
 * Run from its source, it finds them beside its modules. In the one executable its modules are one file, from
 * which a relative path would lead nowhere: there `scripts/dist.ts` has put them into the read-only file
 * system that comes with it.
 */
import { executableBuild } from './build.ts';

/** Where Bun shows what is embedded in an executable. */
const embedded = process.platform === 'win32' ? 'file:///B:/~BUN/root/' : 'file:///$bunfs/root/';

const source = executableBuild === null ? new URL('../', import.meta.url) : new URL(`${embedded}src/`);

/** @param path from `src/`, such as `web/images/` */
export function programFile(path: string): URL {
  return new URL(path, source);
}

/** @param path from `src/`, such as `storage/sqlite/writer-thread.ts` */
export function threadModule(path: string): URL {
  return executableBuild === null ? programFile(path) : programFile(path.replace(/\.ts$/, '.js'));
}
