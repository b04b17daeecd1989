/**
 * Calls of WebHDFS (https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html). The name node
 * answers itself, or names the data node that a second request goes to.
 */
import { isLoopback } from '../../program/loopback.ts';
import { errorCode, fieldsOf } from '../answer-fields.ts';
import type { ObjectStoreOptions } from '../object-store.ts';
import { ObjectStoreError } from '../object-store-error.ts';
import {
  type RequestBounds,
  repeated,
  request,
  requestOnce,
  type StoreAnswer,
  tryRequest,
  usualBounds,
} from '../requests.ts';
import { encodedPath, encodedQuery, refusalOf, type StoreWords } from '../store-client.ts';
import { exchangeWithDataNode, type SentFile } from './data-node-exchange.ts';
import { activeOf } from './name-nodes.ts';
import type { WebhdfsAddress } from './webhdfs-address.ts';

export interface HdfsCall {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  /** From the root of the file system, with a slash in front. */
  readonly path: string;
  /** `op` and its parameters. */
  readonly query: Readonly<Record<string, string>>;
}

/** Bytes, or a file of this machine, which is read while it is sent. */
export type SentContent = Uint8Array | SentFile;

export interface WebhdfsClient {
  readonly words: StoreWords;
  /** Any answer of the active name node; repeated when there is none. */
  call(asked: HdfsCall): Promise<StoreAnswer>;
  /** Any answer of the name node; never repeated. Null when there is none. */
  callOnce(asked: HdfsCall): Promise<StoreAnswer | null>;
  /**
   * Any answer of a data node, or that of a name node which names none. Repeated when there is no answer; the name node
   * may then name another data node.
   */
  transfer(asked: HdfsCall, content: SentContent | null, answerBytesMax: number): Promise<StoreAnswer>;
}

/** @throws ObjectStoreError when the environment does not say which user this is */
export function openWebhdfs(address: WebhdfsAddress, options: ObjectStoreOptions): WebhdfsClient {
  const user = readUser(options.environment);
  const bounds = { ...usualBounds, timeoutMs: options.timeoutMs ?? usualBounds.timeoutMs };
  const words = {
    description: describe(address),
    container: 'folder',
    credentials: 'HADOOP_USER_NAME or WEBHDFS_DELEGATION_TOKEN',
  };
  const atActive = activeOf(words.description, address.origins, bounds.timeoutMs);
  const signed = (origin: string, { method, path, query }: HdfsCall) => ({
    method,
    url: `${origin}/webhdfs/v1${encodedPath(path)}?${encodedQuery({ ...query, ...user })}`,
    headers: {},
  });
  const call: WebhdfsClient['call'] = (asked) =>
    repeated(() =>
      atActive((origin) => tryRequest(words.description, async () => signed(origin, asked), bounds)),
    );
  return {
    words,
    call,
    callOnce: (asked) =>
      atActive((origin) => requestOnce(words.description, async () => signed(origin, asked), bounds)),
    async transfer({ method, path, query }, content, answerBytesMax) {
      const asked = { method, path, query: { ...query, noredirect: 'true' } };
      try {
        return await request(
          words.description,
          async () => {
            const url = dataNodeOf(await call(asked), address, words);
            const headers = content === null ? {} : { 'content-type': 'application/octet-stream' };
            return { method, url, headers, ...(content instanceof Uint8Array ? { body: content } : {}) };
          },
          { ...bounds, answerBytesMax, ...exchangeOf(content) },
        );
      } catch (error) {
        if (error instanceof OtherAnswer) return error.answer;
        throw error;
      }
    },
  };
}

function exchangeOf(content: SentContent | null): Pick<RequestBounds, 'exchange' | 'sentBytes'> {
  if (content === null || content instanceof Uint8Array) return { exchange: exchangeWithDataNode(null) };
  return { exchange: exchangeWithDataNode(content), sentBytes: content.bytes };
}

function describe({ origins, folder }: WebhdfsAddress): string {
  const [first = '', ...others] = origins;
  const scheme = first.startsWith('https:') ? 'swebhdfs' : 'webhdfs';
  return `${scheme}://${[first, ...others].map((origin) => origin.replace(/^https?:\/\//, '')).join()}${folder}`;
}

/** The name node did not name a data node. */
class OtherAnswer extends ObjectStoreError {
  readonly answer: StoreAnswer;

  constructor(answer: StoreAnswer) {
    super('The name node names no data node.');
    this.answer = answer;
  }
}

/**
 * The content, and the token in the address, stay on the way that was chosen: over TLS, or on this machine. Older name nodes
 * redirect although they are asked not to.
 */
function dataNodeOf(named: StoreAnswer, { origins }: WebhdfsAddress, words: StoreWords): string {
  if (named.status !== 200 && named.status !== 307) throw new OtherAnswer(named);
  const location = named.headers.get('location') ?? (fieldsOf(named)['Location'] as string | undefined) ?? '';
  const { protocol, hostname } = URL.canParse(location) ? new URL(location) : { protocol: '', hostname: '' };
  if (protocol === 'https:') return location;
  if (protocol === 'http:' && origins[0]?.startsWith('http:')) {
    const isLocal = origins.every((origin) => isLoopback(new URL(origin).hostname));
    if (!isLocal || isLoopback(hostname)) return location;
    throw new ObjectStoreError(
      `${words.description} names a data node on another machine, where the data would go without encryption: use swebhdfs:, or a host name of the name node that other machines know.`,
    );
  }
  throw new ObjectStoreError(
    `${words.description} names a data node at no address that can be used${protocol === '' ? '' : ` (${protocol})`}: look at dfs.http.policy of the cluster.`,
  );
}

/** The sentence for a refused call, with the remedy. */
export function hdfsRefusal(answer: StoreAnswer, words: StoreWords): ObjectStoreError {
  const remedies: Readonly<Record<string, string>> = {
    StandbyException: 'is a standby name node: name the active one, or both with a comma',
    SafeModeException: 'is in safe mode, in which nothing can be written: wait until the cluster has left it',
    DSQuotaExceededException: 'has no room left: its quota is used up',
    NSQuotaExceededException: 'has no room left: its quota of names is used up',
    InvalidToken: 'does not take WEBHDFS_DELEGATION_TOKEN: renew it, or get another',
  };
  const code = errorCode(answer);
  const remedy = remedies[code];
  if (remedy !== undefined) return new ObjectStoreError(`${words.description} ${remedy} (${code}).`);
  return refusalOf(answer, words);
}

function readUser(environment: ObjectStoreOptions['environment']): Readonly<Record<string, string>> {
  const token = environment['WEBHDFS_DELEGATION_TOKEN'];
  if (token) return { delegation: token };
  const user = environment['HADOOP_USER_NAME'];
  if (user) return { 'user.name': user };
  throw new ObjectStoreError(
    'No user for WebHDFS: set HADOOP_USER_NAME, or WEBHDFS_DELEGATION_TOKEN on a cluster with Kerberos.',
  );
}
