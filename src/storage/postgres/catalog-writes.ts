/** Writes that are not orders: the catalogue, the stock ledger and the pictures. */
import {
  type CatalogChange,
  type CatalogOutcome,
  type CatalogSnapshot,
  type CatalogWriteSet,
  decideCatalogChange,
  referenceId,
  skusOf,
} from '../../domain/decide-catalog.ts';
import type { ProductImage } from '../../domain/product-image.ts';
import type { MovementReason } from '../../domain/stock-movement.ts';
import { auditOfCatalog } from '../catalog-audit.ts';
import { catalogShortcuts } from '../catalog-shortcuts.ts';
import type { OrderStore } from '../order-store.ts';
import { retry } from '../server/retries.ts';
import { appendAudit } from './audit.ts';
import type { Connection, Statement } from './connection.ts';
import type { Distribution } from './distribution.ts';
import { isLostRace } from './failures.ts';
import { clearImages, markImages, saveImageStatements } from './image-writes.ts';
import { beginReadCommitted, lockCatalog, lockShop, lockStock, selectStock } from './locks.ts';
import { findMovingUp, findRanked, isFewAtOnce, movesOf, readDebtsOf, rerank } from './moving-up.ts';
import { logProducts } from './product-log.ts';
import { wordStatements } from './product-words.ts';
import {
  type CatalogRow,
  isStorable,
  movementValues,
  productColumns,
  selectCatalog,
  toStoredProduct,
} from './rows.ts';
import { probeStatements } from './write-probe.ts';

/** Only a batch of the catalogue's own, so that what it read is still so: it has the catalogue's lock. */
const upsertProducts = `
  INSERT INTO products (
    sku, name, description, category, price_cents, image_url, active, revision, created_at_ms, sort_name)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::boolean[],
    $8::integer[], $9::bigint[], $10::text[])
  ON CONFLICT (sku) DO UPDATE SET
    name = excluded.name, description = excluded.description, category = excluded.category,
    price_cents = excluded.price_cents, image_url = excluded.image_url, active = excluded.active,
    revision = excluded.revision, sort_name = excluded.sort_name`;

const insertStock =
  'INSERT INTO stock (sku, on_hand) SELECT sku, 0 FROM unnest($1::text[]) AS saved(sku) ON CONFLICT (sku) DO NOTHING';

const insertMovements = `
  INSERT INTO stock_movements (sku, units, reason, note, reference, actor, at_ms)
  SELECT sku, units, reason, note, reference, actor, at_ms
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
    WITH ORDINALITY AS movement(sku, units, reason, note, reference, actor, at_ms, nth)
  ORDER BY nth`;

const addStock = `
  UPDATE stock SET on_hand = on_hand + moved.units
  FROM unnest($1::text[], $2::bigint[]) AS moved(sku, units)
  WHERE stock.sku = moved.sku`;

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
  function inTransaction<Result>(work: Work<Result>): Promise<Result> {
    return retry(() => tryTransaction(work), { triesMax, isHopeful: isLostRace, random: Math.random });
  }

  function tryTransaction<Result>(work: Work<Result>): Promise<Result> {
    return withConnection(async ({ send, close, distribution }) => {
      try {
        await send([{ text: beginReadCommitted }, ...transactionSettings]);
        const result = await work(send, distribution);
        await send([{ text: 'COMMIT' }]);
        return result;
      } catch (error) {
        await send([{ text: 'ROLLBACK' }]).catch(close);
        throw error;
      }
    });
  }

  const changeCatalog: OrderStore['changeCatalog'] = async (change, origin = null) => {
    const { outcome, rankedStates } = await inTransaction(async (send, distribution) => {
      const applied = await decideAndApply(send, change, { distribution, nowMs: nowMs() });
      const drafts = auditOfCatalog(origin, change, applied.outcome);
      if (drafts.length > 0) await send(appendAudit(drafts));
      return applied;
    });
    onRanked(rankedStates);
    return outcome;
  };

  return {
    changeCatalog,
    ...catalogShortcuts(changeCatalog),

    async saveImages(images: readonly ProductImage[], atMs = nowMs()): Promise<void> {
      if (images.length > 0) await inTransaction((send) => send(saveImageStatements(images, atMs)));
    },

    clearImages: (atMs: number) => inTransaction((send) => clearImages(send, atMs)),

    checkWritable: () =>
      withConnection(async ({ send }) => {
        await send(probeStatements(transactionSettings));
      }),
  };
}

type Work<Result> = (send: Connection['send'], distribution: Distribution) => Promise<Result>;

interface Applied {
  readonly outcome: CatalogOutcome;
  /** The states whose ranking a product came into. */
  readonly rankedStates: readonly string[];
}

