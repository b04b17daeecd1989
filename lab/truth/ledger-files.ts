/**
 * The workers' ledger files, read line by line and again at a known place.
 *
 * Always holds: memory does not grow with the ledger, one chunk and one line at a time. A line that is not
 * one (see {@link LedgerEntry}), or is longer than `lineBytesMax`, is counted and skipped; a file's last line
 * without a line end was being written when its worker ended, and is counted as cut off.
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerEntry } from './truth.ts';

export const lineBytesMax = 1_048_576;
const chunkBytes = 1_048_576;
/** Enough for nearly every line. */
const lineBytesUsual = 2_048;
const lineEnd = 0x0a;

export interface LedgerLine extends LedgerEntry {
  /** For {@link LedgerFiles.entryAt}. */
  readonly location: number;
}

export interface LedgerFiles {
  /** A reading of all files from the beginning. */
  read(): LedgerReading;
  /** The entry whose line begins there. @throws RangeError when none does */
  entryAt(location: number): LedgerEntry;
  close(): void;
}

export interface LedgerReading {
  /** The next entry; null at the end. */
  next(): LedgerLine | null;
  /** Lines so far that are no entries. */
  damaged(): number;
  /** Files so far whose last line is cut off. */
  cutOff(): number;
}

interface LedgerFile {
  readonly descriptor: number;
  readonly bytes: number;
  /** Locations count through all files, one after the other. */
  readonly from: number;
}

/** Opens every `*.tsv` of a folder, as long as they are now. @throws one sentence when it cannot */
export function openLedger(folder: string): LedgerFiles {
  const files: LedgerFile[] = [];
  const close = () => {
    for (const { descriptor } of files) closeSync(descriptor);
  };
  try {
    let from = 0;
    for (const name of readdirSync(folder).sort()) {
      if (!name.endsWith('.tsv')) continue;
      const descriptor = openSync(join(folder, name), 'r');
      const bytes = fstatSync(descriptor).size;
      files.push({ descriptor, bytes, from });
      from += bytes;
    }
  } catch (error) {
    close();
    throw new Error(`The ledger in ${folder} cannot be read: ${(error as Error).message}.`);
  }
  return { read: () => readFiles(files), entryAt: (location) => entryAt(files, location), close };
}

function readFiles(files: readonly LedgerFile[]): LedgerReading {
  const chunk = Buffer.allocUnsafe(chunkBytes + lineBytesMax);
  let fileIndex = 0;
  /** What is read of the file, what of it is in the chunk, and where in the chunk the next line begins. */
  let bytesRead = 0;
  let filled = 0;
  let at = 0;
  /** Of a line that is longer than allowed, up to its end. */
  let isSkipping = false;
  let damaged = 0;
  let cutOff = 0;

  /** False when the file has nothing more. */
  function readOn(file: LedgerFile): boolean {
    if (at > 0) {
      chunk.copyWithin(0, at, filled);
      filled -= at;
      at = 0;
    }
    if (filled >= lineBytesMax) {
      if (!isSkipping) damaged += 1;
      isSkipping = true;
      filled = 0;
    }
    const wanted = Math.min(chunkBytes, file.bytes - bytesRead);
    const got = wanted === 0 ? 0 : readSync(file.descriptor, chunk, filled, wanted, bytesRead);
    bytesRead += got;
    filled += got;
    return got > 0;
  }

  function nextFile(): void {
    if (filled > at && !isSkipping) cutOff += 1;
    fileIndex += 1;
    bytesRead = 0;
    filled = 0;
    at = 0;
    isSkipping = false;
  }

  return {
    next() {
      for (let file = files[fileIndex]; file !== undefined; file = files[fileIndex]) {
        const end = chunk.indexOf(lineEnd, at);
        if (end < 0 || end >= filled) {
          if (!readOn(file)) nextFile();
          continue;
        }
        const location = file.from + bytesRead - filled + at;
        const text = chunk.toString('utf8', at, end);
        at = end + 1;
        if (isSkipping) {
          isSkipping = false;
          continue;
        }
        const entry = parseEntry(text);
        if (entry !== null) return { ...entry, location };
        damaged += 1;
      }
      return null;
    },
    damaged: () => damaged,
    cutOff: () => cutOff,
  };
}

function entryAt(files: readonly LedgerFile[], location: number): LedgerEntry {
  const file = files.findLast(({ from }) => from <= location);
  for (let size = lineBytesUsual; file !== undefined && size <= 2 * lineBytesMax; size *= 4) {
    const bytes = Buffer.allocUnsafe(size);
    const got = readSync(file.descriptor, bytes, 0, size, location - file.from);
    const end = bytes.subarray(0, got).indexOf(lineEnd);
    const entry = end < 0 ? null : parseEntry(bytes.toString('utf8', 0, end));
    if (entry !== null) return entry;
  }
  throw new RangeError(`no entry of the ledger begins at ${location}`);
}

const keyPattern = /^[\x21-\x7e]{1,255}$/;
const statusPattern = /^(?:0|[1-5]\d\d)$/;
const digestPattern = /^[0-9a-f]{16}$/;
/** Empty: the 201 did not say where its order is. */
const pathPattern = /^(?:\/[\x21-\x7e]{1,1023})?$/;

function parseEntry(text: string): LedgerEntry | null {
  const fields = text.split('\t');
  const [key = '', status = '', path = '', digest = '', body = ''] = fields;
  if (fields.length !== 5 || body === '' || !keyPattern.test(key) || !statusPattern.test(status)) return null;
  if (status === '201' && !(digestPattern.test(digest) && pathPattern.test(path))) return null;
  return { key, status: Number(status), path, digest, body };
}

/** `0192…` of `/orders/0192…?key=…`. */
export function orderIdOf(path: string): string {
  const from = path.lastIndexOf('/orders/') + '/orders/'.length;
  const to = path.indexOf('?', from);
  return to < 0 ? path.slice(from) : path.slice(from, to);
}
