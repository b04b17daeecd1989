/** Writes that are not orders: the catalogue and what comes into the warehouse. */
import type { CatalogProduct, StockReceipt } from '../order-store.ts';
import type { Connection, Statement } from './connection.ts';
import { isLostRace } from './failures.ts';
import { beginReadCommitted, lockCatalog, lockShop, lockStock } from './locks.ts';
import { rebuildRankings } from './ranking.ts';
import { retry } from './retries.ts';
import { probeStatements } from './write-probe.ts';

const upsertProducts = `
  INSERT INTO products (sku, name, description, category, price_cents, image_url, active)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::boolean[])
  ON CONFLICT (sku) DO UPDATE SET
    name = excluded.name, description = excluded.description, category = excluded.category,
    price_cents = excluded.price_cents, image_url = excluded.image_url, active = excluded.active`;

const insertStock =
  'INSERT INTO stock (sku, on_hand) SELECT sku, 0 FROM unnest($1::text[]) AS saved(sku) ON CONFLICT (sku) DO NOTHING';

const selectRenamed = `
  SELECT products.sku FROM unnest($1::text[], $2::text[]) AS saved(sku, name)
  JOIN products ON products.sku = saved.sku WHERE products.name <> saved.name`;

/** The ranking holds the name: a renamed product is renamed there too. */
const renameCounters = `
  UPDATE popularity SET name = products.name FROM products
  WHERE products.sku = ANY($1::text[]) AND popularity.sku = products.sku
  RETURNING state`;

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

export function createCatalogWrites(
  withConnection: <Result>(use: (connection: Connection) => Promise<Result>) => Promise<Result>,
  transactionSettings: readonly Statement[],
  nowMs: () => number,
) {
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

  async function writeProducts(send: Connection['send'], products: readonly CatalogProduct[]): Promise<void> {
    const sorted = lastOfEachSku(products);
    const skus = sorted.map(({ sku }) => sku);
    const names = sorted.map(({ name }) => name);
    // From here on no batch decides about these products, nor counts them.
    const [, , , found] = await send([
      lockCatalog,
      lockShop,
      lockStock(skus),
      { text: selectRenamed, values: [skus, names] },
    ]);
    await send([
      {
        text: upsertProducts,
        values: [
          skus,
          names,
          sorted.map(({ description }) => description),
          sorted.map(({ category }) => category),
          sorted.map(({ priceCents }) => priceCents),
          sorted.map(({ imageUrl }) => imageUrl),
          sorted.map(({ active }) => active),
        ],
      },
      { text: insertStock, values: [skus] },
    ]);
    const renamed = (found?.rows ?? []).map((row) => String(row['sku']));
    if (renamed.length > 0) await rename(send, renamed);
  }

  async function rename(send: Connection['send'], skus: readonly string[]): Promise<void> {
    const [counters] = await send([{ text: renameCounters, values: [skus] }]);
    const states = [...new Set((counters?.rows ?? []).map((row) => String(row['state'])))];
    // A new name settles ties anew, between ranked products and others.
    if (states.length > 0) await send([rebuildRankings(states, nowMs())]);
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

  return {
    async saveProducts(products: readonly CatalogProduct[]): Promise<void> {
      if (products.length > 0) await inTransaction((send) => writeProducts(send, products));
    },

    async receiveStock(receipts: readonly StockReceipt[]): Promise<void> {
      if (receipts.length > 0) await inTransaction((send) => writeReceipts(send, receipts));
    },

    seedCatalog: (products: readonly CatalogProduct[], receipts: readonly StockReceipt[]) =>
      inTransaction(async (send) => {
        const [, found] = await send([lockCatalog, { text: 'SELECT 1 FROM products LIMIT 1' }]);
        if (found?.rowCount !== 0) return false;
        await writeProducts(send, products);
        await writeReceipts(send, receipts);
        return true;
      }),

    checkWritable: () =>
      withConnection(async ({ send }) => {
        await send(probeStatements(transactionSettings));
      }),
  };
}

/** A statement can't write a row twice; the last one counts, as if they were saved one by one. */
function lastOfEachSku(products: readonly CatalogProduct[]): readonly CatalogProduct[] {
  return [...new Map(products.map((product) => [product.sku, product])).values()];
}
