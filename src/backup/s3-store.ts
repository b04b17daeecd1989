/** S3 and stores that speak its protocol: AWS, MinIO, Ceph, R2 … aws4fetch signs the calls. */
import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { isLoopback } from '../program/loopback.ts';
import { BackupRefusedError } from '../storage/backup-copy.ts';
import { type AwsCredentials, readAwsCredentials } from './aws-credentials.ts';
import type { ObjectStore, StoredObject } from './object-location.ts';
import {
  createStoreClient,
  partBytesFor,
  readObject,
  readParts,
  removeObject,
  request,
  type StoreAnswer,
  type StoreClient,
  xmlText,
} from './object-requests.ts';

/** Parts of one object: S3's own bound. */
const partsMax = 10_000;

type Variables = Readonly<Record<string, string | undefined>>;

/** @throws BackupRefusedError without credentials, or when others could read the backups on their way */
export function openS3Store(bucket: string, environment: Variables): ObjectStore {
  const client = openBucket(bucket, environment);
  return {
    description: client.words.description,
    list: (prefix) => listObjects(client, prefix),
    read: (key) => readObject(client, key, 'range'),
    write: (key, path) => writeObject(client, key, path),
    remove: (key) => removeObject(client, key),
  };
}

function openBucket(bucket: string, environment: Variables): StoreClient {
  const credentials = readAwsCredentials(environment);
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || 'us-east-1';
  const root = rootOf(bucket, region, environment);
  const words = {
    description: `s3://${bucket}`,
    container: 'bucket',
    credentials: 'the AWS credentials and region',
  };
  return createStoreClient(
    words,
    ({ method = 'GET', key = '', query = {}, headers = {}, body }) =>
      request(words.description, async () => {
        const url = `${root}/${key.split('/').map(encodeURIComponent).join('/')}?${new URLSearchParams(query)}`;
        return sign(credentials, region, { method, url: url.replace(/\?$/, ''), headers }, body);
      }),
    // A multipart upload that fails at its end answers 200 with an error as the body.
    (answer, asked) => answer.status >= 300 || (asked.method === 'POST' && /<Error>/.test(textOf(answer))),
  );
}

async function listObjects({ must }: StoreClient, prefix: string): Promise<readonly StoredObject[]> {
  const objects: StoredObject[] = [];
  for (let token: string | null = ''; token !== null; ) {
    const query = {
      'list-type': '2',
      'encoding-type': 'url',
      prefix,
      ...(token === '' ? {} : { 'continuation-token': token }),
    };
    const xml = textOf(await must({ query }));
    for (const [, content = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const key = decodeURIComponent((xmlText(content, 'Key') ?? '').replaceAll('+', ' '));
      objects.push({ key, changedAtMs: Date.parse(xmlText(content, 'LastModified') ?? '') });
    }
    token = xmlText(xml, 'NextContinuationToken');
  }
  return objects;
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

/** Other endpoints have buckets as folders. AWS has them as hosts, except for names with dots, which no certificate covers. */
function rootOf(bucket: string, region: string, environment: Variables): string {
  const endpoint = environment['AWS_ENDPOINT_URL_S3'] || environment['AWS_ENDPOINT_URL'];
  if (endpoint) {
    assertSafe(endpoint);
    return `${endpoint.replace(/\/+$/, '')}/${bucket}`;
  }
  if (bucket.includes('.')) return `https://s3.${region}.amazonaws.com/${bucket}`;
  return `https://${bucket}.s3.${region}.amazonaws.com`;
}

/** Requests are signed, but others on the network could read names and addresses. */
function assertSafe(endpoint: string): void {
  const { protocol, hostname } = URL.canParse(endpoint) ? new URL(endpoint) : { protocol: '', hostname: '' };
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return;
  throw new BackupRefusedError(
    'AWS_ENDPOINT_URL must be an https: address, or an http: one of this machine: a backup holds names and addresses.',
  );
}

/** It signs the body's sum too, so that the store refuses a body that was altered on the way. */
async function sign(
  credentials: AwsCredentials,
  region: string,
  { method, url, headers }: { method: string; url: string; headers: Readonly<Record<string, string>> },
  body: Uint8Array | string | undefined,
) {
  const sum = createHash('sha256')
    .update(body ?? '')
    .digest('hex');
  const signed = await new AwsV4Signer({
    ...credentials,
    service: 's3',
    region,
    method,
    url,
    headers: { ...headers, 'X-Amz-Content-Sha256': sum },
  }).sign();
  return {
    method,
    url: signed.url.href,
    headers: Object.fromEntries(signed.headers),
    ...(body === undefined ? {} : { body }),
  };
}

function textOf({ body }: StoreAnswer): string {
  return Buffer.from(body).toString('utf8');
}
