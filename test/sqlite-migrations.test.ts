/** A database of an older program, with orders in it, brought to this one's schema. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { migrate } from '../src/storage/sqlite/migrate.ts';
import { provideFunctions } from '../src/storage/sqlite/sql-functions.ts';
import { migrateSqliteFile, openSqliteStore } from '../src/storage/sqlite/sqlite-store.ts';
import { aProduct, aStep, aSubmission, described } from './builders.ts';
import { anOrder, postOrder } from './journeys/shop-client.ts';
import { assertVerifiesClean, place } from './order-store/opened-store.ts';
import { readProductLog } from './read-product-log.ts';
import { startService } from './service.ts';

const migrations = join(import.meta.dirname, '../src/storage/sqlite/migrations');

/** Rows of version 1: orders in two states, and a retired product whose name is not composed. */
const versionOneRows = `
  INSERT INTO products VALUES
    ('tent-4p', 'Tent', '', 'Outdoors', 19999, '/images/tent-4p.svg', 1),
    ('mug', 'Mug', '', 'Kitchen', 1250, '/images/mug.svg', 1),
    ('awl', 'Awl', '', 'Tools', 900, '/images/awl.svg', 1),
    ('lamp', 'Lumie\u0300re', '', 'Lamps', 700, '/images/lamp.svg', 0);
  INSERT INTO stock VALUES ('tent-4p', 8), ('mug', 9), ('awl', 0), ('lamp', 5);
  INSERT INTO stock_receipts (sku, units, received_at_ms) VALUES ('tent-4p', 10, 7), ('mug', 6, 9), ('mug', 4, 8), ('lamp', 10, 0);
  INSERT INTO orders VALUES
    (1001, '01927f3e-7c00-7abc-8def-000000000001', 'placed', 1, 'Ada', '1 Main St', NULL, 'TX', '73301', NULL, 19999),
    (1002, '01927f3e-7c00-7abc-8def-000000000002', 'placed', 2, 'Bob', '2 Main St', NULL, 'TX', '73301', NULL, 19999),
    (1003, '01927f3e-7c00-7abc-8def-000000000003', 'placed', 3, 'Cy', '3 Main St', NULL, 'CA', '94016', NULL, 1250),
    (1004, '01927f3e-7c00-7abc-8def-000000000004', 'placed', 4, 'Di', '4 Main St', NULL, 'CA', '94016', NULL, 3500);
  INSERT INTO order_lines VALUES
    (1001, 0, 'tent-4p', 'Tent', 1, 19999, 19999),
    (1002, 0, 'tent-4p', 'Tent', 1, 19999, 19999),
    (1003, 0, 'mug', 'Mug', 1, 1250, 1250),
    (1004, 0, 'lamp', 'Lumie\u0300re', 5, 700, 3500);
  INSERT INTO idempotency_keys VALUES ('anonymous', 'key-1', 'fingerprint', 1001);
  INSERT INTO order_log (order_number, type, at_ms) VALUES
    (1001, 'order_placed', 1), (1002, 'order_placed', 2), (1003, 'order_placed', 3), (1004, 'order_placed', 4);
  INSERT INTO popularity VALUES ('TX', 'tent-4p', 'Tent', 2, 2), ('CA', 'mug', 'Mug', 1, 1),
    ('CA', 'lamp', 'Lumie\u0300re', 1, 5);`;

/** A database as a program of that version leaves it, without rows. */
function openOfVersion(file: string, version: number): DatabaseSync {
  const db = new DatabaseSync(file);
  provideFunctions(db);
  for (const name of readdirSync(migrations).sort().slice(0, version))
    db.exec(readFileSync(join(migrations, name), 'utf8'));
  db.exec(
    `PRAGMA application_id = ${0x4e_5a_4d_41}; PRAGMA user_version = ${version}; PRAGMA journal_mode = WAL`,
  );
  return db;
}

