/** One container of an object store that speaks HTTP: its calls, and the sentence for a call that it refuses. */
import { errorCode } from './answer-fields.ts';
import { type KeptToken, sendWithToken } from './bearer-token.ts';
import { ObjectStoreError } from './object-store-error.ts';
import {
  type RequestBounds,
  request,
  requestOnce,
  type SignedRequest,
  type StoreAnswer,
  usualBounds,
} from './requests.ts';

/** The sentence for a refused request, with the remedy. */
export function refusalOf(
  answer: StoreAnswer,
  { description, container, credentials, remedyFor }: StoreWords,
): ObjectStoreError {
  const code = errorCode(answer);
  const said = `${answer.status}${code === '' ? '' : ` ${code}`}`;
  if (isContainerMissing(answer))
    return new ObjectStoreError(
      `${description}: there is no such ${container}. Create it, or correct its name.`,
    );
  const remedy = remedyFor?.(answer) ?? null;
  if (remedy !== null) return new ObjectStoreError(`${description} refuses us (${said}): ${remedy}.`);
  if (answer.status === 401 || answer.status === 403)
    return new ObjectStoreError(
      `${description} refuses us (${said}): look at ${credentials}, and at what they may do there.`,
    );
  return new ObjectStoreError(`${description} answered ${said}.`);
}

/** Whether there is no such object, in a container that is there. */
export function isObjectMissing(answer: StoreAnswer): boolean {
  return answer.status === 404 && !isContainerMissing(answer);
}

export function textOf({ body }: Pick<StoreAnswer, 'body'>): string {
  return Buffer.from(body).toString('utf8');
}

function isContainerMissing(answer: StoreAnswer): boolean {
  if (/NoSuchBucket|ContainerNotFound|InvalidBucketName/.test(errorCode(answer))) return true;
  // Google has one code for a bucket and an object that are not there.
  return answer.status === 404 && /bucket does not exist/.test(textOf(answer));
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
  /** Bytes of the answer that are read; see {@link usualBounds}. */
  readonly answerBytesMax?: number | undefined;
}

export interface StoreWords {
  readonly description: string;
  /** Such as `bucket`. */
  readonly container: string;
  /** Where the credentials come from. */
  readonly credentials: string;
  /** For a refusal that stores of this kind alone have, such as `set AWS_REGION to eu-west-1`; null for others. */
  readonly remedyFor?: (answer: StoreAnswer) => string | null;
}

/** One container of an object store. */
export interface StoreClient {
  readonly words: StoreWords;
  /** Any answer; repeated when there is none. @throws ObjectStoreError when there is none then */
  call(asked: StoreCall): Promise<StoreAnswer>;
  /** Any answer; never repeated. @returns null when there is none @throws ObjectStoreError when it was not sent */
  callOnce(asked: StoreCall): Promise<StoreAnswer | null>;
  /** An answer of success; repeated when there is none. @throws ObjectStoreError */
  must(asked: StoreCall): Promise<StoreAnswer>;
}

export interface StoreClientOptions {
  /** For one answer, in milliseconds; see {@link usualBounds}. */
  readonly timeoutMs?: number | undefined;
  /** Of the tokens that requests are signed with. */
  readonly forget?: KeptToken['forget'] | undefined;
}

export function createStoreClient(
  words: StoreWords,
  sign: (asked: StoreCall) => Promise<SignedRequest>,
  { timeoutMs = usualBounds.timeoutMs, forget = () => false }: StoreClientOptions = {},
): StoreClient {
  const boundsOf = ({ answerBytesMax = usualBounds.answerBytesMax }: StoreCall) => ({
    timeoutMs,
    answerBytesMax,
  });
  const sending =
    <Answer extends StoreAnswer | null>(
      send: (
        description: string,
        sign: () => Promise<SignedRequest>,
        bounds: RequestBounds,
      ) => Promise<Answer>,
    ) =>
    (asked: StoreCall) =>
      sendWithToken(
        () => sign(asked),
        (signing) => send(words.description, signing, boundsOf(asked)),
        forget,
      );
  const call = sending(request);
  return {
    words,
    call,
    callOnce: sending(requestOnce),
    async must(asked) {
      const answer = await call(asked);
      if (answer.status >= 300) throw refusalOf(answer, words);
      return answer;
    },
  };
}

/** `a/b c` → `a/b%20c`. */
export function encodedPath(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

/** For an answer of success that is no listing: it must not count as an empty one. */
export function noListing({ description }: StoreWords): ObjectStoreError {
  return new ObjectStoreError(
    `${description} does not answer with a listing of objects: does another program answer at its address?`,
  );
}

/** The parameters of an address. A space is `%20`, which all stores read as one; not all do so with `+`. */
export function encodedQuery(query: Readonly<Record<string, string>>): string {
  return new URLSearchParams(query).toString().replaceAll('+', '%20');
}

/** Null when there is no such object. @throws ObjectStoreError */
export async function readWhole(
  { call, words }: StoreClient,
  asked: StoreCall & { readonly answerBytesMax: number | undefined },
): Promise<Uint8Array | null> {
  const answer = await call(asked);
  if (answer.status < 300) return answer.body;
  if (isObjectMissing(answer)) return null;
  throw refusalOf(answer, words);
}

/** Succeeds also when there is no such object. @throws ObjectStoreError */
export async function removeObject({ call, words }: StoreClient, key: string): Promise<void> {
  const answer = await call({ method: 'DELETE', key });
  if (answer.status >= 300 && !isObjectMissing(answer)) throw refusalOf(answer, words);
}
