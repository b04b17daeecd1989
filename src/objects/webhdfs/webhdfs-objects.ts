/**
 * Objects in a folder of HDFS, through WebHDFS: one file each. A file is written under another name and renamed: without
 * overwriting for an object that must be absent, else over the old one. Both are one step of the name node.
 *
 * A file counts as stored when all data nodes of its pipeline have it in memory; `dfs.datanode.synconclose` of the
 * cluster brings it to disk before.
 */
import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../bounded-store.ts';
import { compareNames } from '../object-name.ts';
import {
  type CreateOutcome,
  type ListedObject,
  type ObjectStore,
  type ObjectStoreOptions,
  objectBytesMax,
} from '../object-store.ts';
import { ObjectStoreError } from '../object-store-error.ts';
import { isTransient, retryAfterMs, usualBounds } from '../requests.ts';
import { errorCode } from '../store-client.ts';
import type { WebhdfsAddress } from './webhdfs-address.ts';
import { fieldsOf, hdfsRefusal, openWebhdfs, type WebhdfsClient } from './webhdfs-client.ts';

/** @throws ObjectStoreError when the environment does not say which user this is */
export function openWebhdfsObjects(address: WebhdfsAddress, options: ObjectStoreOptions): ObjectStore {
  const client = openWebhdfs(address, options);
  const root = address.folder;
  const pathOf = (name: string) => `${root}/${name}`;

  /** Writes the content under another name, which `rename` changes. */
  async function install<Outcome>(
    name: string,
    content: Uint8Array,
    rename: (temporary: string, path: string) => Promise<Outcome>,
  ): Promise<Outcome> {
    const temporary = `${root}/${temporaryFolder}${randomUUID()}`;
    await makeFolder(client, posix.dirname(pathOf(name)));
    try {
      await writeFile(client, temporary, content);
      const outcome = await rename(temporary, pathOf(name));
      if (outcome === 'exists') await discard(client, temporary);
      return outcome;
    } catch (error) {
      await discard(client, temporary);
      throw error;
    }
  }

  return {
    description: client.words.description,
    list: (prefix, after) =>
      walk(client, root, prefix.slice(0, prefix.lastIndexOf('/') + 1), { prefix, after }),
    read: (name, bytesMax) => readFile(client, pathOf(name), bytesMax ?? objectBytesMax),
    write: (name, content) =>
      install(name, content, (temporary, path) => renameOver(client, temporary, path)),
    create: (name, content) =>
      install(name, content, (temporary, path) => renameUnlessThere(client, temporary, path)),
    remove: (name) => removeFile(client, pathOf(name)),
  };
}

function renaming(from: string, destination: string, renameoptions: 'NONE' | 'OVERWRITE') {
  return { method: 'PUT', path: from, query: { op: 'RENAME', destination, renameoptions } } as const;
}

/** After a lost answer, the temporary file tells whether it was renamed. */
async function renameOver(client: WebhdfsClient, temporary: string, path: string): Promise<void> {
  const { callOnce, words } = client;
  for (let tries = 0; ; tries += 1) {
    const answer = await callOnce(renaming(temporary, path, 'OVERWRITE'));
    if (answer !== null && answer.status < 300) return;
    const waitMs = retryAfterMs[tries];
    if (answer !== null && (!isTransient(answer) || waitMs === undefined)) throw hdfsRefusal(answer, words);
    if (answer === null && !(await isThere(client, temporary))) return;
    if (waitMs === undefined) {
      throw new ObjectStoreError(`${words.description} gave no answer when it was asked to rename a file.`);
    }
    await sleep(waitMs);
  }
}

/** Name nodes before Hadoop 2 ignore the option, never overwrite, and tell a name that is taken by `{"boolean": false}`. */
async function renameUnlessThere(
  client: WebhdfsClient,
  temporary: string,
  path: string,
): Promise<CreateOutcome> {
  const { callOnce, words } = client;
  const answer = await callOnce(renaming(temporary, path, 'NONE'));
  if (answer === null) return 'unknown';
  if (errorCode(answer) === 'FileAlreadyExistsException') return 'exists';
  if (isTransient(answer)) return 'unknown';
  if (answer.status >= 300) throw hdfsRefusal(answer, words);
  if (fieldsOf(answer)['boolean'] !== false) return 'created';
  return (await isThere(client, path)) ? 'exists' : 'unknown';
}

async function isThere({ call, words }: WebhdfsClient, path: string): Promise<boolean> {
  const answer = await call({ method: 'GET', path, query: { op: 'GETFILESTATUS' } });
  if (answer.status === 200) return true;
  if (answer.status === 404) return false;
  throw hdfsRefusal(answer, words);
}

async function makeFolder({ call, words }: WebhdfsClient, path: string): Promise<void> {
  const answer = await call({ method: 'PUT', path, query: { op: 'MKDIRS' } });
  if (answer.status !== 200 || fieldsOf(answer)['boolean'] !== true) throw hdfsRefusal(answer, words);
}

async function writeFile(
  { transfer, words }: WebhdfsClient,
  path: string,
  content: Uint8Array,
): Promise<void> {
  const query = { op: 'CREATE', overwrite: 'true' };
  const answer = await transfer({ method: 'PUT', path, query }, content, usualBounds.answerBytesMax);
  if (answer.status !== 201) throw hdfsRefusal(answer, words);
}

async function readFile(
  { transfer, words }: WebhdfsClient,
  path: string,
  bytesMax: number,
): Promise<Uint8Array | null> {
  const answer = await transfer({ method: 'GET', path, query: { op: 'OPEN' } }, null, bytesMax);
  if (answer.status === 200) return answer.body;
  if (answer.status === 404) return null;
  throw hdfsRefusal(answer, words);
}

/** In one try, because the name node may be away; removeLeftovers finds what stays. */
async function discard({ callOnce }: WebhdfsClient, temporary: string): Promise<void> {
  await callOnce(removing(temporary)).catch(() => undefined);
}

function removing(path: string) {
  return { method: 'DELETE', path, query: { op: 'DELETE', recursive: 'false' } } as const;
}

/** `{"boolean": false}` says that there was none. */
async function removeFile({ call, words }: WebhdfsClient, path: string): Promise<void> {
  const answer = await call(removing(path));
  if (answer.status !== 200 && answer.status !== 404) throw hdfsRefusal(answer, words);
}

interface Wanted {
  readonly prefix: string;
  readonly after: string | undefined;
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
