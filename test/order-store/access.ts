import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastUsedStepMs, type NewApiKey } from '../../src/storage/access-store.ts';
import {
  type AuditDraft,
  auditDetailMax,
  auditHash,
  emptyAuditHash,
  toAuditRow,
} from '../../src/storage/audit-log.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { anApiKey, anAuditDraft } from '../builders.ts';
import { type OpenStore, withStore } from './opened-store.ts';

export function describeAccess(openStore: OpenStore): void {
  describe('API keys', () => {
    test('are found by the hash of their secret, and by nothing else', () =>
      withStore(openStore, [], async ({ access }, reopen) => {
        const key = anApiKey({ name: 'erp', scopes: ['orders:read', 'orders:write'], expiresAtMs: 99 });
        assert.equal(await access.findApiKey(key.secretHash), null);
        assert.equal(await access.createApiKey(key, anAuditDraft()), 'created');
        const stored = storedAs(key);
        assert.deepEqual(await access.findApiKey(key.secretHash), stored);
        for (const other of [
          anApiKey().secretHash,
          key.secretHash.toLowerCase(),
          '',
          key.keyId,
          key.secretHash.slice(1),
        ])
          assert.equal(await access.findApiKey(other), null, other);
        assert.deepEqual(await (await reopen()).access.findApiKey(key.secretHash), stored);
      }));

    test('are found together, as many as are asked for at once', () =>
      withStore(openStore, [], async ({ access }) => {
        const keys = Array.from({ length: 30 }, () => anApiKey());
        for (const key of keys) await access.createApiKey(key, anAuditDraft());
        const asked = [...keys, ...keys, anApiKey()];
        const found = await Promise.all(asked.map(({ secretHash }) => access.findApiKey(secretHash)));
        assert.deepEqual(found, [...keys.map(storedAs), ...keys.map(storedAs), null]);
      }));

    test('share no name with another key, until that one is revoked', () =>
      withStore(openStore, [], async ({ access }) => {
        const first = anApiKey({ name: 'erp' });
        const second = anApiKey({ name: 'erp' });
        assert.equal(await access.createApiKey(first, anAuditDraft()), 'created');
        assert.equal(await access.createApiKey(second, anAuditDraft()), 'name_taken');
        assert.equal(await access.findApiKey(second.secretHash), null);
        await access.revokeApiKey(first.keyId, anAuditDraft({ atMs: 5 }));
        assert.equal(await access.createApiKey(second, anAuditDraft()), 'created');
        assert.equal(
          await access.createApiKey(anApiKey({ name: 'ERP' }), anAuditDraft()),
          'created',
          'case counts',
        );
      }));

    test('of one name that are made at the same time are one', () =>
      withStore(openStore, [], async ({ access }) => {
        const made = await Promise.all(
          Array.from({ length: 8 }, () => access.createApiKey(anApiKey({ name: 'erp' }), anAuditDraft())),
        );
        assert.equal(made.filter((outcome) => outcome === 'created').length, 1);
        assert.equal((await access.listApiKeys(null, 100)).length, 1);
      }));

    test('are revoked once and for all', () =>
      withStore(openStore, [], async ({ access }) => {
        const key = anApiKey();
        await access.createApiKey(key, anAuditDraft());
        const revoked = { ...storedAs(key), revokedAtMs: 1_000 };
        assert.deepEqual(await access.revokeApiKey(key.keyId, anAuditDraft({ atMs: 1_000 })), revoked);
        assert.deepEqual(await access.findApiKey(key.secretHash), revoked);
        assert.deepEqual(
          await access.revokeApiKey(key.keyId, anAuditDraft({ atMs: 2_000 })),
          revoked,
          'the first time counts',
        );
        assert.equal(await access.revokeApiKey(anApiKey().keyId, anAuditDraft({ atMs: 3_000 })), null);
        assert.equal(await access.revokeApiKey('no id', anAuditDraft({ atMs: 3_000 })), null);
      }));

    test('are listed by age, a page at a time', () =>
      withStore(openStore, [], async ({ access }) => {
        const keys = Array.from({ length: 7 }, () => anApiKey());
        for (const key of keys.toReversed()) await access.createApiKey(key, anAuditDraft());
        assert.deepEqual(await access.listApiKeys(null, 100), keys.map(storedAs));
        const third = keys[2]?.keyId ?? assert.fail();
        assert.deepEqual(await access.listApiKeys(third, 3), keys.slice(3, 6).map(storedAs));
        assert.deepEqual(await access.listApiKeys(keys.at(-1)?.keyId ?? null, 3), []);
      }));

    test('remember their last use, at most once a minute', () =>
      withStore(openStore, [], async ({ access }) => {
        const key = anApiKey();
        await access.createApiKey(key, anAuditDraft());
        const lastUse = async () => (await access.findApiKey(key.secretHash))?.lastUsedAtMs;
        await access.noteKeyUse(key.keyId, 1_000_000);
        assert.equal(await lastUse(), 1_000_000);
        await access.noteKeyUse(key.keyId, 1_000_000 + lastUsedStepMs - 1);
        assert.equal(await lastUse(), 1_000_000);
        await access.noteKeyUse(key.keyId, 1_000_000 + lastUsedStepMs);
        assert.equal(await lastUse(), 1_000_000 + lastUsedStepMs);
        await access.noteKeyUse(key.keyId, 1_000);
        assert.equal(await lastUse(), 1_000_000 + lastUsedStepMs, 'a clock that goes back writes nothing');
        await access.noteKeyUse(anApiKey().keyId, 1_000);
        await access.revokeApiKey(key.keyId, anAuditDraft());
        await access.noteKeyUse(key.keyId, 1_000_000 + 9 * lastUsedStepMs);
        assert.equal(await lastUse(), 1_000_000 + lastUsedStepMs, 'a revoked key is not used');
      }));
  });

  describe('the audit log', () => {
    const tell = (store: OrderStore, draft: AuditDraft) => store.access.createApiKey(anApiKey(), draft);

    test('is empty at first, with a head before its first entry', () =>
      withStore(openStore, [], async ({ access }) => {
        assert.deepEqual(await access.readAudit(null, 10), []);
        assert.deepEqual(await access.readAuditHead(), { position: 0, hash: emptyAuditHash });
      }));

    test('has each change as it was told, newest first, a page at a time', () =>
      withStore(openStore, [], async (store, reopen) => {
        const drafts = [
          anAuditDraft(),
          anAuditDraft({ address: '203.0.113.7', keyId: null, actor: 'cli', requestId: null }),
          anAuditDraft({ detail: { text: 'a "b" \\ \n \u2028 %s $1', list: [1, 2.5, null, true] } }),
          anAuditDraft({ atMs: 1, address: '2001:db8::1' }),
        ];
        for (const draft of drafts) await tell(store, draft);
        const { access } = await reopen();
        const entries = await access.readAudit(null, 10);
        assert.deepEqual(
          entries.map(({ position, hash: _, ...draft }) => [position, draft]),
          drafts.map((draft, index) => [1 + index, draft]).reverse(),
        );
        assert.deepEqual(await access.readAuditHead(), { position: 4, hash: entries[0]?.hash });
        assert.deepEqual(await access.readAudit(null, 2), entries.slice(0, 2));
        assert.deepEqual(await access.readAudit(3, 1), entries.slice(2, 3));
        assert.deepEqual(await access.readAudit(1, 10), []);
      }));

    test('chains each entry to the one before by SHA-256', () =>
      withStore(openStore, [], async (store) => {
        const drafts = [anAuditDraft(), anAuditDraft({ actor: 'key:Ünïcode' }), anAuditDraft()];
        for (const draft of drafts) await tell(store, draft);
        let before = emptyAuditHash;
        for (const [index, entry] of (await store.access.readAudit(null, 10)).toReversed().entries()) {
          const draft = drafts[index] ?? assert.fail();
          assert.equal(entry.hash, auditHash(before, index + 1, toAuditRow(draft)));
          before = entry.hash;
        }
      }));

    test('has nothing of what was not changed', () =>
      withStore(openStore, [], async ({ access }) => {
        const key = anApiKey({ name: 'erp' });
        await access.createApiKey(key, anAuditDraft());
        await access.createApiKey(anApiKey({ name: 'erp' }), anAuditDraft());
        await access.revokeApiKey(anApiKey().keyId, anAuditDraft());
        assert.equal((await access.readAuditHead()).position, 1);
        await access.revokeApiKey(key.keyId, anAuditDraft());
        await access.revokeApiKey(key.keyId, anAuditDraft());
        assert.equal((await access.readAuditHead()).position, 2);
      }));

    test('takes no detail that is too long, and then nothing of the change is stored', () =>
      withStore(openStore, [], async ({ access }) => {
        const detailOf = (length: number) => ({
          text: 'x'.repeat(length - JSON.stringify({ text: '' }).length),
        });
        const key = anApiKey();
        await assert.rejects(
          access.createApiKey(key, anAuditDraft({ detail: detailOf(auditDetailMax + 1) })),
        );
        assert.equal(await access.findApiKey(key.secretHash), null);
        await access.createApiKey(key, anAuditDraft({ detail: detailOf(auditDetailMax) }));
      }));

    test('is one chain of changes that are made at the same time', () =>
      withStore(openStore, [], async (store) => {
        await Promise.all(Array.from({ length: 20 }, () => tell(store, anAuditDraft({ address: '::1' }))));
        assert.equal((await store.access.readAudit(null, 100)).length, 20);
      }));
  });
}

function storedAs({ secretHash: _, ...key }: NewApiKey) {
  return { ...key, revokedAtMs: null, lastUsedAtMs: null };
}
