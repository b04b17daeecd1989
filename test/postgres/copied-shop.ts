/** Shops that are copied: a source with something of everything, the command, and how two shops are compared. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyOrder } from '../../src/domain/order-filter.ts';
import type { Step } from '../../src/domain/order-step.ts';
import { imagePath } from '../../src/domain/product-image.ts';
import { joinStreetAddress } from '../../src/domain/street-address.ts';
import type { Submission } from '../../src/domain/submission.ts';
import { usStates } from '../../src/domain/us-state.ts';
import type { OrderStore, PositionedLogEntry } from '../../src/storage/order-store.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { loadOrderKeySecret, orderKeyFile } from '../../src/storage/sqlite/order-key-file.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import {
  aMovement,
  anApiKey,
  anAuditDraft,
  anImage,
  aParcel,
  aProduct,
  aRetryOf,
  aStep,
  aSubmission,
  described,
  keyed,
  keyedStep,
  stockUp,
} from '../builders.ts';
import { assertVerifiesClean, handIn, place } from '../order-store/opened-store.ts';
import { readProductLog, toldOf } from '../read-product-log.ts';
import { runCli } from '../service.ts';
import { locationOf, type TestDatabase, testSettings } from './postgres-databases.ts';

export interface SourceShop extends AsyncDisposable {
  readonly folder: string;
  readonly file: string;
  /** As --from has it. */
  readonly url: string;
  readonly secret: Uint8Array;
  /** Every third has a key. */
  readonly submissions: readonly Submission[];
}

/** More than one page of them. */
const pictures = Array.from({ length: 20 }, (_, nth) =>
  nth === 0 ? anImage() : anImage(Uint8Array.of(nth, 0, 255)),
);

const skus = ['tent-4p', 'awning-mug', 'wool-throw', 'ukulele', 'kite'];

function aMixedSubmission(nth: number): Submission {
  const lines = skus
    .slice(nth % 4, (nth % 4) + 1 + (nth % 2))
    .map((sku) => ({ sku, quantity: 1 + (nth % 3) }));
  const submission = aSubmission({
    lines,
    state: usStates[nth % usStates.length] ?? 'TX',
    customerName: nth % 7 === 0 ? 'Zoë “Æ” 🪁 Nuñez' : `Customer ${nth}`,
    ...(nth % 5 === 0 ? { city: null, email: null } : {}),
    ...(nth % 4 === 0
      ? { streetAddress: joinStreetAddress({ street: `${nth} Main St`, secondLine: 'Apt 4' }) }
      : {}),
  });
  return nth % 3 === 0 ? keyed(`key ${nth}`, submission, nth % 2 === 0 ? 'web' : 'anonymous') : submission;
}

/** Keys of {@link takeSteps}. */
const stepKeys = ['ship part', 'cancel', 'return', 'erase'] as const;

/** The lives of five orders, with every kind of step, free texts in any script, and keys. */
async function takeSteps(store: OrderStore, orders: readonly Submission[]): Promise<void> {
  const [returned, cancelled, packed, erased, , kept] = orders;
  if (!kept || !cancelled || !returned || !erased || !packed) return;
  const oneUnit = kept.lines.slice(0, 1).map(({ sku }) => ({ sku, quantity: 1 }));
  const origin = { keyId: null, requestId: 'r-1', address: '203.0.113.9', detail: { tool: 'scanner' } };
  const take = async ({ orderId }: Submission, step: Step, key?: (typeof stepKeys)[number]) => {
    const asked = aStep({ orderId, step, origin });
    const [outcome] = await store.commitBatch([key === undefined ? asked : keyedStep(key, asked, 'key:erp')]);
    assert.equal(outcome?.kind, 'stepped', step.name);
  };
  for (const order of [kept, returned, packed]) await take(order, { name: 'pack' });
  await take(kept, { name: 'ship', ...aParcel, carrier: '宅急便', lines: oneUnit }, 'ship part');
  await take(kept, { name: 'ship', ...aParcel });
  await take(kept, { name: 'deliver', shipment: 1 });
  await take(kept, { name: 'return', lines: oneUnit, restock: true, reason: 'zu “groß” 🪁' });
  await take(cancelled, { name: 'cancel', reason: null }, 'cancel');
  await take(returned, { name: 'ship', ...aParcel });
  await take(returned, { name: 'return', lines: returned.lines, restock: false, reason: null }, 'return');
  await take(erased, { name: 'cancel', reason: 'Customer 3 has moved' });
  await take(erased, { name: 'erase' }, 'erase');
}

