/** From what comes after `sqlite:` in a DATABASE_URL to a file. */

/**
 * Other programs read these forms in other ways, and SQLite would make an empty shop in a place that no operator expects.
 * @param location after `sqlite:`
 * @returns a sentence that completes "DATABASE_URL …", or null for a path that means one thing
 */
export function databaseFileMistake(location: string): string | null {
  if (location === '') return 'names no file: it must look like sqlite:./data/nozama.db.';
  if (location.startsWith('//'))
    return 'has slashes that programs read differently: write sqlite:/path/shop.db from the root, or sqlite:path/shop.db from this folder.';
  if (location.startsWith(':'))
    return 'names a database in memory, which would lose every order at the end: name a file, as in sqlite:./data/nozama.db.';
  if (/^file:/i.test(location)) return 'has "file:" in it: write sqlite: and then the path alone.';
  if (location.startsWith('~'))
    return 'begins with ~, which only a shell replaces: write the whole path of the folder.';
  if (location.includes('?'))
    return 'has options after a "?", which are not known: name the file alone. `nozama verify` reads and never writes.';
  if (/%[0-9a-f]{2}/i.test(location))
    return 'has a %-encoded character: a path is written as it is, with its spaces.';
  if (/[/\\]$/.test(location)) return 'ends with a slash, as a folder does: name the file in it too.';
  return null;
}
