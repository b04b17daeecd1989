/**
 * Files of any size in a bucket of Google Cloud Storage: a file of more than one part is a resumable upload
 * (https://cloud.google.com/storage/docs/performing-resumable-uploads). The object appears with its last part, and an upload
 * that was left ends after a week.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fieldsOf } from '../answer-fields.ts';
import { readObject, readPart, readParts } from '../file-parts.ts';
import { type FileStore, storedObjects } from '../file-store.ts';
import type { ObjectStoreOptions } from '../object-store.ts';
import { ObjectStoreError } from '../object-store-error.ts';
import { isTransient, partBytes, retryAfterMs, type StoreAnswer } from '../requests.ts';
import { refusalOf, removeObject, type StoreCall, type StoreClient } from '../store-client.ts';
import { listGcsBucket, openGcsBucket, uploading } from './gcs-client.ts';

/** @throws ObjectStoreError when the environment has wrong credentials, or an address that others can listen to */
export function openGcsFiles(bucket: string, options: ObjectStoreOptions): FileStore {
  const client = openGcsBucket(bucket, options);
  return {
    description: client.words.description,
    list: (prefix) => storedObjects(listGcsBucket(client, prefix)),
    read: (key) =>
      readObject(client, {
        // JSON has no HEAD.
        head: { key, query: { fields: 'generation' } },
        version(found) {
          const { generation } = fieldsOf(found);
          return typeof generation === 'string' ? generation : null;
        },
        part(range, version) {
          const condition = version === null ? {} : { ifGenerationMatch: version };
          return { key, query: { alt: 'media', ...condition }, headers: { range } };
        },
        versionHeader: 'x-goog-generation',
      }),
    write: (key, path) => writeObject(client, key, path),
    remove: (key) => removeObject(client, key),
  };
}

async function writeObject(client: StoreClient, key: string, path: string): Promise<void> {
  for await (const body of readParts(path, partBytes)) {
    if (body.length === partBytes) return writeInParts(client, key, path);
    await client.must(uploading(key, body));
  }
}

/**
 * Goes on from the byte that Google names, which may be within a part. A part without an answer is not sent again blindly:
 * Google is asked how far it got.
 */
async function writeInParts(client: StoreClient, key: string, path: string): Promise<void> {
  const { bytes, query } = await startUpload(client, key, path);
  for (let at = 0, triesLost = 0; ; ) {
    const body = await readPart(path, at, partBytes);
    const answer = await sendPart(client, { method: 'PUT', query, body }, at, bytes);
    if (answer.status < 300) return;
    if (answer.status !== 308) throw refusalOf(answer, client.words);
    const next = Number(/^bytes=0-(\d+)$/.exec(answer.headers.get('range') ?? '')?.[1] ?? -1) + 1;
    if (next > at) triesLost = 0;
    else {
      const waitMs = retryAfterMs[triesLost];
      if (waitMs === undefined)
        throw new ObjectStoreError(`${client.words.description} does not take byte ${at} of ${key}.`);
      await sleep(waitMs);
      triesLost += 1;
    }
    at = next;
  }
}

interface Upload {
  readonly bytes: number;
  /** What names the upload in a call. */
  readonly query: Readonly<Record<string, string>>;
}

/** With the sum of the file, which Google checks at the end. */
async function startUpload({ must, words }: StoreClient, key: string, path: string): Promise<Upload> {
  const digest = createHash('md5');
  let bytes = 0;
  for await (const part of readParts(path, partBytes)) {
    digest.update(part);
    bytes += part.length;
  }
  const query = { uploadType: 'resumable', name: key };
  const { headers } = await must({
    method: 'POST',
    query,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ name: key, md5Hash: digest.digest('base64') }),
  });
  // Not the address itself: our credentials go to the host that the operator has named, and to no other.
  const id = uploadIdIn(headers.get('location') ?? '');
  if (id === null) throw new ObjectStoreError(`${words.description} does not take ${key} in parts.`);
  return { bytes, query: { ...query, upload_id: id } };
}

function uploadIdIn(location: string): string | null {
  const id = /[?&]upload_id=([^&]+)/.exec(location)?.[1];
  try {
    return id === undefined ? null : decodeURIComponent(id);
  } catch {
    // No address has it so: another program answers.
    return null;
  }
}

/** @returns the answer to the part; without one, how far the upload got */
async function sendPart(
  { call, callOnce }: StoreClient,
  asked: StoreCall & { readonly body: Uint8Array },
  at: number,
  bytes: number,
): Promise<StoreAnswer> {
  const { body } = asked;
  if (body.length > 0) {
    const range = `bytes ${at}-${at + body.length - 1}/${bytes}`;
    // When the part could not be sent, the question tells why.
    const answer = await callOnce({ ...asked, headers: { 'content-range': range } }).catch(() => null);
    if (answer !== null && !isTransient(answer)) return answer;
  }
  return call({ ...asked, headers: { 'content-range': `bytes */${bytes}` }, body: new Uint8Array() });
}