/** A shop that was sold from and closed; with a ranking longer than what services keep of it. */
export async function openSourceShop(orders: number): Promise<SourceShop> {
  const folder = await mkdtemp(join(tmpdir(), 'nozama-copy-'));
  const file = join(folder, 'nozama.db');
  const store = await openSqliteStore({ file });
  const submissions = Array.from({ length: orders }, (_, nth) => aMixedSubmission(nth));
  try {
    await stockUp(store, [
      ...skus.map((sku) => aProduct({ sku, onHand: 100_000, priceCents: 999 + sku.length })),
      ...Array.from({ length: 30 }, (_, nth) => aProduct({ sku: `peg-${nth}`, name: `Peg ${nth % 10}` })),
      aProduct({ sku: 'sold-out', onHand: 0, active: false, name: '傘 “sold out”' }),
    ]);
    await store.moveStock([
      aMovement({ sku: 'kite', units: 7, reference: 'PO “1”', note: '傘' }),
      aMovement({ sku: 'kite', units: -5, reason: 'damage', actor: 'key:erp', atMs: 7 }),
    ]);
    await store.saveImages(pictures);
    const kite = { ...aProduct({ sku: 'kite', priceCents: 1_003 }), imageUrl: imagePath(anImage()) };
    await store.saveProducts([described(kite)]);
    for (const [nth, address] of [null, '203.0.113.7', null].entries())
      await store.access.createApiKey(
        anApiKey({ expiresAtMs: nth === 0 ? null : 9_999 }),
        anAuditDraft({ address }),
      );
    const [first] = await store.access.listApiKeys(null, 1);
    await store.access.revokeApiKey(first?.keyId ?? '', anAuditDraft());
    for (let i = 0; i < orders; i += 250) await store.commitBatch(submissions.slice(i, i + 250));
    await takeSteps(store, submissions);
    await store.commitBatch(
      Array.from({ length: 30 }, (_, nth) => aSubmission({ lines: [{ sku: `peg-${nth}`, quantity: 1 }] })),
    );
  } finally {
    await store.close();
  }
  return {
    folder,
    file,
    url: `sqlite:${file}`,
    secret: loadOrderKeySecret(orderKeyFile(file)),
    submissions,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Everything a shop shows, read through the port of every engine. */
export async function readEverything(store: OrderStore) {
  const log: PositionedLogEntry[] = [];
  for (;;) {
    const page = await store.readOrderLog(log.at(-1)?.position ?? 0, 10_000);
    if (page.length === 0) break;
    log.push(...page);
  }
  const { products } = await store.listProducts(null, 1_000);
  const rankings = await Promise.all(usStates.map((state) => store.topProducts(state, 20)));
  const orderIds = [...new Set(log.map(({ orderId }) => orderId))];
  const confirmations = await Promise.all(orderIds.map((orderId) => store.findConfirmation(orderId, 3)));
  const histories = await Promise.all(orderIds.map((orderId) => store.findOrderWithEvents(orderId)));
  const { orders: listed } = await store.listOrders(everyOrder, null, 100);
  const stepped = await Promise.all(stepKeys.map((key) => store.findOrderByKey({ scope: 'key:erp', key })));
  const movements = await Promise.all(products.map(({ sku }) => store.listStockMovements(sku, null, 1_000)));
  const images = await Promise.all(
    pictures.map(async ({ hash }) => {
      const image = await store.findImage(hash);
      return { ...image, bytes: Buffer.from(image?.bytes ?? []).toString('hex') };
    }),
  );
  const { access } = store;
  const keys = await access.listApiKeys(null, 1_000);
  const audit = [await access.readAudit(null, 1_000), await access.readAuditHead()] as const;
  return {
    log,
    products,
    rankings,
    confirmations,
    histories,
    listed,
    stepped,
    movements,
    images,
    keys,
    audit,
  };
}

/** More than two pages, so that there is a middle. */
export const severalPages = 4_500;

type Environment = Readonly<Record<string, string>>;

export const argumentsOf = (from: string, to: string) => ['copy', '--from', from, '--to', to];

export const copy = (source: SourceShop, target: TestDatabase, env: Environment = {}) =>
  runCli(argumentsOf(source.url, target.url), { dir: source.folder, env });

/** It ends with one sentence and this exit code. */
export async function assertRefused(
  ended: Promise<{ code: number | null; output: string }>,
  sentence: RegExp,
  code = 1,
) {
  const { code: found, output } = await ended;
  assert.match(output, sentence);
  assert.equal(found, code, output);
  assert.doesNotMatch(output, /^\s+at /m, 'no stack');
  assert.equal(output.trimEnd().split('\n').length, 1, `one sentence: ${output}`);
}

export async function withTarget(
  target: TestDatabase,
  use: (store: OrderStore) => Promise<void>,
): Promise<void> {
  const store = await openPostgresStore({ location: locationOf(target.url), settings: testSettings });
  try {
    await use(store);
  } finally {
    await store.close();
  }
}

/** All that can be read of both is the same, and the target goes on as the source would have. */
export async function assertSameShop(source: SourceShop, target: TestDatabase): Promise<void> {
  const sold = await openSqliteStore({ file: source.file });
  const before = await readEverything(sold);
  await sold.close();
  const logBefore = await readProductLog(source.url);
  assert.ok(logBefore.entries.some(({ product }) => product.revision > 1));
  assert.deepEqual(await readProductLog(target.url), logBefore);
  await withTarget(target, async (store) => {
    const after = await readEverything(store);
    for (const part of Object.keys(before) as (keyof typeof before)[])
      assert.deepEqual(after[part], before[part], part);
    await assertVerifiesClean(store);

    const keyedOnes = source.submissions.filter(({ idempotency }) => idempotency !== null);
    const replays = await store.commitBatch(keyedOnes.slice(0, 200).map(aRetryOf));
    for (const [i, replay] of replays.entries()) {
      assert.equal(replay.kind, 'replayed');
      assert.equal('order' in replay && replay.order.orderId, keyedOnes[i]?.orderId);
    }
    const [first] = keyedOnes;
    assert.ok(first?.idempotency);
    const other = { ...aRetryOf(first), idempotency: { ...first.idempotency, fingerprint: 'another' } };
    assert.equal((await handIn(store, other)).kind, 'conflict');

    const last = before.log.at(-1);
    const lastNumber = Math.max(...before.log.map(({ orderNumber }) => orderNumber));
    assert.equal((await place(store, aSubmission())).number, lastNumber + 1);
    assert.equal((await store.readOrderLog(last?.position ?? 0, 10))[0]?.position, (last?.position ?? 0) + 1);
    await store.moveStock([aMovement({ units: 3 })]);
    await store.saveProducts([aProduct({ sku: 'new-one' })]);
    const { entries } = await readProductLog(target.url);
    const [added] = toldOf(entries.slice(logBefore.entries.length));
    assert.deepEqual(added?.slice(0, 3), [logBefore.entries.length + 1, 'new-one', 1]);
    await store.access.createApiKey(anApiKey(), anAuditDraft());
    const [, head] = before.audit;
    assert.equal((await store.access.readAuditHead()).position, (head?.position ?? 0) + 1);
    await assertVerifiesClean(store);
  });
}
