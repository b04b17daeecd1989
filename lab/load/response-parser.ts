/**
 * Reads HTTP/1.1 responses (RFC 9112) from bytes as they arrive, one response at a time.
 *
 * Trades completeness for speed: of the head it looks at the status and at the three fields that say where
 * the response ends; the body is skipped unless it is asked for or is of an error. A response that lies whole in
 * one chunk, as nearly all do, is read without copying. Limits: a head of `headBytesMax`, a kept body of
 * `bodyBytesKeptMax` (the rest is read and forgotten). Bytes after the end are malformed here, because
 * nobody pipelines requests.
 */
import { createChunkedBody, createKeptBody } from './response-bodies.ts';
import { findHeadEnd, type ResponseHead, readHead } from './response-head.ts';

export type ParseProgress = 'more' | 'complete' | 'malformed';

export interface ResponseParser {
  /** Forgets everything; the next byte starts a response. */
  reset(keepBody: boolean): void;
  /** Takes all of the chunk, which is only used during the call unless the answer is `complete`. */
  feed(chunk: Uint8Array): ParseProgress;
  /** The server closed the connection: that completes a response without a length. */
  end(): ParseProgress;
  /** Of the response last completed. */
  status(): number;
  /** Whether the server will close the connection after this response. */
  closes(): boolean;
  /** The kept body; valid until the next call of `reset` or `feed`. */
  body(): Buffer;
}

export const headBytesMax = 16_384;

const noBytes = Buffer.alloc(0);

/** How the body ends; `head` while it is not known yet. */
type Framing = 'head' | 'length' | 'chunked' | 'close';

export function createResponseParser(): ResponseParser {
  const kept = createKeptBody();
  let keepsBody = false;
  const keep = (bytes: Uint8Array, from: number, to: number) => {
    if (keepsBody) kept.keep(bytes, from, to);
  };
  const chunked = createChunkedBody(keep);
  let framing: Framing = 'head';
  let status = 0;
  let closes = false;
  let partialHead = noBytes;
  /** Bytes left of a body whose length is known. */
  let remaining = 0;

  function feedHead(chunk: Uint8Array): ParseProgress {
    const bytes = partialHead.length === 0 ? chunk : Buffer.concat([partialHead, chunk]);
    const { head, end } = findFinalHead(bytes);
    if (head === 'malformed' || (head === null && bytes.length - end > headBytesMax)) return 'malformed';
    if (head === null) {
      // A copy: the socket may reuse the chunk's memory.
      partialHead = Buffer.from(bytes.subarray(end));
      return 'more';
    }
    begin(head);
    partialHead = noBytes;
    return feedBody(bytes, end);
  }

  function begin(head: ResponseHead): void {
    status = head.status;
    closes = head.closes;
    // The body of a failure is shown as an example.
    if (status >= 400) keepsBody = true;
    framing = framingOf(head);
    if (framing === 'close') closes = true;
    remaining = status === 204 || status === 304 ? 0 : head.contentLength;
    if (framing === 'chunked') chunked.reset();
  }

  function feedBody(bytes: Uint8Array, from: number): ParseProgress {
    const progress = framing === 'chunked' ? chunked.feed(bytes, from) : feedUncoded(bytes, from);
    if (progress === 'more') kept.own();
    return progress;
  }

  function feedUncoded(bytes: Uint8Array, from: number): ParseProgress {
    const available = bytes.length - from;
    if (framing === 'length' && available > remaining) return 'malformed';
    if (available > 0) keep(bytes, from, bytes.length);
    if (framing === 'close') return 'more';
    remaining -= available;
    return remaining === 0 ? 'complete' : 'more';
  }

  return {
    reset(keepsBodyNow) {
      keepsBody = keepsBodyNow;
      framing = 'head';
      status = 0;
      closes = false;
      partialHead = noBytes;
      kept.reset();
    },
    feed: (chunk) => (framing === 'head' ? feedHead(chunk) : feedBody(chunk, 0)),
    end: () => (framing === 'close' ? 'complete' : 'malformed'),
    status: () => status,
    closes: () => closes,
    body: kept.read,
  };
}

function framingOf({ status, isChunked, contentLength }: ResponseHead): Framing {
  if (status === 204 || status === 304) return 'length';
  if (isChunked) return 'chunked';
  return contentLength >= 0 ? 'length' : 'close';
}

/**
 * Interim responses (RFC 9110 §15.2) come before the one that counts.
 * @returns null when the head that counts has not come yet, and where the last head ended
 */
function findFinalHead(bytes: Uint8Array): {
  readonly head: ResponseHead | 'malformed' | null;
  readonly end: number;
} {
  let at = 0;
  for (;;) {
    const end = findHeadEnd(bytes, at);
    if (end < 0) return { head: null, end: at };
    const head = readHead(bytes, at, end);
    if (head === null || head.status >= 200) return { head: head ?? 'malformed', end };
    at = end;
  }
}
