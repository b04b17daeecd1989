import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CatalogChange, CatalogOutcome } from '../../src/domain/decide-catalog.ts';
import { onHandMax } from '../../src/domain/product.ts';
import {
  imagePath,
  imagesLookedAtMax,
  type ProductImage,
  unnamedImagesKeptMs,
} from '../../src/domain/product-image.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { aMovement, anImage, aProduct, aSubmission, described, testEpochMs } from '../builders.ts';
import { assertVerifiesClean, type OpenStore, onHandOf, place, withStore } from './opened-store.ts';

const mug = aProduct({ sku: 'mug', name: 'Mug', onHand: 5 });

function aChange(given: Partial<CatalogChange>): CatalogChange {
  return {
    atMs: testEpochMs,
    products: [],
    movements: [],
    onlyIfEmpty: false,
    isTrial: false,
    movesAddedOnly: false,
    ...given,
  };
}

async function refusedCodes(store: OrderStore, given: Partial<CatalogChange>): Promise<readonly string[]> {
  const outcome = await store.changeCatalog(aChange(given));
  return outcome.kind === 'refused'
    ? outcome.problems.map(({ of, index, code }) => `${of} ${index} ${code}`)
    : [outcome.kind];
}

const effectsOf = (outcome: CatalogOutcome) =>
  outcome.kind === 'changed'
    ? [...outcome.products, ...outcome.movements].map(({ effect }) => effect)
    : [outcome.kind];

export function describeChangingCatalogue(openStore: OpenStore): void {
  describe('a change of the catalogue', () => {
    const dearer = (expectedRevision: number | null) => [
      { product: { ...described(mug), priceCents: 2 }, expectedRevision },
    ];

    test('counts the revisions of a product; one that changes nothing counts nothing', () =>
      withStore(openStore, [mug], async (store, reopen) => {
        assert.deepEqual(effectsOf(await store.changeCatalog(aChange({ products: dearer(1), atMs: 9 }))), [
          'changed',
        ]);
        assert.deepEqual(effectsOf(await store.changeCatalog(aChange({ products: dearer(2) }))), [
          'unchanged',
        ]);
        const { revision, createdAtMs, priceCents } = (await (await reopen()).findProduct('mug')) ?? {};
        assert.deepEqual([revision, createdAtMs, priceCents], [2, testEpochMs, 2]);
      }));

    test('of another revision than expected is refused with the one that there is, and all that came with it', () =>
      withStore(openStore, [mug], async (store) => {
        const outcome = await store.changeCatalog(
          aChange({
            products: [{ product: described(aProduct({ sku: 'a' })), expectedRevision: 0 }, ...dearer(3)],
            movements: [aMovement({ sku: 'mug' })],
          }),
        );
        assert.ok(outcome.kind === 'refused');
        const [problem] = outcome.problems;
        assert.ok(problem?.code === 'stale');
        assert.deepEqual([problem.index, problem.current?.revision], [1, 1]);
        assert.equal(await store.findProduct('a'), null);
        assert.equal(await onHandOf(store, 'mug'), 5);
        assert.deepEqual(await refusedCodes(store, { products: dearer(0) }), ['product 0 stale']);
      }));

    test('of one revision is made by one of many at once', () =>
      withStore(openStore, [mug], async (store) => {
        const outcomes = await Promise.all(
          Array.from({ length: 12 }, (_, nth) =>
            store.changeCatalog(
              aChange({
                products: [{ product: { ...described(mug), priceCents: 100 + nth }, expectedRevision: 1 }],
              }),
            ),
          ),
        );
        assert.equal(outcomes.filter(({ kind }) => kind === 'changed').length, 1);
        assert.equal((await store.findProduct('mug'))?.revision, 2);
      }));

    test('that is a trial is decided and not made', () =>
      withStore(openStore, [mug], async (store) => {
        const change = aChange({
          products: [...dearer(null), { product: described(aProduct({ sku: 'a' })), expectedRevision: null }],
          movements: [aMovement({ sku: 'a', units: 3 })],
        });
        const expected = ['changed', 'added', 'moved'];
        assert.deepEqual(effectsOf(await store.changeCatalog({ ...change, isTrial: true })), expected);
        assert.equal(await store.findProduct('a'), null);
        assert.equal((await store.findProduct('mug'))?.priceCents, mug.priceCents);
        assert.deepEqual(effectsOf(await store.changeCatalog(change)), expected);
        assert.equal(await onHandOf(store, 'a'), 3);
      }));

    test('leaves old orders as they were, and prices new ones', () =>
      withStore(openStore, [mug], async (store) => {
        const before = await place(store, aSubmission({ lines: [{ sku: 'mug', quantity: 1 }] }));
        await store.changeCatalog(aChange({ products: dearer(null) }));
        assert.deepEqual(await store.findOrder(before.orderId), before);
        assert.equal(
          (await place(store, aSubmission({ lines: [{ sku: 'mug', quantity: 1 }] }))).totalCents,
          2,
        );
      }));
  });

  describeLedger(openStore);
  describePictures(openStore);
}

