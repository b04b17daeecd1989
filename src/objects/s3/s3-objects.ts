/** Objects in a bucket of S3. Amazon's directory buckets (S3 Express) do not list in the order of names, and are refused by that. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createOutcomeOf } from '../conditional-write.ts';
import type { CreateOutcome, ObjectStore, ObjectStoreOptions } from '../object-store.ts';
import { retryAfterMs } from '../requests.ts';
import { readWhole, removeObject, type StoreClient } from '../store-client.ts';
import { listBucket, openBucket } from './s3-client.ts';

/** @throws ObjectStoreError without credentials, or when others could read the objects on their way */
export function openS3Objects(bucket: string, options: ObjectStoreOptions): ObjectStore {
  const client = openBucket(bucket, options);
  return {
    description: client.words.description,
    list: (prefix, after) => listBucket(client, prefix, after),
    read: (key, bytesMax) => readWhole(client, { key, answerBytesMax: bytesMax }),
    async write(key, body) {
      await client.must({ method: 'PUT', key, body });
    },
    create: (key, body) => createObject(client, key, body),
    remove: (key) => removeObject(client, key),
  };
}

/** 409 says that other writes of the name were under way and that this one was not done: it may be sent again. */
async function createObject(client: StoreClient, key: string, body: Uint8Array): Promise<CreateOutcome> {
  for (let tries = 0; ; tries += 1) {
    const answer = await client.callOnce({ method: 'PUT', key, headers: { 'if-none-match': '*' }, body });
    const waitMs = retryAfterMs[tries];
    if (answer?.status !== 409) return createOutcomeOf(answer, client.words);
    if (waitMs === undefined) return 'unknown';
    await sleep(waitMs);
  }
}
