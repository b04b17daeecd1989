/**
 * Random commands against a real store, shop after shop: each answer is that of the reference model; no unit is sold that
 * is not there; in the end stock and rankings are those of books kept by hand, `verify` finds nothing, and when all orders
 * are cancelled or brought back the shop is as if none had been placed.
 *
 * `COMMANDS=…` commands, `commandsPerShop` for each shop. A shop has a seed of its own: the message of a failure names the
 * `SEED=…` that begins with it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyMemory } from '../../src/storage/memory/memory-contents.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { assertVerifiesClean, type OpenStore } from '../order-store/opened-store.ts';
import { seededRandom } from './outside-ledger.ts';
import { openRandomShop, type RandomShop, shopSkus, shopStates } from './random-shop.ts';
import { add } from './shop-books.ts';

/** The model's questions are scans over all orders: with more of them it takes longer than the store. */
export const commandsPerShop = 1_000;
/** Batches are of 1 to so many commands. */
const batchMax = 60;
/** Of what is done to a shop: a change of its catalogue or stock, else a batch. */
const changesShare = 0.6;
const origin = { actor: 'cli', keyId: null, requestId: null, address: null, detail: {} };

/** @param share of the commands that this store is given */
export function describeRandomCommands(name: string, openStore: OpenStore, share = 1): void {
  const asked = Number(process.env['COMMANDS'] || 30_000) * share;
  const shops = Math.max(1, Math.round(asked / commandsPerShop));
  const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
  const commands = (shops * commandsPerShop).toLocaleString('en-US');

  test(`${commands} random commands on ${name} (SEED=${seed})`, {
    timeout: 60_000 + shops * 5_000,
  }, async () => {
    const kinds = new Map<string, number>();
    for (let shop = 0; shop < shops; shop += 1) {
      try {
        await runShop(openStore, seed + shop, kinds);
      } catch (error) {
        throw new Error(`SEED=${seed + shop} COMMANDS=${commandsPerShop} begins with this shop`, {
          cause: error,
        });
      }
    }
    const counted = Array.from(kinds, ([kind, count]) => `${count} ${kind}`).join(', ');
    process.stdout.write(`${name}: ${commands} commands in ${shops} shops: ${counted}\n`);
  });
}

async function runShop(openStore: OpenStore, seed: number, kinds: Map<string, number>): Promise<void> {
  const random = seededRandom(seed);
  const shop = openRandomShop(random);
  const model = createMemoryStore({ contents: emptyMemory() });
  const opened = await openStore();
  const both: Both = { store: opened.store, model, shop, kinds };
  try {
    await change(both, shop.opening());
    for (let left = commandsPerShop; left > 0; ) {
      if (random() < changesShare) {
        await change(both, shop.nextChange());
        left -= 1;
        continue;
      }
      const count = Math.min(left, 1 + Math.floor(random() * batchMax));
      await commit(both, shop.nextBatch(count));
      left -= count;
    }
    await assertBooksAgree(both);
    await assertVerifiesClean(opened.store);
    await assertUndone(both);
    await assertVerifiesClean(await opened.reopen());
    await assertVerifiesClean(model);
  } finally {
    await opened.dispose();
  }
}

interface Both {
  readonly store: OrderStore;
  readonly model: OrderStore;
  readonly shop: RandomShop;
  /** How often each outcome was met. */
  readonly kinds: Map<string, number>;
}

async function commit({ store, model, shop, kinds }: Both, commands: ReturnType<RandomShop['nextBatch']>) {
  const outcomes = await store.commitBatch(commands);
  assertSame(outcomes, await model.commitBatch(commands));
  shop.noteOutcomes(commands, outcomes);
  for (const { kind } of outcomes) add(kinds, kind, 1);
  return outcomes;
}

async function change({ store, model, shop, kinds }: Both, asked: ReturnType<RandomShop['nextChange']>) {
  const outcome = await store.changeCatalog(asked, origin);
  assertSame(outcome, await model.changeCatalog(asked, origin));
  shop.noteChange(asked, outcome);
  add(kinds, `catalogue ${outcome.kind}`, 1);
}

/** As text, which is quicker; texts that differ may still have the same meaning. */
function assertSame(found: unknown, expected: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(expected)) assert.deepEqual(found, expected);
}

async function assertBooksAgree({ store, model, shop }: Both): Promise<void> {
  const { onHand, orders } = shop.books;
  for (const sku of shopSkus) {
    const product = await store.findProduct(sku);
    assert.equal(product?.onHand, onHand.get(sku), `${sku} on hand`);
    assertSame(product, await model.findProduct(sku));
  }
  const kept = new Map<string, { orders: number; units: number }>();
  for (const { orderId, state, status, lines, returns } of orders.values()) {
    assertSame(await store.findOrderWithEvents(orderId), await model.findOrderWithEvents(orderId));
    if (status === 'cancelled') continue;
    for (const { sku, quantity } of lines) {
      const back = returns.flatMap((one) => one.lines.filter((line) => line.sku === sku));
      const units = back.reduce((left, line) => left - line.quantity, quantity);
      const counter = kept.get(`${state} ${sku}`) ?? { orders: 0, units: 0 };
      if (units > 0)
        kept.set(`${state} ${sku}`, { orders: counter.orders + 1, units: counter.units + units });
    }
  }
  for (const state of shopStates) {
    const ranked = await store.topProducts(state, 20);
    assertSame(ranked, await model.topProducts(state, 20));
    for (const { sku, orders: counted, units } of ranked)
      assert.deepEqual({ orders: counted, units }, kept.get(`${state} ${sku}`), `${state} ${sku}`);
    const active = await Promise.all(shopSkus.map((sku) => store.findProduct(sku)));
    const expected = active.filter((product) => product?.active && kept.has(`${state} ${product.sku}`));
    assert.equal(ranked.length, expected.length, `${state} ranks all that it keeps`);
  }
  assertSame(await store.readOrderLog(0, 10_000), await model.readOrderLog(0, 10_000));
  assertSame(await store.access.readAuditHead(), await model.access.readAuditHead());
}

/** Cancelling and bringing back restores exactly: what is gone is what was lost on the way back. */
async function assertUndone(both: Both): Promise<void> {
  const { store, shop } = both;
  const before = new Map<string, number>();
  const { onHand, orders, lost } = shop.books;
  for (const sku of shopSkus) add(before, sku, onHand.get(sku) ?? 0);
  for (const { lines, status, returns } of orders.values()) {
    if (status === 'cancelled') continue;
    for (const { sku, quantity } of lines) add(before, sku, quantity);
    for (const { lines: back } of returns) for (const { sku, quantity } of back) add(before, sku, -quantity);
  }
  const outcomes = await commit(both, shop.undoAll());
  for (const outcome of outcomes) assert.equal(outcome.kind, 'stepped');
  for (const sku of shopSkus) {
    assert.equal(
      (await store.findProduct(sku))?.onHand,
      before.get(sku),
      `${sku}, all but ${lost.get(sku)} lost`,
    );
  }
  for (const state of shopStates)
    assert.deepEqual(await store.topProducts(state, 20), [], `${state} is empty`);
}
