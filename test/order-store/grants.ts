/** Steps of callers whose API key was not read for the request: the transaction of their batch checks it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Grant } from '../../src/domain/grant.ts';
import { type NewApiKey, rightsOf } from '../../src/storage/access-store.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { anApiKey, anAuditDraft, aProduct, aStep, aSubmission, keyedStep } from '../builders.ts';
import { kindsOf, type OpenStore, place, readWholeLog, withStore } from './opened-store.ts';

const tent = aProduct({ sku: 'tent-4p', onHand: 10 });

const grantOf = (key: NewApiKey): Grant => ({ keyId: key.keyId, rights: rightsOf(key) });

async function makeKey({ access }: OrderStore, given: Partial<NewApiKey> = {}): Promise<NewApiKey> {
  const key = anApiKey({ scopes: ['orders:read', 'orders:write'], ...given });
  assert.equal(await access.createApiKey(key, anAuditDraft()), 'created');
  return key;
}

export function describeGrants(openStore: OpenStore): void {
  describe('a step by an API key that was not read for it', () => {
    test('is taken while the key gives what it gave', () =>
      withStore(openStore, [tent], async (store) => {
        for (const expiresAtMs of [null, 99_999]) {
          const key = await makeKey(store, { expiresAtMs });
          const { orderId } = await place(store, aSubmission());
          const step = aStep({ orderId, grant: grantOf(key) });
          assert.deepEqual(await kindsOf(await store.commitBatch([step])), ['stepped']);
          await store.access.noteKeyUse(key.keyId, 5_000);
          assert.deepEqual(await kindsOf(await store.commitBatch([step])), ['replayed']);
        }
      }));

    test('is not taken once the key is revoked, and nothing is told of the order', () =>
      withStore(openStore, [tent], async (store) => {
        const key = await makeKey(store);
        const other = await makeKey(store);
        const { orderId } = await place(store, aSubmission());
        const taken = keyedStep('packed', aStep({ orderId, grant: grantOf(key) }));
        assert.deepEqual(await kindsOf(await store.commitBatch([taken])), ['stepped']);
        await store.access.revokeApiKey(key.keyId, anAuditDraft());
        const before = [await readWholeLog(store), await store.access.readAuditHead()];
        const cancel = { name: 'cancel', reason: null } as const;
        const refused = [
          taken,
          { ...taken, eventId: aStep({}).eventId },
          aStep({ orderId, step: cancel, grant: grantOf(key) }),
          aStep({ orderId, expectedRevisions: [1], grant: grantOf(key) }),
          aStep({ orderId: aSubmission().orderId, grant: grantOf(key) }),
        ];
        const outcomes = await store.commitBatch(refused);
        assert.deepEqual(
          outcomes,
          refused.map(() => ({ kind: 'access_changed' })),
        );
        assert.deepEqual([await readWholeLog(store), await store.access.readAuditHead()], before);
        const beside = [
          aSubmission(),
          ...refused,
          aStep({ orderId, step: cancel, grant: grantOf(other) }),
        ] as const;
        assert.deepEqual(await kindsOf(await store.commitBatch(beside)), [
          'placed',
          ...refused.map(() => 'access_changed'),
          'stepped',
        ]);
      }));

    test('is not taken when the key has other scopes, another end, or is none', () =>
      withStore(openStore, [tent], async (store) => {
        const key = await makeKey(store, { expiresAtMs: 99_999 });
        const { orderId } = await place(store, aSubmission());
        const grants = [
          grantOf({ ...key, scopes: ['orders:write'] }),
          grantOf({ ...key, scopes: ['customers:read', ...key.scopes] }),
          grantOf({ ...key, expiresAtMs: null }),
          grantOf({ ...key, expiresAtMs: 99_998 }),
          grantOf(anApiKey()),
        ];
        const steps = grants.map((grant) => aStep({ orderId, grant }));
        assert.deepEqual(
          await kindsOf(await store.commitBatch(steps)),
          grants.map(() => 'access_changed'),
        );
        assert.equal((await store.findOrder(orderId))?.status, 'placed');
      }));
  });
}
