/** Every check of `verify` finds the damage that it is there for, on every engine, and is the only one to find it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkNames, verifyChecks } from '../../src/storage/verify-checks.ts';
import { postgresMissing } from '../postgres/postgres-databases.ts';
import { openMemoryShop, openPostgresShop, openSqliteShop } from './damaged-shops.ts';

const engines = [
  { name: 'the memory engine', openShop: openMemoryShop, missing: null },
  { name: 'SQLite', openShop: openSqliteShop, missing: null },
  { name: 'PostgreSQL', openShop: openPostgresShop, missing: await postgresMissing() },
] as const;

for (const { name, openShop, missing } of engines) {
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
  });
}