/** In a transaction that has begun. */
async function decideAndApply(
  send: Connection['send'],
  change: CatalogChange,
  { distribution, nowMs }: { readonly distribution: Distribution; readonly nowMs: number },
): Promise<Applied> {
  const catalog = await readCatalog(send, change);
  if (change.isTrial) {
    const snapshot = await readStock(send, catalog, change);
    return { outcome: decideCatalogChange(snapshot, change).outcome, rankedStates: [] };
  }
  const { outcome, writeSet } = decideCatalogChange(catalog, { ...change, movements: [] });
  // What is refused or unchanged by the products alone keeps no order waiting.
  if (outcome.kind !== 'changed' && change.movements.length === 0) return { outcome, rankedStates: [] };
  if (outcome.kind === 'not_empty') return { outcome, rankedStates: [] };
  if (writeSet.products.length === 0 && change.movements.length === 0) return { outcome, rankedStates: [] };
  const moved = movedOf(catalog, writeSet);
  const early = await findRanked(send, moved);
  const seen = await readDebtsOf(send, early);
  const movingUp = isFewAtOnce(early) ? await findMovingUp(send, early) : null;
  // From here on no batch decides about these products, nor counts them.
  const snapshot = await readStock(send, catalog, change);
  const decision = decideCatalogChange(snapshot, change);
  if (decision.outcome.kind !== 'changed') return { outcome: decision.outcome, rankedStates: [] };
  const changed = await findRanked(send, moved);
  const moves = await movesOf(send, changed, { early, seen, movingUp });
  await send(writeStatements(decision.writeSet, change.atMs));
  if (distribution.logsProducts && decision.writeSet.products.length > 0)
    await send([logProducts(decision.writeSet.products)]);
  const rankedStates = changed.length === 0 ? [] : await rerank(send, changed, moves, nowMs);
  return { outcome: decision.outcome, rankedStates };
}

/** What the catalogue says. Unless it is for a trial, nobody else changes it before we are done. */
async function readCatalog(send: Connection['send'], change: CatalogChange): Promise<CatalogSnapshot> {
  const [any, stored] = await sendLocked(send, change.isTrial ? [] : [lockCatalog], [
    { text: 'SELECT 1 FROM products LIMIT 1' },
    { text: `${selectCatalog} WHERE sku = ANY($1::text[])`, values: [skusOf(change).filter(isStorable)] },
  ]);
  const rows = (stored?.rows ?? []) as unknown as readonly CatalogRow[];
  return {
    isEmpty: any?.rowCount === 0,
    products: new Map(rows.map((row) => [row.sku, toStoredProduct(row)])),
    onHand: new Map(),
    movementsByReference: new Map(),
  };
}

/** Unless it is for a trial, nobody else decides about it before we are done. */
async function readStock(
  send: Connection['send'],
  catalog: CatalogSnapshot,
  change: CatalogChange,
): Promise<CatalogSnapshot> {
  const referred = change.movements.flatMap(({ sku, reference }) =>
    reference === null || !isStorable(reference) || !isStorable(sku) ? [] : [{ sku, reference }],
  );
  const skus = skusOf(change).filter(isStorable);
  const [stock, references] = await sendLocked(send, change.isTrial ? [] : [lockShop], [
    change.isTrial ? selectStock(skus) : lockStock(skus),
    {
      text: `SELECT sku, reference, units, reason FROM stock_movements
        WHERE (sku, reference) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
      values: [referred.map(({ sku }) => sku), referred.map(({ reference }) => reference)],
    },
  ]);
  return {
    ...catalog,
    onHand: new Map((stock?.rows ?? []).map((row) => [String(row['sku']), Number(row['on_hand'])])),
    movementsByReference: new Map(
      (references?.rows ?? []).map((row) => [
        referenceId(String(row['sku']), String(row['reference'])),
        { units: Number(row['units']), reason: row['reason'] as MovementReason },
      ]),
    ),
  };
}

/** One round trip. @returns the answers of the statements behind the locks */
async function sendLocked(
  send: Connection['send'],
  locks: readonly Statement[],
  statements: readonly Statement[],
) {
  return (await send([...locks, ...statements])).slice(locks.length);
}

function writeStatements(
  { products, movements, unitsMoved, imagesGivenUp }: CatalogWriteSet,
  atMs: number,
): readonly Statement[] {
  const statements: Statement[] = imagesGivenUp.length === 0 ? [] : [markImages(imagesGivenUp, atMs)];
  if (products.length > 0) {
    const skus = products.map(({ sku }) => sku);
    statements.push({ text: upsertProducts, values: productColumns(products) });
    statements.push({ text: insertStock, values: [skus] }, ...wordStatements(products));
  }
  if (movements.length > 0) {
    statements.push({ text: insertMovements, values: movementValues(movements) });
    statements.push({ text: addStock, values: [[...unitsMoved.keys()], [...unitsMoved.values()]] });
  }
  return statements;
}

/** Saved products that are there with another name or status: their rankings change. */
function movedOf({ products: known }: CatalogSnapshot, { products }: CatalogWriteSet): readonly string[] {
  return products
    .filter(({ sku, name, active }) => {
      const before = known.get(sku);
      return before !== undefined && (before.name !== name || before.active !== active);
    })
    .map(({ sku }) => sku);
}
