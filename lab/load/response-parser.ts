/**
 * Reads HTTP/1.1 responses (RFC 9112) from bytes as they arrive, one response at a time.
 *
 * Trades completeness for speed: of the head it looks at the status and at the three fields that say where
 * the response ends; the body is skipped unless asked for or an
 * error. A response that lies whole in one chunk, as
 * nearly all do, is read without copying. Limits: a head of `headBytesMax`, a kept body of
 * `bodyBytesKeptMax` (the rest is read and forgotten). Bytes after the end are malformed here, because
 * nobody pipelines requests.
 */
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
export const bodyBytesKeptMax = 65_536;

const noBytes = Buffer.alloc(0);
const contentLength = Buffer.from('content-length');
const transferEncoding = Buffer.from('transfer-encoding');
const connection = Buffer.from('connection');

/** How the body ends; `head` while it is not known yet. */
type Framing = 'head' | 'length' | 'chunked' | 'close';
type ChunkPart = 'size' | 'extension' | 'data' | 'data_end' | 'trailer';

export function createResponseParser(): ResponseParser {
  let keepBody = false;
  let framing: Framing = 'head';
  let status = 0;
  let closes = false;
  let partialHead = noBytes;
  /** Bytes left of the body, or of the current chunk. */
  let remaining = 0;
  let chunkPart: ChunkPart = 'size';
  let lineLength = 0;
  let kept: Uint8Array[] = [];
  let keptBytes = 0;

  function reset(keep: boolean): void {
    keepBody = keep;
    framing = 'head';
    status = 0;
    closes = false;
    partialHead = noBytes;
    kept = [];
    keptBytes = 0;
  }

  function feed(chunk: Uint8Array): ParseProgress {
    if (framing === 'head') return feedHead(chunk);
    const progress = feedBody(chunk, 0);
    if (progress === 'more') ownLastKept();
    return progress;
  }

  function feedHead(chunk: Uint8Array): ParseProgress {
    const bytes = partialHead.length === 0 ? chunk : Buffer.concat([partialHead, chunk]);
    let at = 0;
    for (;;) {
      const end = findHeadEnd(bytes, at);
      if (end < 0) {
        if (bytes.length - at > headBytesMax) return 'malformed';
        // A copy: the socket may reuse the chunk's memory.
        partialHead = Buffer.from(bytes.subarray(at));
        return 'more';
      }
      if (!readHead(bytes, at, end)) return 'malformed';
      at = end;
      // Interim responses (RFC 9110 §15.2) come before the one that counts.
      if (status >= 200) break;
    }
    partialHead = noBytes;
    const progress = feedBody(bytes, at);
    if (progress === 'more') ownLastKept();
    return progress;
  }

  /** Reads the head between `from` and `to`; false when it is not one. */
  function readHead(bytes: Uint8Array, from: number, to: number): boolean {
    // "HTTP/1.1 201"
    if (to - from < 14 || bytes[from] !== 0x48 || bytes[from + 4] !== 0x2f || bytes[from + 8] !== 0x20)
      return false;
    status = readDecimal(bytes, from + 9, from + 12);
    if (status < 100 || status > 599) return false;
    // What went wrong is shown to somebody.
    if (status >= 400) keepBody = true;
    closes = bytes[from + 7] === 0x30;
    let length = -1;
    let chunked = false;
    let lineAt = nextLine(bytes, from, to);
    while (lineAt < to - 2) {
      const lineEnd = nextLine(bytes, lineAt, to);
      const initial = (bytes[lineAt] ?? 0) | 0x20;
      if (initial === 0x63 || initial === 0x74) {
        if (isField(bytes, lineAt, contentLength)) {
          const value = readDecimal(bytes, lineAt + contentLength.length + 1, lineEnd - 2);
          if (value < 0 || (length >= 0 && length !== value)) return false;
          length = value;
        } else if (isField(bytes, lineAt, transferEncoding)) {
          chunked = fieldText(bytes, lineAt + transferEncoding.length + 1, lineEnd).endsWith('chunked');
        } else if (isField(bytes, lineAt, connection)) {
          if (fieldText(bytes, lineAt + connection.length + 1, lineEnd).includes('close')) closes = true;
        }
      }
      lineAt = lineEnd;
    }
    if (chunked && length >= 0) return false;
    startBody(chunked, length);
    return true;
  }

  function startBody(chunked: boolean, length: number): void {
    if (status < 200) {
      framing = 'head';
    } else if (status === 204 || status === 304) {
      framing = 'length';
      remaining = 0;
    } else if (chunked) {
      framing = 'chunked';
      chunkPart = 'size';
      remaining = 0;
      lineLength = 0;
    } else if (length >= 0) {
      framing = 'length';
      remaining = length;
    } else {
      framing = 'close';
      closes = true;
    }
  }

  function feedBody(bytes: Uint8Array, from: number): ParseProgress {
    if (framing === 'chunked') return feedChunked(bytes, from);
    const available = bytes.length - from;
    if (framing === 'close') {
      keep(bytes, from, bytes.length);
      return 'more';
    }
    if (available > remaining) return 'malformed';
    if (available > 0) keep(bytes, from, bytes.length);
    remaining -= available;
    return remaining === 0 ? 'complete' : 'more';
  }

  /** RFC 9112 §7.1, byte by byte; only bodies of unknown length come this way. */
  function feedChunked(bytes: Uint8Array, from: number): ParseProgress {
    let at = from;
    while (at < bytes.length) {
      if (chunkPart === 'data') {
        const take = Math.min(remaining, bytes.length - at);
        keep(bytes, at, at + take);
        at += take;
        remaining -= take;
        if (remaining === 0) chunkPart = 'data_end';
        continue;
      }
      const byte = bytes[at] ?? 0;
      at += 1;
      if (byte === 0x0d) continue;
      if (chunkPart === 'size') {
        const digit = hexValue(byte);
        if (digit >= 0) {
          remaining = remaining * 16 + digit;
          lineLength += 1;
          if (lineLength > 8) return 'malformed';
        } else if (lineLength === 0) {
          return 'malformed';
        } else if (byte === 0x0a) {
          startChunk();
        } else if (byte === 0x3b || byte === 0x20) {
          chunkPart = 'extension';
        } else {
          return 'malformed';
        }
      } else if (chunkPart === 'extension') {
        if (byte === 0x0a) startChunk();
      } else if (chunkPart === 'data_end') {
        if (byte !== 0x0a) return 'malformed';
        chunkPart = 'size';
        lineLength = 0;
      } else if (byte !== 0x0a) {
        lineLength += 1;
      } else if (lineLength === 0) {
        return at === bytes.length ? 'complete' : 'malformed';
      } else {
        lineLength = 0;
      }
    }
    return 'more';
  }

  function startChunk(): void {
    chunkPart = remaining === 0 ? 'trailer' : 'data';
    lineLength = 0;
  }

  function keep(bytes: Uint8Array, from: number, to: number): void {
    if (!keepBody || keptBytes >= bodyBytesKeptMax) return;
    const part = bytes.subarray(from, Math.min(to, from + bodyBytesKeptMax - keptBytes));
    kept.push(part);
    keptBytes += part.length;
  }

  /** The response goes on in another chunk: what was kept of this one must not change under us. */
  function ownLastKept(): void {
    kept = kept.length === 0 ? kept : [Buffer.concat(kept)];
  }

  return {
    reset,
    feed,
    end: () => (framing === 'close' ? 'complete' : 'malformed'),
    status: () => status,
    closes: () => closes,
    body() {
      const [only] = kept;
      if (only === undefined) return noBytes;
      return kept.length === 1 && Buffer.isBuffer(only) ? only : Buffer.concat(kept);
    },
  };
}

/** Where the body starts, or −1 when the empty line has not come yet. */
function findHeadEnd(bytes: Uint8Array, from: number): number {
  for (let i = from + 3; i < bytes.length; i += 1) {
    if (bytes[i] === 0x0a && bytes[i - 2] === 0x0a && bytes[i - 1] === 0x0d) return i + 1;
  }
  return -1;
}

function nextLine(bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i += 1) if (bytes[i] === 0x0a) return i + 1;
  return to;
}

function isField(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
  if (bytes[at + name.length] !== 0x3a) return false;
  for (let i = 0; i < name.length; i += 1) if (((bytes[at + i] ?? 0) | 0x20) !== name[i]) return false;
  return true;
}

function fieldText(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.subarray(from, to)).toString('latin1').trim().toLowerCase();
}

/** Digits with optional white space around them, or −1. */
function readDecimal(bytes: Uint8Array, from: number, to: number): number {
  let value = -1;
  let isOver = false;
  for (let i = from; i < to; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === 0x20 || byte === 0x09) {
      isOver = value >= 0;
    } else if (byte < 0x30 || byte > 0x39 || isOver) {
      return -1;
    } else {
      value = (value < 0 ? 0 : value) * 10 + byte - 0x30;
    }
  }
  return value;
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
