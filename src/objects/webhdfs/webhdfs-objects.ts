/**
 * Objects in a folder of HDFS, through WebHDFS: one file each. A file is written under another name and renamed: without
 * overwriting for an object that must be absent, else over the old one. Both are one step of the name node.
 *
 * A file counts as stored when all data nodes of its pipeline have it in memory; `dfs.datanode.synconclose` of the
 * cluster brings it to disk before.
 */
import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import { errorCode, fieldsOf } from '../answer-fields.ts';
import {
  type CreateOutcome,
  type ObjectStore,
  type ObjectStoreOptions,
  objectBytesMax,
} from '../object-store.ts';
import { isTransient } from '../requests.ts';
import { temporaryFolder } from '../store-below.ts';
import type { WebhdfsAddress } from './webhdfs-address.ts';
import {
  isThere,
  makeFolder,
  removeFile,
  renameOver,
  renaming,
  tryToRemove,
  writeFile,
} from './webhdfs-calls.ts';
import { hdfsRefusal, openWebhdfs, type WebhdfsClient } from './webhdfs-client.ts';
import { listFolder } from './webhdfs-listing.ts';

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
      if (outcome === 'exists') await tryToRemove(client, temporary);
      return outcome;
    } catch (error) {
      // removeLeftovers finds one that stays.
      await tryToRemove(client, temporary);
      throw error;
    }
  }

  return {
    description: client.words.description,
    list: (prefix, after) => listFolder(client, root, prefix, after),
    read: (name, bytesMax) => readFile(client, pathOf(name), bytesMax ?? objectBytesMax),
    write: (name, content) =>
      install(name, content, (temporary, path) => renameOver(client, temporary, path)),
    create: (name, content) =>
      install(name, content, (temporary, path) => renameUnlessThere(client, temporary, path)),
    remove: (name) => removeFile(client, pathOf(name)),
  };
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
