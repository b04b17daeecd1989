/** The store in memory keeps what the port promises, as test/object-stores/object-store.contract.ts asks it of real ones. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ObjectStore } from '../../src/objects/object-store.ts';
import { openMemoryObjects } from './memory-objects.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const textIn = async (store: ObjectStore, name: string) => {
  const found = await store.read(name);
  return found === null ? null : new TextDecoder().decode(found);
};
const namesIn = (store: ObjectStore, prefix = '', after?: string) =>
  Array.fromAsync(store.list(prefix, after), ({ name }) => name);

describe('the memory of the tests', () => {
  it('creates an object when there is none', async () => {
    const store = openMemoryObjects();
    assert.equal(await store.read('_delta_log/0.json'), null);
    assert.equal(await store.create('_delta_log/0.json', bytes('first')), 'created');
    assert.equal(await store.create('_delta_log/0.json', bytes('second')), 'exists');
    assert.equal(await textIn(store, '_delta_log/0.json'), 'first');
  });

  it('replaces, lists in the order of names from a name on, and removes', async () => {
    const store = openMemoryObjects(() => 7);
    for (const name of ['b/2', 'a', 'b/1', 'c']) await store.write(name, bytes('1'));
    await store.write('b/1', bytes('22'));
    assert.equal(await textIn(store, 'b/1'), '22');
    assert.deepEqual(await namesIn(store), ['a', 'b/1', 'b/2', 'c']);
    assert.deepEqual(await namesIn(store, '', 'b/1'), ['b/2', 'c']);
    assert.deepEqual(await Array.fromAsync(store.list('b/')), [
      { name: 'b/1', bytes: 2, changedAtMs: 7 },
      { name: 'b/2', bytes: 1, changedAtMs: 7 },
    ]);
    await store.remove('b/1');
    await store.remove('b/1');
    assert.deepEqual(await namesIn(store, 'b/'), ['b/2']);
  });
});
