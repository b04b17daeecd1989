import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OrderStep, Step } from '../../src/domain/order-step.ts';
import type { StepOutcome } from '../../src/domain/outcome.ts';
import { onHandMax } from '../../src/domain/product.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import {
  aMovement,
  aParcel,
  aProduct,
  aRetryOf,
  aStep,
  aSubmission,
  described,
  keyed,
  keyedStep,
} from '../builders.ts';
import { handIn, kindsOf, type OpenStore, onHandOf, place, readWholeLog, withStore } from './opened-store.ts';

const tent = aProduct({ sku: 'tent-4p', name: 'Tent', onHand: 10 });
const mug = aProduct({ sku: 'mug', name: 'Mug', onHand: 10 });
const lines = [
  { sku: 'tent-4p', quantity: 2 },
  { sku: 'mug', quantity: 3 },
];
const cancel: Step = { name: 'cancel', reason: 'changed my mind' };
const ship: Step = { name: 'ship', ...aParcel };

async function take(store: OrderStore, step: OrderStep): Promise<StepOutcome> {
  const [outcome] = await store.commitBatch([step]);
  return outcome as StepOutcome;
}

async function takeAll(store: OrderStore, orderId: string, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const outcome = await take(store, aStep({ orderId, step }));
    assert.equal(outcome.kind, 'stepped', JSON.stringify(outcome));
  }
}

const topOf = async (store: OrderStore) =>
  (await store.topProducts('TX', 20)).map(({ sku, orders, units }) => ({ sku, orders, units }));