function describeLedger(openStore: OpenStore): void {
  describe('the stock ledger', () => {
    test('tells each movement of a product, newest first, in pages that meet', () =>
      withStore(openStore, [mug, aProduct({ sku: 'tent-4p' })], async (store, reopen) => {
        const count = aMovement({
          sku: 'mug',
          units: -2,
          reason: 'count',
          note: 'Counted twice.',
          actor: 'cli',
        });
        const found = aMovement({ sku: 'mug', units: 1, reason: 'found', reference: 'Shelf 山 7', atMs: 12 });
        await store.moveStock([count, aMovement({ units: 4 }), found]);
        const reopened = await reopen();
        const all = await reopened.listStockMovements('mug', null, 10);
        const told = all.movements.map(({ movementId: _, ...movement }) => movement);
        assert.deepEqual(told, [found, count, aMovement({ sku: 'mug', units: 5 })]);
        assert.equal(all.hasMore, false);
        const first = await reopened.listStockMovements('mug', null, 2);
        assert.deepEqual(first, { movements: all.movements.slice(0, 2), hasMore: true });
        const rest = await reopened.listStockMovements('mug', first.movements[1]?.movementId ?? 0, 2);
        assert.deepEqual(rest, { movements: all.movements.slice(2), hasMore: false });
        for (const sku of ['ghost', '', 'mug\0'])
          assert.deepEqual(await reopened.listStockMovements(sku, null, 2), {
            movements: [],
            hasMore: false,
          });
        assert.equal(await onHandOf(reopened, 'mug'), 4);
      }));

    test('never goes below zero, nor beyond the bound, and an order has its say', () =>
      withStore(openStore, [mug], async (store) => {
        await place(store, aSubmission({ lines: [{ sku: 'mug', quantity: 2 }] }));
        const take = (units: number) => [aMovement({ sku: 'mug', units, reason: 'damage' as const })];
        const outcome = await store.changeCatalog(aChange({ movements: take(-4) }));
        assert.deepEqual(outcome, {
          kind: 'refused',
          problems: [{ of: 'movement', index: 0, code: 'below_zero', onHand: 3 }],
        });
        assert.deepEqual(await refusedCodes(store, { movements: take(-3) }), ['changed']);
        const more = [aMovement({ sku: 'mug', units: onHandMax }), aMovement({ sku: 'mug', units: 1 })];
        assert.deepEqual(await refusedCodes(store, { movements: more }), ['movement 1 above_max']);
        assert.equal(await onHandOf(store, 'mug'), 0);
      }));

    test('of several movements is all or nothing', () =>
      withStore(openStore, [mug], async (store) => {
        const movements = [
          aMovement({ sku: 'mug', units: 2 }),
          aMovement({ sku: 'ghost' }),
          aMovement({ sku: 'mug', units: 3, reason: 'theft' }),
          aMovement({ sku: 'mug', units: -1 }),
        ];
        assert.deepEqual(await refusedCodes(store, { movements }), [
          'movement 1 unknown_product',
          'movement 2 must_be_fewer',
          'movement 3 must_be_more',
        ]);
        assert.equal(await onHandOf(store, 'mug'), 5);
        assert.equal((await store.listStockMovements('mug', null, 9)).movements.length, 1);
      }));

    test('makes a movement of one reference once for each product, and refuses another under it', () =>
      withStore(openStore, [mug, aProduct({ sku: 'tent-4p', onHand: 1 })], async (store, reopen) => {
        const delivery = [
          aMovement({ sku: 'mug', units: 7, reference: 'PO-1' }),
          aMovement({ units: 7, reference: 'PO-1' }),
        ];
        const made = await store.changeCatalog(aChange({ movements: [...delivery, ...delivery] }));
        assert.deepEqual(effectsOf(made), ['moved', 'moved', 'repeated', 'repeated']);
        const reopened = await reopen();
        assert.deepEqual(effectsOf(await reopened.changeCatalog(aChange({ movements: delivery }))), [
          'repeated',
          'repeated',
        ]);
        assert.equal(await onHandOf(reopened, 'mug'), 12);
        const earlier = { units: 7, reason: 'receipt' as const };
        for (const other of [{ units: 8 }, { units: 7, reason: 'found' as const }]) {
          const movements = [aMovement({ sku: 'mug', reference: 'PO-1', ...other })];
          assert.deepEqual(await reopened.changeCatalog(aChange({ movements })), {
            kind: 'refused',
            problems: [{ of: 'movement', index: 0, code: 'reference_reused', earlier }],
          });
        }
        assert.equal(await onHandOf(reopened, 'mug'), 12);
        const another = [aMovement({ sku: 'mug', units: 8, reference: 'po-1' })];
        assert.deepEqual(await refusedCodes(reopened, { movements: another }), ['changed']);
      }));

    test('that is for added products alone moves no other, but for what their reference has moved', () =>
      withStore(openStore, [mug], async (store) => {
        const change = {
          products: [{ product: described(aProduct({ sku: 'a' })), expectedRevision: null }],
          movements: [aMovement({ sku: 'a', units: 2, reference: 'list' })],
          movesAddedOnly: true,
        };
        assert.deepEqual(await refusedCodes(store, change), ['changed']);
        assert.deepEqual(effectsOf(await store.changeCatalog(aChange(change))), ['unchanged', 'repeated']);
        const more = [...change.movements, aMovement({ sku: 'mug', reference: 'list' })];
        assert.deepEqual(await refusedCodes(store, { ...change, movements: more }), [
          'movement 1 reference_required',
        ]);
        assert.deepEqual([await onHandOf(store, 'a'), await onHandOf(store, 'mug')], [2, 5]);
      }));

    test('makes one movement when many ask for it at once', () =>
      withStore(openStore, [mug], async (store) => {
        const movements = [aMovement({ sku: 'mug', units: 1, reference: 'once' })];
        const outcomes = await Promise.all(
          Array.from({ length: 12 }, () => store.changeCatalog(aChange({ movements }))),
        );
        assert.deepEqual(new Set(outcomes.flatMap(effectsOf)), new Set(['moved', 'repeated']));
        assert.equal(await onHandOf(store, 'mug'), 6);
      }));

    test('and orders at once never oversell', () =>
      withStore(openStore, [mug], async (store) => {
        const taking = Array.from({ length: 8 }, () =>
          store.changeCatalog(
            aChange({ movements: [aMovement({ sku: 'mug', units: -1, reason: 'theft' })] }),
          ),
        );
        const ordering = Array.from({ length: 8 }, () =>
          store.commitBatch([aSubmission({ lines: [{ sku: 'mug', quantity: 1 }] })]),
        );
        await Promise.all([...taking, ...ordering]);
        assert.equal(await onHandOf(store, 'mug'), 0);
        await assertVerifiesClean(store);
      }));
  });
}

