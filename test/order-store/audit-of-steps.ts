/** Steps of orders in the audit log: written with the step or not at all, and without a person's address once it is erased. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OrderStep, StepOrigin } from '../../src/domain/order-step.ts';
import { auditDetailMax } from '../../src/storage/audit-log.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import {
  aMovement,
  anApiKey,
  anAuditDraft,
  aProduct,
  aRetryOf,
  aStep,
  aSubmission,
  keyedStep,
} from '../builders.ts';
import { kindsOf, type OpenStore, place, withStore } from './opened-store.ts';

const tent = aProduct({ sku: 'tent-4p', name: 'Tent', onHand: 100 });
const from = (address: string | null): StepOrigin => ({
  keyId: null,
  requestId: `from-${address}`,
  address,
  detail: {},
});
const byHolder = (orderId: string, address: string, step: OrderStep['step']): OrderStep =>
  aStep({ orderId, actor: 'shopper', origin: from(address), step });

const entriesOf = async ({ access }: OrderStore) => (await access.readAudit(null, 1_000)).toReversed();

async function assertChainHolds(store: OrderStore, entries: number): Promise<void> {
  assert.equal((await store.access.readAuditHead()).position, entries);
  assert.deepEqual((await store.verify()).findings, []);
}

export function describeAuditOfSteps(openStore: OpenStore): void {
  describe('the audit of steps', () => {
    test('has an entry for each step that was taken, several of one batch in their order', () =>
      withStore(openStore, [tent], async (store, reopen) => {
        const first = await place(store, aSubmission());
        const submission = aSubmission();
        const origin = {
          keyId: anApiKey().keyId,
          requestId: 'r-1',
          address: '203.0.113.7',
          detail: { user: 'ada' },
        };
        const pack = aStep({ orderId: first.orderId, actor: 'key:erp', origin });
        const cancel = byHolder(submission.orderId, '203.0.113.8', { name: 'cancel', reason: 'Ada is ill' });
        const outcomes = await store.commitBatch([
          pack,
          submission,
          aStep({ orderId: first.orderId, step: { name: 'pack' } }),
          cancel,
          aStep({ orderId: first.orderId, step: { name: 'cancel', reason: null } }),
        ]);
        assert.deepEqual(kindsOf(outcomes), ['stepped', 'placed', 'not_allowed_now', 'stepped', 'stepped']);
        const entries = await entriesOf(await reopen());
        const { position, hash: _, ...told } = entries[0] ?? assert.fail('no entry');
        assert.equal(position, 1);
        assert.deepEqual(told, {
          atMs: pack.atMs,
          actor: 'key:erp',
          keyId: origin.keyId,
          action: 'order.pack',
          subject: `order:${first.orderId}`,
          detail: { number: first.number, revision: 2, status: 'packed', user: 'ada' },
          requestId: 'r-1',
          address: '203.0.113.7',
        });
        assert.deepEqual(
          entries.map(({ action, subject, address }) => [action, subject, address]),
          [
            ['order.pack', `order:${first.orderId}`, '203.0.113.7'],
            ['order.cancel', `order:${submission.orderId}`, '203.0.113.8'],
            ['order.cancel', `order:${first.orderId}`, null],
          ],
        );
        assert.ok(!JSON.stringify(entries).includes('Ada is ill'), 'no free text');
        await assertChainHolds(await reopen(), 3);
      }));

    test('has none for orders that are placed, replays and refused steps', () =>
      withStore(openStore, [tent], async (store) => {
        const submission = aSubmission();
        const { orderId } = await place(store, submission);
        const pack = keyedStep('pack', aStep({ orderId }));
        await store.commitBatch([pack]);
        const outcomes = await store.commitBatch([
          pack,
          { ...pack, eventId: aSubmission().orderId },
          keyedStep('pack', aStep({ orderId, step: { name: 'cancel', reason: null } })),
          aStep({ orderId, expectedRevisions: [1] }),
          aStep({ orderId, step: { name: 'deliver', shipment: 1 } }),
          aStep({ orderId: aSubmission().orderId }),
          aRetryOf(submission),
          aSubmission(),
        ]);
        assert.deepEqual(kindsOf(outcomes), [
          'replayed',
          'replayed',
          'conflict',
          'stale',
          'shipment_not_found',
          'order_not_found',
          'placed',
          'placed',
        ]);
        await assertChainHolds(store, 1);
      }));

    test('and the step are written together or not at all', () =>
      withStore(openStore, [tent], async (store) => {
        const { orderId } = await place(store, aSubmission());
        const detail = { user: 'x'.repeat(auditDetailMax) };
        const origin = { ...from(null), detail };
        await assert.rejects(store.commitBatch([aStep({ orderId, origin })]));
        // By a cancellation, which PostgreSQL writes in two round trips.
        const cancel = aStep({ orderId, origin, step: { name: 'cancel', reason: null } });
        await assert.rejects(store.commitBatch([aStep({ orderId }), cancel]));
        assert.equal((await store.findOrder(orderId))?.status, 'placed');
        await assertChainHolds(store, 0);
        assert.deepEqual(kindsOf(await store.commitBatch([aStep({ orderId })])), ['stepped']);
        await assertChainHolds(store, 1);
      }));

    test('is one chain with the changes of others at the same time', () =>
      withStore(openStore, [tent], async (store) => {
        const orders = await Promise.all(Array.from({ length: 12 }, () => place(store, aSubmission())));
        const origin = { actor: 'cli', ...from('203.0.113.9') };
        const movements = [aMovement({ units: 1 })];
        const change = { atMs: 1, products: [], movements, onlyIfEmpty: false, isTrial: false };
        await Promise.all(
          orders.flatMap(({ orderId }, i) => [
            store.commitBatch([
              aStep({ orderId }),
              byHolder(orderId, `203.0.113.${i}`, { name: 'cancel', reason: null }),
            ]),
            store.changeCatalog(change, origin),
            store.access.createApiKey(anApiKey(), anAuditDraft()),
          ]),
        );
        await assertChainHolds(store, 48);
      }));

    test('loses the addresses of an erased order’s holder, and no other; the chain holds', () =>
      withStore(openStore, [tent], async (store, reopen) => {
        const [mine, together, others, later] = [aSubmission(), aSubmission(), aSubmission(), aSubmission()];
        await store.commitBatch([mine, together, others, later]);
        const cancel = { name: 'cancel', reason: null } as const;
        await store.commitBatch([
          aStep({ orderId: mine.orderId, origin: from('203.0.113.1') }),
          byHolder(mine.orderId, '203.0.113.2', cancel),
          byHolder(others.orderId, '203.0.113.3', cancel),
        ]);
        const erase = { name: 'erase' } as const;
        const erased = await store.commitBatch([
          byHolder(together.orderId, '203.0.113.4', cancel),
          aStep({ orderId: mine.orderId, origin: from('203.0.113.5'), step: erase }),
          aStep({ orderId: together.orderId, origin: from('203.0.113.5'), step: erase }),
        ]);
        assert.deepEqual(kindsOf(erased), ['stepped', 'stepped', 'stepped']);
        await store.commitBatch([aStep({ orderId: later.orderId, step: erase })]);
        await store.commitBatch([byHolder(later.orderId, '203.0.113.6', cancel)]);
        const entries = await entriesOf(await reopen());
        assert.deepEqual(
          entries.map(({ action, address }) => [action, address]),
          [
            ['order.pack', '203.0.113.1'],
            ['order.cancel', null],
            ['order.cancel', '203.0.113.3'],
            ['order.cancel', null],
            ['order.erase', '203.0.113.5'],
            ['order.erase', '203.0.113.5'],
            ['order.erase', null],
            ['order.cancel', null],
          ],
        );
        await assertChainHolds(await reopen(), 8);
      }));
  });
}
