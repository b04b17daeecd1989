/** Files below a folder of HDFS. */
import { fieldsOf } from '../answer-fields.ts';
import { compareNames } from '../object-name.ts';
import type { ListedObject } from '../object-store.ts';
import { ObjectStoreError } from '../object-store-error.ts';
import { hdfsRefusal, type WebhdfsClient } from './webhdfs-client.ts';

interface Wanted {
  readonly prefix: string;
  readonly after: string | undefined;
}

/** In the order of names. @param root of all names @param after only names behind it */
export function listFolder(
  client: WebhdfsClient,
  root: string,
  prefix: string,
  after?: string,
): AsyncGenerator<ListedObject> {
  return walk(client, root, prefix.slice(0, prefix.lastIndexOf('/') + 1), { prefix, after });
}

/**
 * Goes down only into folders that may hold wanted names.
 * @param base of all names in this folder: empty, or with a slash at its end
 */
async function* walk(
  client: WebhdfsClient,
  root: string,
  base: string,
  { prefix, after }: Wanted,
): AsyncGenerator<ListedObject> {
  const statuses = await statusesIn(client, `${root}/${base}`.replace(/\/$/, ''), startIn(base, after));
  const entries = statuses
    .filter(({ pathSuffix }) => pathSuffix !== '')
    .map((status) => ({
      ...status,
      key: `${base}${status.pathSuffix}${status.type === 'DIRECTORY' ? '/' : ''}`,
    }))
    .sort((a, b) => compareNames(a.key, b.key));
  for (const { key, type, length, modificationTime } of entries) {
    const isBehind = after === undefined || compareNames(key, after) > 0;
    if (type === 'DIRECTORY') {
      const mayHold = key.startsWith(prefix) || prefix.startsWith(key);
      if (mayHold && (isBehind || after.startsWith(key))) yield* walk(client, root, key, { prefix, after });
    } else if (type === 'FILE' && isBehind && key.startsWith(prefix)) {
      yield { name: key, bytes: length, changedAtMs: modificationTime };
    }
  }
}

/**
 * A name of this folder at and before which no name is wanted. Letters and digits stand behind the slash: a folder with
 * the name or an earlier one has no name behind `after` either.
 */
function startIn(base: string, after: string | undefined): string {
  if (after === undefined || !after.startsWith(base)) return '';
  return (/^[0-9A-Za-z_]*/.exec(after.slice(base.length))?.[0] ?? '').slice(0, -1);
}

interface FileStatus {
  readonly pathSuffix: string;
  readonly type: 'FILE' | 'DIRECTORY' | 'SYMLINK';
  readonly length: number;
  readonly modificationTime: number;
}

interface Listing {
  readonly DirectoryListing: {
    readonly partialListing: { readonly FileStatuses: { readonly FileStatus: readonly FileStatus[] } };
    readonly remainingEntries: number;
  };
}

/**
 * The whole folder, because its order is not that of names with folders in them. The parameter has two spellings: the
 * manual has `startAfter`, and Hadoop 3.5 takes `startafter` alone.
 */
async function statusesIn(
  { call, words }: WebhdfsClient,
  path: string,
  start: string,
): Promise<readonly FileStatus[]> {
  const statuses: FileStatus[] = [];
  for (let startAfter = start; ; ) {
    const from = startAfter === '' ? {} : { startAfter, startafter: startAfter };
    const answer = await call({ method: 'GET', path, query: { op: 'LISTSTATUS_BATCH', ...from } });
    if (answer.status === 404) return statuses;
    if (answer.status !== 200) throw hdfsRefusal(answer, words);
    const { DirectoryListing } = fieldsOf(answer) as unknown as Listing;
    const page = DirectoryListing.partialListing.FileStatuses.FileStatus;
    const last = page.at(-1)?.pathSuffix ?? '';
    if (last !== '' && compareNames(last, startAfter) <= 0) {
      throw new ObjectStoreError(
        `${words.description} begins each page of a listing anew: this version of WebHDFS can't be used.`,
      );
    }
    statuses.push(...page);
    startAfter = last;
    if (DirectoryListing.remainingEntries === 0 || startAfter === '') return statuses;
  }
}
