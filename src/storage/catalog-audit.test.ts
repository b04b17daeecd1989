import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogChange, ProductResult } from '../domain/decide-catalog.ts';
import type { StoredProduct } from '../domain/product.ts';
import { type AuditOrigin, auditDetailMax, toAuditRow } from './audit-log.ts';
import { auditOfCatalog, catalogEntriesMax, pricesPerEntry } from './catalog-audit.ts';

const origin: AuditOrigin = {
  actor: 'cli',
  keyId: null,
  requestId: null,
  address: null,
  detail: { user: 'ada' },
};
const change: CatalogChange = { atMs: 7, products: [], movements: [], onlyIfEmpty: false, isTrial: false };

const mug: StoredProduct = {
  sku: 'mug',
  name: 'Mug',
  description: 'Holds tea.',
  category: 'Kitchen',
  priceCents: 1_250,
  imageUrl: '/images/mug.svg',
  active: true,
  revision: 2,
  createdAtMs: 0,
};
const changed = (given: Partial<StoredProduct>): ProductResult => ({
  effect: 'changed',
  product: { ...mug, ...given, revision: 3 },
  before: mug,
});
const told = (products: readonly ProductResult[]) =>
  auditOfCatalog(origin, change, { kind: 'changed', products, movements: [] });

test('a product that is changed is told with what it was and is, and nothing of the rest', () => {
  assert.deepEqual(told([changed({ priceCents: 999, active: false })]), [
    {
      ...origin,
      atMs: 7,
      action: 'product.change',
      subject: 'product:mug',
      detail: { revision: 3, price_cents: [1_250, 999], active: [true, false], user: 'ada' },
    },
  ]);
});

test('what was not changed, refused, tried or made by nobody is not told', () => {
  const results = [changed({ name: 'Cup' })];
  const outcome = { kind: 'changed', products: results, movements: [] } as const;
  assert.deepEqual(told([{ effect: 'unchanged', product: mug, before: mug }]), []);
  assert.deepEqual(auditOfCatalog(null, change, outcome), []);
  assert.deepEqual(auditOfCatalog(origin, { ...change, isTrial: true }, outcome), []);
  assert.deepEqual(auditOfCatalog(origin, change, { kind: 'refused', problems: [] }), []);
  assert.deepEqual(auditOfCatalog(origin, change, { kind: 'not_empty' }), []);
});

test('movements that a reference has brought before are not told again', () => {
  const movement = { reason: 'receipt', note: null, reference: 'PO 1', actor: 'cli', atMs: 7 } as const;
  const movements = [
    { ...movement, sku: 'mug', units: 5 },
    { ...movement, sku: 'tent', units: 6 },
  ];
  const entries = auditOfCatalog(
    origin,
    { ...change, movements },
    {
      kind: 'changed',
      products: [],
      movements: [
        { effect: 'repeated', onHand: 5 },
        { effect: 'moved', onHand: 6 },
      ],
    },
  );
  assert.deepEqual(
    entries.map(({ action, subject, detail }) => [action, subject, detail]),
    [['stock.move', 'product:tent', { units: 6, reason: 'receipt', reference: 'PO 1', user: 'ada' }]],
  );
});

test('many in one change are told in one entry', () => {
  const many = Array.from({ length: catalogEntriesMax + 1 }, (_, nth): ProductResult => {
    const product = { ...mug, sku: `p-${100 + nth}` };
    return { effect: nth === 0 ? 'added' : 'changed', product, before: nth === 0 ? null : mug };
  });
  assert.equal(told(many.slice(1)).length, catalogEntriesMax);
  assert.deepEqual(
    told(many).map(({ action, subject, detail }) => [action, subject, detail]),
    [
      [
        'catalog.change',
        'catalog',
        { added: 1, changed: catalogEntriesMax, first_sku: 'p-100', last_sku: 'p-110', user: 'ada' },
      ],
    ],
  );
});

test('each changed price of many is told, over as many entries as it takes', () => {
  const sku = (nth: number) => `${'p'.repeat(60)}${1_000 + nth}`;
  const dearest = Number.MAX_SAFE_INTEGER;
  const many = Array.from({ length: 2 * pricesPerEntry + 1 }, (_, nth): ProductResult => {
    const before = { ...mug, sku: sku(nth), priceCents: dearest - 1 };
    return { effect: 'changed', product: { ...before, priceCents: dearest, revision: 3 }, before };
  });
  const renamed = { ...mug, sku: 'renamed', name: 'Cup' };
  const entries = told([...many, { effect: 'changed', product: renamed, before: mug }]);
  assert.deepEqual(entries[0]?.detail['changed'], many.length + 1);
  assert.deepEqual(
    entries.flatMap(({ detail }) => detail['price_cents']),
    many.map((_, nth) => [sku(nth), dearest - 1, dearest]),
  );
  assert.deepEqual(
    entries.map(({ action, detail }) => [action, (detail['price_cents'] as unknown[]).length]),
    [pricesPerEntry, pricesPerEntry, 1].map((prices) => ['catalog.change', prices]),
  );
  for (const entry of entries) toAuditRow(entry);
});

test('the longest texts fit into an entry', () => {
  for (const [long, other] of [
    ['🪁'.repeat(5_000), '傘'.repeat(5_000)],
    ['\u0001'.repeat(5_000), '"'.repeat(5_000)],
  ] as const) {
    const before = { ...mug, name: long, description: long, category: long, imageUrl: long };
    const product = { ...mug, name: other, description: other, category: other, imageUrl: other };
    const [draft] = told([{ effect: 'changed', product, before }]);
    assert.ok(draft !== undefined && JSON.stringify(draft.detail).length <= auditDetailMax);
    toAuditRow(draft);
  }
});
