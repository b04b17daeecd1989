import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openLogReserve, reserveBytesFor, withReserve } from './log-reserve.ts';

const mebi = 1024 ** 2;
/** SQLITE_FULL */
const wantOfRoom = Object.assign(new Error('database or disk is full'), { errcode: 13 });

describe('the reserve on the disk', () => {
  it('grows step by step to a part of the disk, from spare room alone, and is given back as asked', () => {
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
      assert.deepEqual([reserve.release(mebi), reserve.bytes()], [mebi, 1.5 * mebi]);
      assert.deepEqual([reserve.release(2 * mebi), reserve.bytes()], [1.5 * mebi, 0]);
      assert.equal(existsSync(`${file}.reserve`), false);
      assert.equal(reserve.release(1), 0);
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

  it('gives twice as much each time, until the work is done, and keeps the rest', () => {
    inFolder((file) => {
      const reserve = openLogReserve(file);
      reserve.grow(16 * mebi, mebi);
      const seen: number[] = [];
      const work = () => {
        seen.push(reserve.bytes() / 1024);
        if (seen.length < 4) throw wantOfRoom;
        return 'done';
      };
      assert.equal(withReserve(reserve, work), 'done');
      assert.deepEqual(seen, [1024, 1024 - 128, 1024 - 128 - 256, 1024 - 128 - 256 - 512]);
    });
  });

  it('gives at once as much as is known to be missing, and nothing when that is more than it has', () => {
    inFolder((file) => {
      const reserve = openLogReserve(file);
      reserve.grow(16 * mebi, mebi);
      const fail = () => {
        throw wantOfRoom;
      };
      assert.throws(() => withReserve(reserve, fail, () => mebi + 1), wantOfRoom);
      assert.equal(reserve.bytes(), mebi);
      let tries = 0;
      withReserve(
        reserve,
        () => {
          tries += 1;
          if (tries === 1) fail();
        },
        () => 700_000,
      );
      assert.equal(reserve.bytes(), mebi - 700_000);
      assert.throws(() => withReserve(reserve, fail), wantOfRoom);
      assert.equal(reserve.bytes(), 0, 'all of it did not help');
    });
  });

  it('gives nothing to work that fails for another reason', () => {
    inFolder((file) => {
      const reserve = openLogReserve(file);
      reserve.grow(16 * mebi, mebi);
      const corrupt = Object.assign(new Error('malformed'), { errcode: 11 });
      assert.throws(
        () =>
          withReserve(reserve, () => {
            throw corrupt;
          }),
        corrupt,
      );
      assert.equal(reserve.bytes(), mebi);
    });
  });

  it('keeps what it has when the disk is broken, and not full', () => {
    inFolder((file) => {
      const reserve = openLogReserve(file);
      reserve.grow(16 * mebi, mebi);
      // SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, and as openConnection wraps it
      for (const errcode of [778, 1034]) {
        const broken = Object.assign(new Error('disk I/O error'), { errcode });
        const wrapped = new Error('can’t be opened', { cause: broken });
        for (const error of [broken, wrapped]) {
          const work = () => {
            throw error;
          };
          assert.throws(() => withReserve(reserve, work), error);
        }
      }
      assert.equal(reserve.bytes(), mebi);
      assert.deepEqual(readdirSync(dirname(file)), ['nozama.db.reserve'], 'and leaves no other file behind');
    });
  });

  it('is given back by two processes at once', () => {
    inFolder((file) => {
      const reserve = openLogReserve(file);
      reserve.grow(16 * mebi, mebi);
      // The number is asked for between the look at the file and its change: then another process removes the file.
      const whileOtherRemoves = {
        valueOf() {
          openLogReserve(file).release(mebi);
          return 1_000;
        },
      } as unknown as number;
      assert.equal(reserve.release(whileOtherRemoves), 1_000);
      assert.equal(reserve.bytes(), 0);
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