test('a database of version 1 keeps its orders and counters, and goes on counting', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-test-'));
  const file = join(folder, 'nozama.db');
  try {
    const db = openOfVersion(file, 1);
    db.exec(versionOneRows);
    db.close();

    const store = await openSqliteStore({ file });
    try {
      await assertVerifiesClean(store);
      assert.equal((await store.findOrder('01927f3e-7c00-7abc-8def-000000000001'))?.customerName, 'Ada');
      assert.deepEqual(
        (await store.topProducts('CA', 3)).map(({ sku }) => sku),
        ['mug'],
        'without the retired lamp',
      );
      assert.equal((await store.findProductByName('Lumi\u00e8re'))?.sku, 'lamp');
      const renamed = await store.findOrder('01927f3e-7c00-7abc-8def-000000000004');
      assert.equal(renamed?.lines[0]?.name, 'Lumie\u0300re', 'an order keeps the name it was placed with');
      const mug = await store.findProduct('mug');
      assert.deepEqual([mug?.revision, mug?.createdAtMs], [1, 8], 'added when its first units came in');
      assert.deepEqual([(await store.findProduct('awl'))?.createdAtMs, mug?.onHand], [0, 9]);
      const { movements } = await store.listStockMovements('mug', null, 10);
      const came = { sku: 'mug', reason: 'receipt', note: null, reference: null, actor: 'service' };
      assert.deepEqual(movements, [
        { ...came, movementId: 3, units: 4, atMs: 8 },
        { ...came, movementId: 2, units: 6, atMs: 9 },
      ]);
      await place(store, aSubmission({ lines: [{ sku: 'mug', quantity: 2 }] }));
      const top = await store.topProducts('TX', 3);
      assert.deepEqual(
        top.map(({ sku, orders, units }) => [sku, orders, units]),
        [
          ['tent-4p', 2, 2],
          ['mug', 1, 2],
        ],
      );
      await assertVerifiesClean(store);
    } finally {
      await store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The statements of a program of version 4, prepared before the file is migrated, as a process that goes on has them. */
function placesAsVersionFour(db: DatabaseSync) {
  const insertOrder = db.prepare(`
    INSERT INTO orders (number, order_id, status, placed_at_ms, customer_name, street_address, city, state, zip_code,
      email, total_cents)
    VALUES (?, ?, 'placed', 5, 'Ada', '1 Main St', NULL, 'TX', '73301', NULL, 19999)`);
  const insertLine = db.prepare('INSERT INTO order_lines VALUES (?, ?, ?, ?, ?, ?, ?)');
  const insertKey = db.prepare('INSERT INTO idempotency_keys VALUES (?, ?, ?, ?)');
  const insertLogEntry = db.prepare('INSERT INTO order_log (order_number, type, at_ms) VALUES (?, ?, ?)');
  const takeStock = db.prepare('UPDATE stock SET on_hand = on_hand - ? WHERE sku = ?');
  const addPopularity = db.prepare(`
    INSERT INTO popularity (state, product_no, name_place, orders, units)
      SELECT ?, product_no, name_place, 1, 1 FROM products WHERE sku = ?
    ON CONFLICT (state, product_no) DO UPDATE SET orders = orders + excluded.orders, units = units + excluded.units`);
  return (number: number, orderId: string, key: string): void => {
    db.exec('BEGIN IMMEDIATE');
    insertOrder.run(number, orderId);
    insertLine.run(number, 0, 'tent-4p', 'Tent', 1, 19999, 19999);
    insertKey.run('anonymous', key, 'fingerprint', number);
    insertLogEntry.run(number, 'order_placed', 5);
    takeStock.run(1, 'tent-4p');
    addPopularity.run('TX', 'tent-4p');
    db.exec('COMMIT');
  };
}

test('a program of version 4 goes on placing orders with keys after another has brought the file up to date', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-test-'));
  const file = join(folder, 'nozama.db');
  const old = openOfVersion(file, 4);
  try {
    const place = placesAsVersionFour(old);
    old.exec(`
      INSERT INTO products (sku, name, description, category, price_cents, image_url, active, product_no, name_place)
        VALUES ('tent-4p', 'Tent', '', 'Outdoors', 19999, '/images/tent-4p.svg', 1, 1, 1000);
      INSERT INTO stock VALUES ('tent-4p', 10);
      INSERT INTO stock_receipts (sku, units, received_at_ms) VALUES ('tent-4p', 10, 7)`);
    const idOf = (n: number) => `01927f3e-7c00-7abc-8def-00000000000${n}`;
    place(1001, idOf(1), 'before');
    const store = await openSqliteStore({ file });
    try {
      const cancel = aStep({ orderId: idOf(1), step: { name: 'cancel', reason: null } });
      const idempotency = { scope: 'key:erp', key: 'cancel', fingerprint: 'f' };
      await store.commitBatch([{ ...cancel, idempotency }]);
      place(1002, idOf(2), 'beside');
      const keyed = async (scope: string, key: string) => {
        const found = await store.findOrderByKey({ scope, key });
        return [found?.fingerprint, found?.order.orderId, found?.order.revision];
      };
      assert.deepEqual(await keyed('anonymous', 'before'), ['fingerprint', idOf(1), 1]);
      assert.deepEqual(await keyed('anonymous', 'beside'), ['fingerprint', idOf(2), 1]);
      assert.deepEqual(await keyed('key:erp', 'cancel'), ['f', idOf(1), 2]);
      await assertVerifiesClean(store);
    } finally {
      await store.close();
    }
  } finally {
    old.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the log of products begins with those that there are, and has what an older process goes on to change', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-test-'));
  const file = join(folder, 'nozama.db');
  const old = openOfVersion(file, 15);
  const told = async () =>
    (await readProductLog(`sqlite:${file}`)).entries.map(
      ({ position, product: { sku, revision, priceCents }, changedAtMs }) =>
        [position, sku, revision, priceCents, changedAtMs].join(' '),
    );
  try {
    const insert = old.prepare(`
      INSERT INTO products (sku, name, sort_name, description, category, price_cents, image_url, active, revision,
        created_at_ms, product_no, name_place)
      VALUES (?1, ?1, ?1, '', '', 100, '/i.svg', 0, ?2, ?3, ?4, 1024 * ?4)`);
    const insertStock = old.prepare('INSERT INTO stock (sku, on_hand) VALUES (?, 0)');
    // As programs of versions 7 to 15 have it, prepared before another process brings the file up to date.
    const update = old.prepare(
      'UPDATE products SET price_cents = ?, revision = ? WHERE sku = ? RETURNING product_no',
    );
    const add = (sku: string, revision: number, createdAtMs: number, productNo: number) => {
      insert.run(sku, revision, createdAtMs, productNo);
      insertStock.run(sku);
    };
    add('awl', 1, 9, 1);
    add('bow', 4, 8, 2);
    const store = await openSqliteStore({ file });
    try {
      assert.deepEqual(await told(), ['1 bow 4 100 8', '2 awl 1 100 9']);
      assert.equal(update.get(7, 2, 'awl')?.['product_no'], 1);
      add('cup', 1, 10, 3);
      await store.saveProducts([{ ...described(aProduct({ sku: 'awl', name: 'awl' })), active: false }]);
      const [changed, added, changedByUs] = (await told()).slice(2);
      assert.match(changed ?? '', /^3 awl 2 7 /);
      assert.equal(added, '4 cup 1 100 10');
      assert.match(changedByUs ?? '', /^5 awl 3 /);
      await assertVerifiesClean(store);
    } finally {
      await store.close();
    }
  } finally {
    old.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the key of a step leads to its revision also when it is older than the table of such keys', () => {
  const db = openOfVersion(':memory:', 11);
  try {
    db.exec(`PRAGMA foreign_keys = OFF;
      INSERT INTO idempotency_keys VALUES ('anonymous', 'placed', 'f', 1001, 1), ('key:erp', 'shipped', 'g', 1001, 3)`);
    migrate(db);
    assert.deepEqual(
      db
        .prepare('SELECT * FROM keys_of_steps')
        .all()
        .map((row) => Object.values(row)),
      [['key:erp', 'shipped', 3]],
    );
    const keys = db.prepare('SELECT * FROM idempotency_keys ORDER BY fingerprint').all();
    assert.deepEqual(
      keys.map((row) => Object.values(row)),
      [
        ['anonymous', 'placed', 'f', 1001],
        ['key:erp', 'shipped', 'g', 1001],
      ],
    );
  } finally {
    db.close();
  }
});

/** Rows as a program of version 9 wrote them, which did not have what SQLite frees overwritten. */
function writeAsVersionNine(file: string, orders: number, idOf: (nth: number) => string): void {
  const db = openOfVersion(file, 9);
  db.exec('PRAGMA secure_delete = OFF; BEGIN');
  const insertOrder = db.prepare(`
    INSERT INTO orders (number, order_id, status, placed_at_ms, customer_name, street_address, city, state, zip_code,
      email, total_cents)
    VALUES (?, ?, 'placed', 5, ?, ?, NULL, 'TX', '73301', NULL, 0)`);
  const insertLogEntry = db.prepare(
    `INSERT INTO order_log (order_number, type, at_ms) VALUES (?, 'order_placed', 5)`,
  );
  for (let nth = 0; nth < orders; nth += 1) {
    insertOrder.run(1001 + nth, idOf(nth), `<n${nth}>`, `${nth} M`);
    insertLogEntry.run(1001 + nth);
  }
  db.exec('COMMIT');
  db.close();
}

test('copies of orders in free parts of an older file outlive an erasure until it is written anew', async () => {
  const document = readFileSync(join(import.meta.dirname, '../docs/PRIVACY.md'), 'utf8');
  const statement = /sqlite3 data\/nozama\.db "([^"]+)"/.exec(document)?.[1] ?? assert.fail('no statement');
  const idOf = (nth: number) => `01927f3e-7c00-7abc-8def-${String(nth).padStart(12, '0')}`;
  const folder = mkdtempSync(join(tmpdir(), 'nozama-test-'));
  const file = join(folder, 'nozama.db');
  const namesLeft = () => new Set(readFileSync(file, 'latin1').match(/<n\d+>/g)).size;
  try {
    writeAsVersionNine(file, 900, idOf);
    const advice = migrateSqliteFile(file).advice ?? '';
    assert.match(advice, /write the file anew/);
    assert.equal(migrateSqliteFile(file).advice, advice, 'it is still to be done');
    const store = await openSqliteStore({ file });
    const erase = { name: 'erase' } as const;
    await store.commitBatch(
      Array.from({ length: 900 }, (_, nth) => aStep({ orderId: idOf(nth), step: erase })),
    );
    await store.close();
    assert.ok(namesLeft() > 0, 'copies are left, or docs/PRIVACY.md warns in vain');
    const db = new DatabaseSync(file);
    db.exec(statement);
    db.close();
    assert.equal(namesLeft(), 0);
    assert.equal(migrateSqliteFile(file).advice, null);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the log of a service tells at its start of a file to be written anew, and of no other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-test-'));
  const older = join(folder, 'older.db');
  const warningsAtStart = async (file: string) => {
    await using service = await startService({ dir: folder, env: { DATABASE_URL: `sqlite:${file}` } });
    assert.equal((await postOrder(service.url, anOrder())).status, 201);
    await service.stop();
    return service.logs().match(/^.*write the file anew.*$/gm) ?? [];
  };
  try {
    for (const start of ['of a new file', 'of one with an order'])
      assert.deepEqual(await warningsAtStart(join(folder, 'newer.db')), [], start);
    writeAsVersionNine(older, 1, () => '01927f3e-7c00-7abc-8def-000000000001');
    for (const start of ['that migrates', 'after it'])
      assert.equal((await warningsAtStart(older)).length, 1, start);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
