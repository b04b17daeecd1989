/** The bounds that hold for every kind of store, at their edges. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameBytesMax, segmentBytesMax } from './object-name.ts';
import { type ObjectStore, objectBytesMax } from './object-store.ts';
import { storeBelow } from './store-below.ts';

/** A store that lists these names, and keeps the names that it is asked for. */
function storeOf(listed: readonly string[], asked: string[] = []): ObjectStore {
  return {
    description: 'the store',
    async *list() {
      for (const name of listed) yield { name, bytes: 0, changedAtMs: 0 };
    },
    read: async (name) => {
      asked.push(name);
      return null;
    },
    write: async (name) => void asked.push(name),
    create: async (name) => {
      asked.push(name);
      return 'created';
    },
    remove: async (name) => void asked.push(name),
  };
}

async function namesIn(store: ObjectStore, after?: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of store.list('', after)) names.push(name);
  return names;
}

describe('a store of objects', () => {
  it('has names below its prefix', async () => {
    const asked: string[] = [];
    const store = storeBelow(storeOf(['a/b/x', 'a/b/y/z'], asked), 'a/b');
    assert.deepEqual(await namesIn(store), ['x', 'y/z']);
    await store.read('x');
    assert.deepEqual(asked, ['a/b/x']);
  });

  for (const [listed, after] of [
    [['b', 'a'], undefined],
    [['a', 'a'], undefined],
    [['a'], 'a'],
    [['\u{10000}', '\uffff'], undefined],
  ] as const) {
    it(`is refused when it lists ${JSON.stringify(listed)} behind ${after ?? 'nothing'}`, async () => {
      await assert.rejects(
        namesIn(storeBelow(storeOf(listed), ''), after),
        /^ObjectStoreError: the store does not list objects in the order of their names/,
      );
    });
  }

  it('takes a content of 256 MiB, and none that is longer', async () => {
    const store = storeBelow(storeOf([]), '');
    for (const call of [store.create, store.write]) {
      await call('x', new Uint8Array(objectBytesMax));
      await assert.rejects(
        call('x', new Uint8Array(objectBytesMax + 1)),
        /x has 268435457 bytes, but an object may have 268435456 at most\./,
      );
    }
  });

  it('takes names as long as the bounds, and none that is longer', async () => {
    const segments = [
      'ä'.repeat(segmentBytesMax / 2),
      ...Array.from({ length: 4 }, () => 'x'.repeat(segmentBytesMax - 1)),
    ];
    const longest = segments.join('/');
    assert.equal(Buffer.byteLength(longest), nameBytesMax);
    await storeBelow(storeOf([]), '').read(longest);
    for (const [prefix, name] of [
      ['', `${longest}x`],
      ['p', longest],
      ['', 'x'.repeat(segmentBytesMax + 1)],
      ['', `${'ä'.repeat(segmentBytesMax / 2)}x`],
    ] as const)
      await assert.rejects(storeBelow(storeOf([]), prefix).read(name), /can't be the name of an object/);
  });
});
