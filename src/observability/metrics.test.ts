import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from './metrics.ts';

test('what can’t be told now has no sample, since 0 would be taken for a full disk', async () => {
  const metrics = createMetrics(() => 0);
  let free: number | null = 7;
  metrics.watchProcess({
    version: '1',
    runtime: 'bun',
    engine: 'sqlite',
    spansDropped: () => 0,
    ofStore: [
      { name: 'nozama_disk_free_bytes', help: 'Room.', read: () => free },
      { name: 'nozama_sqlite_wal_bytes', help: 'Size.', read: () => null },
    ],
  });
  assert.match(await metrics.render(), /^nozama_disk_free_bytes 7$/m);
  free = null;
  const text = await metrics.render();
  assert.doesNotMatch(text, /^nozama_(disk_free|sqlite_wal)_bytes /m);
  free = 0;
  assert.match(await metrics.render(), /^nozama_disk_free_bytes 0$/m);
});

test('the metrics of the process are in every reading, without those that cost too much', async () => {
  const metrics = createMetrics(() => 0);
  for (const text of [await metrics.render(), await metrics.render()]) {
    assert.equal(text.match(/^process_resident_memory_bytes \d+$/gm)?.length, 1);
    assert.doesNotMatch(text, /nodejs_heap_space_size|nodejs_eventloop_lag/);
  }
});
