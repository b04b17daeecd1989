/** What every store of objects promises, against real servers of others' making. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { compareNames } from '../../src/objects/object-name.ts';
import type { ObjectStore } from '../../src/objects/object-store.ts';
import { ObjectStoreError } from '../../src/objects/object-store-error.ts';
import { openObjectStore } from '../../src/objects/open-object-store.ts';
import { proveCreate } from '../../src/objects/prove-create.ts';
import { removeLeftovers, temporaryFolder } from '../../src/objects/store-below.ts';
import type { Environment } from './object-servers.ts';

export interface ObjectStoreKind {
  readonly name: string;
  readonly skip: string | false;
  readonly start: () => Promise<StartedStore>;
  /** Names that this kind of store refuses. */
  readonly refusedNames?: readonly string[];
  /** Objects on a page of a listing; 1,000 unless told, 100 or more. */
  readonly pageMax?: number;
}

export interface StartedStore extends AsyncDisposable {
  readonly address: string;
  readonly environment: Environment;
}

const oddNames = [
  'a b',
  'a+b',
  'a%20b',
  'a=b&c',
  "it's (1)!*",
  'ä-日本-😀',
  'ﬀ',
  'x#y?z',
  '~$@,;',
  '<"quotes">',
  'a:b',
  '_under',
  '.dot',
];

