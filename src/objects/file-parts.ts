/** Files of any size, sent and fetched in parts. */
import { open, stat } from 'node:fs/promises';
import { ObjectStoreError } from './object-store-error.ts';
import { partBytes, type StoreAnswer } from './requests.ts';
import { isObjectMissing, refusalOf, type StoreCall, type StoreClient } from './store-client.ts';

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

/** One part. Shorter than `bytes` where the file ends. */
export async function readPart(path: string, position: number, bytes: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(bytes), position });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The size of each part, so that a file fits in `partsMax` parts. */
export async function partBytesFor(path: string, partsMax: number): Promise<number> {
  const { size } = await stat(path);
  return Math.max(partBytes, Math.ceil(size / partsMax));
}

export interface ReadCalls {
  /** Tells whether the object is there, and its version. */
  readonly head: StoreCall;
  /** Of the answer to `head`; null when it tells none. */
  readonly version: (found: StoreAnswer) => string | null;
  /**
   * Fetches a part of this version, if the object still has it.
   * @param range such as `bytes=0-1023`
   */
  readonly part: (range: string, version: string | null) => StoreCall;
  /** The header of a part with its version: a store may ignore the condition. */
  readonly versionHeader: string;
}

/**
 * Fetches an object in parts, one request for each: a part that the network cuts off is fetched again. All parts are of
 * one version of the object.
 * @returns null when there is no such object
 * @throws ObjectStoreError, also while it is read: when the object is replaced or removed meanwhile
 */
export async function readObject(
  client: StoreClient,
  calls: ReadCalls,
): Promise<AsyncGenerator<Uint8Array> | null> {
  const found = await client.call(calls.head);
  if (isObjectMissing(found)) return null;
  if (found.status >= 300) throw refusalOf(found, client.words);
  return readRanges(client, calls, calls.version(found));
}

async function* readRanges(
  { call, words }: StoreClient,
  { part, versionHeader }: ReadCalls,
  version: string | null,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const asked = part(`bytes=${at}-${at + partBytes - 1}`, version);
    const answer = await call(asked);
    const isOther = answer.status < 300 && (answer.headers.get(versionHeader) ?? version) !== version;
    if (isOther || answer.status === 412 || isObjectMissing(answer))
      throw replaced(words.description, asked.key);
    // No byte at this offset: the object is empty, or ends here.
    if (answer.status === 416) return;
    if (answer.status !== 206 && !(answer.status === 200 && at === 0)) throw refusalOf(answer, words);
    yield answer.body;
    if (answer.status === 200) return;
    const [, first, total] =
      /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers.get('content-range') ?? '') ?? [];
    if (Number(first) !== at || answer.body.length === 0) {
      throw new ObjectStoreError(
        `${words.description} does not send the bytes of ${asked.key} that it was asked for.`,
      );
    }
    at += answer.body.length;
    if (at >= Number(total)) return;
  }
}

/** For a part of an object that is not there any more. */
export function replaced(description: string, key: string | undefined): ObjectStoreError {
  return new ObjectStoreError(
    `${description}: ${key} was replaced or removed while it was read. Read it again.`,
  );
}

/** The calls of a store that has HEAD. @param rangeHeader the header that names the bytes to the store */
export function readCallsFor(key: string, rangeHeader: 'range' | 'x-ms-range'): ReadCalls {
  return {
    head: { method: 'HEAD', key },
    version: ({ headers }) => headers.get('etag'),
    part(range, version) {
      // A weak tag never matches (RFC 9110, section 13.1.1).
      const condition = version === null || version.startsWith('W/') ? {} : { 'if-match': version };
      return { key, headers: { [rangeHeader]: range, ...condition } };
    },
    versionHeader: 'etag',
  };
}
