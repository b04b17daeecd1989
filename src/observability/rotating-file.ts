/**
 * A log file that makes itself and its folder, and moves aside when it is full: `app.log` becomes
 * `app.log.1`, that one `app.log.2` and so on, and the oldest is removed.
 *
 * Limits: `sizeMax` bytes each (a single write may go over by its own length), `filesKept` old ones. A file
 * that was removed or moved (logrotate) is noticed at the next rotation or restart.
 */
import { closeSync, fstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../program/file-system.ts';
import type { LineTarget } from './line-sink.ts';

export interface RotatingFileOptions {
  readonly path: string;
  /** Bytes, 1 or more. */
  readonly sizeMax: number;
  /** Old files beside the current one, 0 or more. */
  readonly filesKept: number;
}

export function rotatingFile({ path, sizeMax, filesKept }: RotatingFileOptions): LineTarget {
  let file: number | null = null;

  function open(): number {
    makeFolder(dirname(path));
    file = openSync(path, 'a', 0o640);
    return file;
  }

  function close(): void {
    if (file === null) return;
    closeSync(file);
    file = null;
  }

  function rotate(): number {
    close();
    rmSync(filesKept === 0 ? path : `${path}.${filesKept}`, { force: true });
    for (let age = filesKept - 1; age >= 0; age -= 1) {
      renameIfThere(age === 0 ? path : `${path}.${age}`, `${path}.${age + 1}`);
    }
    return open();
  }

  return {
    prepare(bytes) {
      const current = file ?? open();
      // Asked anew each time: a write may have failed, and others may have emptied the file.
      const { size } = fstatSync(current);
      return size > 0 && size + bytes > sizeMax ? rotate() : current;
    },
    close,
  };
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
