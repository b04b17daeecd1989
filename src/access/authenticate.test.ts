import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anAuditDraft } from '../../test/builders.ts';
import { type AccessStore, lastUsedStepMs } from '../storage/access-store.ts';
import { createMemoryStore } from '../storage/memory/memory-store.ts';
import { makeApiKey } from './api-key.ts';
import { createAuthenticate, knownKeysMax } from './authenticate.ts';

/** Callers of a shop whose clock stands until it is set. */
function openCallers() {
  const { access } = createMemoryStore();
  const clock = { nowMs: 1_000_000 };
  const uses: number[] = [];
  const store: Pick<AccessStore, 'findApiKey' | 'noteKeyUse'> = {
    findApiKey: access.findApiKey,
    noteKeyUse(keyId, atMs) {
      uses.push(atMs);
      return access.noteKeyUse(keyId, atMs);
    },
  };
  const callers = createAuthenticate({
    store,
    nowMs: () => clock.nowMs,
    onNoteFailed: (error) => assert.fail(String(error)),
    onRefused: () => undefined,
    onExpiringUsed: () => undefined,
  });
  async function makeKey(name: string, expiresAtMs: number | null = null) {
    const { key, stored } = makeApiKey({ name, scopes: ['orders:write'], expiresAtMs }, clock.nowMs);
    assert.equal(await access.createApiKey(stored, anAuditDraft()), 'created');
    return { key, keyId: stored.keyId };
  }
  return { ...callers, access, clock, uses, makeKey };
}

describe('a caller', () => {
  test('is recognised without a read once its key was read, with the grant that is to be checked', async () => {
    const { authenticate, recallCaller, makeKey } = openCallers();
    const { key, keyId } = await makeKey('erp', 2_000_000);
    assert.equal(recallCaller(key), null);
    const read = await authenticate(key);
    assert.ok(typeof read === 'object' && read.kind === 'key');
    assert.equal(read.grant, null);
    const grant = { keyId, rights: 'orders:write until 2000000' };
    assert.deepEqual(recallCaller(key), { ...read, grant });
    assert.equal(recallCaller(`${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`), null);
    assert.equal(recallCaller('nzm_short'), null);
  });

  test('is not told by a key whose time is over', async () => {
    const { authenticate, recallCaller, makeKey, clock } = openCallers();
    const { key } = await makeKey('erp', 2_000_000);
    await authenticate(key);
    clock.nowMs = 1_999_999;
    assert.notEqual(recallCaller(key), null);
    clock.nowMs = 2_000_000;
    assert.equal(recallCaller(key), null);
    assert.equal(await authenticate(key), 'expired');
  });

  test('is not told any more by a key that was found revoked', async () => {
    const { authenticate, recallCaller, makeKey, access } = openCallers();
    const { key, keyId } = await makeKey('erp');
    await authenticate(key);
    await access.revokeApiKey(keyId, anAuditDraft());
    assert.notEqual(recallCaller(key), null, 'a batch checks its grant');
    assert.equal(await authenticate(key), 'revoked');
    assert.equal(recallCaller(key), null);
  });

  test('of more keys than are remembered is told by those that were read last', async () => {
    const { authenticate, recallCaller, makeKey } = openCallers();
    const keys: string[] = [];
    for (let i = 0; i <= knownKeysMax; i += 1) keys.push((await makeKey(`key-${i}`)).key);
    for (const key of keys.slice(0, knownKeysMax)) await authenticate(key);
    assert.ok(keys.slice(0, knownKeysMax).every((key) => recallCaller(key) !== null));
    await authenticate(keys[0] ?? '');
    await authenticate(keys.at(-1) ?? '');
    const forgotten = keys.filter((key) => recallCaller(key) === null);
    assert.deepEqual(forgotten, [keys[1]]);
  });

  test('leaves the time of its last use as often without a read as with one', async () => {
    const { authenticate, recallCaller, makeKey, clock, uses } = openCallers();
    const { key } = await makeKey('erp');
    await authenticate(key);
    for (const atMs of [1_000_001, 1_000_000 + lastUsedStepMs - 1, 1_000_000 + lastUsedStepMs, 1_100_000]) {
      clock.nowMs = atMs;
      recallCaller(key);
      // The write of the last use is never waited for: a turn of the event loop ends it here.
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(uses, [1_000_000, 1_000_000 + lastUsedStepMs]);
  });
});
