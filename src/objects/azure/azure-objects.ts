/** Objects in a container of Azure Blob Storage, with or without a hierarchical namespace (ADLS Gen2): block blobs. */
import { errorCode } from '../answer-fields.ts';
import { createOutcomeOf } from '../conditional-write.ts';
import type { ObjectStore, ObjectStoreOptions } from '../object-store.ts';
import { readWhole, removeObject } from '../store-client.ts';
import { listContainer, openContainer } from './azure-client.ts';

/** The second is of a signature that may create blobs, and not overwrite them: Azure looks at it before the condition. */
const existsCode = /^(BlobAlreadyExists|UnauthorizedBlobOverwrite)$/;

/**
 * @param root of the container, such as `https://account.blob.core.windows.net/lake`
 * @throws ObjectStoreError without credentials
 */
export function openAzureObjects(root: string, options: ObjectStoreOptions): ObjectStore {
  const client = openContainer(root, options);
  const put = (key: string, body: Uint8Array, more: Readonly<Record<string, string>> = {}) => {
    const headers = { 'x-ms-blob-type': 'BlockBlob', ...more };
    return { method: 'PUT', key, headers, body };
  };
  return {
    description: root,
    list: (prefix, after) => listContainer(client, prefix, after),
    read: (key, bytesMax) => readWhole(client, { key, answerBytesMax: bytesMax }),
    async write(key, body) {
      await client.must(put(key, body));
    },
    async create(key, body) {
      const answer = await client.callOnce(put(key, body, { 'if-none-match': '*' }));
      return createOutcomeOf(answer, client.words, (one) => existsCode.test(errorCode(one)));
    },
    remove: (key) => removeObject(client, key),
  };
}
