/** The random operations that engine and reference model are compared by, and everything there is to read. */
import fc from 'fast-check';
import type { Command } from '../../src/domain/decide-batch.ts';
import type { CatalogChange } from '../../src/domain/decide-catalog.ts';
import { centsMax } from '../../src/domain/money.ts';
import { askedTexts, everyOrder, type OrderFilter } from '../../src/domain/order-filter.ts';
import type { CatalogProduct } from '../../src/domain/product.ts';
import { onHandMax, type Product } from '../../src/domain/product.ts';
import { askedWords, type ProductPosition, productSorts } from '../../src/domain/product-search.ts';
import { movementReasons, type StockMovement } from '../../src/domain/stock-movement.ts';
import type { Submission } from '../../src/domain/submission.ts';
import type { NewApiKey } from '../../src/storage/access-store.ts';
import type { AuditDraft, AuditOrigin } from '../../src/storage/audit-log.ts';
import type { FoundProducts, MovementPage, OrderPage, OrderStore } from '../../src/storage/order-store.ts';
import {
  aMovement,
  anApiKey,
  anAuditDraft,
  aProduct,
  aSubmission,
  described,
  keyed,
  orderIdOf,
  testEpochMs,
} from '../builders.ts';
import { line, orderStep, serialMax, skus, unknownSku } from './step-operations.ts';

export type Operation =
  | { readonly kind: 'commitBatch'; readonly commands: readonly Command[] }
  | { readonly kind: 'saveProducts'; readonly products: readonly CatalogProduct[]; readonly atMs: number }
  | { readonly kind: 'moveStock'; readonly movements: readonly StockMovement[] }
  | { readonly kind: 'changeCatalog'; readonly change: CatalogChange }
  | { readonly kind: 'createApiKey'; readonly key: NewApiKey; readonly audit: AuditDraft }
  | { readonly kind: 'revokeApiKey'; readonly keyId: string; readonly audit: AuditDraft }
  | { readonly kind: 'checkWritable' }
  | { readonly kind: 'reopen' };

/** Small pools, so that products sell out, keys collide, names tie and submissions come twice. */
const states = ['TX', 'CA', 'PR'] as const;
const names = ['Mug', 'mug', 'Zelt', 'Äxte', 'A\u0308xte', '\uffff', '😀', ''];

const product: fc.Arbitrary<Product> = fc
  .record({
    sku: fc.constantFrom(...skus),
    name: fc.constantFrom(...names),
    category: fc.constantFrom('Shelf', 'shelf', 'Äste', ''),
    description: fc.string({ unit: 'grapheme', maxLength: 6 }),
    priceCents: fc.oneof(
      { weight: 30, arbitrary: fc.nat({ max: 100_000 }) },
      { weight: 1, arbitrary: fc.constantFrom(0, centsMax, Math.floor(centsMax / 2)) },
    ),
    active: fc.integer({ min: 0, max: 7 }).map((one) => one > 0),
  })
  .map((given) => aProduct(given));

const customerText = fc.constantFrom('Ada', "O'Brien", '山田 😀', 'null', '1e3');

const submission: fc.Arbitrary<Submission> = fc
  .record({
    serial: fc.oneof(fc.nat({ max: 11 }), fc.nat({ max: serialMax })),
    customerName: customerText,
    city: fc.option(customerText),
    email: fc.option(fc.constant('ada@example.com')),
    state: fc.constantFrom(...states),
    lines: fc.array(line, { minLength: 1, maxLength: 3 }),
    key: fc.option(fc.constantFrom('k1', 'K1', 'k2', 'k3', 'k4', 'k5'), { freq: 2 }),
    scope: fc.constantFrom('ann', 'bob'),
    expectedTotalCents: fc.option(fc.constantFrom(0, 1), { freq: 10 }),
  })
  .map(({ serial, key, scope, expectedTotalCents, ...asked }) => {
    const given = expectedTotalCents === null ? asked : { ...asked, expectedTotalCents };
    // One field of the request depends on the key, so that replays are as frequent as conflicts.
    const wish = aSubmission({ ...given, orderId: orderIdOf(serial), placedAtMs: 1_000_000 - serial });
    if (key === null) return wish;
    const [frequent] = skus;
    const repeated = { ...wish, customerName: key, city: null, email: null, state: 'TX' as const };
    return keyed(
      key,
      serial % 2 === 0 ? { ...repeated, lines: [{ sku: frequent ?? '', quantity: 1 }] } : wish,
      scope,
    );
  });