export function describeSteps(openStore: OpenStore): void {
  describe('a cancelled order', () => {
    test('gives back its stock and counts nowhere, in the same transaction', () =>
      withStore(openStore, [tent, mug], async (store, reopen) => {
        await place(store, aSubmission({ lines: [{ sku: 'tent-4p', quantity: 1 }] }));
        const before = [await onHandOf(store, 'tent-4p'), await onHandOf(store, 'mug'), await topOf(store)];
        const { orderId } = await place(store, aSubmission({ lines }));
        const outcome = await take(store, aStep({ orderId, step: cancel }));
        assert.ok(outcome.kind === 'stepped');
        assert.equal(outcome.order.status, 'cancelled');
        const reopened = await reopen();
        assert.deepEqual(await reopened.findOrder(orderId), outcome.order);
        const after = [
          await onHandOf(reopened, 'tent-4p'),
          await onHandOf(reopened, 'mug'),
          await topOf(reopened),
        ];
        assert.deepEqual(after, before);
      }));

    test('frees its units for the next order of the same batch', () =>
      withStore(openStore, [tent], async (store) => {
        const all = [{ sku: 'tent-4p', quantity: 10 }];
        const { orderId } = await place(store, aSubmission({ lines: all }));
        const outcomes = await store.commitBatch([
          aSubmission({ lines: all }),
          aStep({ orderId, step: cancel }),
          aSubmission({ lines: all }),
        ]);
        assert.deepEqual(kindsOf(outcomes), ['out_of_stock', 'stepped', 'placed']);
        assert.equal(await onHandOf(store, 'tent-4p'), 0);
      }));

    test('may have been placed in the same batch', () =>
      withStore(openStore, [tent, mug], async (store) => {
        const submission = aSubmission({ lines });
        const { orderId } = submission;
        const outcomes = await store.commitBatch([submission, aStep({ orderId, step: cancel })]);
        assert.deepEqual(kindsOf(outcomes), ['placed', 'stepped']);
        assert.equal(await onHandOf(store, 'mug'), 10);
        assert.deepEqual(await topOf(store), []);
        assert.equal((await store.findOrder(orderId))?.status, 'cancelled');
      }));

    test('stays when its units do not fit into the stock any more', () =>
      withStore(openStore, [tent], async (store) => {
        const { orderId } = await place(store, aSubmission({ lines: [{ sku: 'tent-4p', quantity: 2 }] }));
        await store.moveStock([aMovement({ units: onHandMax - 9 })]);
        const outcome = await take(store, aStep({ orderId, step: cancel }));
        assert.deepEqual(outcome, { kind: 'stock_full', sku: 'tent-4p', onHand: onHandMax - 1 });
        assert.equal((await store.findOrder(orderId))?.status, 'placed');
      }));
  });

  describe('an order on its way', () => {
    test('is packed, shipped in parts, delivered, and comes back in parts', () =>
      withStore(openStore, [tent, mug], async (store, reopen) => {
        const { orderId } = await place(store, aSubmission({ lines }));
        const part: Step = { name: 'ship', ...aParcel, lines: [{ sku: 'mug', quantity: 1 }] };
        const back = (sku: string, quantity: number, restock: boolean): Step => ({
          name: 'return',
          lines: [{ sku, quantity }],
          restock,
          reason: null,
        });
        const course: readonly (readonly [Step, string])[] = [
          [{ name: 'pack' }, 'packed'],
          [part, 'shipped'],
          [{ name: 'deliver', shipment: 1 }, 'shipped'],
          [ship, 'shipped'],
          [back('mug', 1, false), 'shipped'],
          [{ name: 'deliver', shipment: 2 }, 'delivered'],
          [back('mug', 2, true), 'delivered'],
          [back('tent-4p', 2, true), 'returned'],
        ];
        for (const [index, [step, status]] of course.entries()) {
          const outcome = await take(store, aStep({ orderId, step }));
          assert.ok(outcome.kind === 'stepped', JSON.stringify(outcome));
          assert.deepEqual([outcome.order.status, outcome.order.revision], [status, index + 2]);
          assert.deepEqual(await store.findOrder(orderId), outcome.order);
        }
        assert.equal(await onHandOf(store, 'mug'), 9, 'one mug came back broken');
        assert.equal(await onHandOf(store, 'tent-4p'), 10);
        assert.deepEqual(await topOf(store), []);
        const reopened = await reopen();
        const history = await reopened.findOrderWithEvents(orderId);
        assert.deepEqual(
          history?.events.map(({ revision }) => revision),
          course.map((_, index) => index + 2),
        );
        assert.equal(history?.placed.status, 'placed');
        assert.deepEqual(await reopened.findHistoryByNumber(history?.placed.number ?? 0), history);
        const confirmation = await reopened.findConfirmation(orderId, 3);
        assert.deepEqual(confirmation?.order, await reopened.findOrder(orderId));
        assert.deepEqual(confirmation?.events, history?.events);
      }));

    test('counts the units kept, and still as one order', () =>
      withStore(openStore, [tent, mug], async (store) => {
        const { orderId } = await place(store, aSubmission({ lines }));
        const back: Step = {
          name: 'return',
          lines: [{ sku: 'mug', quantity: 2 }],
          restock: false,
          reason: null,
        };
        await takeAll(store, orderId, [{ name: 'pack' }, ship, back]);
        assert.deepEqual(await topOf(store), [
          { sku: 'tent-4p', orders: 1, units: 2 },
          { sku: 'mug', orders: 1, units: 1 },
        ]);
      }));

    test('counts under the name that its product has now', () =>
      withStore(openStore, [mug], async (store) => {
        const { orderId } = await place(store, aSubmission({ lines: [{ sku: 'mug', quantity: 2 }] }));
        const renamed = { ...mug, name: 'Beaker' };
        await store.saveProducts([described(renamed)]);
        const back: Step = {
          name: 'return',
          lines: [{ sku: 'mug', quantity: 1 }],
          restock: true,
          reason: null,
        };
        await takeAll(store, orderId, [{ name: 'pack' }, ship, back]);
        const [top] = await store.topProducts('TX', 1);
        assert.deepEqual([top?.name, top?.units], ['Beaker', 1]);
      }));

    test('refuses a step that is not allowed now, and names what is', () =>
      withStore(openStore, [tent], async (store) => {
        const { orderId } = await place(store, aSubmission());
        assert.deepEqual(await take(store, aStep({ orderId, step: ship })), {
          kind: 'not_allowed_now',
          step: 'ship',
          status: 'placed',
          allowed: ['pack', 'cancel'],
        });
        assert.equal((await readWholeLog(store)).length, 1);
        const unknown = aSubmission().orderId;
        assert.deepEqual(await take(store, aStep({ orderId: unknown })), { kind: 'order_not_found' });
      }));

    test('is changed only at the revision that was expected', () =>
      withStore(openStore, [tent], async (store) => {
        const order = await place(store, aSubmission());
        const { orderId } = order;
        const late = await take(store, aStep({ orderId, expectedRevisions: [2] }));
        assert.deepEqual(late, { kind: 'stale', order });
        const twice = [1, 1].map(() => aStep({ orderId, expectedRevisions: [1] }));
        assert.deepEqual(kindsOf(await store.commitBatch(twice)), ['stepped', 'stale']);
      }));
  });

  describe('a step', () => {
    test('handed in again is the step it was, and its key answers as the first time whatever came later', () =>
      withStore(openStore, [tent], async (store, reopen) => {
        const submission = keyed('order', aSubmission());
        const order = await place(store, submission);
        const { orderId } = order;
        const pack = keyedStep('pack', aStep({ orderId, expectedRevisions: [1] }));
        const first = await take(store, pack);
        assert.ok(first.kind === 'stepped');
        await takeAll(store, orderId, [ship]);
        const reopened = await reopen();
        const replayed = { kind: 'replayed', order: first.order };
        assert.deepEqual(await take(reopened, pack), replayed);
        const retry = { ...pack, eventId: aSubmission().orderId, expectedRevisions: [2] };
        assert.deepEqual(await take(reopened, retry), replayed);
        assert.deepEqual(await handIn(reopened, submission), { kind: 'replayed', order });
        assert.deepEqual(await handIn(reopened, aRetryOf(submission)), { kind: 'replayed', order });
        assert.deepEqual(await take(reopened, keyedStep('pack', aStep({ orderId, step: cancel }))), {
          kind: 'conflict',
        });
        assert.deepEqual(await take(reopened, keyedStep('order', aStep({ orderId }))), { kind: 'conflict' });
        assert.equal((await readWholeLog(reopened)).length, 3);
      }));

    test('without a key, handed in again by its event id, is taken once', () =>
      withStore(openStore, [tent], async (store) => {
        const { orderId } = await place(store, aSubmission());
        const pack = aStep({ orderId });
        const first = await take(store, pack);
        assert.ok(first.kind === 'stepped');
        assert.deepEqual(await take(store, pack), { kind: 'replayed', order: first.order });
      }));

    test('is in the log with its order, its revision and its time', () =>
      withStore(openStore, [tent], async (store) => {
        const order = await place(store, aSubmission());
        const pack = aStep({ orderId: order.orderId });
        await store.commitBatch([pack, aSubmission()]);
        const [, second, third] = await readWholeLog(store);
        assert.deepEqual(second, {
          position: 2,
          orderId: order.orderId,
          orderNumber: order.number,
          revision: 2,
          type: 'order_packed',
          atMs: pack.atMs,
        });
        assert.equal(third?.type, 'order_placed');
      }));
  });

  describe('an erased order', () => {
    test('has no name, street, email nor free text any more, in any revision, and keeps its figures', () =>
      withStore(openStore, [tent], async (store, reopen) => {
        const submission = keyed('order', aSubmission({ zipCode: '78701-1234' }));
        const order = await place(store, submission);
        const { orderId } = order;
        const packed = keyedStep('pack', aStep({ orderId }));
        await store.commitBatch([
          packed,
          aStep({ orderId, step: cancel }),
          aStep({ orderId, step: { name: 'erase' } }),
        ]);
        const reopened = await reopen();
        const replays = [
          await handIn(reopened, submission),
          await take(reopened, packed),
          await reopened.findOrderWithEvents(orderId),
          await reopened.findHistoryByNumber(order.number),
          await reopened.findConfirmation(orderId, 3),
          await reopened.findOrder(orderId),
        ];
        for (const text of [order.customerName, order.streetAddress, String(order.email), 'changed my mind'])
          assert.ok(!JSON.stringify(replays).includes(text), text);
        const { totalCents, zipCode, status } = (await reopened.findOrder(orderId)) ?? {};
        assert.deepEqual([totalCents, zipCode, status], [order.totalCents, '78701', 'cancelled']);
      }));

    test('is erased once, also in one batch: its events stay within bounds', () =>
      withStore(openStore, [tent], async (store, reopen) => {
        const { orderId } = await place(store, aSubmission());
        const erase = () => aStep({ orderId, step: { name: 'erase' } });
        const [first, second] = await store.commitBatch([erase(), erase()]);
        assert.equal(first?.kind, 'stepped');
        const already = {
          kind: 'not_allowed_now',
          step: 'erase',
          status: 'placed',
          allowed: ['pack', 'cancel'],
        };
        assert.deepEqual(second, already);
        const reopened = await reopen();
        assert.deepEqual(await take(reopened, erase()), already);
        assert.equal((await reopened.findOrderWithEvents(orderId))?.events.length, 1);
      }));

    test('gets no free text by a step that comes after the erasure, in its batch or later', () =>
      withStore(openStore, [tent], async (store, reopen) => {
        const lines = [{ sku: 'tent-4p', quantity: 1 }];
        const cancelled = await place(store, aSubmission());
        const shipped = await place(store, aSubmission());
        await store.commitBatch([
          aStep({ orderId: cancelled.orderId, step: { name: 'erase' } }),
          aStep({ orderId: cancelled.orderId, step: cancel }),
          aStep({ orderId: shipped.orderId, step: { name: 'erase' } }),
        ]);
        const reason = 'Ada did not like it';
        await takeAll(store, shipped.orderId, [
          { name: 'pack' },
          ship,
          { name: 'return', lines, restock: true, reason },
        ]);
        const reopened = await reopen();
        const histories = [
          await reopened.findOrderWithEvents(cancelled.orderId),
          await reopened.findOrderWithEvents(shipped.orderId),
        ];
        assert.deepEqual(
          histories.map((history) => history?.events.at(-1)?.type),
          ['order_cancelled', 'order_returned'],
        );
        for (const text of ['changed my mind', reason, aParcel.trackingNumber, aParcel.trackingUrl])
          assert.ok(!JSON.stringify(histories).includes(text), text);
        assert.ok(JSON.stringify(histories).includes(aParcel.carrier), 'figures stay');
      }));
  });
}