function describePictures(openStore: OpenStore): void {
  describe('pictures', () => {
    test('come back as they were saved, each once by its hash', () =>
      withStore(openStore, [], async (store, reopen) => {
        const large = anImage(Uint8Array.from({ length: 1024 * 1024 }, (_, i) => (i * 7919) % 251));
        const small = { ...anImage(), width: 3, height: 4_096, mediaType: 'image/avif' as const };
        await store.saveImages([small, large]);
        await store.saveImages([large]);
        await store.saveImages([]);
        const look = async (opened: OrderStore) => {
          for (const image of [small, large]) {
            const found = await opened.findImage(image.hash);
            assert.deepEqual({ ...found, bytes: null }, { ...image, bytes: null });
            assert.ok(Buffer.from(found?.bytes ?? []).equals(image.bytes));
          }
          for (const hash of ['', 'x', large.hash.toUpperCase(), `${large.hash}\0`])
            assert.equal(await opened.findImage(hash), null);
        };
        await look(store);
        await look(await reopen());
      }));

    test('go when no product has named them for thirty days, and not before', () =>
      withStore(openStore, [], async (store) => {
        const [first, second, never, shared] = [1, 2, 3, 4].map((n) => anImage(Uint8Array.of(n)));
        assert.ok(first && second && never && shared);
        const day = 24 * 60 * 60 * 1000;
        const clear = async (days: number) => (await store.clearImages(days * day)).cleared;
        const show = (sku: string, image: ProductImage, days: number) =>
          store.saveProducts([described({ ...mug, sku, imageUrl: imagePath(image) })], days * day);
        const left = async () => {
          const found = await Promise.all(
            [first, second, never, shared].map(({ hash }) => store.findImage(hash)),
          );
          return found.map((image) => (image === null ? '-' : 'x')).join('');
        };
        await store.saveImages([first, never, shared], 0);
        await show('mug', first, 1);
        await show('cup', shared, 1);
        await show('pot', shared, 1);
        assert.equal(await clear(29.999), 0);
        assert.equal(await clear(30), 1, 'one that no product ever named');
        assert.equal(await left(), 'x--x');

        await store.saveImages([second], 40 * day);
        await show('mug', second, 40);
        await show('cup', second, 40);
        assert.equal(await clear(69.999), 0);
        assert.equal(await left(), 'xx-x');
        assert.equal(await clear(70), 1, 'the one that a product gave up; another has the shared one');
        assert.equal(await left(), '-x-x');

        await show('pot', second, 80);
        await store.saveImages([shared], 100 * day);
        assert.equal(await clear(110), 0, 'it was sent again, and may be about to be named');
        await show('pot', shared, 111);
        assert.equal(await clear(1_000), 0);
        assert.equal(await left(), '-x-x');
        await assertVerifiesClean(store);
      }));

    test('go so many at a time', () =>
      withStore(openStore, [], async (store) => {
        const images = Array.from({ length: imagesLookedAtMax + 1 }, (_, n) => anImage(Uint8Array.of(n, 7)));
        await store.saveImages(images, 0);
        const dueMs = unnamedImagesKeptMs;
        assert.deepEqual(await store.clearImages(dueMs), { cleared: imagesLookedAtMax, isMore: true });
        assert.deepEqual(await store.clearImages(dueMs), { cleared: 1, isMore: false });
        assert.deepEqual(await store.clearImages(dueMs), { cleared: 0, isMore: false });
      }));

    test('belong to the products that name them', () =>
      withStore(openStore, [], async (store) => {
        await store.saveImages([anImage()]);
        await store.saveProducts([described({ ...mug, imageUrl: imagePath(anImage()) })]);
        assert.equal((await store.findProduct('mug'))?.imageUrl, imagePath(anImage()));
      }));
  });
}
