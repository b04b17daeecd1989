/** Files of any size in a bucket of S3. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../answer-fields.ts';
import { partBytesFor, readCallsFor, readObject, readParts } from '../file-parts.ts';
import { type FileStore, storedObjects } from '../file-store.ts';
import type { ObjectStoreOptions } from '../object-store.ts';
import { ObjectStoreError } from '../object-store-error.ts';
import { retryAfterMs } from '../requests.ts';
import { refusalOf, removeObject, type StoreClient, textOf } from '../store-client.ts';
import { xmlText } from '../xml-text.ts';
import { listBucket, openBucket } from './s3-client.ts';

/** Parts of one object: S3's own bound. */
const partsMax = 10_000;

/** @throws ObjectStoreError without credentials, or when others could read the files on their way */
export function openS3Files(bucket: string, options: ObjectStoreOptions): FileStore {
  const client = openBucket(bucket, options);
  return {
    description: client.words.description,
    list: (prefix) => storedObjects(listBucket(client, prefix)),
    read: (key) => readObject(client, readCallsFor(key, 'range')),
    write: (key, path) => writeObject(client, key, path),
    remove: (key) => removeObject(client, key),
  };
}

async function writeObject(client: StoreClient, key: string, path: string): Promise<void> {
  const bytesPerPart = await partBytesFor(path, partsMax);
  for await (const body of readParts(path, bytesPerPart)) {
    if (body.length === bytesPerPart) return writeInParts(client, key, path, bytesPerPart);
    await client.must({ method: 'PUT', key, body });
  }
}

/** Names the upload in the metadata of its object. */
const uploadHeader = 'x-amz-meta-nozama-upload';

async function writeInParts(
  client: StoreClient,
  key: string,
  path: string,
  bytesPerPart: number,
): Promise<void> {
  const { call, must } = client;
  const mark = randomUUID();
  const begin = { method: 'POST', key, query: { uploads: '' }, headers: { [uploadHeader]: mark } };
  const uploadId = xmlText(textOf(await must(begin)), 'UploadId') || null;
  if (uploadId === null) {
    throw new ObjectStoreError(`${client.words.description} does not take ${key} in parts.`);
  }
  try {
    const etags: string[] = [];
    for await (const body of readParts(path, bytesPerPart)) {
      if (body.length === 0) break;
      const query = { partNumber: String(etags.length + 1), uploadId };
      etags.push((await must({ method: 'PUT', key, query, body })).headers.get('etag') ?? '');
    }
    await complete(client, { key, uploadId, mark }, etags);
  } catch (error) {
    // The parts cost money until they are removed. The first failure is the one to report.
    await call({ method: 'DELETE', key, query: { uploadId } }).catch(() => undefined);
    throw error;
  }
}

interface Upload {
  readonly key: string;
  readonly uploadId: string;
  readonly mark: string;
}

/**
 * The end of an upload may fail after it has answered 200. And when an answer is lost, the repeated call may find no such
 * upload any more: then the object tells whether it is ours.
 */
async function complete(
  { call, words }: StoreClient,
  { key, uploadId, mark }: Upload,
  etags: readonly string[],
): Promise<void> {
  const parts = etags.map(
    (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
  );
  const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
  for (let tries = 0; ; tries += 1) {
    const answer = await call({ method: 'POST', key, query: { uploadId }, body });
    const code = errorCode(answer);
    if (answer.status < 300 && code === '') return;
    const found = await call({ method: 'HEAD', key });
    if (found.status < 300 && found.headers.get(uploadHeader) === mark) return;
    const waitMs = retryAfterMs[tries];
    if (answer.status >= 300 || waitMs === undefined) throw refusalOf(answer, words);
    await sleep(waitMs);
  }
}
