/** A container of Azure Blob Storage, by its REST interface. */
import { createHash } from 'node:crypto';
import { errorCode } from '../answer-fields.ts';
import { compareNames } from '../object-name.ts';
import type { ListedObject, ObjectStoreOptions } from '../object-store.ts';
import type { StoreAnswer } from '../requests.ts';
import {
  createStoreClient,
  encodedPath,
  encodedQuery,
  noListing,
  type StoreClient,
  textOf,
} from '../store-client.ts';
import { xmlText } from '../xml-text.ts';
import { openAzureAccess } from './azure-credentials.ts';

/** The version of the interface that our requests follow. */
const version = '2023-11-03';

/**
 * @param root of the container, such as `https://account.blob.core.windows.net/backups`
 * @throws ObjectStoreError without credentials
 */
export function openContainer(root: string, { environment, timeoutMs }: ObjectStoreOptions): StoreClient {
  const access = openAzureAccess(environment);
  const words = {
    description: root,
    container: 'container',
    credentials:
      'AZURE_STORAGE_SAS_TOKEN or the role of the managed identity (Storage Blob Data Contributor)',
    remedyFor: (answer: StoreAnswer) =>
      /^(AuthenticationFailed|AuthorizationFailure)$/.test(errorCode(answer))
        ? 'look at AZURE_STORAGE_SAS_TOKEN and when it ends, or at the managed identity, and at the clock of this machine'
        : null,
  };
  return createStoreClient(
    words,
    async ({ method = 'GET', key = '', query = {}, headers = {}, body }) => {
      const granted = await access.grant();
      const path = key === '' ? '' : `/${encodedPath(key)}`;
      return {
        method,
        url: `${root}${path}?${encodedQuery({ ...query, ...granted.query })}`,
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
    },
    { timeoutMs, forget: access.forget },
  );
}

/**
 * In the order of names. This version of Azure's interface can't begin at a name: the pages before `after`, of 5,000
 * each, are fetched too.
 * @param after only names behind it
 */
export async function* listContainer(
  { must, words }: StoreClient,
  prefix: string,
  after?: string,
): AsyncGenerator<ListedObject> {
  for (let marker: string | null = ''; marker !== null; ) {
    const query: Record<string, string> = {
      restype: 'container',
      comp: 'list',
      prefix,
      ...(marker === '' ? {} : { marker }),
    };
    const xml = textOf(await must({ query }));
    if (!xml.includes('<EnumerationResults')) throw noListing(words);
    for (const [, blob = ''] of xml.matchAll(/<Blob>(.*?)<\/Blob>/gs)) {
      const name = nameIn(blob);
      // A hierarchical namespace lists its folders too.
      if (xmlText(blob, 'ResourceType') === 'directory') continue;
      if (after !== undefined && compareNames(name, after) <= 0) continue;
      yield {
        name,
        bytes: Number(xmlText(blob, 'Content-Length')),
        changedAtMs: Date.parse(xmlText(blob, 'Last-Modified') ?? ''),
      };
    }
    marker = xmlText(xml, 'NextMarker') || null;
  }
}

/** A name with characters that XML does not have is encoded as for an address. */
function nameIn(blob: string): string {
  const encoded = /<Name Encoded="true">([^<]*)</.exec(blob)?.[1];
  return encoded === undefined ? (xmlText(blob, 'Name') ?? '') : decodeURIComponent(encoded);
}
