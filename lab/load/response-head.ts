/** The head of an HTTP/1.1 response (RFC 9112): its status, and the three fields that say where the response ends. */

export interface ResponseHead {
  readonly status: number;
  /** Whether the server will close the connection after this response. */
  readonly closes: boolean;
  readonly isChunked: boolean;
  /** −1 when the head does not say. */
  readonly contentLength: number;
}

const contentLengthName = Buffer.from('content-length');
const transferEncodingName = Buffer.from('transfer-encoding');
const connectionName = Buffer.from('connection');

/** Where the body starts, or −1 when the empty line has not come yet. */
export function findHeadEnd(bytes: Uint8Array, from: number): number {
  for (let i = from + 3; i < bytes.length; i += 1) {
    if (bytes[i] === 0x0a && bytes[i - 2] === 0x0a && bytes[i - 1] === 0x0d) return i + 1;
  }
  return -1;
}

/** Reads the head between `from` and `to`; null when it is not one. */
export function readHead(bytes: Uint8Array, from: number, to: number): ResponseHead | null {
  // "HTTP/1.1 201"
  if (to - from < 14 || bytes[from] !== 0x48 || bytes[from + 4] !== 0x2f || bytes[from + 8] !== 0x20)
    return null;
  const status = readDecimal(bytes, from + 9, from + 12);
  if (status < 100 || status > 599) return null;
  let closes = bytes[from + 7] === 0x30;
  let contentLength = -1;
  let isChunked = false;
  let lineAt = nextLine(bytes, from, to);
  while (lineAt < to - 2) {
    const lineEnd = nextLine(bytes, lineAt, to);
    const initial = (bytes[lineAt] ?? 0) | 0x20;
    if (initial === 0x63 || initial === 0x74) {
      if (isField(bytes, lineAt, contentLengthName)) {
        const value = readDecimal(bytes, lineAt + contentLengthName.length + 1, lineEnd - 2);
        if (value < 0 || (contentLength >= 0 && contentLength !== value)) return null;
        contentLength = value;
      } else if (isField(bytes, lineAt, transferEncodingName)) {
        isChunked = fieldText(bytes, lineAt + transferEncodingName.length + 1, lineEnd).endsWith('chunked');
      } else if (isField(bytes, lineAt, connectionName)) {
        if (fieldText(bytes, lineAt + connectionName.length + 1, lineEnd).includes('close')) closes = true;
      }
    }
    lineAt = lineEnd;
  }
  return isChunked && contentLength >= 0 ? null : { status, closes, isChunked, contentLength };
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
