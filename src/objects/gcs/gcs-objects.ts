/** Objects in a bucket of Google Cloud Storage. */
import { createOutcomeOf } from '../conditional-write.ts';
import type { ObjectStore, ObjectStoreOptions } from '../object-store.ts';
import { readWhole, removeObject } from '../store-client.ts';
import { listGcsBucket, openGcsBucket, uploading } from './gcs-client.ts';

/** @throws ObjectStoreError when the environment has wrong credentials, or an address that others can listen to */
export function openGcsObjects(bucket: string, options: ObjectStoreOptions): ObjectStore {
  const client = openGcsBucket(bucket, options);
  return {
    description: client.words.description,
    list: (prefix, after) => listGcsBucket(client, prefix, after),
    read: (key, bytesMax) => readWhole(client, { key, query: { alt: 'media' }, answerBytesMax: bytesMax }),
    async write(key, body) {
      await client.must(uploading(key, body));
    },
    async create(key, body) {
      const answer = await client.callOnce(uploading(key, body, { ifGenerationMatch: '0' }));
      return createOutcomeOf(answer, client.words);
    },
    remove: (key) => removeObject(client, key),
  };
}