const movement: fc.Arbitrary<StockMovement> = fc.record({
  sku: fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...skus) },
    { weight: 1, arbitrary: fc.constant(unknownSku) },
  ),
  units: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 9 }) },
    { weight: 4, arbitrary: fc.integer({ min: -9, max: -1 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 0.5, onHandMax) },
  ),
  reason: fc.oneof(
    { weight: 6, arbitrary: fc.constant('count' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...movementReasons) },
  ),
  note: fc.option(fc.constantFrom('Dropped.', '山田 😀')),
  reference: fc.option(fc.constantFrom('PO 1', 'po 1', 'Ä/1'), { freq: 1 }),
  actor: fc.constantFrom('cli', 'key:erp'),
  atMs: fc.nat(),
});

/** Revisions are small, so that a random one is often the one that a product has. */
const change: fc.Arbitrary<CatalogChange> = fc.record({
  atMs: fc.nat(),
  products: fc
    .array(fc.tuple(product, fc.option(fc.integer({ min: 0, max: 4 }), { freq: 1 })), { maxLength: 4 })
    .map((products) =>
      products.map(([one, expectedRevision]) => ({ product: described(one), expectedRevision })),
    ),
  movements: fc.array(movement, { maxLength: 3 }),
  onlyIfEmpty: fc.constant(false),
  movesAddedOnly: fc.integer({ min: 0, max: 4 }).map((one) => one === 0),
  isTrial: fc.integer({ min: 0, max: 4 }).map((one) => one === 0),
});

const keySerialMax = 6;
const keySerial = fc.nat({ max: keySerialMax });

const apiKey: fc.Arbitrary<NewApiKey> = fc
  .record({ serial: keySerial, name: fc.constantFrom('erp', 'ERP', 'till') })
  .map(({ serial, name }) =>
    anApiKey({ keyId: orderIdOf(serial), name, secretHash: `hash ${serial}`, createdAtMs: serial }),
  );

/** Without an address: the salt of one is another each time. */
const auditDraft: fc.Arbitrary<AuditDraft> = fc
  .record({ subject: fc.constantFrom('a', 'b'), detail: fc.record({ text: customerText }), atMs: fc.nat() })
  .map((given) => anAuditDraft({ ...given, requestId: null }));

