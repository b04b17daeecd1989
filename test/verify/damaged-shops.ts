/** A sound shop on each engine, and for each check of `verify` a way to damage it that no other check sees. */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Order } from '../../src/domain/order.ts';
import { imagePath } from '../../src/domain/product-image.ts';
import { databaseAt } from '../../src/storage/engines.ts';
import { emptyMemory, type MemoryContents } from '../../src/storage/memory/memory-contents.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import type { CheckName, VerifyReport } from '../../src/storage/verify-checks.ts';
import {
  aMovement,
  anApiKey,
  anAuditDraft,
  anImage,
  aParcel,
  aProduct,
  aStep,
  aSubmission,
  keyed,
  stockUp,
} from '../builders.ts';
import { openTestDatabase } from '../postgres/postgres-databases.ts';

export interface DamagedShop extends AsyncDisposable {
  damage(check: CheckName): Promise<void>;
  /** By statements of its own; the shop has four audit entries, three of them of steps and the second with an address. */
  damageBy(sql: string): Promise<void>;
  verify(): Promise<VerifyReport>;
}

/** A shop in a database that has triggers. */
export interface DamagedDatabase extends DamagedShop {
  dropTrigger(table: string, name: string): Promise<void>;
}

/** Every engine has a damage for every check: the type forces it. */
type Damages<Damage> = Readonly<Record<CheckName, Damage>>;

/** Three orders: 1001 of two mugs and a tent and 1002 of two mugs to Texas, of which one came back; 1003 of three tents
 * to California. */
async function fill(store: OrderStore): Promise<void> {
  const picture = anImage();
  await store.saveImages([picture]);
  await stockUp(store, [
    aProduct({ sku: 'mug', name: 'Mug', imageUrl: imagePath(picture) }),
    aProduct({ sku: 'tent', name: 'Tent' }),
  ]);
  const lines = (mugs: number, tents: number) =>
    [
      { sku: 'mug', quantity: mugs },
      { sku: 'tent', quantity: tents },
    ].filter(({ quantity }) => quantity > 0);
  await store.commitBatch([
    keyed('a', aSubmission({ lines: lines(2, 1) })),
    keyed('b', aSubmission({ lines: lines(2, 0) })),
    keyed('c', aSubmission({ state: 'CA', lines: lines(0, 3) })),
  ]);
  const orderId = (await store.findOrderByKey({ scope: 'web', key: 'b' }))?.order.orderId ?? '';
  await store.commitBatch([
    aStep({ orderId, step: { name: 'pack' } }),
    aStep({
      orderId,
      step: { name: 'ship', ...aParcel },
      origin: { keyId: null, requestId: null, address: '203.0.113.7', detail: {} },
    }),
    aStep({
      orderId,
      step: { name: 'return', lines: [{ sku: 'mug', quantity: 1 }], restock: true, reason: null },
    }),
  ]);
  await store.access.createApiKey(anApiKey(), anAuditDraft());
}

const memoryDamages: Damages<(contents: MemoryContents) => void> = {
  storage: (contents) => {
    contents.orders = contents.orders.map((stored) => ({ ...stored }));
  },
  products: (contents) => {
    const movement = Object.freeze({ ...aMovement({ sku: 'ghost' }), movementId: 99 });
    contents.movements = [...contents.movements, movement];
  },
  totals: (contents) => changeOrder(contents, 0, (order) => ({ ...order, totalCents: 1 })),
  lines: (contents) =>
    changeOrder(contents, 1, (order) => ({
      ...order,
      lines: order.lines.map((line) => ({ ...line, unitPriceCents: line.unitPriceCents - 1 })),
    })),
  linesOnce: (contents) => {
    changeOrder(contents, 0, (order) => ({
      ...order,
      lines: order.lines.flatMap((line) =>
        line.quantity === 2
          ? [1, 1].map((quantity) => ({ ...line, quantity, lineTotalCents: line.unitPriceCents }))
          : [line],
      ),
    }));
    changeCounter(contents, 'TX mug', ({ orders }) => ({ orders: orders + 1 }));
  },
  numbers: (contents) => {
    changeOrder(contents, 2, (order) => ({ ...order, number: 4711 }));
    contents.log = contents.log.map((entry) =>
      entry.orderNumber === 1003 ? Object.freeze({ ...entry, orderNumber: 4711 }) : entry,
    );
  },
  stock: (contents) => {
    contents.stock = new Map([...contents.stock, ['mug', 998]]);
  },
  images: (contents) => {
    contents.images = contents.images.map((image) => Object.freeze({ ...image, bytes: new Uint8Array(3) }));
  },
  counters: (contents) => changeCounter(contents, 'CA tent', ({ units }) => ({ units: units + 1 })),
  ranking: (contents) => changeCounter(contents, 'CA tent', () => ({ name: 'Marquee' })),
  log: (contents) => {
    contents.log = contents.log.map((entry) =>
      entry.position === 3 ? Object.freeze({ ...entry, atMs: entry.atMs + 1 }) : entry,
    );
  },
  positions: (contents) => {
    contents.log = contents.log.map((entry) => Object.freeze({ ...entry, position: 2 * entry.position }));
  },
  words: (contents) => {
    contents.words = new Map([...contents.words, ['mug', []]]);
  },
  changes: (contents) => {
    contents.productChanges = contents.productChanges.slice(0, -1);
  },
  shopId: (contents) => {
    contents.shopId = '';
  },
  audit: (contents) => {
    contents.audit = contents.audit.filter(({ position }) => position !== 2);
  },
  steps: (contents) => {
    contents.changedOrders = [];
  },
  erased: (contents) => {
    contents.events = contents.events.map((event) =>
      event.type === 'order_packed' ? Object.freeze({ ...event, type: 'order_erased' }) : event,
    );
    contents.log = contents.log.map((entry) =>
      entry.type === 'order_packed' ? Object.freeze({ ...entry, type: 'order_erased' }) : entry,
    );
  },
  events: (contents) => {
    contents.log = contents.log.map((entry) =>
      entry.type === 'order_shipped' ? Object.freeze({ ...entry, atMs: entry.atMs + 1 }) : entry,
    );
  },
  keys: (contents) => {
    const [first] = contents.keys;
    contents.keys = contents.keys.map((record) =>
      Object.freeze({ ...record, orderId: first?.orderId ?? record.orderId }),
    );
  },
};

