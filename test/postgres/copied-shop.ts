/** Shops that are copied: a source with something of everything, and all that can be read of a shop. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Submission } from '../../src/domain/submission.ts';
import { usStates } from '../../src/domain/us-state.ts';
import type { OrderStore, PositionedLogEntry } from '../../src/storage/order-store.ts';
import { loadOrderKeySecret, orderKeyFile } from '../../src/storage/sqlite/order-key-file.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { aProduct, aReceipt, aSubmission, keyed, stockUp } from '../builders.ts';

export interface SourceShop extends AsyncDisposable {
  readonly folder: string;
  readonly file: string;
  /** As --from has it. */
  readonly url: string;
  readonly secret: Uint8Array;
  /** Every third has a key. */
  readonly submissions: readonly Submission[];
}

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
  });
  return nth % 3 === 0 ? keyed(`key ${nth}`, submission, nth % 2 === 0 ? 'web' : 'anonymous') : submission;
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
    await store.receiveStock([aReceipt({ sku: 'kite', units: 7 }), aReceipt({ sku: 'kite', units: 5 })]);
    for (let i = 0; i < orders; i += 250) await store.commitBatch(submissions.slice(i, i + 250));
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
  const confirmations = await Promise.all(log.map(({ orderId }) => store.findConfirmation(orderId, 3)));
  return { log, products, rankings, confirmations };
}
