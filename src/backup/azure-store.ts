/** Azure Blob Storage: block blobs, by its REST interface. */
import { createHash } from 'node:crypto';
import { openAzureAccess } from './azure-credentials.ts';
import type { ObjectStore, StoredObject } from './object-location.ts';
import {
  createStoreClient,
  partBytesFor,
  readObject,
  readParts,
  removeObject,
  request,
  type StoreClient,
  xmlText,
} from './object-requests.ts';

/** The version of the interface that our requests follow. */
const version = '2023-11-03';

/** Blocks of one blob: Azure's bound. */
const blocksMax = 50_000;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * @param root of the container, such as `https://account.blob.core.windows.net/backups`
 * @throws BackupRefusedError without credentials
 */
export function openAzureStore(root: string, environment: Variables): ObjectStore {
  const client = openContainer(root, environment);
  return {
    description: root,
    list: (prefix) => listBlobs(client, prefix),
    read: (key) => readObject(client, key, 'x-ms-range'),
    write: (key, path) => writeBlob(client, key, path),
    remove: (key) => removeObject(client, key),
  };
}

function openContainer(root: string, environment: Variables): StoreClient {
  const access = openAzureAccess(environment);
  const words = {
    description: root,
    container: 'container',
    credentials:
      'AZURE_STORAGE_SAS_TOKEN or the role of the managed identity (Storage Blob Data Contributor)',
  };
  return createStoreClient(words, ({ method = 'GET', key = '', query = {}, headers = {}, body }) =>
    request(root, async () => {
      const granted = await access();
      const path = key === '' ? '' : `/${key.split('/').map(encodeURIComponent).join('/')}`;
      return {
        method,
        url: `${root}${path}?${new URLSearchParams({ ...query, ...granted.query })}`,
        headers: {
          ...granted.headers,
          ...headers,
          'x-ms-version': version,
          'x-ms-date': new Date().toUTCString(),
          // With it Azure refuses a body that was altered on the way.
          ...(body === undefined ? {} : { 'content-md5': createHash('md5').update(body).digest('base64') }),
        },
        ...(body === undefined ? {} : { body }),
      };
    }),
  );
}

async function listBlobs({ must }: StoreClient, prefix: string): Promise<readonly StoredObject[]> {
  const objects: StoredObject[] = [];
  for (let marker: string | null = ''; marker !== null; ) {
    const query: Record<string, string> = {
      restype: 'container',
      comp: 'list',
      prefix,
      ...(marker === '' ? {} : { marker }),
    };
    const xml = Buffer.from((await must({ query })).body).toString('utf8');
    for (const [, blob = ''] of xml.matchAll(/<Blob>(.*?)<\/Blob>/gs)) {
      const changedAtMs = Date.parse(xmlText(blob, 'Last-Modified') ?? '');
      objects.push({ key: xmlText(blob, 'Name') ?? '', changedAtMs });
    }
    marker = xmlText(xml, 'NextMarker') || null;
  }
  return objects;
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