function changeOrder(contents: MemoryContents, index: number, change: (order: Order) => Order): void {
  contents.orders = contents.orders.map((stored, at) =>
    at === index ? Object.freeze(change(stored)) : stored,
  );
}

function changeCounter(
  contents: MemoryContents,
  of: string,
  change: (counter: MemoryContents['counters'][number]) => Partial<MemoryContents['counters'][number]>,
): void {
  contents.counters = contents.counters.map((counter) =>
    `${counter.state} ${counter.sku}` === of ? { ...counter, ...change(counter) } : counter,
  );
}

export async function openMemoryShop(): Promise<DamagedShop> {
  const contents = emptyMemory();
  const store = createMemoryStore({ contents });
  await fill(store);
  return {
    damage: async (check) => memoryDamages[check](contents),
    damageBy: () => Promise.reject(new Error('the memory engine knows no SQL')),
    verify: () => store.verify(),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

/** An order was packed and shipped, and has its person: with this step instead, the person is back. */
export const asIfErased = `
  UPDATE order_events SET type = 'order_erased' WHERE type = 'order_packed';
  UPDATE order_log SET type = 'order_erased' WHERE type = 'order_packed'`;

/** With constraints and triggers out of the way, as a faulty disk or program would have it. */
const sqliteDamages: Damages<string | ((file: string) => Promise<void>)> = {
  storage: (file) =>
    changePage(file, 'sqlite_autoindex_orders_1', (page) => {
      // A digit of an order id, in the index but not in the table.
      page.write('f', page.indexOf('-7000-8000-') + 1);
    }),
  products: `INSERT INTO stock_movements (sku, units, reason, actor, at_ms) VALUES ('ghost', 1, 'count', 'cli', 0)`,
  totals: `UPDATE orders SET total_cents = 1 WHERE number = 1001`,
  lines: `UPDATE order_lines SET unit_price_cents = unit_price_cents - 1 WHERE order_number = 1002`,
  linesOnce: `
    UPDATE order_lines SET quantity = 1, line_total_cents = unit_price_cents WHERE order_number = 1001 AND sku = 'mug';
    INSERT INTO order_lines SELECT 1001, 2, sku, name, 1, unit_price_cents, line_total_cents
      FROM order_lines WHERE order_number = 1001 AND sku = 'mug';
    UPDATE popularity SET orders = orders + 1
      WHERE state = 'TX' AND product_no = (SELECT product_no FROM products WHERE sku = 'mug')`,
  numbers: `
    UPDATE orders SET number = 4711 WHERE number = 1003;
    UPDATE order_lines SET order_number = 4711 WHERE order_number = 1003;
    UPDATE idempotency_keys SET order_number = 4711 WHERE order_number = 1003;
    UPDATE order_log SET order_number = 4711 WHERE order_number = 1003`,
  stock: `UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'mug'`,
  images: `UPDATE product_images SET bytes = x'00'`,
  counters: `UPDATE popularity SET units = units + 1 WHERE state = 'CA'`,
  ranking: `UPDATE popularity SET is_active = 0 WHERE state = 'CA'`,
  words: `DELETE FROM product_words WHERE sku = 'mug' AND word = 'mug'`,
  changes: `UPDATE product_changes SET price_cents = 1 WHERE sku = 'mug'`,
  shopId: `DELETE FROM shop_identity`,
  audit: `DELETE FROM audit_log WHERE position = 2`,
  log: `UPDATE order_log SET at_ms = at_ms + 1 WHERE position = 3`,
  positions: `UPDATE order_log SET position = 9 WHERE position = 6`,
  steps: `UPDATE orders SET status = 'packed' WHERE number = 1002`,
  erased: asIfErased,
  events: `UPDATE order_log SET at_ms = at_ms + 1 WHERE type = 'order_shipped'`,
  keys: `INSERT INTO idempotency_keys SELECT scope, 'again', fingerprint, order_number FROM idempotency_keys LIMIT 1`,
};

export async function openSqliteShop(): Promise<DamagedDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'nozama-test-'));
  const file = join(folder, 'nozama.db');
  const database = databaseAt(`sqlite:${file}`);
  const store = await database.open();
  await fill(store);
  await store.close();
  return {
    async damage(check) {
      const damage = sqliteDamages[check];
      if (typeof damage === 'string') tamper(file, damage);
      else await damage(file);
    },
    damageBy: async (sql) => tamper(file, sql),
    async dropTrigger(_table, name) {
      const db = new DatabaseSync(file);
      db.exec(`DROP TRIGGER ${name}`);
      db.close();
    },
    verify: () => database.verify(),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The triggers are there again afterwards: their absence is a finding of its own. */
export function tamper(file: string, sql: string): void {
  const db = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  try {
    const triggers = db.prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`).all();
    const drops = triggers.map(({ name }) => `DROP TRIGGER ${name}`);
    db.exec(`PRAGMA ignore_check_constraints = ON; PRAGMA journal_mode = WAL; ${drops.join('; ')}`);
    db.exec(sql);
    for (const trigger of triggers) db.exec(String(trigger['sql']));
  } finally {
    db.close();
  }
}

/** Changes bytes behind SQLite's back, in the first page of a table or an index. */
export async function changePage(file: string, name: string, change: (page: Buffer) => void): Promise<void> {
  const db = new DatabaseSync(file, { readOnly: true });
  const row = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(name);
  db.close();
  const handle = await open(file, 'r+');
  try {
    const page = Buffer.alloc(4096);
    const position = (Number(row?.['rootpage']) - 1) * page.length;
    await handle.read(page, 0, page.length, position);
    change(page);
    await handle.write(page, 0, page.length, position);
  } finally {
    await handle.close();
  }
}

/** Behind the back of triggers and foreign keys; a CHECK has to go first. */
const postgresDamages: Damages<string> = {
  storage: `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'products_by_name'::regclass`,
  products: `INSERT INTO stock_movements (sku, units, reason, actor, at_ms) VALUES ('ghost', 1, 'count', 'cli', 0)`,
  totals: `UPDATE orders SET total_cents = 1 WHERE number = 1001`,
  lines: `ALTER TABLE order_lines DROP CONSTRAINT order_lines_check;
    UPDATE order_lines SET unit_price_cents = unit_price_cents - 1
      WHERE order_id = (SELECT order_id FROM orders WHERE number = 1002)`,
  linesOnce: `
    UPDATE order_lines SET quantity = 1, line_total_cents = unit_price_cents
      WHERE sku = 'mug' AND order_id = (SELECT order_id FROM orders WHERE number = 1001);
    INSERT INTO order_lines SELECT order_id, 2, sku, name, 1, unit_price_cents, line_total_cents
      FROM order_lines JOIN orders USING (order_id) WHERE number = 1001 AND sku = 'mug';
    UPDATE popularity SET orders = orders + 1 WHERE state = 'TX' AND sku = 'mug'`,
  numbers: `
    UPDATE orders SET number = 4711 WHERE number = 1003;
    UPDATE order_log SET order_number = 4711 WHERE order_number = 1003`,
  stock: `UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'mug'`,
  images: `UPDATE product_images SET bytes = decode('00', 'hex')`,
  counters: `UPDATE popularity SET units = units + 1 WHERE state = 'CA'`,
  ranking: `UPDATE popularity SET ranked_at_ms = NULL WHERE state = 'CA'`,
  words: `DELETE FROM product_words WHERE sku = 'mug' AND word = 'mug'`,
  changes: `UPDATE product_changes SET price_cents = 1 WHERE sku = 'mug'`,
  shopId: `DELETE FROM shop_identity`,
  audit: `DELETE FROM audit_log WHERE position = 2`,
  log: `UPDATE order_log SET at_ms = at_ms + 1 WHERE position = 3`,
  positions: `UPDATE order_log SET position = 9 WHERE position = 6`,
  steps: `UPDATE orders SET status = 'packed' WHERE number = 1002`,
  erased: asIfErased,
  events: `UPDATE order_log SET at_ms = at_ms + 1 WHERE type = 'order_shipped'`,
  keys: `INSERT INTO idempotency_keys SELECT scope, 'again', fingerprint, order_id, revision FROM idempotency_keys LIMIT 1`,
};

export async function openPostgresShop(): Promise<DamagedDatabase> {
  const test = await openTestDatabase();
  const database = databaseAt(test.url);
  const store = await database.open();
  await fill(store);
  await store.close();
  return {
    async damage(check) {
      await test.query(`SET session_replication_role = replica; ${postgresDamages[check]}`);
    },
    damageBy: async (sql) => void (await test.query(`SET session_replication_role = replica; ${sql}`)),
    dropTrigger: async (table, name) => void (await test.query(`DROP TRIGGER ${name} ON ${table}`)),
    verify: () => database.verify(),
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  };
}
