/** Files of any size in a bucket of S3. */
import { partBytesFor, readCallsFor, readObject, readParts } from '../file-parts.ts';
import { type FileStore, storedObjects } from '../file-store.ts';
import type { ObjectStoreOptions } from '../object-store.ts';
import { removeObject, type StoreClient } from '../store-client.ts';
import { xmlText } from '../xml-text.ts';
import { listBucket, openBucket, textOf } from './s3-client.ts';

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

async function writeInParts(
  { call, must }: StoreClient,
  key: string,
  path: string,
  bytesPerPart: number,
): Promise<void> {
  const started = textOf(await must({ method: 'POST', key, query: { uploads: '' } }));
  const uploadId = xmlText(started, 'UploadId') ?? '';
  try {
    const etags: string[] = [];
    for await (const body of readParts(path, bytesPerPart)) {
      if (body.length === 0) break;
      const query = { partNumber: String(etags.length + 1), uploadId };
      etags.push((await must({ method: 'PUT', key, query, body })).headers.get('etag') ?? '');
    }
    const parts = etags.map(
      (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`,
    );
    const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
    await must({ method: 'POST', key, query: { uploadId }, body });
  } catch (error) {
    // The parts cost money until they are removed. The first failure is the one to report.
    await call({ method: 'DELETE', key, query: { uploadId } }).catch(() => undefined);
    throw error;
  }
}
