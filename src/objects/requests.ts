/**
 * Requests to a store of objects: bounded in time and memory. {@link request} repeats a request, {@link requestOnce}
 * never does. A failure is one sentence.
 */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
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

export interface StoreAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/**
 * Repeats the request when no answer came, or a 5xx: only for requests that may be repeated without harm.
 * @throws ObjectStoreError when the store does not answer
 */
export async function request(
  description: string,
  sign: () => Promise<SignedRequest>,
  bounds: RequestBounds = usualBounds,
): Promise<StoreAnswer> {
  for (let tries = 0; ; tries += 1) {
    const waitMs = retryAfterMs[tries];
    try {
      const answer = await send(await sign(), bounds, {});
      if (!isTransient(answer) || waitMs === undefined) return answer;
    } catch (error) {
      if (error instanceof ObjectStoreError) throw error;
      if (waitMs === undefined || error instanceof TooLongError)
        throw unreachable(description, error, bounds);
    }
    await sleep(waitMs);
  }
}

/**
 * Sends the request at most once, on a connection of its own: a runtime may repeat a request by itself when the
 * server has closed a connection that was kept.
 * @returns null when the store may have got the request, but did not answer
 * @throws ObjectStoreError when the store has not got the request
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
    if (isUnsent(error)) throw unreachable(description, error, bounds);
    return null;
  }
}

/** Whether the same request may succeed a little later. */
export function isTransient({ status }: StoreAnswer): boolean {
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

function unreachable(description: string, cause: unknown, bounds: RequestBounds): ObjectStoreError {
  if (cause instanceof TooLongError) {
    return new ObjectStoreError(
      `${description} gave an answer of more than ${bounds.answerBytesMax} bytes, which is more than is read of it.`,
      { cause },
    );
  }
  return new ObjectStoreError(
    `${description} can't be reached: ${reasonOf(cause, bounds)}. Is the address right, and the network up?`,
    { cause },
  );
}

/** Never the address: a signature (SAS) may be in it. */
function reasonOf(error: unknown, { timeoutMs }: RequestBounds): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `no answer within ${timeoutMs / 1_000} s`;
  return codeOf(error) ?? 'no answer';
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
