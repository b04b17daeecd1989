/** Requests to an object store: bounded in time and memory, repeated where that helps; a failure is one sentence. */
import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackupRefusedError } from '../storage/backup-copy.ts';

/** A request, signed anew for each try. */
export interface SignedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** Bytes that one request sends or fetches; so much is in memory at a time. */
export const partBytes = 16 * 1024 ** 2;

/** For one part: 16 MiB within it need 1 Mbit/s. */
const requestTimeoutMs = 120_000;

/** Waits before the tries after the first, in milliseconds. */
const retryAfterMs = [300, 1_000, 3_000];

/** Of an answer that is read into memory, such as one page of a listing; see also {@link partBytes}. */
const answerBytesMax = 16 * 1024 ** 2;

export interface StoreAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/**
 * Repeats the request when no answer came, or a 5xx: each request here may be repeated without harm.
 * @throws BackupRefusedError when the store does not answer
 */
export async function request(description: string, sign: () => Promise<SignedRequest>): Promise<StoreAnswer> {
  for (let tries = 0; ; tries += 1) {
    const waitMs = retryAfterMs[tries];
    try {
      const { url, ...init } = await sign();
      const response = await fetch(url, {
        ...init,
        redirect: 'manual',
        signal: AbortSignal.timeout(requestTimeoutMs),
      } as RequestInit);
      const body = await readBounded(response);
      const isTransient = response.status >= 500 || response.status === 429 || response.status === 408;
      if (!isTransient || waitMs === undefined)
        return { status: response.status, headers: response.headers, body };
    } catch (error) {
      if (error instanceof BackupRefusedError) throw error;
      if (waitMs === undefined) {
        throw new BackupRefusedError(
          `${description} can't be reached: ${reasonOf(error)}. Is the address right, and the network up?`,
          { cause: error },
        );
      }
    }
    await sleep(waitMs);
  }
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > Math.max(answerBytesMax, partBytes)) throw new Error('its answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Never the address: a signature (SAS) may be in it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return `no answer within ${requestTimeoutMs / 1_000} s`;
  const { cause } = error;
  const code = [error, cause].map((one) => (one as { code?: unknown } | undefined)?.code).find(Boolean);
  return typeof code === 'string' ? code : 'no answer';
}

/** The code that both kinds of store give an error, such as NoSuchBucket. */
export function errorCode({ body, headers }: StoreAnswer): string {
  const text = Buffer.from(body).toString('utf8');
  return headers.get('x-ms-error-code') ?? /<Code>([\w.-]+)<\/Code>/.exec(text)?.[1] ?? '';
}

/** The sentence for a refused request, with the remedy. */
export function refusalOf(
  answer: StoreAnswer,
  { description, container, credentials }: StoreWords,
): BackupRefusedError {
  const code = errorCode(answer);
  const said = `${answer.status}${code === '' ? '' : ` ${code}`}`;
  if (/NoSuchBucket|ContainerNotFound|InvalidBucketName/.test(code))
    return new BackupRefusedError(
      `${description}: there is no such ${container}. Create it, or correct its name.`,
    );
  if (answer.status === 401 || answer.status === 403)
    return new BackupRefusedError(
      `${description} refuses us (${said}): look at ${credentials}, and at what they may do there.`,
    );
  return new BackupRefusedError(`${description} answered ${said}.`);
}

/** A call of a store's interface. Each store signs it in its own way. */
export interface StoreCall {
  /** GET unless told. */
  readonly method?: string;
  /** Of the object; none for the container. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

export interface StoreWords {
  readonly description: string;
  /** Such as `bucket`. */
  readonly container: string;
  /** Where the credentials come from. */
  readonly credentials: string;
}

/** One container of an object store. */
export interface StoreClient {
  readonly words: StoreWords;
  /** Any answer. @throws BackupRefusedError when there is none */
  call(asked: StoreCall): Promise<StoreAnswer>;
  /** An answer of success. @throws BackupRefusedError */
  must(asked: StoreCall): Promise<StoreAnswer>;
}

/** @param isRefusal whether an answer refuses the call, for a store that does so with other statuses too */
export function createStoreClient(
  words: StoreWords,
  call: StoreClient['call'],
  isRefusal = ({ status }: StoreAnswer, _asked: StoreCall) => status >= 300,
): StoreClient {
  return {
    words,
    call,
    async must(asked) {
      const answer = await call(asked);
      if (isRefusal(answer, asked)) throw refusalOf(answer, words);
      return answer;
    },
  };
}

/** Parts of a file, one after the other. */
export async function* readParts(path: string, bytesPerPart: number): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    for (let at = 0; ; ) {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(bytesPerPart), position: at });
      // An empty file is one part too.
      if (bytesRead === 0 && at > 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
      if (bytesRead < bytesPerPart) return;
    }
  } finally {
    await file.close();
  }
}

/** The size of each part, so that a file fits in `partsMax` parts. */
export async function partBytesFor(path: string, partsMax: number): Promise<number> {
  const { size } = await stat(path);
  return Math.max(partBytes, Math.ceil(size / partsMax));
}

/**
 * Fetches an object in parts, one request for each: a part that the network cuts off is fetched again.
 * @param get fetches the bytes of a range such as `bytes=0-1023`
 */
async function* readRanges(
  get: (range: string) => Promise<StoreAnswer>,
  refuse: (answer: StoreAnswer) => BackupRefusedError,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const answer = await get(`bytes=${at}-${at + partBytes - 1}`);
    // No byte at this offset: the object is empty, or ends here.
    if (answer.status === 416) return;
    if (answer.status !== 206 && !(answer.status === 200 && at === 0)) throw refuse(answer);
    yield answer.body;
    at += answer.body.length;
    const total = Number(/\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1] ?? at);
    if (at >= total || answer.body.length === 0) return;
  }
}

/**
 * @param rangeHeader the header that names the bytes to the store
 * @returns null when there is no such object
 * @throws BackupRefusedError
 */
export async function readObject(
  { call, words }: StoreClient,
  key: string,
  rangeHeader: 'range' | 'x-ms-range',
): Promise<AsyncGenerator<Uint8Array> | null> {
  const head = await call({ method: 'HEAD', key });
  if (head.status === 404) return null;
  if (head.status >= 300) throw refusalOf(head, words);
  return readRanges(
    (range) => call({ key, headers: { [rangeHeader]: range } }),
    (answer) => refusalOf(answer, words),
  );
}

/** Succeeds also when there is no such object. @throws BackupRefusedError */
export async function removeObject({ call, words }: StoreClient, key: string): Promise<void> {
  const answer = await call({ method: 'DELETE', key });
  if (answer.status >= 300 && answer.status !== 404) throw refusalOf(answer, words);
}

/** The text of a tag. Both kinds of store list in XML, and escape no other characters than these. */
export function xmlText(xml: string, tag: string): string | null {
  const text = new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
  if (text === undefined) return null;
  const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? '');
}
