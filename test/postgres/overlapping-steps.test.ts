/**
 * Steps of orders by several instances at once, beside orders, changes of the catalogue and API keys: each audited change
 * has one entry, all entries are one chain, and no transaction waits in a circle. `SEED=…` repeats the commands, though not
 * how they meet.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Command } from '../../src/domain/decide-batch.ts';
import type { Step } from '../../src/domain/order-step.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { AuditEntry } from '../../src/storage/audit-log.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import {
  aMovement,
  anApiKey,
  anAuditDraft,
  aParcel,
  aProduct,
  aStep,
  aSubmission,
  stockUp,
} from '../builders.ts';
import { seededRandom } from '../drills/outside-ledger.ts';
import { until } from '../journeys/behind-the-service.ts';
import { kindsOf, place } from '../order-store/opened-store.ts';
import { countWaiting, openTransaction, untilOneWaits } from './open-transaction.ts';
import { postgresMissing } from './postgres-databases.ts';
import { withInstances } from './several-instances.ts';

const missing = await postgresMissing();
const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
const skus = ['a', 'b', 'c', 'd'];
const rounds = 6;
const batchesAtOnce = 12;
const batchMax = 12;
const origin = { actor: 'cli', keyId: null, requestId: null, address: '203.0.113.9', detail: {} };

const changeOf = (sku: string) => ({
  atMs: 1,
  products: [],
  movements: [aMovement({ sku, units: 1 })],
  onlyIfEmpty: false,
  isTrial: false,
});

/** By order and revision: what the audit log must tell of steps. */
const toldOf = ({ subject, detail }: AuditEntry) => `${subject} ${detail['revision']}`;

async function entriesOf({ access }: OrderStore): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (;;) {
    const page = await access.readAudit(entries.at(-1)?.position ?? null, 1_000);
    if (page.length === 0) return entries.reverse();
    entries.push(...page);
  }
}

