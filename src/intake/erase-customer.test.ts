import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aProduct, aStep, aSubmission, stockUp } from '../../test/builders.ts';
import { costlyWalkedMax } from '../domain/order-filter.ts';
import type { StepOutcome } from '../domain/outcome.ts';
import { createMemoryStore } from '../storage/memory/memory-store.ts';
import type { OrderStore } from '../storage/order-store.ts';
import { type EraseCustomerOptions, eraseCustomer, partOrdersMax } from './erase-customer.ts';

type TakeStep = EraseCustomerOptions['takeStep'];

const wanted = { email: 'ADA@example.com', beforeNumber: null };

async function shopWith(emails: readonly (string | null)[]): Promise<OrderStore> {
  const store = createMemoryStore();
  await stockUp(store, [aProduct({ sku: 'tent-4p', onHand: 10_000 })]);
  await store.commitBatch(emails.map((email) => aSubmission({ email })));
  return store;
}

const stepsOf =
  (store: OrderStore): TakeStep =>
  async (asked) =>
    (await store.commitBatch([aStep(asked)]))[0] as StepOutcome;

const emailsLeft = async (store: OrderStore) => {
  const log = await store.readOrderLog(0, 10_000);
  const placed = log.filter(({ type }) => type === 'order_placed');
  return Promise.all(placed.map(async ({ orderId }) => (await store.findOrder(orderId))?.email));
};

const erasuresIn = async (store: OrderStore) =>
  (await store.readOrderLog(0, 10_000)).filter(({ type }) => type === 'order_erased').length;

describe('erasing a customer', () => {
  it('erases every order with the email, in any case, and no other; once', async () => {
    const store = await shopWith(['ada@example.com', 'bea@example.com', null, 'Ada@Example.com']);
    const options = { store, takeStep: stepsOf(store) };
    assert.deepEqual(await eraseCustomer(options, wanted), { orders: 2, next: null });
    assert.deepEqual(await emailsLeft(store), [null, 'bea@example.com', null, null]);
    assert.deepEqual(await eraseCustomer(options, wanted), { orders: 0, next: null });
    assert.equal(await erasuresIn(store), 2);
  });

  it('goes on where it was stopped: what was erased stays so, and the rest follows', async () => {
    const count = 2 * partOrdersMax + 1;
    const store = await shopWith(Array.from({ length: count }, () => 'ada@example.com'));
    let steps = 0;
    const takeStep: TakeStep = async (asked) => {
      steps += 1;
      if (steps > partOrdersMax) throw new Error('the process is killed');
      return stepsOf(store)(asked);
    };
    await assert.rejects(eraseCustomer({ store, takeStep }, wanted), /killed/);
    assert.equal(await erasuresIn(store), partOrdersMax);
    const rest = await eraseCustomer({ store, takeStep: stepsOf(store) }, wanted);
    assert.deepEqual(rest, { orders: count - partOrdersMax, next: null });
    assert.equal(await erasuresIn(store), count);
  });

  it('looks at a bounded part in one call, and the next goes on below it', async () => {
    const count = 2 * partOrdersMax + 1;
    const store = await shopWith(Array.from({ length: count }, () => 'ada@example.com'));
    const options = { store, takeStep: stepsOf(store), looksMax: 2 };
    const first = await eraseCustomer(options, wanted);
    assert.equal(first.orders, 2 * partOrdersMax);
    assert.notEqual(first.next, null);
    const second = await eraseCustomer(options, { ...wanted, beforeNumber: first.next });
    assert.deepEqual(second, { orders: 1, next: null });
    const exact = await shopWith(Array.from({ length: 2 * partOrdersMax }, () => 'ada@example.com'));
    const atOnce = await eraseCustomer({ ...options, store: exact, takeStep: stepsOf(exact) }, wanted);
    assert.deepEqual(atOnce, { orders: 2 * partOrdersMax, next: null });
    assert.ok(costlyWalkedMax >= partOrdersMax);
  });

  it('erases an order that takes another step in the meantime', async () => {
    const store = await shopWith(['ada@example.com']);
    let hasRaced = false;
    const takeStep: TakeStep = async (asked) => {
      if (!hasRaced) {
        hasRaced = true;
        await store.commitBatch([
          aStep({ orderId: asked.orderId, step: { name: 'cancel', reason: 'Ada is ill' } }),
        ]);
      }
      return stepsOf(store)(asked);
    };
    assert.deepEqual(await eraseCustomer({ store, takeStep }, wanted), { orders: 1, next: null });
    const [{ orderId } = assert.fail()] = await store.readOrderLog(0, 1);
    assert.doesNotMatch(JSON.stringify(await store.findOrderWithEvents(orderId)), /ada/i);
  });

  it('by two at once counts each order once, and makes one event of it', async () => {
    const store = await shopWith(Array.from({ length: 30 }, () => 'ada@example.com'));
    const options = { store, takeStep: stepsOf(store) };
    const both = await Promise.all([eraseCustomer(options, wanted), eraseCustomer(options, wanted)]);
    assert.equal(
      both.reduce((sum, { orders }) => sum + orders, 0),
      30,
    );
    assert.equal(await erasuresIn(store), 30);
  });

  it('does not count an order that another has erased since it was seen with its email', async () => {
    const store = await shopWith(['ada@example.com']);
    const takeStep: TakeStep = async (asked) => {
      // It is packed before the first try, and erased before the second, which takes it at any revision.
      const { orderId, expectedRevisions } = asked;
      await store.commitBatch([
        aStep({ orderId, step: expectedRevisions === null ? { name: 'erase' } : { name: 'pack' } }),
      ]);
      return stepsOf(store)(asked);
    };
    assert.deepEqual(await eraseCustomer({ store, takeStep }, wanted), { orders: 0, next: null });
    assert.equal(await erasuresIn(store), 1);
  });

  it('leaves an order that is placed after it began, also by the same person', async () => {
    const store = await shopWith(['ada@example.com']);
    const takeStep: TakeStep = async (asked) => {
      await store.commitBatch([aSubmission({ email: 'ada@example.com' })]);
      return stepsOf(store)(asked);
    };
    assert.deepEqual(await eraseCustomer({ store, takeStep }, wanted), { orders: 1, next: null });
    assert.deepEqual(await emailsLeft(store), [null, 'ada@example.com']);
  });
});
