/** Files of any size in a container of Azure Blob Storage: block blobs. */
import { partBytesFor, readCallsFor, readObject, readParts } from '../file-parts.ts';
import { type FileStore, storedObjects } from '../file-store.ts';
import type { ObjectStoreOptions } from '../object-store.ts';
import { removeObject, type StoreClient } from '../store-client.ts';
import { listContainer, openContainer } from './azure-client.ts';

/** Blocks of one blob: Azure's bound. */
const blocksMax = 50_000;

/**
 * @param root of the container, such as `https://account.blob.core.windows.net/backups`
 * @throws ObjectStoreError without credentials
 */
export function openAzureFiles(root: string, options: ObjectStoreOptions): FileStore {
  const client = openContainer(root, options);
  return {
    description: root,
    list: (prefix) => storedObjects(listContainer(client, prefix)),
    read: (key) => readObject(client, readCallsFor(key, 'x-ms-range')),
    write: (key, path) => writeBlob(client, key, path),
    remove: (key) => removeObject(client, key),
  };
}

/** The blob appears with the list of its blocks. Azure drops blocks of no list after a week. */
async function writeBlob({ must }: StoreClient, key: string, path: string): Promise<void> {
  const ids: string[] = [];
  for await (const body of readParts(path, await partBytesFor(path, blocksMax))) {
    if (body.length === 0) break;
    const blockid = Buffer.from(String(ids.length).padStart(6, '0')).toString('base64');
    await must({ method: 'PUT', key, query: { comp: 'block', blockid }, body });
    ids.push(blockid);
  }
  const body = `<BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join('')}</BlockList>`;
  await must({ method: 'PUT', key, query: { comp: 'blocklist' }, body });
}