describe('steps of several instances on PostgreSQL', { skip: missing ?? false }, () => {
  test(
    `beside all other changes make one audit chain, without a deadlock (SEED=${seed})`,
    {
      timeout: 120_000,
    },
    () =>
      withInstances(3, async (stores) => {
        const [first] = stores;
        assert.ok(first);
        const random = seededRandom(seed);
        const oneOf = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
        await stockUp(
          first,
          skus.map((sku) => aProduct({ sku, onHand: 100_000 })),
        );
        const orderIds: string[] = [];
        const anOrder = (): Command => {
          const lines = skus.filter(() => random() < 0.6).map((sku) => ({ sku, quantity: 2 }));
          // In either order: locks in that order would deadlock.
          const asked = random() < 0.5 ? lines : lines.toReversed();
          return aSubmission({ lines: asked.length === 0 ? [{ sku: 'a', quantity: 2 }] : asked });
        };
        const anyStep = (): Command => {
          const steps: readonly Step[] = [
            { name: 'pack' },
            { name: 'pack' },
            { name: 'cancel', reason: null },
            { name: 'ship', ...aParcel },
            { name: 'ship', ...aParcel },
            { name: 'deliver', shipment: 1 },
            { name: 'return', lines: [{ sku: 'a', quantity: 1 }], restock: true, reason: null },
            { name: 'erase' },
          ];
          const address = `203.0.113.${Math.floor(random() * 9)}`;
          return aStep({
            orderId: oneOf(orderIds),
            actor: 'shopper',
            origin: { keyId: null, requestId: null, address, detail: {} },
            step: oneOf(steps),
          });
        };
        const answered: Outcome[] = [];
        let others = 0;
        for (let round = 0; round < rounds; round += 1) {
          const placed = await first.commitBatch(Array.from({ length: 10 }, anOrder));
          for (const outcome of placed) if (outcome.kind === 'placed') orderIds.push(outcome.order.orderId);
          const batches = Array.from({ length: batchesAtOnce }, () =>
            Array.from({ length: 1 + Math.floor(random() * batchMax) }, () =>
              random() < 0.3 ? anOrder() : anyStep(),
            ),
          );
          const beside = stores.flatMap((store) => [
            store.changeCatalog(changeOf(oneOf(skus)), origin),
            store.access.createApiKey(anApiKey(), anAuditDraft()),
          ]);
          others += beside.length;
          const outcomes = await Promise.all(batches.map((batch) => oneOf(stores).commitBatch(batch)));
          await Promise.all(beside);
          answered.push(...outcomes.flat());
        }
        const steps = answered.flatMap((outcome) =>
          outcome.kind === 'stepped' ? [`order:${outcome.order.orderId} ${outcome.event.revision}`] : [],
        );
        assert.ok(steps.length > rounds * batchesAtOnce, `${steps.length} steps were taken`);
        const entries = await entriesOf(first);
        assert.deepEqual(
          entries.map(({ position }) => position),
          entries.map((_, index) => index + 1),
        );
        assert.equal(entries.length, steps.length + others);
        const told = entries.filter(({ subject }) => subject.startsWith('order:')).map(toldOf);
        assert.deepEqual(told.toSorted(), steps.toSorted());
      }),
  );

  test('go on with the chain as the transaction left it that they have waited for', () =>
    withInstances(2, async ([first, second], database) => {
      assert.ok(first && second);
      await stockUp(first, [aProduct()]);
      const orders = await Promise.all(Array.from({ length: 3 }, () => place(first, aSubmission())));
      const packAll = orders.map(({ orderId }) => aStep({ orderId }));
      await using other = await openTransaction(database.url, 'SELECT FROM audit_head FOR UPDATE');
      // Each has begun before any of the others has added an entry.
      const keys = [first, second, second].map((store) =>
        store.access.createApiKey(anApiKey(), anAuditDraft()),
      );
      await until(async () => (await countWaiting(database)) === 3, 'three that wait for the head');
      const stepping = first.commitBatch(packAll);
      await until(async () => (await countWaiting(database)) === 4, 'the batch that waits for the head');
      await other.commit();
      assert.deepEqual(await Promise.all(keys), ['created', 'created', 'created']);
      assert.deepEqual(kindsOf(await stepping), ['stepped', 'stepped', 'stepped']);
      const entries = await entriesOf(second);
      assert.deepEqual(
        entries.filter(({ subject }) => subject.startsWith('order:')).map(toldOf),
        orders.map(({ orderId }) => `order:${orderId} 2`),
      );
      assert.equal((await second.access.readAuditHead()).position, 6);
    }));

  test('wait for the stock of their products only where they change it', () =>
    withInstances(1, async ([store], database) => {
      assert.ok(store);
      await stockUp(store, [aProduct()]);
      const [kept, cancelled] = [await place(store, aSubmission()), await place(store, aSubmission())];
      await using other = await openTransaction(database.url, 'SELECT FROM stock FOR UPDATE');
      const steps: readonly Step[] = [
        { name: 'pack' },
        { name: 'ship', ...aParcel },
        { name: 'deliver', shipment: 1 },
        { name: 'erase' },
      ];
      for (const step of steps) {
        const outcomes = await store.commitBatch([aStep({ orderId: kept.orderId, step })]);
        assert.deepEqual(kindsOf(outcomes), ['stepped'], step.name);
      }
      const cancelling = store.commitBatch([
        aStep({ orderId: cancelled.orderId, step: { name: 'cancel', reason: null } }),
      ]);
      await untilOneWaits(database, 'the cancellation');
      await other.commit();
      assert.deepEqual(kindsOf(await cancelling), ['stepped']);
    }));

  test('of a batch are told in one statement, and a batch without steps in none', () =>
    withInstances(1, async ([store], database) => {
      assert.ok(store);
      await stockUp(store, [aProduct()]);
      await database.query(`
        CREATE TABLE statements (name text);
        CREATE FUNCTION count_statement() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN INSERT INTO statements VALUES (TG_TABLE_NAME); RETURN NULL; END $$;
        CREATE TRIGGER count_statement AFTER INSERT ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION count_statement();
        CREATE TRIGGER count_statement AFTER UPDATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION count_statement()`);
      const orders = Array.from({ length: 20 }, () => aSubmission());
      await store.commitBatch(orders);
      assert.deepEqual(await database.query('SELECT name FROM statements'), []);
      await store.commitBatch(orders.map(({ orderId }) => aStep({ orderId })));
      assert.equal((await store.access.readAuditHead()).position, 20);
      const counted: readonly unknown[] = await database.query('SELECT name FROM statements ORDER BY name');
      assert.deepEqual(counted, [{ name: 'audit_head' }, { name: 'audit_log' }]);
    }));
});
