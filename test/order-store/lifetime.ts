import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { everyOrder } from '../../src/domain/order-filter.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { aMovement, anApiKey, anAuditDraft, aProduct, aSubmission } from '../builders.ts';
import { assertVerifiesClean, type OpenStore, place, withStore } from './opened-store.ts';

const uses: Readonly<Record<string, (store: OrderStore) => Promise<unknown>>> = {
  commitBatch: (store) => store.commitBatch([aSubmission()]),
  checkWritable: (store) => store.checkWritable(),
  findOrder: (store) => store.findOrder('x'),
  findHistoryByNumber: (store) => store.findHistoryByNumber(1),
  findOrderByKey: (store) => store.findOrderByKey({ scope: 'web', key: 'key-1' }),
  listOrders: (store) => store.listOrders(everyOrder, null, 10),
  findConfirmation: (store) => store.findConfirmation('x', 3),
  topProducts: (store) => store.topProducts('TX', 3),
  findProduct: (store) => store.findProduct('tent-4p'),
  findProductsBySku: (store) => store.findProductsBySku(['tent-4p']),
  findProductByName: (store) => store.findProductByName('Tent'),
  listProducts: (store) => store.listProducts(null, 10),
  listActiveProducts: (store) => store.listActiveProducts(null, 10),
  readOrderLog: (store) => store.readOrderLog(0, 10),
  saveProducts: (store) => {
    const { onHand: _, ...product } = aProduct();
    return store.saveProducts([product]);
  },
  moveStock: (store) => store.moveStock([aMovement()]),
  findApiKey: ({ access }) => access.findApiKey(anApiKey().secretHash),
  listApiKeys: ({ access }) => access.listApiKeys(null, 10),
  createApiKey: ({ access }) => access.createApiKey(anApiKey(), anAuditDraft()),
  revokeApiKey: ({ access }) => access.revokeApiKey(anApiKey().keyId, anAuditDraft()),
  readAudit: ({ access }) => access.readAudit(null, 10),
  readAuditHead: ({ access }) => access.readAuditHead(),
  noteKeyUse: ({ access }) => access.noteKeyUse(anApiKey().keyId, 0),
  verify: (store) => store.verify(),
};

export function describeLifetime(openStore: OpenStore): void {
  describe('an open store', () => {
    test('names its engine and the settings that make it durable', () =>
      withStore(openStore, [], async (store) => {
        assert.ok(store.engine.length > 0);
        assert.ok(Object.keys(store.durability).length > 0);
      }));

    test('can be asked whether it can write, which leaves no trace', () =>
      withStore(openStore, [aProduct()], async (store) => {
        await store.checkWritable();
        await store.checkWritable();
        assert.deepEqual(await store.readOrderLog(0, 10), []);
        await place(store, aSubmission());
      }));

    test('verifies clean when empty, and looks at more once there is something', () =>
      withStore(openStore, [], async (store) => {
        await assertVerifiesClean(store);
        const examined = async () =>
          (await store.verify()).checks.reduce((sum, check) => sum + check.examined, 0);
        const before = await examined();
        const { onHand: _, ...tent } = aProduct();
        await store.saveProducts([tent]);
        await store.moveStock([aMovement({ units: 5 })]);
        await place(store, aSubmission());
        assert.ok((await examined()) > before);
      }));

    test('verifies clean while orders come in', () =>
      withStore(openStore, [aProduct({ onHand: 100_000 })], async (store) => {
        let isOver = false;
        const selling = async () => {
          while (!isOver) {
            await store.commitBatch(
              Array.from({ length: 5 }, (_, nth) => aSubmission({ state: nth % 2 === 0 ? 'TX' : 'CA' })),
            );
          }
        };
        const sellers = [selling(), selling()];
        try {
          for (let i = 0; i < 10; i += 1) await assertVerifiesClean(store);
        } finally {
          isOver = true;
          await Promise.all(sellers);
        }
      }));

    test('answers reads that are asked at the same time', () =>
      withStore(openStore, [aProduct()], async (store) => {
        const order = await place(store, aSubmission());
        const answers = await Promise.all(Array.from({ length: 20 }, () => store.findOrder(order.orderId)));
        for (const answer of answers) assert.deepEqual(answer, order);
      }));
  });

  describe('a closed store', () => {
    for (const [name, use] of Object.entries(uses)) {
      test(`throws on ${name}`, async () => {
        const opened = await openStore();
        try {
          await opened.store.close();
          await assert.rejects(async () => use(opened.store));
        } finally {
          await opened.dispose();
        }
      });
    }

    test('opens again with everything it was told', () =>
      withStore(openStore, [aProduct({ onHand: 7 })], async (store, reopen) => {
        const order = await place(store, aSubmission());
        const reopened = await reopen();
        assert.deepEqual(await reopened.findOrder(order.orderId), order);
        assert.equal((await reopened.findProduct('tent-4p'))?.onHand, 6);
        const again = await reopen();
        assert.deepEqual(await again.findOrder(order.orderId), order);
      }));
  });
}
