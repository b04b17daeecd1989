import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from '../storage/memory/memory-store.ts';
import { triesMax } from './import-part.ts';
import { type ImportOptions, importProducts } from './import-products.ts';

/** @param listAt the list as it is each time that it is read, from 1 */
function optionsFor(listAt: (reading: number) => string): ImportOptions {
  let readings = 0;
  return {
    open: async function* () {
      readings += 1;
      yield Buffer.from(listAt(readings));
    },
    format: null,
    keepsSkusIn: 'memory',
    mayReceiveStock: true,
    actor: 'test',
    origin: { actor: 'test', keyId: null, requestId: null, address: null, detail: {} },
    atMs: 0,
    loadPicture: async () => ({ problem: 'none' }),
    isDryRun: false,
    skipsBadLines: false,
    reference: 'delivery 7',
  };
}

const list = 'sku,name,price\nhat,Hat,1\nfez,Fez,4\n';

/** A store in which somebody else changes the hat before each of the first so many changes that an import makes. */
function storeWithOthers(changes: number) {
  const store = createMemoryStore();
  let changed = 0;
  return {
    ...store,
    async changeCatalog(...[change, origin]: Parameters<typeof store.changeCatalog>) {
      if (!change.isTrial && changed < changes) {
        changed += 1;
        const product = change.products.find(({ product: { sku } }) => sku === 'hat')?.product;
        assert.ok(product !== undefined);
        const products = [{ product: { ...product, priceCents: changed }, expectedRevision: null }];
        await store.changeCatalog({ ...change, products }, origin);
      }
      return store.changeCatalog(change, origin);
    },
  };
}

test('a product that somebody else changes meanwhile is read anew, and the line wins', async () => {
  const store = storeWithOthers(triesMax - 1);
  const report = await importProducts(
    store,
    optionsFor(() => list),
  );
  assert.deepEqual([report.problems, report.added, report.changed], [[], 1, 1]);
  assert.equal((await store.findProduct('hat'))?.priceCents, 100);
});

test('a product that somebody else changes each time is refused in the end, and the other lines are imported', async () => {
  const store = storeWithOthers(triesMax);
  const report = await importProducts(
    store,
    optionsFor(() => list),
  );
  assert.deepEqual(
    report.problems.map(({ line, code }) => [line, code]),
    [[2, 'changed_meanwhile']],
  );
  assert.match(report.problems[0]?.detail ?? '', /hat .* Import the line again\.$/);
  assert.equal(report.added, 1);
  assert.equal((await store.findProduct('fez'))?.priceCents, 400);
});

test('a list that got a SKU twice after it was checked ends with a mistake', async () => {
  const store = createMemoryStore();
  const report = await importProducts(
    store,
    optionsFor((reading) => (reading === 1 ? list : `${list}hat,Hat,2\n`)),
  );
  assert.deepEqual(
    report.problems.map(({ code }) => code),
    ['changed_meanwhile', 'changed_meanwhile'],
  );
});
