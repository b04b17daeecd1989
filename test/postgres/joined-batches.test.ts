/**
 * A batch that waits for its turn is joined by the orders that come in meanwhile: one transaction decides and
 * stores them all, and each is answered for itself.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CutPoint } from '../../lab/postgres/cutting-proxy.ts';
import type { OrderStep } from '../../src/domain/order-step.ts';
import { rightsOf } from '../../src/storage/access-store.ts';
import type { CommitReport, OrderStore, TakeMore } from '../../src/storage/order-store.ts';
import { lockShop } from '../../src/storage/postgres/locks.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import {
  anApiKey,
  anAuditDraft,
  aParcel,
  aProduct,
  aRetryOf,
  aStep,
  aSubmission,
  keyed,
  stockUp,
} from '../builders.ts';
import { assertVerifiesClean, kindsOf, onHandOf, readWholeLog } from '../order-store/opened-store.ts';
import { openTransaction, untilOneWaits } from './open-transaction.ts';
import {
  locationOf,
  openTestDatabase,
  postgresMissing,
  type TestDatabase,
  testSettings,
} from './postgres-databases.ts';
import { stock, withProxiedStore } from './proxied-store.ts';

const missing = await postgresMissing();

interface OpenedInstance {
  readonly store: OrderStore;
  readonly commits: readonly CommitReport[];
  readonly database: TestDatabase;
}

async function withInstance(use: (given: OpenedInstance) => Promise<void>): Promise<void> {
  await using database = await openTestDatabase();
  const commits: CommitReport[] = [];
  const store = await openPostgresStore({
    location: locationOf(database.url),
    settings: { ...testSettings, writeConnections: 1 },
    onCommit: (report) => commits.push(report),
  });
  try {
    await use({ store, commits, database });
    await assertVerifiesClean(store);
  } finally {
    await store.close();
  }
}

const never: TakeMore = () => assert.fail('it did not have to wait');

describe('a batch that waits for its turn on PostgreSQL', { skip: missing ?? false }, () => {
  test('is joined by those who came meanwhile, in one commit and in their order', () =>
    withInstance(async ({ store, commits, database }) => {
      await stockUp(store, [aProduct({ sku: 'a' }), aProduct({ sku: 'b' })]);
      await store.commitBatch([aSubmission({ lines: [{ sku: 'a', quantity: 1 }] })], never);
      await using other = await openTransaction(database.url, lockShop.text);
      const first = [aSubmission({ lines: [{ sku: 'a', quantity: 1 }] })];
      // Of another product, whose stock the batch had not asked for.
      const joining = ['b', 'a', 'b'].map((sku) => aSubmission({ lines: [{ sku, quantity: 1 }] }));
      let asked = 0;
      const committing = store.commitBatch(first, (countMax) => {
        asked += 1;
        assert.ok(countMax >= joining.length);
        return joining;
      });
      await untilOneWaits(database, 'the batch');
      assert.equal(asked, 0, 'nothing joins before it is its turn');
      await other.commit();
      const outcomes = await committing;
      assert.equal(asked, 1);
      const orders = outcomes.flatMap((outcome) => (outcome.kind === 'placed' ? [outcome.order] : []));
      assert.deepEqual(
        orders.map(({ orderId, number }) => [orderId, number]),
        [...first, ...joining].map(({ orderId }, nth) => [orderId, 1_002 + nth]),
      );
      assert.deepEqual(
        commits.map(({ size, succeeded }) => [size, succeeded]),
        [
          [1, true],
          [4, true],
        ],
      );
      assert.deepEqual([await onHandOf(store, 'a'), await onHandOf(store, 'b')], [997, 998]);
    }));

  test('checks the keys of those who joined, as they are when its turn has come', () =>
    withInstance(async ({ store, database }) => {
      await stockUp(store, [aProduct()]);
      const order = aSubmission();
      await store.commitBatch([order]);
      const keys = [anApiKey(), anApiKey()];
      for (const key of keys) await store.access.createApiKey(key, anAuditDraft());
      const stepBy = (nth: number, step: Partial<OrderStep> = {}) => {
        const key = keys[nth] ?? assert.fail(`no key ${nth}`);
        const grant = { keyId: key.keyId, rights: rightsOf(key) };
        return aStep({ orderId: order.orderId, grant, ...step });
      };
      await using other = await openTransaction(database.url, lockShop.text);
      const ship = { name: 'ship', ...aParcel } as const;
      const committing = store.commitBatch([stepBy(0, { step: ship })], () => [
        stepBy(1),
        stepBy(0, { step: { name: 'erase' } }),
        stepBy(1, { step: ship }),
      ]);
      await untilOneWaits(database, 'the batch');
      // The only connection of this instance that writes has the waiting batch.
      await database.query(`UPDATE api_keys SET revoked_at_ms = 1 WHERE key_id = '${keys[0]?.keyId}'`);
      await other.commit();
      assert.deepEqual(kindsOf(await committing), ['access_changed', 'stepped', 'access_changed', 'stepped']);
    }));

  test('decides about all of them as if they had come one by one', () =>
    withInstance(async ({ store, database }) => {
      await stockUp(store, [aProduct({ onHand: 2 })]);
      const stored = keyed('stored', aSubmission());
      await store.commitBatch([stored]);
      await using other = await openTransaction(database.url, lockShop.text);
      const wish = keyed('wish', aSubmission());
      const committing = store.commitBatch([wish], () => [
        aRetryOf(wish),
        aRetryOf(stored),
        aSubmission(),
        aSubmission({ lines: [{ sku: 'nothing', quantity: 1 }] }),
      ]);
      await untilOneWaits(database, 'the batch');
      await other.commit();
      assert.deepEqual(kindsOf(await committing), [
        'placed',
        'replayed',
        'replayed',
        'out_of_stock',
        'rejected',
      ]);
      assert.equal(await onHandOf(store, 'tent-4p'), 0);
    }));

  test('fails with those who joined, and neither is stored', () =>
    withInstance(async ({ store, database }) => {
      await stockUp(store, [aProduct()]);
      await using other = await openTransaction(database.url, lockShop.text);
      const committing = store.commitBatch([aSubmission()], () => [
        aSubmission({ customerName: 'a text PostgreSQL refuses: \0' }),
      ]);
      committing.catch(() => undefined);
      await untilOneWaits(database, 'the batch');
      await other.commit();
      await assert.rejects(committing);
      assert.deepEqual(await readWholeLog(store), []);
      assert.deepEqual(kindsOf(await store.commitBatch([aSubmission()])), ['placed']);
    }));

  test('sees the stock that somebody has changed by hand', () =>
    withInstance(async ({ store, database }) => {
      await stockUp(store, [aProduct({ onHand: 5 })]);
      const receipt = 'INSERT INTO stock_receipts (sku, units, received_at_ms) VALUES';
      await using other = await openTransaction(
        database.url,
        `UPDATE stock SET on_hand = 7; ${receipt} ('tent-4p', 2, 1)`,
      );
      const committing = store.commitBatch([aSubmission({ lines: [{ sku: 'tent-4p', quantity: 7 }] })]);
      await untilOneWaits(database, 'the batch');
      await other.commit();
      assert.deepEqual(kindsOf(await committing), ['placed']);
      assert.equal(await onHandOf(store, 'tent-4p'), 0);
    }));
});

const commit = 'COMMIT\0';
const points: Readonly<Record<string, CutPoint>> = {
  'when its turn has come': { when: 'answered', marker: 'BEGIN', answer: 'tent-4p' },
  'before the orders are written': { when: 'before', marker: 'insert-orders' },
  'before COMMIT arrives': { when: 'before', marker: commit },
  'when COMMIT is sent': { when: 'sent', marker: commit },
  'when COMMIT has taken effect': { when: 'answered', marker: commit, answer: commit },
};

describe('a batch that others have joined, and whose connection is cut', { skip: missing ?? false }, () => {
  for (const [where, point] of Object.entries(points)) {
    test(`${where}: all are placed once, and answered`, () =>
      withProxiedStore(async ({ store, proxy, database }) => {
        await using other = await openTransaction(database.url, lockShop.text);
        const waiting = [aSubmission(), keyed('key', aSubmission())];
        proxy.cutAt(point);
        const committing = store.commitBatch([aSubmission()], (countMax) => waiting.splice(0, countMax));
        await untilOneWaits(database, 'the batch');
        await other.commit();
        const outcomes = await committing;
        assert.equal(proxy.cuts(), 1, 'it was cut');
        const taken = 3 - waiting.length;
        assert.deepEqual(
          kindsOf(outcomes),
          Array.from({ length: taken }, () => 'placed'),
        );
        assert.equal((await readWholeLog(store)).length, 1 + taken);
        assert.equal(await onHandOf(store, 'tent-4p'), stock - 1 - taken);
      }));
  }
});

describe('a batch whose COMMIT was not answered', { skip: missing ?? false }, () => {
  test('is joined by nobody: what was decided for it may be stored', () =>
    withProxiedStore(async ({ store, proxy, database }) => {
      await using other = await openTransaction(database.url, lockShop.text);
      let asked = 0;
      const committing = store.commitBatch([aSubmission()], () => {
        asked += 1;
        return [];
      });
      await untilOneWaits(database, 'the batch');
      // Has its turn between the two tries.
      const next = openTransaction(database.url, lockShop.text);
      await sleep(50);
      proxy.cutAt({ when: 'before', marker: commit });
      await other.commit();
      await using held = await next;
      await untilOneWaits(database, 'the batch');
      await held.commit();
      assert.deepEqual(kindsOf(await committing), ['placed']);
      assert.equal(proxy.cuts(), 1);
      assert.equal(asked, 1, 'by its first try alone');
    }));
});

describe('a probe of writing', { skip: missing ?? false }, () => {
  test('finds that no order can be stored while somebody hangs with the shop’s lock', async () => {
    await using database = await openTestDatabase();
    const store = await openPostgresStore({
      location: locationOf(database.url),
      settings: { ...testSettings, lockTimeoutMs: 100 },
    });
    try {
      await using other = await openTransaction(database.url, lockShop.text);
      await assert.rejects(store.checkWritable());
      await other.commit();
      await store.checkWritable();
    } finally {
      await store.close();
    }
  });
});
