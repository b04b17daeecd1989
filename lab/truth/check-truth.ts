/**
 * Holds a service against the ledger of a run, over HTTP only.
 *
 * Every acknowledged order is read and compared with its 201 and with what was sent; one key has one order and
 * one order one key; what was never answered is sent again with its key, which settles it; a sample of the
 * acknowledged is sent again too and must get the same answer; at the end, stock before less stock after is
 * what was sold. An answer of 2xx or 3xx other than 201 is none. Orders that were refused (4xx) are not looked for. Those answered 5xx are sent again only
 * when more was taken from stock than was sold: such an answer may hide an order (docs/decisions/0013).
 *
 * Memory: see acknowledged-orders.ts. Reads {@link readStock} for `stockBefore`.
 */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { pageBytesMax } from '../load/list-products.ts';
import { readText } from '../load/read-text.ts';
import { type AcknowledgedLimits, checkAcknowledged } from './acknowledged-orders.ts';
import { type CheckRun, newCounts } from './check-run.ts';
import { createFaultBook } from './fault-book.ts';
import { type LedgerFiles, openLedger } from './ledger-files.ts';
import { createPatience, type Patience, retryMs } from './patience.ts';
import { repeatSample, settleUnanswered } from './repeated-orders.ts';
import { balanceStock, noteStockFaults } from './stock-balance.ts';
import type { StockLevel, TruthOptions, TruthVerdict } from './truth.ts';
import { verdictOf } from './verdict.ts';

/** Limits that tests make smaller. */
export interface CheckLimits extends AcknowledgedLimits {
  readonly unavailableMsMax?: number;
}

/** @throws one sentence when the ledger cannot be read; whatever the service does is in the verdict */
export async function checkTruth(options: TruthOptions, limits: CheckLimits = {}): Promise<TruthVerdict> {
  const ledger = openLedger(options.ledgerFolder);
  try {
    return await check(options, ledger, limits);
  } finally {
    ledger.close();
  }
}

async function check(options: TruthOptions, ledger: LedgerFiles, limits: CheckLimits): Promise<TruthVerdict> {
  const { url, stockBefore, onProgress, mayMissOrders = false, hasOtherShoppers = false } = options;
  const { entries, toLookAt } = await countEntries(ledger);
  const counts = { ...newCounts(), entries };
  const sold = new Map<string, number>();
  const faults = createFaultBook();
  const checkMsMax = options.checkMsMax + entries * (options.checkMsPerLine ?? 0);
  const patience = createPatience(checkMsMax, limits.unavailableMsMax);
  let lookedAt = 0;
  const onLookedAt = () => {
    lookedAt += 1;
    onProgress(lookedAt, Math.max(lookedAt, toLookAt));
  };
  const run: CheckRun = { url, ledger, patience, faults, counts, sold, onLookedAt };

  const { unanswered, unavailable, sample } = await checkAcknowledged(run, limits);
  await settleUnanswered(run, unanswered.locations);
  if (unanswered.leftOut > 0) {
    counts.unknown += unanswered.leftOut;
    counts.unsettled += unanswered.leftOut;
    counts.unclear ??= `there were more than ${unanswered.locations.length.toLocaleString('en')} without an answer`;
  }
  await repeatSample(run, sample);

  const balanceNow = async () => {
    if (stockBefore.length === 0) return balanceStock([], [], new Map());
    const after = await readStockPatiently(url, patience);
    return after === null ? null : balanceStock(stockBefore, after, sold);
  };
  let balance = await balanceNow();
  if (balance !== null && balance.takenMore.length > 0 && unavailable.locations.length > 0) {
    await settleUnanswered(run, unavailable.locations);
    balance = await balanceNow();
  }
  const { damaged, cutOff, unsettled } = counts;
  const isAllKnown = !mayMissOrders && damaged + cutOff + unsettled + unavailable.leftOut === 0;
  if (balance !== null) noteStockFaults(balance, faults, { isAllKnown, hasOtherShoppers });
  onProgress(lookedAt, lookedAt);
  const overBecause = patience.overBecause();
  return verdictOf({ counts, faults, balance, isAllKnown, mayMissOrders, hasOtherShoppers, overBecause });
}

const linesPerTurn = 5_000;

/** All entries, and those that will be looked at. */
async function countEntries(ledger: LedgerFiles): Promise<{ entries: number; toLookAt: number }> {
  const reading = ledger.read();
  let entries = 0;
  let toLookAt = 0;
  for (let line = reading.next(); line !== null; line = reading.next()) {
    entries += 1;
    if (line.status < 400) toLookAt += 1;
    if (entries % linesPerTurn === 0) await turn();
  }
  return { entries, toLookAt };
}

const pagesMax = 1_000;
const requestMsMax = 10_000;

interface ProductsPage {
  readonly products?: readonly { readonly sku?: unknown; readonly num_in_stock?: unknown }[];
  readonly next_cursor?: unknown;
}

/**
 * The stock of every product, sold any more or not; none of a host that has no products, such as another
 * program that is only asked for its health.
 * @throws one sentence when the host does not answer, or not with its products
 */
export async function readStock(url: string): Promise<readonly StockLevel[]> {
  const levels: StockLevel[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page += 1) {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await fetchText(url, `/api/v1/products?limit=100${query}`);
    const listed = pageOf(answer);
    if (listed === null) {
      if (page === 0 && answer.status < 500) return [];
      throw new Error(`The stock at ${url} cannot be read: it answered ${answer.status} to its products.`);
    }
    for (const { sku, num_in_stock: onHand } of listed.products ?? []) {
      if (typeof sku === 'string' && typeof onHand === 'number') levels.push({ sku, onHand });
    }
    cursor = typeof listed.next_cursor === 'string' ? listed.next_cursor : null;
    if (cursor === null) return levels;
  }
  throw new Error(`The stock at ${url} cannot be read: its products fill more than ${pagesMax} pages.`);
}

/** Null when it could not be read before the patience was over. */
async function readStockPatiently(url: string, patience: Patience): Promise<readonly StockLevel[] | null> {
  while (patience.overBecause() === null) {
    try {
      const stock = await readStock(url);
      patience.answered();
      return stock;
    } catch {
      patience.failed();
      await sleep(retryMs);
    }
  }
  return null;
}

async function fetchText(
  url: string,
  path: string,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(`${url}${path}`, {
      headers: { accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(requestMsMax),
    });
    const text = await readText(response, pageBytesMax);
    if (text === null) throw new Error(`a page of its products is beyond ${pageBytesMax / 1e6} MB`);
    return { status: response.status, text };
  } catch (error) {
    throw new Error(`The stock at ${url} cannot be read: ${(error as Error).message}`);
  }
}

function pageOf(answer: { readonly status: number; readonly text: string }): ProductsPage | null {
  if (answer.status !== 200) return null;
  try {
    const page = JSON.parse(answer.text) as ProductsPage | null;
    return Array.isArray(page?.products) ? page : null;
  } catch {
    return null;
  }
}
