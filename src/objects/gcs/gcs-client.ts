/** A bucket of Google Cloud Storage, by its JSON interface. */
import { createHash, randomUUID } from 'node:crypto';
import { fieldsOf } from '../answer-fields.ts';
import type { ListedObject, ObjectStoreOptions } from '../object-store.ts';
import type { SignedRequest } from '../requests.ts';
import {
  createStoreClient,
  encodedQuery,
  noListing,
  type StoreCall,
  type StoreClient,
} from '../store-client.ts';
import { emulatorRoot } from './emulator-root.ts';
import { openGoogleAccess } from './google-credentials.ts';

const scope = 'https://www.googleapis.com/auth/devstorage.read_write';

/** @throws ObjectStoreError when the environment has wrong credentials, or an address that others can listen to */
export function openGcsBucket(bucket: string, { environment, timeoutMs }: ObjectStoreOptions): StoreClient {
  const emulator = environment['STORAGE_EMULATOR_HOST'];
  const root = emulator ? emulatorRoot(emulator, 'STORAGE_EMULATOR_HOST') : 'https://storage.googleapis.com';
  // As Google's own libraries do: an emulator asks for no credentials, and gets none.
  const access = emulator ? null : openGoogleAccess(environment, scope);
  const words = {
    description: `gs://${bucket}`,
    container: 'bucket',
    credentials: 'the service account and its role (Storage Object Admin of the bucket)',
  };
  return createStoreClient(
    words,
    async (asked) => {
      const { headers, ...signed } = requestFor(root, bucket, asked);
      return { ...signed, headers: { ...headers, ...(await access?.()) } };
    },
    { timeoutMs, forget: access?.forget },
  );
}

/** A call with an `uploadType` goes to the interface for uploads, in which a parameter or the body names the object. */
function requestFor(root: string, bucket: string, asked: StoreCall): SignedRequest {
  const { method = 'GET', key, query = {}, headers = {}, body } = asked;
  const isUpload = query['uploadType'] !== undefined;
  const object = key === undefined ? '' : `/${encodeURIComponent(key)}`;
  const url = `${root}${isUpload ? '/upload' : ''}/storage/v1/b/${bucket}/o${object}?${encodedQuery(query)}`;
  return { method, url, headers, ...(body === undefined ? {} : { body }) };
}

/** Uploads a whole object, with its sum, which Google checks. @param conditions such as `ifGenerationMatch` */
export function uploading(
  name: string,
  content: Uint8Array,
  conditions: Readonly<Record<string, string>> = {},
): StoreCall {
  const boundary = randomUUID();
  const metadata = { name, md5Hash: createHash('md5').update(content).digest('base64') };
  return {
    method: 'POST',
    query: { uploadType: 'multipart', ...conditions },
    headers: { 'content-type': `multipart/related; boundary=${boundary}` },
    body: Buffer.concat([
      Buffer.from(
        `--${boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(metadata)}\r\n--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`,
      ),
      content,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  };
}

interface Page {
  readonly kind?: string;
  readonly items?: readonly { readonly name: string; readonly size: string; readonly updated: string }[];
  readonly nextPageToken?: string;
}

/** In the order of names. @param after only names behind it */
export async function* listGcsBucket(
  { must, words }: StoreClient,
  prefix: string,
  after?: string,
): AsyncGenerator<ListedObject> {
  for (let pageToken: string | undefined = ''; pageToken !== undefined; ) {
    const query = {
      prefix,
      fields: 'kind,items(name,size,updated),nextPageToken',
      ...(after === undefined ? {} : { startOffset: after }),
      ...(pageToken === '' ? {} : { pageToken }),
    };
    const page = fieldsOf(await must({ query })) as Page;
    if (page.kind !== 'storage#objects') throw noListing(words);
    for (const { name, size, updated } of page.items ?? []) {
      // Google's listing begins with this name.
      if (name !== after) yield { name, bytes: Number(size), changedAtMs: Date.parse(updated) };
    }
    pageToken = page.nextPageToken || undefined;
  }
}
