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
