import { openPostgresTextbook } from './postgres-textbook.ts';
import { openSqliteTextbook } from './sqlite-textbook.ts';
import type { TextbookSeed, TextbookStore } from './textbook-store.ts';

/** @param databaseUrl `sqlite:FILE` or `postgres://…` */
export async function openTextbookStore(databaseUrl: string, seed: TextbookSeed): Promise<TextbookStore> {
  return databaseUrl.startsWith('sqlite:')
    ? openSqliteTextbook(databaseUrl.slice('sqlite:'.length), seed)
    : openPostgresTextbook(databaseUrl, seed);
}
