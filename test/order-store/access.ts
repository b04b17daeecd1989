import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lastUsedStepMs, type NewApiKey } from '../../src/storage/access-store.ts';
import { anApiKey } from '../builders.ts';
import { type OpenStore, withStore } from './opened-store.ts';

export function describeAccess(openStore: OpenStore): void {
  describe('API keys', () => {
    test('are found by the hash of their secret, and by nothing else', () =>
      withStore(openStore, [], async ({ access }, reopen) => {
        const key = anApiKey({ name: 'erp', scopes: ['orders:read', 'orders:write'], expiresAtMs: 99 });
        assert.equal(await access.findApiKey(key.secretHash), null);
        assert.equal(await access.createApiKey(key), 'created');
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
        for (const key of keys) await access.createApiKey(key);
        const asked = [...keys, ...keys, anApiKey()];
        const found = await Promise.all(asked.map(({ secretHash }) => access.findApiKey(secretHash)));
        assert.deepEqual(found, [...keys.map(storedAs), ...keys.map(storedAs), null]);
      }));

    test('share no name with another key, until that one is revoked', () =>
      withStore(openStore, [], async ({ access }) => {
        const first = anApiKey({ name: 'erp' });
        const second = anApiKey({ name: 'erp' });
        assert.equal(await access.createApiKey(first), 'created');
        assert.equal(await access.createApiKey(second), 'name_taken');
        assert.equal(await access.findApiKey(second.secretHash), null);
        await access.revokeApiKey(first.keyId, 5);
        assert.equal(await access.createApiKey(second), 'created');
        assert.equal(await access.createApiKey(anApiKey({ name: 'ERP' })), 'created', 'case counts');
      }));

    test('of one name that are made at the same time are one', () =>
      withStore(openStore, [], async ({ access }) => {
        const made = await Promise.all(
          Array.from({ length: 8 }, () => access.createApiKey(anApiKey({ name: 'erp' }))),
        );
        assert.equal(made.filter((outcome) => outcome === 'created').length, 1);
        assert.equal((await access.listApiKeys(null, 100)).length, 1);
      }));

    test('are revoked once and for all', () =>
      withStore(openStore, [], async ({ access }) => {
        const key = anApiKey();
        await access.createApiKey(key);
        const revoked = { ...storedAs(key), revokedAtMs: 1_000 };
        assert.deepEqual(await access.revokeApiKey(key.keyId, 1_000), revoked);
        assert.deepEqual(await access.findApiKey(key.secretHash), revoked);
        assert.deepEqual(await access.revokeApiKey(key.keyId, 2_000), revoked, 'the first time counts');
        assert.equal(await access.revokeApiKey(anApiKey().keyId, 3_000), null);
        assert.equal(await access.revokeApiKey('no id', 3_000), null);
      }));

    test('are listed by age, a page at a time', () =>
      withStore(openStore, [], async ({ access }) => {
        const keys = Array.from({ length: 7 }, () => anApiKey());
        for (const key of keys.toReversed()) await access.createApiKey(key);
        assert.deepEqual(await access.listApiKeys(null, 100), keys.map(storedAs));
        const third = keys[2]?.keyId ?? assert.fail();
        assert.deepEqual(await access.listApiKeys(third, 3), keys.slice(3, 6).map(storedAs));
        assert.deepEqual(await access.listApiKeys(keys.at(-1)?.keyId ?? null, 3), []);
      }));

    test('remember their last use, at most once a minute', () =>
      withStore(openStore, [], async ({ access }) => {
        const key = anApiKey();
        await access.createApiKey(key);
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
      }));
  });
}

function storedAs({ secretHash: _, ...key }: NewApiKey) {
  return { ...key, revokedAtMs: null, lastUsedAtMs: null };
}
