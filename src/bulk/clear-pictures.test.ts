import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClearedImages } from '../storage/order-store.ts';
import { startPictureClearing } from './clear-pictures.ts';

function clearing(parts: readonly (ClearedImages | Error)[]) {
  const waiting = [...parts];
  const told: unknown[] = [];
  const pictures = startPictureClearing({
    store: {
      async clearImages(nowMs) {
        assert.equal(nowMs, 7);
        const part = waiting.shift() ?? assert.fail('asked too often');
        if (part instanceof Error) throw part;
        return part;
      },
    },
    nowMs: () => 7,
    onCleared: (count) => told.push(count),
    onFailed: (error) => told.push(error),
  });
  return { pictures, told, waiting };
}

test('pictures are cleared part by part until there is no more, and told once', async () => {
  const { pictures, told, waiting } = clearing([
    { cleared: 3, isMore: true },
    { cleared: 0, isMore: true },
    { cleared: 1, isMore: false },
  ]);
  await pictures.done();
  pictures.stop();
  assert.deepEqual([told, waiting], [[4], []]);
});

test('nothing is told when there is nothing to clear', async () => {
  const { pictures, told } = clearing([{ cleared: 0, isMore: false }]);
  await pictures.done();
  pictures.stop();
  assert.deepEqual(told, []);
});

test('a failure is told with what was cleared before it, and does not end the service', async () => {
  const failure = new Error('the disk is full');
  const { pictures, told } = clearing([{ cleared: 2, isMore: true }, failure]);
  await pictures.done();
  pictures.stop();
  assert.deepEqual(told, [failure, 2]);
});

test('a service that stops begins no further part', async () => {
  const { pictures, told, waiting } = clearing([
    { cleared: 1, isMore: true },
    { cleared: 1, isMore: false },
  ]);
  pictures.stop();
  await pictures.done();
  assert.deepEqual([told, waiting.length], [[], 2]);
});
