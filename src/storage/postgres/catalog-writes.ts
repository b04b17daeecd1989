/** Writes that are not orders: the catalogue and what comes into the warehouse. */
import { composedName } from '../../domain/product.ts';
import type { Popularity } from '../../domain/top-products.ts';
import type { CatalogProduct, StockReceipt } from '../order-store.ts';
import { retry } from '../server/retries.ts';
import { findBestCounters } from './best-counters.ts';
import type { Answer, Connection, Statement } from './connection.ts';
import { isLostRace } from './failures.ts';
import { beginReadCommitted, lockCatalog, lockShop, lockStock } from './locks.ts';
import { wordStatements } from './product-words.ts';
import { followProducts, rankCounters, rankProducts, spareRanks } from './ranking.ts';
import { probeStatements } from './write-probe.ts';

const upsertProducts = `
  INSERT INTO products (sku, name, description, category, price_cents, image_url, active)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::boolean[])
  ON CONFLICT (sku) DO UPDATE SET
    name = excluded.name, description = excluded.description, category = excluded.category,
    price_cents = excluded.price_cents, image_url = excluded.image_url, active = excluded.active`;

const insertStock =
  'INSERT INTO stock (sku, on_hand) SELECT sku, 0 FROM unnest($1::text[]) AS saved(sku) ON CONFLICT (sku) DO NOTHING';

/** Saved products that are there with another name or status, and the states in whose ranking each is. */
const selectChanged = `
  SELECT products.sku, ARRAY(
    SELECT state FROM popularity WHERE popularity.sku = products.sku AND ranked_at_ms IS NOT NULL) AS states
  FROM unnest($1::text[], $2::text[], $3::boolean[]) AS saved(sku, name, active)
  JOIN products ON products.sku = saved.sku
  WHERE products.name <> saved.name OR products.active <> saved.active`;

const insertReceipts = `
  INSERT INTO stock_receipts (sku, units, received_at_ms)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])`;

const addStock = `
  UPDATE stock SET on_hand = on_hand + received.units
  FROM (SELECT sku, sum(units)::bigint AS units FROM unnest($1::text[], $2::bigint[]) AS receipt(sku, units)
    GROUP BY sku) AS received
  WHERE stock.sku = received.sku`;

/** A race is lost once or twice, seldom more. */
const triesMax = 8;

export interface CatalogWritesOptions {
  readonly withConnection: <Result>(use: (connection: Connection) => Promise<Result>) => Promise<Result>;
  /** Sent right behind BEGIN, for what can't be set on the session. */
  readonly transactionSettings: readonly Statement[];
  /** Called with the states whose ranking a product came into. */
  readonly onRanked: (states: readonly string[]) => void;
  readonly nowMs: () => number;
}

export function createCatalogWrites(options: CatalogWritesOptions) {
  const { withConnection, transactionSettings, onRanked, nowMs } = options;

  /** One transaction; rolled back when it throws, and begun anew when it has lost a race. */
  function inTransaction<Result>(work: (send: Connection['send']) => Promise<Result>): Promise<Result> {
    return retry(() => tryTransaction(work), { triesMax, isHopeful: isLostRace, random: Math.random });
  }

  function tryTransaction<Result>(work: (send: Connection['send']) => Promise<Result>): Promise<Result> {
    return withConnection(async ({ send, close }) => {
      try {
        await send([{ text: beginReadCommitted }, ...transactionSettings]);
        const result = await work(send);
        await send([{ text: 'COMMIT' }]);
        return result;
      } catch (error) {
        await send([{ text: 'ROLLBACK' }]).catch(close);
        throw error;
      }
    });
  }

  return {
    async saveProducts(products: readonly CatalogProduct[]): Promise<void> {
      if (products.length > 0)
        onRanked(await inTransaction((send) => writeProducts(send, products, nowMs())));
    },

    async receiveStock(receipts: readonly StockReceipt[]): Promise<void> {
      if (receipts.length > 0) await inTransaction((send) => writeReceipts(send, receipts));
    },

    seedCatalog: (products: readonly CatalogProduct[], receipts: readonly StockReceipt[]) =>
      inTransaction(async (send) => {
        const [, found] = await send([lockCatalog, { text: 'SELECT 1 FROM products LIMIT 1' }]);
        if (found?.rowCount !== 0) return false;
        await writeProducts(send, products, nowMs());
        await writeReceipts(send, receipts);
        return true;
      }),

    checkWritable: () =>
      withConnection(async ({ send }) => {
        await send(probeStatements(transactionSettings));
      }),
  };
}

