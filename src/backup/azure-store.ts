/** Azure Blob Storage: block blobs, by its REST interface. */
import { createHash } from 'node:crypto';
import { openAzureAccess } from './azure-credentials.ts';
import type { ObjectStore, StoredObject } from './object-location.ts';
import {
  type CallStore,
  partBytesFor,
  readObject,
  readParts,
  refusalOf,
  removeObject,
  request,
  type StoreAnswer,
  type StoreCall,
  type StoreWords,
  xmlText,
} from './object-requests.ts';

/** Of the interface, as of which our requests are meant. */
const version = '2023-11-03';

/** Blocks of one blob, by Azure's bound. */
const blocksMax = 50_000;

/**
 * @param root of the container, such as `https://account.blob.core.windows.net/backups`
 * @throws BackupRefusedError without credentials
 */
export function openAzureStore(
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
): ObjectStore {
  const access = openAzureAccess(environment);
  const words: StoreWords = {
    description: root,
    container: 'container',
    credentials:
      'AZURE_STORAGE_SAS_TOKEN or the role of the managed identity (Storage Blob Data Contributor)',
  };

  const call: CallStore = ({ method = 'GET', key = '', query = {}, headers = {}, body }) =>
    request(words.description, async () => {
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
          // Azure refuses what was altered on the way.
          ...(body === undefined ? {} : { 'content-md5': createHash('md5').update(body).digest('base64') }),
        },
        ...(body === undefined ? {} : { body }),
      };
    });

  async function must(asked: StoreCall): Promise<StoreAnswer> {
    const answer = await call(asked);
    if (answer.status >= 300) throw refusalOf(answer, words);
    return answer;
  }

  return {
    description: words.description,

    async list(prefix) {
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
    },

    read: (key) => readObject(call, words, key, 'x-ms-range'),

    /** Blocks that were sent count for nothing before their list is; Azure drops those of no list after a week. */
    async write(key, path) {
      const ids: string[] = [];
      for await (const body of readParts(path, await partBytesFor(path, blocksMax))) {
        if (body.length === 0) break;
        const blockid = Buffer.from(String(ids.length).padStart(6, '0')).toString('base64');
        await must({ method: 'PUT', key, query: { comp: 'block', blockid }, body });
        ids.push(blockid);
      }
      const body = `<BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join('')}</BlockList>`;
      await must({ method: 'PUT', key, query: { comp: 'blocklist' }, body });
    },

    remove: (key) => removeObject(call, words, key),
  };
}
