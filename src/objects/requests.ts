/**
 * Requests to a store of objects: bounded in time and memory. {@link request} repeats a request, {@link requestOnce}
 * never does. A failure is one sentence.
 */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './answer-fields.ts';
import { ObjectStoreError } from './object-store-error.ts';

/** A request, signed anew for each try. */
export interface SignedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** Bytes that one request for a part of a file sends or fetches; so much of a file is in memory at a time. */
export const partBytes = 16 * 1024 ** 2;

/** Sends a request once. The chunks may fail later. */
export type Exchange = (
  signed: SignedRequest,
  init: RequestInit & { readonly signal: AbortSignal },
) => Promise<Exchanged>;

export interface Exchanged {
  readonly status: number;
  readonly headers: Headers;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface RequestBounds {
  /** For the whole answer, in milliseconds; bytes that are sent or fetched get {@link bytesPerMs} more time. */
  readonly timeoutMs: number;
  /** Of an answer, which is read into memory. */
  readonly answerBytesMax: number;
  /** By `fetch` unless told. */
  readonly exchange?: Exchange;
  /** Of a body that {@link exchange} has itself. */
  readonly sentBytes?: number;
}

export const usualBounds: RequestBounds = { timeoutMs: 120_000, answerBytesMax: partBytes };

/** A transfer of 1 Mbit/s or more never times out. */
const bytesPerMs = 125;

/** Waits before the tries after the first, in milliseconds. */
export const retryAfterMs: readonly number[] = [300, 1_000, 3_000];

/** A store that asks for a longer wait gets so much of it, in milliseconds. */
export const askedWaitMsMax = 30_000;

export interface StoreAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** The store did not answer, or was not reached: another try may succeed. */
export class UnansweredError extends ObjectStoreError {}

/**
 * Repeats the request when no answer came, or one by which another try may succeed: only for requests that may be repeated
 * without harm.
 * @throws ObjectStoreError when the store does not answer
 */
export function request(
  description: string,
  sign: () => Promise<SignedRequest>,
  bounds: RequestBounds = usualBounds,
): Promise<StoreAnswer> {
  return repeated(() => tryRequest(description, sign, bounds));
}

/**
 * One try of a request that may be repeated.
 * @throws UnansweredError when there is no answer, and ObjectStoreError when it is too long
 */
export async function tryRequest(
  description: string,
  sign: () => Promise<SignedRequest>,
  bounds: RequestBounds,
): Promise<StoreAnswer> {
  const signed = await sign();
  try {
    return await send(signed, bounds, {});
  } catch (error) {
    if (error instanceof TooLongError) {
      throw new ObjectStoreError(
        `${description} gave an answer of more than ${bounds.answerBytesMax} bytes, which is more than is read of it.`,
        { cause: error },
      );
    }
    throw unreachable(description, error, bounds.timeoutMs);
  }
}

/**
 * Four tries, with waits between them.
 * @returns the first answer that another try would not change, or the last
 * @throws ObjectStoreError when the last try has no answer
 */
export async function repeated(attempt: () => Promise<StoreAnswer>): Promise<StoreAnswer> {
  for (let tries = 0; ; tries += 1) {
    const waitMs = retryAfterMs[tries];
    let askedMs = 0;
    try {
      const answer = await attempt();
      if (!isTransient(answer) || waitMs === undefined) return answer;
      askedMs = askedWaitMs(answer.headers.get('retry-after'), Date.now());
    } catch (error) {
      if (!(error instanceof UnansweredError)) throw error;
      if (waitMs === undefined) throw new ObjectStoreError(error.message, { cause: error.cause });
    }
    await sleep(Math.max(waitMs, askedMs));
  }
}

/**
 * How long a store asks us to wait, in milliseconds; {@link askedWaitMsMax} at most.
 * @param retryAfter seconds or a date (RFC 9110, section 10.2.3); null for none
 */
export function askedWaitMs(retryAfter: string | null, nowMs: number): number {
  if (retryAfter === null) return 0;
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - nowMs;
  return ms > 0 ? Math.min(ms, askedWaitMsMax) : 0;
}

/**
 * Sends the request at most once, on a connection of its own: a runtime may repeat a request by itself when the
 * server has closed a connection that was kept.
 * @returns null when the store may have got the request, but did not answer
 * @throws UnansweredError when the store has not got the request
 */
export async function requestOnce(
  description: string,
  sign: () => Promise<SignedRequest>,
  bounds: RequestBounds = usualBounds,
): Promise<StoreAnswer | null> {
  const signed = await sign();
  try {
    return await send(signed, bounds, { keepalive: false });
  } catch (error) {
    if (isUnsent(error)) throw unreachable(description, error, bounds.timeoutMs);
    return null;
  }
}

/** Whether the same request may succeed a little later. */
export function isTransient(answer: StoreAnswer): boolean {
  const { status } = answer;
  // S3 has these for a body that came too slowly, and for another write of the name that is under way.
  if (status === 400) return errorCode(answer) === 'RequestTimeout';
  if (status === 409) return /^(OperationAborted|ConditionalRequestConflict)$/.test(errorCode(answer));
  return status >= 500 || status === 429 || status === 408;
}

async function byFetch({ url, ...signed }: SignedRequest, init: RequestInit): Promise<Exchanged> {
  const { status, headers, body } = await fetch(url, {
    ...init,
    ...signed,
    redirect: 'manual',
  } as RequestInit);
  return { status, headers, chunks: body ?? Readable.from([]) };
}

async function send(
  signed: SignedRequest,
  { timeoutMs, answerBytesMax, exchange = byFetch, sentBytes: bodyBytes = 0 }: RequestBounds,
  init: RequestInit,
): Promise<StoreAnswer> {
  const controller = new AbortController();
  const endsAtMs = performance.now() + timeoutMs;
  let timer: NodeJS.Timeout | undefined;
  const allow = (bytes: number) => {
    clearTimeout(timer);
    const late = () => controller.abort(new DOMException('no answer in time', 'TimeoutError'));
    timer = setTimeout(late, endsAtMs + bytes / bytesPerMs - performance.now());
  };
  const sentBytes = signed.body?.length ?? bodyBytes;
  allow(sentBytes);
  try {
    const { signal } = controller;
    const { status, headers, chunks } = await exchange(signed, { ...init, signal });
    const read: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > answerBytesMax) throw new TooLongError();
      read.push(chunk);
      allow(sentBytes + bytes);
    }
    return { status, headers, body: Buffer.concat(read) };
  } catch (error) {
    // Some clients tell that a signal has ended the request, and not why.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    // The rest of an answer that is too long is not fetched.
    controller.abort();
  }
}

class TooLongError extends Error {}

/** Never with the address: a signature (SAS) may be in it. */
export function unreachable(description: string, cause: unknown, timeoutMs: number): UnansweredError {
  const isLate = cause instanceof Error && cause.name === 'TimeoutError';
  const reason = isLate ? `no answer within ${timeoutMs / 1_000} s` : (codeOf(cause) ?? 'no answer');
  return new UnansweredError(
    `${description} can't be reached: ${reason}. Is the address right, and the network up?`,
    { cause },
  );
}

/** The codes of Node and Bun for a connection that was not made. */
function isUnsent(error: unknown): boolean {
  return /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ConnectionRefused|FailedToOpenSocket)$/.test(
    codeOf(error) ?? '',
  );
}

function codeOf(error: unknown): string | null {
  const { cause } = (error ?? {}) as { cause?: unknown };
  const code = [error, cause].map((one) => (one as { code?: unknown } | undefined)?.code).find(Boolean);
  return typeof code === 'string' ? code : null;
}