/** Of each change of the catalogue. */
const auditOrigin: AuditOrigin = {
  actor: 'key:erp',
  keyId: orderIdOf(1),
  requestId: null,
  address: null,
  detail: {},
};

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('commitBatch' as const),
      commands: fc.array(
        fc.oneof({ weight: 3, arbitrary: submission }, { weight: 2, arbitrary: orderStep }),
        { maxLength: 8 },
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('saveProducts' as const),
      products: fc
        .uniqueArray(product, { maxLength: 6, selector: ({ sku }) => sku })
        .map((products) => products.map(described)),
      atMs: fc.constantFrom(testEpochMs - 1, testEpochMs, testEpochMs + 1),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('moveStock' as const),
      movements: fc.array(movement, { maxLength: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('changeCatalog' as const), change }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('createApiKey' as const), key: apiKey, audit: auditDraft }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('revokeApiKey' as const),
      keyId: keySerial.map((serial) => orderIdOf(serial)),
      audit: auditDraft,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('checkWritable' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
);

/** Every product with its first receipt: without it most orders would fail for want of a product. */
const opening: fc.Arbitrary<readonly Operation[]> = fc
  .tuple(
    ...skus.map((sku) =>
      fc.tuple(product, fc.integer({ min: 1, max: 40 })).map(([one, units]) => ({ ...one, sku, units })),
    ),
  )
  .map((products) => [
    { kind: 'saveProducts', products: products.map(described), atMs: testEpochMs },
    { kind: 'moveStock', movements: products.map(({ sku, units }) => aMovement({ sku, units })) },
  ]);

const operationsMax = 40;

/** A shop with something on its shelves, then whatever happens to it. */
export const history: fc.Arbitrary<readonly Operation[]> = fc
  .tuple(opening, fc.array(operation, { size: 'max', maxLength: operationsMax }))
  .map(([first, then]) => [...first, ...then]);

/** The answer, or `'refused'`: both must refuse the same operations, in words of their own. */
export async function perform(
  store: OrderStore,
  operation: Exclude<Operation, { kind: 'reopen' }>,
): Promise<unknown> {
  try {
    switch (operation.kind) {
      case 'commitBatch':
        return await store.commitBatch(operation.commands);
      case 'saveProducts':
        return await store.saveProducts(operation.products, operation.atMs);
      case 'moveStock':
        return await store.moveStock(operation.movements);
      case 'changeCatalog':
        return await store.changeCatalog(operation.change, auditOrigin);
      case 'createApiKey':
        return await store.access.createApiKey(operation.key, operation.audit);
      case 'revokeApiKey':
        return await store.access.revokeApiKey(operation.keyId, operation.audit);
      case 'checkWritable':
        return await store.checkWritable();
    }
  } catch {
    return 'refused';
  }
}

/** Everything a store can be asked, over the pools the operations draw from. */
export async function readEverything(store: OrderStore): Promise<unknown> {
  const orders: unknown[] = [];
  for (let serial = 0; serial <= serialMax; serial += 1) {
    const orderId = orderIdOf(serial);
    const confirmation = await store.findConfirmation(orderId, 3);
    if (confirmation === null) continue;
    const history = await store.findOrderWithEvents(orderId);
    orders.push(confirmation, await store.findOrder(orderId), history);
    orders.push(await store.findHistoryByNumber(confirmation.order.number));
  }
  const products: unknown[] = [];
  const movements: unknown[] = [];
  for (const sku of [...skus, unknownSku]) {
    products.push(await store.findProduct(sku), await store.listProducts(sku, 2));
    movements.push(withoutNumbers(await store.listStockMovements(sku, null, 1_000)));
  }
  for (const name of names) products.push(await store.findProductByName(name));
  const bySku = await store.findProductsBySku([...skus, unknownSku]);
  products.push(...skus.map((sku) => bySku.get(sku) ?? null), bySku.size);
  const rankings: unknown[] = [];
  for (const state of states) {
    for (const limit of [1, 3, 20]) rankings.push(await store.topProducts(state, limit));
  }
  return {
    orders,
    products,
    found: await findEverything(store),
    listedOrders: await listEverything(store),
    movements,
    listed: await store.listProducts(null, 1_000),
    listedActive: [await store.listActiveProducts(null, 1_000), await store.listActiveProducts(null, 2)],
    rankings,
    log: await store.readOrderLog(0, 10_000),
    apiKeys: await store.access.listApiKeys(null, 100),
    audit: await store.access.readAudit(null, 1_000),
    auditHead: await store.access.readAuditHead(),
    laterLog: await store.readOrderLog(3, 4),
  };
}

/** Words that products of these pools have, share or lack, and one category. */
const searches = [
  { words: [], category: null },
  { words: askedWords('a s'), category: null },
  { words: askedWords('axte'), category: null },
  { words: askedWords('m'), category: 'Shelf' },
] as const;

/** In pages of three. */
async function findEverything(store: OrderStore): Promise<unknown> {
  const found: unknown[] = [await store.listCategories(2)];
  for (const sort of productSorts) {
    for (const search of searches) {
      let after: ProductPosition | null = null;
      do {
        const page: FoundProducts = await store.findProducts({ ...search, sort }, after, 3);
        found.push(page);
        after = page.next;
      } while (after !== null);
    }
  }
  return found;
}

/** Of these pools: what all, some and none of the orders have. */
const orderFilters: readonly Partial<OrderFilter>[] = [
  {},
  { status: 'placed' },
  { status: 'cancelled' },
  { status: 'shipped', state: 'TX' },
  { state: 'CA' },
  { zipCode: '78701' },
  { sku: 'mug' },
  { number: 1_003 },
  { placedFromMs: 999_950, placedToMs: 999_990 },
  { texts: askedTexts('山田') },
  { texts: askedTexts("O'B"), sku: 'a' },
  { texts: askedTexts('ADA@example') },
  { email: 'ADA@example.com' },
];

/** In pages of four. */
async function listEverything(store: OrderStore): Promise<unknown> {
  const listed: unknown[] = [];
  for (const filter of orderFilters) {
    let before: number | null = null;
    do {
      const page: OrderPage = await store.listOrders({ ...everyOrder, ...filter }, before, 4);
      listed.push(page);
      before = page.next;
    } while (before !== null);
  }
  return listed;
}

/** Which numbers movements get, an engine chooses: they only grow. */
function withoutNumbers({ movements, hasMore }: MovementPage): unknown {
  return { movements: movements.map(({ movementId: _, ...movement }) => movement), hasMore };
}
