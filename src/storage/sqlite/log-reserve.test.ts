import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openLogReserve, reserveBytesFor } from './log-reserve.ts';

const mebi = 1024 ** 2;

describe('the reserve on the disk', () => {
  it('grows step by step to a part of the disk, from spare room alone, and is given back whole', () => {
    inFolder((file) => {
      const reserve = openLogReserve(file);
      const disk = 40 * mebi;
      assert.equal(reserve.bytes(), 0);
      reserve.grow(disk, mebi - 1);
      assert.equal(reserve.bytes(), 0);
      const sizes = Array.from({ length: 4 }, () => {
        reserve.grow(disk, mebi);
        return reserve.bytes() / mebi;
      });
      assert.deepEqual(sizes, [1, 2, 2.5, 2.5]);
      assert.equal(statSync(`${file}.reserve`).mode & 0o777, 0o600);
      assert.equal(openLogReserve(file).bytes(), 2.5 * mebi, 'it is still there after a start');
      const content = readFileSync(`${file}.reserve`);
      assert.ok(gzipSync(content).length > content.length / 2, 'a file system can’t keep it for nothing');
      assert.equal(reserve.release(), 2.5 * mebi);
      assert.deepEqual([reserve.bytes(), reserve.release()], [0, 0]);
    });
  });

  it('is completed when it was cut off', () => {
    inFolder((file) => {
      const reserve = openLogReserve(file);
      for (let i = 0; i < 3; i += 1) reserve.grow(1024 * mebi, 100 * mebi);
      truncateSync(`${file}.reserve`, 1_000);
      reserve.grow(1024 * mebi, 100 * mebi);
      assert.equal(reserve.bytes(), mebi + 1_000);
    });
  });

  it('has a sixteenth of a disk, and 16 MiB at most', () => {
    assert.equal(reserveBytesFor(16 * mebi), mebi);
    assert.equal(reserveBytesFor(256 * mebi), 16 * mebi);
    assert.equal(reserveBytesFor(Number.POSITIVE_INFINITY), 16 * mebi);
  });
});

function inFolder(use: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-reserve-'));
  try {
    use(join(folder, 'nozama.db'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
