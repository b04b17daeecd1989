/**
 * Files of any size in a folder of HDFS, which only their owner may read. A file is sent in one piece under another name, and
 * renamed.
 */
import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { replaced } from '../file-parts.ts';
import { type FileStore, storedObjects } from '../file-store.ts';
import type { ObjectStoreOptions } from '../object-store.ts';
import { partBytes } from '../requests.ts';
import type { WebhdfsAddress } from './webhdfs-address.ts';
import {
  type FoundFile,
  findFile,
  makeFolder,
  removeFile,
  renameOver,
  tryToRemove,
  writeFile,
} from './webhdfs-calls.ts';
import { hdfsRefusal, openWebhdfs, type WebhdfsClient } from './webhdfs-client.ts';
import { listFolder } from './webhdfs-listing.ts';

const onlyOwnerReads = '600';
const onlyOwnerEnters = '700';

/** A file under this ending is being written, or was when its process was killed: {@link FileStore.remove} clears it, too. */
const draftOf = (path: string) => `${path}.part`;

/** @throws ObjectStoreError when the environment does not say which user this is */
export function openWebhdfsFiles(address: WebhdfsAddress, options: ObjectStoreOptions): FileStore {
  const client = openWebhdfs(address, options);
  const pathOf = (key: string) => `${address.folder}/${key}`;
  return {
    description: client.words.description,
    list: (prefix) => storedObjects(listFolder(client, address.folder, prefix)),
    async read(key) {
      const found = await findFile(client, pathOf(key));
      return found === null ? null : readParts(client, pathOf(key), found);
    },
    async write(key, path) {
      const target = pathOf(key);
      await makeFolder(client, posix.dirname(target), onlyOwnerEnters);
      const { size } = await stat(path);
      await writeFile(client, draftOf(target), { path, bytes: size }, onlyOwnerReads);
      await renameOver(client, draftOf(target), target);
    },
    async remove(key) {
      const path = pathOf(key);
      await removeFile(client, path);
      await removeFile(client, draftOf(path));
      // A folder stays in HDFS when it is empty, and is not removed unless it is.
      if (key.includes('/')) await tryToRemove(client, posix.dirname(path));
    },
  };
}

/**
 * In parts, one request for each: a part that the network cuts off is fetched again. At the end the name must still be that
 * of the same file: then all parts are of it.
 */
async function* readParts(
  client: WebhdfsClient,
  path: string,
  { fileId, length: bytes }: FoundFile,
): AsyncGenerator<Uint8Array> {
  const { transfer, words } = client;
  for (let at = 0; at < bytes; ) {
    const length = Math.min(partBytes, bytes - at);
    const query = { op: 'OPEN', offset: String(at), length: String(length) };
    const answer = await transfer({ method: 'GET', path, query }, null, length);
    if (answer.status !== 200 || answer.body.length === 0) {
      await assertSame(client, path, fileId);
      throw hdfsRefusal(answer, words);
    }
    yield answer.body;
    at += answer.body.length;
  }
  await assertSame(client, path, fileId);
}

async function assertSame(client: WebhdfsClient, path: string, fileId: number): Promise<void> {
  if ((await findFile(client, path))?.fileId !== fileId) throw replaced(client.words.description, path);
}
