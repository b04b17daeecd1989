/** A bucket of S3, or of a store that speaks its protocol: AWS, MinIO, Ceph, R2 … aws4fetch signs the calls. */
import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { isLoopback } from '../../program/loopback.ts';
import { errorCode } from '../answer-fields.ts';
import type { ListedObject, ObjectStoreOptions } from '../object-store.ts';
import { ObjectStoreError } from '../object-store-error.ts';
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
import { type AwsCredentials, openAwsCredentials } from './aws-credentials.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** @throws ObjectStoreError without credentials, or when others could read the objects on their way */
export function openBucket(bucket: string, { environment, timeoutMs }: ObjectStoreOptions): StoreClient {
  const credentials = openAwsCredentials(environment);
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || 'us-east-1';
  const root = rootOf(bucket, region, environment);
  const words = {
    description: `s3://${bucket}`,
    container: 'bucket',
    credentials: 'the AWS credentials and region',
    remedyFor,
  };
  return createStoreClient(
    words,
    async ({ method = 'GET', key = '', query = {}, headers = {}, body }) => {
      const url = `${root}/${encodedPath(key)}?${encodedQuery(query)}`;
      return sign(credentials(), region, { method, url: url.replace(/\?$/, ''), headers }, body);
    },
    { timeoutMs },
  );
}

function remedyFor(answer: StoreAnswer): string | null {
  const code = errorCode(answer);
  if (code === 'RequestTimeTooSkewed') return 'the clock of this machine is wrong; set it right';
  if (code === 'ExpiredToken' || code === 'TokenRefreshRequired')
    return 'the session of the credentials has ended; get new ones';
  // Amazon redirects to the region of a bucket, or says that the signature is for another one.
  if (answer.status !== 301 && answer.status !== 307 && code !== 'AuthorizationHeaderMalformed') return null;
  const region = answer.headers.get('x-amz-bucket-region') ?? xmlText(textOf(answer), 'Region');
  return `the bucket is in another region; set AWS_REGION to ${region !== null && /^[\w-]+$/.test(region) ? region : 'that one'}`;
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

/** Requests are signed, but others on the network could read the objects. */
function assertSafe(endpoint: string): void {
  const { protocol, hostname } = URL.canParse(endpoint) ? new URL(endpoint) : { protocol: '', hostname: '' };
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return;
  throw new ObjectStoreError(
    'AWS_ENDPOINT_URL must be an https: address, or an http: one of this machine: others on the way could read and replace the objects.',
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

/**
 * In the order of names. The keys come as XML has them: stores encode them for addresses in two ways, which differ in
 * what `+` means.
 * @param after only keys behind it
 */
export async function* listBucket(
  { must, words }: StoreClient,
  prefix: string,
  after?: string,
): AsyncGenerator<ListedObject> {
  for (let token: string | null = ''; token !== null; ) {
    const query = {
      'list-type': '2',
      prefix,
      ...(token !== ''
        ? { 'continuation-token': token }
        : after === undefined
          ? {}
          : { 'start-after': after }),
    };
    const xml = textOf(await must({ query }));
    if (!xml.includes('<ListBucketResult')) throw noListing(words);
    for (const [, content = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      yield {
        name: xmlText(content, 'Key') ?? '',
        bytes: Number(xmlText(content, 'Size')),
        changedAtMs: Date.parse(xmlText(content, 'LastModified') ?? ''),
      };
    }
    token = xmlText(xml, 'NextContinuationToken') || null;
    if (token === null && xmlText(xml, 'IsTruncated') === 'true') {
      throw new ObjectStoreError(
        `${words.description} lists its first objects alone: it does not know the second version of listings (list-type=2). Use another store.`,
      );
    }
  }
}
