/** Every check of `verify` finds the damage that it is there for, on every engine, and is the only one to find it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkNames, verifyChecks } from '../../src/storage/verify-checks.ts';
import { postgresMissing } from '../postgres/postgres-databases.ts';
import { asIfErased, openMemoryShop, openPostgresShop, openSqliteShop } from './damaged-shops.ts';

/** What may be back of a person, and how a report tells it without telling it. */
const personsBack = [
  ['customer_name', 'a name'],
  ['street_address', 'a street'],
  ['email', 'an email'],
] as const;

const changeColumns = 'name, description, category, price_cents, image_url, active, created_at_ms';

/** Each thing that is wrong in the log of products of a sound shop, with the first finding. */
const wrongChanges = [
  ['a gap', 'UPDATE product_changes SET position = 9 WHERE position = 2', 'position 9', '2', '9'],
  [
    'no entry of a product',
    "DELETE FROM product_changes WHERE sku = 'tent'",
    'tent',
    'revision 1, as the product',
    'none',
  ],
  [
    'a revision that goes back',
    `INSERT INTO product_changes (position, sku, revision, changed_at_ms, ${changeColumns})
      SELECT 3, sku, 0, changed_at_ms, ${changeColumns} FROM product_changes WHERE sku = 'mug'`,
    'mug at position 3',
    'a revision after 1',
    'revision 0',
  ],
  [
    'an entry of no product',
    `INSERT INTO product_changes (position, sku, revision, changed_at_ms, ${changeColumns})
      SELECT 3, 'ghost', 1, changed_at_ms, ${changeColumns} FROM product_changes WHERE sku = 'mug'`,
    'position 3',
    'a product',
    'none of SKU ghost',
  ],
] as const;

const engines = [
  { name: 'the memory engine', openShop: openMemoryShop, missing: null, takesSql: false },
  { name: 'SQLite', openShop: openSqliteShop, missing: null, takesSql: true },
  { name: 'PostgreSQL', openShop: openPostgresShop, missing: await postgresMissing(), takesSql: true },
] as const;

for (const { name, openShop, missing, takesSql } of engines) {
  describe(`verify on ${name}`, { skip: missing ?? false }, () => {
    test('makes every check, in their order, and finds nothing in a sound shop', async () => {
      await using shop = await openShop();
      const { checks, findings } = await shop.verify();
      assert.deepEqual(findings, []);
      assert.deepEqual(
        checks.map((check) => check.name),
        checkNames,
      );
      for (const check of checks) assert.ok(check.examined > 0, `${check.name} looked at something`);
    });

    for (const check of checkNames) {
      test(`finds by this check alone when it is not so: ${verifyChecks[check]}`, async () => {
        await using shop = await openShop();
        await shop.damage(check);
        const { findings } = await shop.verify();
        assert.deepEqual(
          [...new Set(findings.map((finding) => finding.check))],
          [check],
          JSON.stringify(findings),
        );
      });
    }

    if (!takesSql) return;

    for (const [wrong, sql, subject, expected, found] of wrongChanges) {
      test(`finds ${wrong} in the log of products`, async () => {
        await using shop = await openShop();
        await shop.damageBy(sql);
        const [first] = (await shop.verify()).findings;
        assert.deepEqual(first, { check: 'changes', subject, expected, found });
      });
    }

    const erase = `${asIfErased};
      UPDATE orders SET customer_name = 'Erased', street_address = 'Erased', email = NULL WHERE number = 1002`;

    test('finds nothing in an order that is erased', async () => {
      await using shop = await openShop();
      await shop.damageBy(erase);
      assert.deepEqual((await shop.verify()).findings, []);
    });

    for (const [column, found] of personsBack) {
      test(`finds ${found} in an order that was erased, and does not tell it`, async () => {
        await using shop = await openShop();
        await shop.damageBy(`${erase}; UPDATE orders SET ${column} = 'ada@home' WHERE number = 1002`);
        assert.deepEqual((await shop.verify()).findings, [
          { check: 'erased', subject: 'order 1002', expected: 'erased', found },
        ]);
      });
    }
  });
}
