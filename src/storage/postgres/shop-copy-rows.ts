/** The pages of a copied shop as statements, each for all rows of a page at once; and what is counted afterwards. */
import { asPlaced, type Order } from '../../domain/order.ts';
import { figureNames, type ShopFigures, type ShopPage, type ShopSections } from '../shop-transfer.ts';
import type { Row, Statement } from './connection.ts';
import { saveImageStatements } from './image-writes.ts';
import { insertProductEntries } from './product-log.ts';
import { wordStatements } from './product-words.ts';
import { movementValues, productColumns } from './rows.ts';
import { insertEventsOf, insertKeysOf } from './step-writes.ts';
import { insertOrdersWithLines } from './write-set.ts';

const insertProducts = `
  INSERT INTO products (
    sku, name, description, category, price_cents, image_url, active, revision, created_at_ms, sort_name)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::boolean[],
    $8::integer[], $9::bigint[], $10::text[])`;

const insertStock = 'INSERT INTO stock (sku, on_hand) SELECT * FROM unnest($1::text[], $2::bigint[])';

/** With the number each has at the source: elsewhere the database gives it. */
const insertMovements = `
  INSERT INTO stock_movements (movement_id, sku, units, reason, note, reference, actor, at_ms)
  OVERRIDING SYSTEM VALUE
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::bigint[])`;

const insertLog = `
  INSERT INTO order_log (position, order_id, order_number, type, at_ms, revision)
  SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[], $6::integer[])`;

const insertCounters = `
  INSERT INTO popularity (state, sku, name, orders, units)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])`;

const insertApiKeys = `
  INSERT INTO api_keys (key_id, name, prefix, secret_hash, scopes, created_at_ms, expires_at_ms, revoked_at_ms,
    last_used_at_ms)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::bigint[])`;

const insertAudit = `
  INSERT INTO audit_log (position, entry, address_digest, address, address_salt, hash)
  SELECT position, entry::json, address_digest, address, address_salt, hash
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    AS copied(position, entry, address_digest, address, address_salt, hash)`;

export function pageStatements(page: ShopPage): readonly Statement[] {
  switch (page.section) {
    case 'productChanges':
      return [insertProductEntries(page.rows)];
    case 'products': {
      const { rows } = page;
      return [
        { text: insertProducts, values: productColumns(rows) },
        { text: insertStock, values: [rows.map(({ sku }) => sku), rows.map(({ onHand }) => onHand)] },
        ...wordStatements(rows),
      ];
    }
    case 'images':
      // For how long no product has named one is not copied: they stay as if they were saved now.
      return saveImageStatements(page.rows, Date.now());
    case 'movements':
      return [
        {
          text: insertMovements,
          values: [page.rows.map(({ movementId }) => movementId), ...movementValues(page.rows)],
        },
      ];
    case 'orders':
      return [...insertOrdersWithLines(page.rows), ...revisionsOf(page.rows)];
    case 'events':
      return [insertEventsOf({ events: page.rows })];
    case 'keys':
      return [insertKeysOf({ keys: page.rows })];
    case 'log':
      return [
        {
          text: insertLog,
          values: [
            page.rows.map(({ position }) => position),
            page.rows.map(({ orderId }) => orderId),
            page.rows.map(({ orderNumber }) => orderNumber),
            page.rows.map(({ type }) => type),
            page.rows.map(({ atMs }) => atMs),
            page.rows.map(({ revision }) => revision),
          ],
        },
      ];
    case 'apiKeys':
      return [insertApiKeysOf(page.rows)];
    case 'audit':
      return [insertAuditOf(page.rows)];
    case 'counters':
      return [
        {
          text: insertCounters,
          values: [
            page.rows.map(({ state }) => state),
            page.rows.map(({ sku }) => sku),
            page.rows.map(({ name }) => name),
            page.rows.map(({ orders }) => orders),
            page.rows.map(({ units }) => units),
          ],
        },
      ];
  }
}

function insertApiKeysOf(rows: readonly ShopSections['apiKeys'][]): Statement {
  return {
    text: insertApiKeys,
    values: [
      rows.map(({ keyId }) => keyId),
      rows.map(({ name }) => name),
      rows.map(({ prefix }) => prefix),
      rows.map(({ secretHash }) => secretHash),
      rows.map(({ scopes }) => scopes.join(' ')),
      rows.map(({ createdAtMs }) => createdAtMs),
      rows.map(({ expiresAtMs }) => expiresAtMs),
      rows.map(({ revokedAtMs }) => revokedAtMs),
      rows.map(({ lastUsedAtMs }) => lastUsedAtMs),
    ],
  };
}

