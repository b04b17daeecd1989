/** What the chain of the audit log and its head show of a log that was tampered with, and what they can't. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { auditHash, emptyAuditHash, sha256 } from '../../src/storage/audit-log.ts';
import { postgresMissing } from '../postgres/postgres-databases.ts';
import { type DamagedShop, openPostgresShop, openSqliteShop } from './damaged-shops.ts';

const engines = [
  {
    name: 'SQLite',
    openShop: openSqliteShop,
    missing: null,
    triggers: [
      ['audit_log', 'audit_log_is_never_changed'],
      ['audit_log', 'audit_log_is_never_deleted'],
      ['audit_head', 'audit_head_goes_forward'],
      ['audit_head', 'audit_head_is_never_deleted'],
    ],
  },
  {
    name: 'PostgreSQL',
    openShop: openPostgresShop,
    missing: await postgresMissing(),
    triggers: [
      ['audit_log', 'audit_log_is_append_only'],
      ['audit_log', 'audit_log_is_never_changed'],
      ['audit_head', 'audit_head_goes_forward'],
      ['audit_head', 'audit_head_is_never_deleted'],
    ],
  },
] as const;

/** Each with the subject of a finding that it must make. */
const found: Readonly<Record<string, readonly [sql: string, subject: string]>> = {
  'a text that was changed': [
    `UPDATE audit_log SET entry = '{"actor":"key:other"}' WHERE position = 2`,
    'entry 2',
  ],
  'a text and its hash that were changed': [
    `UPDATE audit_log SET entry = '{}', hash = '${auditHash(emptyAuditHash, 1, { entry: '{}', addressDigest: '' })}'
      WHERE position = 1`,
    'entry 2',
  ],
  'an address that was changed': [
    `UPDATE audit_log SET address = '203.0.113.8' WHERE position = 2`,
    'address of entry 2',
  ],
  'an address that was changed with its digest': [
    `UPDATE audit_log SET address = 'x', address_salt = 'y', address_digest = '${sha256('yx')}' WHERE position = 2`,
    'entry 2',
  ],
  'an address without its salt, which the digest can’t deny': [
    `UPDATE audit_log SET address = '203.0.113.8', address_salt = NULL WHERE position = 2`,
    'address of entry 2',
  ],
  'a salt without its address': [
    'UPDATE audit_log SET address = NULL WHERE position = 2',
    'address of entry 2',
  ],
  'an address at an entry that was written without one': [
    `UPDATE audit_log SET address = '203.0.113.8' WHERE position = 1`,
    'address of entry 1',
  ],
  'an address and a salt at an entry that was written without one': [
    `UPDATE audit_log SET address = '203.0.113.8', address_salt = 'y' WHERE position = 1`,
    'address of entry 1',
  ],
  'an entry that was removed': ['DELETE FROM audit_log WHERE position = 2', 'entry 3'],
  'an entry that was removed, the rest moved up': [
    `DELETE FROM audit_log WHERE position = 2;
      UPDATE audit_log SET position = 2 WHERE position = 3; UPDATE audit_log SET position = 3 WHERE position = 4`,
    'entry 2',
  ],
  'the first entry that was removed': ['DELETE FROM audit_log WHERE position = 1', 'entry 2'],
  'an entry that was inserted': [
    `UPDATE audit_log SET position = 5 WHERE position = 4;
      INSERT INTO audit_log (position, entry, address_digest, hash) SELECT 4, entry, address_digest, hash
        FROM audit_log WHERE position = 3`,
    'entry 4',
  ],
  'an entry that was added without the head': [
    `INSERT INTO audit_log (position, entry, address_digest, hash) SELECT 5, entry, address_digest, hash
      FROM audit_log WHERE position = 3`,
    'audit head',
  ],
  'two entries that changed places': [
    `UPDATE audit_log SET position = 9 WHERE position = 2; UPDATE audit_log SET position = 2 WHERE position = 3;
      UPDATE audit_log SET position = 3 WHERE position = 9`,
    'entry 2',
  ],
  'the last entries that were cut off': ['DELETE FROM audit_log WHERE position >= 3', 'audit head'],
  'all entries that were removed': ['DELETE FROM audit_log', 'audit head'],
  'a head that was set back': ['UPDATE audit_head SET position = 3', 'audit head'],
};

const unseen: Readonly<Record<string, string>> = {
  'an address that was erased with its salt, as a person is': `UPDATE audit_log SET address = NULL, address_salt = NULL
    WHERE position = 2`,
  'the last entries that were cut off together with the head, for which an earlier head must be kept elsewhere': `
    DELETE FROM audit_log WHERE position = 4;
    UPDATE audit_head SET position = 3, hash = (SELECT hash FROM audit_log WHERE position = 3)`,
};

async function subjects(shop: DamagedShop): Promise<readonly string[]> {
  const { findings } = await shop.verify();
  assert.ok(
    findings.every(({ check }) => check === 'audit'),
    JSON.stringify(findings),
  );
  return findings.map(({ subject }) => subject);
}

for (const { name, openShop, missing, triggers } of engines) {
  describe(`the audit chain on ${name}`, { skip: missing ?? false }, () => {
    for (const [damage, [sql, subject]] of Object.entries(found)) {
      test(`shows ${damage}`, async () => {
        await using shop = await openShop();
        await shop.damageBy(sql);
        const seen = await subjects(shop);
        assert.ok(seen.includes(subject), `${subject} in ${JSON.stringify(seen)}`);
      });
    }

    test('shows each trigger that should refuse a change and is gone', async () => {
      await using shop = await openShop();
      for (const [table, trigger] of triggers) await shop.dropTrigger(table, trigger);
      assert.deepEqual(
        (await subjects(shop)).toSorted(),
        triggers.map(([table, trigger]) => `trigger ${trigger} on ${table}`).toSorted(),
      );
    });

    for (const [damage, sql] of Object.entries(unseen)) {
      test(`does not show ${damage}`, async () => {
        await using shop = await openShop();
        await shop.damageBy(sql);
        assert.deepEqual(await subjects(shop), []);
      });
    }
  });
}