export function describeObjectStore({
  name: kind,
  skip,
  start,
  refusedNames = [],
  pageMax = 1_000,
}: ObjectStoreKind): void {
  describe(`objects in ${kind}`, { skip }, () => {
    let started: StartedStore;
    before(async () => {
      if (skip === false) started = await start();
    });
    after(async () => started?.[Symbol.asyncDispose]());

    /** Each test has a prefix of its own. */
    const open = () =>
      openObjectStore(`${started.address}/${randomUUID()}`, 'LAKE_URL', {
        environment: started.environment,
      });

    it('are created once, and their store proves it', async () => {
      const store = open();
      await proveCreate(store);
      assert.deepEqual(await namesIn(store, temporaryFolder), []);
      assert.equal(await store.create('log/0.json', Buffer.from('first')), 'created');
      assert.equal(await store.create('log/0.json', Buffer.from('second')), 'exists');
      assert.equal(await textOf(store, 'log/0.json'), 'first');
      await store.write('log/0.json', Buffer.from('third'));
      assert.equal(await textOf(store, 'log/0.json'), 'third');
      assert.deepEqual(await namesIn(store), ['log/0.json']);
    });

    it('have one winner of many creators', async () => {
      const store = open();
      for (let round = 0; round < 5; round += 1) {
        const name = `log/${round}.json`;
        const outcomes = await Promise.all(
          Array.from({ length: 8 }, (_, creator) => store.create(name, Buffer.from(String(creator)))),
        );
        const winners = outcomes.flatMap((outcome, creator) => (outcome === 'created' ? [creator] : []));
        assert.equal(winners.length, 1, String(outcomes));
        assert.equal(outcomes.filter((outcome) => outcome === 'exists').length, 7, String(outcomes));
        assert.equal(await textOf(store, name), String(winners[0]));
      }
    });

    it('are listed in the order of their names, from a name on', async () => {
      const store = open();
      const numbers = Array.from({ length: pageMax + 5 }, (_, index) => `m/${numbered(index)}.json`);
      const names = [...numbers, 'm-1', 'm.json', 'm0', 'm/deep/x'].sort(compareNames);
      // Shuffled, so that the order is not that of writing.
      const shuffled = names.toSorted((a, b) => (a.at(-6) ?? '').localeCompare(b.at(-6) ?? ''));
      for (let at = 0; at < shuffled.length; at += 16)
        await Promise.all(shuffled.slice(at, at + 16).map((name) => store.write(name, Buffer.from(name))));
      assert.deepEqual(await namesIn(store), names);
      const startedAt = performance.now();
      const tens = `m/${numbered(pageMax - 1).slice(0, -1)}`;
      assert.deepEqual(await namesIn(store, tens), numbers.slice(pageMax - 10, pageMax));
      for (const from of [`${tens}7`, `${tens}6.json`, `${tens}6.x`])
        assert.deepEqual(await namesIn(store, 'm/', from), [...numbers.slice(pageMax - 3), 'm/deep/x'], from);
      assert.deepEqual(await namesIn(store, '', 'm.json'), names.slice(2));
      assert.deepEqual(await namesIn(store, 'm/deep/x'), ['m/deep/x']);
      assert.deepEqual(await namesIn(store, 'nothing/'), []);
      assert.ok(performance.now() - startedAt < 30_000);
      for await (const { name, bytes, changedAtMs } of store.list('m.')) {
        assert.deepEqual({ name, bytes }, { name: 'm.json', bytes: 6 });
        assert.ok(Math.abs(Date.now() - changedAtMs) < 600_000, String(changedAtMs));
      }
    });

    it('have names of many characters', async () => {
      const store = open();
      const kept = oddNames.filter((name) => !refusedNames.includes(name));
      for (const name of kept) {
        assert.equal(await store.create(`odd/${name}/x`, Buffer.from(name)), 'created', name);
        assert.equal(await store.create(`odd/${name}/x`, Buffer.from('')), 'exists', name);
        assert.equal(await textOf(store, `odd/${name}/x`), name);
        assert.deepEqual(await namesIn(store, `odd/${name}`), [`odd/${name}/x`]);
      }
      const paths = kept.map((name) => `odd/${name}/x`).sort(compareNames);
      assert.deepEqual(await namesIn(store), paths);
      for (const path of paths) await store.remove(path);
      assert.deepEqual(await namesIn(store), []);
      for (const name of refusedNames)
        await assert.rejects(store.create(name, Buffer.from('')), ObjectStoreError);
    });

    it('have names that lead nowhere else', async () => {
      const store = open();
      for (const name of [
        '',
        '/x',
        'x/',
        'x//y',
        '../x',
        'x/../../y',
        './x',
        'x\\y',
        'x\n',
        '\ud800',
        'x\ufffe',
      ]) {
        for (const call of [
          () => store.read(name),
          () => store.write(name, Buffer.from('')),
          () => store.create(name, Buffer.from('')),
          () => store.remove(name),
        ])
          await assert.rejects(call, /can't be the name of an object/, name);
      }
      for (const prefix of ['/', '../', 'x/../', 'x//'])
        await assert.rejects(namesIn(store, prefix), /can't be the name of an object/, prefix);
    });

    it('may be empty, of one byte, and large', async () => {
      const store = open();
      for (const bytes of [0, 1, 20 * 1024 ** 2]) {
        const content = randomBytes(bytes);
        assert.equal(await store.create(`created-${bytes}`, content), 'created');
        await store.write(`written-${bytes}`, content);
        for (const name of [`created-${bytes}`, `written-${bytes}`]) {
          assert.ok(content.equals((await store.read(name)) ?? randomBytes(2)), name);
          assert.equal((await store.read(name, bytes))?.length, bytes);
          if (bytes > 0) await assert.rejects(store.read(name, bytes - 1), ObjectStoreError);
        }
      }
    });

    it('may be absent', async () => {
      const store = open();
      assert.equal(await store.read('log/none'), null);
      await store.remove('log/none');
      await store.write('log/one', Buffer.from('1'));
      assert.equal(await store.read('log'), null);
      // Nothing is below an object.
      assert.equal(await store.read('log/one/below').catch(() => null), null);
      await store.remove('log/one');
      await store.remove('log/one');
      assert.equal(await store.read('log/one'), null);
      assert.equal(await store.create('log/one', Buffer.from('2')), 'created');
    });

    it('that a killed process has left go after a day', async () => {
      const store = open();
      await store.write(`${temporaryFolder}left`, Buffer.from(''));
      await store.write('kept', Buffer.from(''));
      assert.deepEqual(await namesIn(store), ['kept']);
      await removeLeftovers(store, Date.now() + 23 * 3_600_000);
      assert.deepEqual(await namesIn(store, temporaryFolder), [`${temporaryFolder}left`]);
      await removeLeftovers(store, Date.now() + 25 * 3_600_000);
      assert.deepEqual(await namesIn(store, temporaryFolder), []);
      assert.deepEqual(await namesIn(store), ['kept']);
    });
  });
}

function numbered(index: number): string {
  return String(index).padStart(6, '0');
}

/** A folder is a store without a server. */
export async function startFolder(): Promise<StartedStore> {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-objects-'));
  return {
    address: `file:${folder}/new/lake`,
    environment: {},
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true });
    },
  };
}

export async function textOf(store: ObjectStore, name: string): Promise<string | null> {
  const content = await store.read(name);
  return content === null ? null : Buffer.from(content).toString('utf8');
}

async function namesIn(store: ObjectStore, prefix = '', from?: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of store.list(prefix, from)) names.push(name);
  return names;
}
