/** Files of any size, sent and fetched in parts. */
import { open, stat } from 'node:fs/promises';
import type { ObjectStoreError } from './object-store-error.ts';
import { partBytes, type StoreAnswer } from './requests.ts';
import { refusalOf, type StoreCall, type StoreClient } from './store-client.ts';

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

/**
 * Fetches an object in parts, one request for each: a part that the network cuts off is fetched again.
 * @param get fetches the bytes of a range such as `bytes=0-1023`
 */
async function* readRanges(
  get: (range: string) => Promise<StoreAnswer>,
  refuse: (answer: StoreAnswer) => ObjectStoreError,
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

export interface ReadCalls {
  /** Tells whether the object is there. */
  readonly head: StoreCall;
  /** @param range such as `bytes=0-1023` */
  readonly part: (range: string) => StoreCall;
}

/**
 * @returns null when there is no such object
 * @throws ObjectStoreError
 */
export async function readObject(
  { call, words }: StoreClient,
  { head, part }: ReadCalls,
): Promise<AsyncGenerator<Uint8Array> | null> {
  const found = await call(head);
  if (found.status === 404) return null;
  if (found.status >= 300) throw refusalOf(found, words);
  return readRanges(
    (range) => call(part(range)),
    (answer) => refusalOf(answer, words),
  );
}

/** The calls of a store that has HEAD. @param rangeHeader the header that names the bytes to the store */
export function readCallsFor(key: string, rangeHeader: 'range' | 'x-ms-range'): ReadCalls {
  return {
    head: { method: 'HEAD', key },
    part: (range) => ({ key, headers: { [rangeHeader]: range } }),
  };
}