/** @returns the states whose ranking a product came into */
async function writeProducts(
  send: Connection['send'],
  products: readonly CatalogProduct[],
  nowMs: number,
): Promise<readonly string[]> {
  const sorted = lastOfEachSku(products);
  const skus = sorted.map(({ sku }) => sku);
  const look: Statement = {
    text: selectChanged,
    values: [skus, sorted.map(({ name }) => name), sorted.map(({ active }) => active)],
  };
  const [, earlier] = await send([lockCatalog, look]);
  let changed = toChangedProducts(earlier);
  let movingUp = isFewAtOnce(changed) ? await findMovingUp(send, changed) : null;
  // From here on no batch decides about these products, nor counts them.
  const [, , now] = await send([lockShop, lockStock(skus), look]);
  const ranksSeen = ranksOf(changed);
  changed = toChangedProducts(now);
  if (movingUp === null || ![...ranksOf(changed)].every((rank) => ranksSeen.has(rank)))
    movingUp = await findMovingUp(send, changed);
  await send([
    {
      text: upsertProducts,
      values: [
        skus,
        sorted.map(({ name }) => name),
        sorted.map(({ description }) => description),
        sorted.map(({ category }) => category),
        sorted.map(({ priceCents }) => priceCents),
        sorted.map(({ imageUrl }) => imageUrl),
        sorted.map(({ active }) => active),
      ],
    },
    { text: insertStock, values: [skus] },
    ...wordStatements(sorted),
  ]);
  return changed.length === 0 ? [] : rerank(send, changed, movingUp, nowMs);
}

async function rerank(
  send: Connection['send'],
  changed: readonly ChangedProduct[],
  movingUp: readonly Popularity[],
  nowMs: number,
): Promise<readonly string[]> {
  const skus = changed.map(({ sku }) => sku);
  const [, , ranked] = await send([
    followProducts(skus),
    rankCounters(movingUp, nowMs),
    rankProducts(skus, nowMs),
  ]);
  const states = (ranked?.rows ?? []).map((row) => String(row['state']));
  return [...states, ...movingUp.map(({ state }) => state)];
}

async function writeReceipts(send: Connection['send'], receipts: readonly StockReceipt[]): Promise<void> {
  const skus = receipts.map(({ sku }) => sku);
  const units = receipts.map((receipt) => receipt.units);
  await send([
    lockShop,
    lockStock(skus),
    { text: insertReceipts, values: [skus, units, receipts.map(({ receivedAtMs }) => receivedAtMs)] },
    { text: addStock, values: [skus, units] },
  ]);
}

/** With another name or status than before. */
interface ChangedProduct {
  readonly sku: string;
  /** In whose ranking it is. */
  readonly states: readonly string[];
}

function toChangedProducts(answer: Answer | undefined): readonly ChangedProduct[] {
  return (answer?.rows ?? []) as unknown as readonly ChangedProduct[];
}

function ranksOf(changed: readonly ChangedProduct[]): ReadonlySet<string> {
  return new Set(changed.flatMap(({ sku, states }) => states.map((state) => `${state} ${sku}`)));
}

/** Whether orders may go on while it is looked for the counters that move up (ranking.ts). */
function isFewAtOnce(changed: readonly ChangedProduct[]): boolean {
  const states = changed.flatMap((product) => product.states);
  return [...Map.groupBy(states, (state) => state).values()].every(({ length }) => length <= spareRanks);
}

/** The counters that are among the best without the changed products, in the states where those are ranked. */
async function findMovingUp(
  send: Connection['send'],
  changed: readonly ChangedProduct[],
): Promise<readonly Popularity[]> {
  const states = [...new Set(changed.flatMap((product) => product.states))];
  if (states.length === 0) return [];
  return findBestCounters(
    send,
    states,
    changed.map(({ sku }) => sku),
  );
}

/** A statement can't write a row twice; the last one counts, as if they were saved one by one. Names are composed. */
function lastOfEachSku(products: readonly CatalogProduct[]): readonly CatalogProduct[] {
  const bySku = new Map(products.map((product) => [product.sku, product]));
  return [...bySku.values()].map((product) => ({ ...product, name: composedName(product.name) }));
}