function insertAuditOf(rows: readonly ShopSections['audit'][]): Statement {
  return {
    text: insertAudit,
    values: [
      rows.map(({ position }) => position),
      rows.map(({ entry }) => entry),
      rows.map(({ addressDigest }) => addressDigest),
      rows.map(({ address }) => address),
      rows.map(({ addressSalt }) => addressSalt),
      rows.map(({ hash }) => hash),
    ],
  };
}

/** Of orders with steps: an order is inserted as one without. */
function revisionsOf(orders: readonly Order[]): readonly Statement[] {
  const stepped = orders.filter(({ revision }) => revision !== asPlaced.revision);
  if (stepped.length === 0) return [];
  return [
    {
      text: `UPDATE orders SET revision = stepped.revision
        FROM unnest($1::uuid[], $2::integer[]) AS stepped(order_id, revision)
        WHERE orders.order_id = stepped.order_id`,
      values: [stepped.map(({ orderId }) => orderId), stepped.map(({ revision }) => revision)],
    },
  ];
}

/** What the rows of a page are called when one of them is refused. */
export function describePage(page: ShopPage): string {
  const [first, last] = [page.rows[0], page.rows.at(-1)];
  if (first === undefined || last === undefined) return page.section;
  const name = (row: ShopPage['rows'][number]): string => {
    if ('customerName' in row) return `${row.number}`;
    if ('position' in row) return `${row.position}`;
    if ('movementId' in row) return `${row.movementId}`;
    if ('hash' in row) return row.hash;
    if ('eventId' in row) return `${row.orderNumber}`;
    return 'sku' in row ? `"${row.sku}"` : '';
  };
  return name(first) === '' ? page.section : `${page.section} ${name(first)} to ${name(last)}`;
}

const sum = (expression: string) => `coalesce(sum(${expression}), 0)::text`;

/** One for each table, which is read once. */
export const figureStatements: readonly Statement[] = [
  {
    text: `SELECT count(*)::text AS "product changes",
        coalesce(max(position), 0)::text AS "last position of a product change",
        ${sum('changed_at_ms')} AS "sum of change times",
        ${sum('length(name) + length(description) + length(category) + length(image_url)')} AS "letters of product changes"
      FROM product_changes`,
  },
  { text: 'SELECT count(*)::text AS "products" FROM products' },
  { text: `SELECT ${sum('on_hand')} AS "units on hand" FROM stock` },
  {
    text: `SELECT count(*)::text AS "pictures", ${sum('length(bytes)')} AS "bytes of pictures" FROM product_images`,
  },
  {
    text: `SELECT count(*)::text AS "stock movements", ${sum('units')} AS "units moved" FROM stock_movements`,
  },
  {
    text: `SELECT count(*)::text AS "orders", ${sum('number')} AS "sum of order numbers",
        ${sum('placed_at_ms')} AS "sum of order times", ${sum('total_cents')} AS "sum of totals in cents",
        ${sum(`length(customer_name) + length(street_address) + coalesce(length(city), 0)
          + length(zip_code) + coalesce(length(email), 0)`)} AS "letters of names and addresses",
        ${sum('revision')} AS "sum of order revisions"
      FROM orders`,
  },
  {
    text: `SELECT count(*)::text AS "steps of orders", ${sum('at_ms')} AS "sum of step times",
        ${sum('length(actor)')} AS "letters of actors" FROM order_events`,
  },
  {
    text: `SELECT count(*)::text AS "order lines", ${sum('quantity')} AS "units ordered",
        ${sum('line_total_cents')} AS "sum of line totals in cents" FROM order_lines`,
  },
  {
    text: `SELECT count(*)::text AS "idempotency keys",
        ${sum('length(scope) + length(idempotency_key) + length(fingerprint)')} AS "letters of keys and fingerprints"
      FROM idempotency_keys`,
  },
  {
    text: `SELECT count(*)::text AS "log entries", coalesce(max(position), 0)::text AS "last log position",
        ${sum('at_ms')} AS "sum of log times" FROM order_log`,
  },
  {
    text: `SELECT count(*)::text AS "popularity counters", ${sum('orders')} AS "orders counted",
        ${sum('units')} AS "units counted" FROM popularity`,
  },
  {
    text: `SELECT count(*)::text AS "API keys",
        ${sum('length(name) + length(secret_hash) + length(scopes)')} AS "letters of API keys" FROM api_keys`,
  },
  {
    text: `SELECT count(*)::text AS "audit entries",
        ${sum('length(entry::text) + length(hash)')} AS "letters of audit entries" FROM audit_log`,
  },
  { text: 'SELECT position::text AS "position of the audit head" FROM audit_head' },
];

export function toFigures(rows: readonly Row[]): ShopFigures {
  const found: Row = Object.assign({}, ...rows);
  const figures = figureNames.map((name) => {
    if (found[name] === undefined) throw new Error(`the target does not count ${name}`);
    return [name, String(found[name])];
  });
  return Object.fromEntries(figures) as ShopFigures;
}
