import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesNeeded, checkpointPages, type LogRoom, logBytesKept } from './log-room.ts';

const mebi = 1024 ** 2;

function aRoom(room: Partial<LogRoom> = {}): LogRoom {
  return { diskBytes: 1024 * mebi, freeBytes: 900 * mebi, logBytes: 0, growthBytes: 0, ...room };
}

describe('the room of the write-ahead log', () => {
  it('is a part of what is free, so that a checkpoint begins sooner on a small disk', () => {
    const pagesMax = 16_384;
    assert.equal(checkpointPages(aRoom({ freeBytes: 512 * mebi }), pagesMax), pagesMax);
    assert.equal(checkpointPages(aRoom({ freeBytes: 512 * mebi - 8 * 4_096 }), pagesMax), pagesMax - 1);
    assert.equal(checkpointPages(aRoom({ freeBytes: 8 * mebi, logBytes: 8 * mebi }), pagesMax), 512);
    assert.equal(checkpointPages(aRoom({ freeBytes: 0 }), pagesMax), 64);
    assert.equal(checkpointPages(aRoom({ freeBytes: 900 * mebi }), 10), 10);
  });

  it('keeps twice what a checkpoint begins at, and gives back what a peak took', () => {
    assert.equal(logBytesKept(aRoom(), 16_384), 128 * mebi);
    assert.equal(logBytesKept(aRoom({ freeBytes: 0, logBytes: 16 * mebi }), 16_384), 4 * mebi);
  });

  it('is refused when what a checkpoint writes and the margin would not fit', () => {
    assert.equal(bytesNeeded(aRoom(), 16 * mebi), 16 * mebi);
    assert.equal(bytesNeeded(aRoom({ logBytes: 512, growthBytes: 5 }), 16 * mebi), 16 * mebi + 6);
    // Not more than an eighth of a small disk.
    assert.equal(bytesNeeded(aRoom({ diskBytes: 16 * mebi }), 16 * mebi), 2 * mebi);
    assert.equal(bytesNeeded(aRoom({ growthBytes: 7 }), 0), 7);
  });

  it('is not bounded where the file system does not tell', () => {
    const unknown = aRoom({ diskBytes: Number.POSITIVE_INFINITY, freeBytes: Number.POSITIVE_INFINITY });
    assert.equal(checkpointPages(unknown, 16_384), 16_384);
    assert.ok(bytesNeeded(unknown, 16 * mebi) < unknown.freeBytes);
  });
});
