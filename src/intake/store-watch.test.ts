import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createStoreWatch } from './store-watch.ts';

function aWatch(writable: () => boolean) {
  const changes: unknown[] = [];
  let probes = 0;
  const watch = createStoreWatch({
    store: {
      checkWritable: async () => {
        probes += 1;
        if (!writable()) throw new Error('disk full');
      },
    },
    retryMs: 1,
    retryMaxMs: 64,
    onChange: (error) => changes.push(error),
  });
  return { watch, changes, probes: () => probes };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('store watch', () => {
  it('turns off at a failed commit and finds out by itself when writing works again', async () => {
    let diskFull = true;
    const { watch, changes, probes } = aWatch(() => !diskFull);
    const error = new Error('disk full');
    watch.commitSeen(error);
    watch.commitSeen(new Error('disk still full'));
    assert.equal(watch.isWritable(), false);
    await until(() => probes() > 2);
    assert.equal(watch.isWritable(), false);
    diskFull = false;
    await until(() => watch.isWritable());
    assert.deepEqual(changes, [error, null]);
  });

  it('is off until a first write has succeeded, and says nothing when it does at once', async () => {
    let diskFull = false;
    const good = aWatch(() => !diskFull);
    assert.equal(good.watch.isWritable(), false);
    await good.watch.prove();
    assert.equal(good.watch.isWritable(), true);
    assert.deepEqual(good.changes, []);

    diskFull = true;
    const bad = aWatch(() => !diskFull);
    await bad.watch.prove();
    assert.equal(bad.watch.isWritable(), false);
    diskFull = false;
    await until(() => bad.watch.isWritable());
    assert.deepEqual(bad.changes.map(String), ['Error: disk full', 'null']);
  });

  it('turns on at the next good commit, and writes nothing of its own while all is well', async () => {
    const { watch, probes } = aWatch(() => true);
    watch.commitSeen(null);
    assert.equal(watch.isWritable(), true);
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(probes(), 0);
    watch.commitSeen(new Error('disk full'));
    watch.commitSeen(null);
    assert.equal(watch.isWritable(), true);
    watch.stop();
  });

  it('stays off longer each time when orders fail though its own write succeeds, until one is stored', async () => {
    const { watch } = aWatch(() => true);
    const offMs: number[] = [];
    const fail = async () => {
      const beganMs = performance.now();
      watch.commitSeen(new Error('a trigger refuses orders'));
      await until(() => watch.isWritable());
      offMs.push(performance.now() - beganMs);
    };
    for (let nth = 0; nth < 8; nth += 1) await fail();
    for (const [nth, ms] of offMs.entries())
      assert.ok(ms >= Math.min(2 ** nth, 64) - 1, `off for ${ms} ms at failure ${nth}`);
    watch.commitSeen(null);
    await fail();
    assert.ok((offMs.at(-1) ?? 0) < (offMs.at(-2) ?? 0), 'a good commit ends that');
    watch.stop();
  });

  it('tries no more once it is stopped', async () => {
    const { watch, probes } = aWatch(() => false);
    watch.commitSeen(new Error('disk full'));
    await until(() => probes() > 0);
    watch.stop();
    const tried = probes();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(probes() <= tried + 1);
  });
});
