/** The body of a response: the end of one in chunks, and the bytes that are kept. */

/** Bytes that are kept; the rest is read and dropped. */
export const bodyBytesKeptMax = 65_536;

const noBytes = Buffer.alloc(0);

export interface KeptBody {
  /** Drops the kept bytes. */
  reset(): void;
  keep(bytes: Uint8Array, from: number, to: number): void;
  /** The response goes on in another chunk, and the memory of this one will be reused: copies the kept bytes. */
  own(): void;
  read(): Buffer;
}

export function createKeptBody(): KeptBody {
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  return {
    reset() {
      kept = [];
      keptBytes = 0;
    },
    keep(bytes, from, to) {
      if (keptBytes >= bodyBytesKeptMax) return;
      const part = bytes.subarray(from, Math.min(to, from + bodyBytesKeptMax - keptBytes));
      kept.push(part);
      keptBytes += part.length;
    },
    own() {
      kept = kept.length === 0 ? kept : [Buffer.concat(kept)];
    },
    read() {
      const [only] = kept;
      if (only === undefined) return noBytes;
      return kept.length === 1 && Buffer.isBuffer(only) ? only : Buffer.concat(kept);
    },
  };
}

type ChunkPart = 'size' | 'extension' | 'data' | 'data_end' | 'trailer';

export interface ChunkedBody {
  /** The next byte begins the first chunk. */
  reset(): void;
  /** Takes the bytes from `from` on. Bytes behind the end are malformed, because nobody pipelines requests. */
  feed(bytes: Uint8Array, from: number): 'more' | 'complete' | 'malformed';
}

/** RFC 9112 §7.1, byte by byte; only bodies of unknown length come this way. */
export function createChunkedBody(keep: KeptBody['keep']): ChunkedBody {
  return new ChunkReader(keep);
}

class ChunkReader implements ChunkedBody {
  readonly #keep: KeptBody['keep'];
  #part: ChunkPart = 'size';
  /** Bytes left of the chunk. */
  #remaining = 0;
  #lineLength = 0;

  constructor(keep: KeptBody['keep']) {
    this.#keep = keep;
  }

  reset(): void {
    this.#part = 'size';
    this.#remaining = 0;
    this.#lineLength = 0;
  }

  feed(bytes: Uint8Array, from: number): 'more' | 'complete' | 'malformed' {
    let at = from;
    while (at < bytes.length) {
      if (this.#part === 'data') {
        at = this.#takeData(bytes, at);
        continue;
      }
      const byte = bytes[at] ?? 0;
      at += 1;
      if (byte === 0x0d) continue;
      if (this.#part === 'trailer') {
        if (this.#isTrailerOver(byte)) return at === bytes.length ? 'complete' : 'malformed';
      } else if (!this.#takeFraming(byte)) {
        return 'malformed';
      }
    }
    return 'more';
  }

  #takeData(bytes: Uint8Array, at: number): number {
    const end = at + Math.min(this.#remaining, bytes.length - at);
    this.#keep(bytes, at, end);
    this.#remaining -= end - at;
    if (this.#remaining === 0) this.#part = 'data_end';
    return end;
  }

  /** @returns false for a byte that can't be there */
  #takeFraming(byte: number): boolean {
    if (this.#part === 'size') return this.#takeSize(byte);
    if (this.#part === 'extension') {
      if (byte === 0x0a) this.#startChunk();
      return true;
    }
    this.#part = 'size';
    this.#lineLength = 0;
    return byte === 0x0a;
  }

  #takeSize(byte: number): boolean {
    const digit = hexValue(byte);
    if (digit >= 0) {
      this.#remaining = this.#remaining * 16 + digit;
      this.#lineLength += 1;
      return this.#lineLength <= 8;
    }
    if (this.#lineLength === 0) return false;
    if (byte === 0x0a) this.#startChunk();
    else if (byte === 0x3b || byte === 0x20) this.#part = 'extension';
    else return false;
    return true;
  }

  #startChunk(): void {
    this.#part = this.#remaining === 0 ? 'trailer' : 'data';
    this.#lineLength = 0;
  }

  /** The trailer ends with an empty line. */
  #isTrailerOver(byte: number): boolean {
    if (byte !== 0x0a) {
      this.#lineLength += 1;
      return false;
    }
    const isOver = this.#lineLength === 0;
    this.#lineLength = 0;
    return isOver;
  }
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
