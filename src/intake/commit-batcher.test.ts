import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Command } from '../domain/decide-batch.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Submission } from '../domain/submission.ts';
import type { TakeMore } from '../storage/order-store.ts';
import { StoreUnavailableError } from './batches-at-store.ts';
import { type CommitBatcherOptions, createCommitBatcher, QueueFullError } from './commit-batcher.ts';

/** A store whose commits end when the test says so. It decides nothing: every outcome names its submission. */
function aSlowStore(commitsInFlightMax: number) {
  const commits: {
    ids: string[];
    /** As a store does when its turn has come. */
    takeMore: (countMax: number) => void;
    succeed: () => void;
    fail: (error: Error) => void;
  }[] = [];
  return {
    commits,
    commitsInFlightMax,
    commitBatch: (given: readonly Command[], takeMore: TakeMore = () => []) =>
      new Promise<readonly Outcome[]>((resolve, reject) => {
        const submissions = [...given];
        const ids = submissions.map(({ orderId }) => orderId);
        commits.push({
          ids,
          takeMore(countMax) {
            const joining = takeMore(countMax);
            submissions.push(...joining);
            ids.push(...joining.map(({ orderId }) => orderId));
          },
          succeed: () => resolve(submissions.map(outcomeFor)),
          fail: reject,
        });
      }),
  };
}

function outcomeFor({ orderId }: Pick<Command, 'orderId'>): Outcome {
  return { kind: 'rejected', problems: [{ lineIndex: 0, sku: orderId, code: 'unknown_product' }] };
}

function idOf(outcome: Outcome): string {
  return outcome.kind === 'rejected' ? (outcome.problems[0]?.sku ?? '') : outcome.kind;
}

function submissionNamed(orderId: string): Submission {
  return {
    orderId,
    placedAtMs: 0,
    customerName: 'Ada',
    streetAddress: '1 Main St',
    city: null,
    state: 'TX',
    zipCode: '73301',
    email: null,
    lines: [{ sku: 'tent-4p', quantity: 1 }],
    idempotency: null,
  };
}

function aBatcher({
  commitsInFlightMax = 1,
  ...options
}: Partial<CommitBatcherOptions> & { commitsInFlightMax?: number } = {}) {
  const store = aSlowStore(commitsInFlightMax);
  const ends: unknown[] = [];
  const batcher = createCommitBatcher({
    store,
    queueDepthMax: 100,
    batchSizeMax: 100,
    onCommit: (error) => ends.push(error),
    ...options,
  });
  return { store, ends, batcher, submit: (id: string) => batcher.submit(submissionNamed(id)) };
}

/** Lets everything run that is ready to. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

// A sabotaged batcher leaves promises open: the bound turns that into a failure within seconds.
describe('commit batcher', { timeout: 10_000 }, () => {
  it('commits a lone order at once', () => {
    const { store, submit } = aBatcher();
    void submit('a');
    assert.deepEqual(
      store.commits.map(({ ids }) => ids),
      [['a']],
    );
  });

  it('gathers what comes in during a commit into the next one, in order', async () => {
    const { store, submit, batcher } = aBatcher();
    const answers = ['a', 'b', 'c', 'd'].map(submit);
    assert.equal(batcher.queueDepth(), 4);
    store.commits[0]?.succeed();
    await settle();
    assert.deepEqual(
      store.commits.map(({ ids }) => ids),
      [['a'], ['b', 'c', 'd']],
    );
    store.commits[1]?.succeed();
    assert.deepEqual((await Promise.all(answers)).map(idOf), ['a', 'b', 'c', 'd']);
  });

  it('answers nobody before the commit', async () => {
    const { submit } = aBatcher();
    let answered = false;
    void submit('a').then(() => {
      answered = true;
    });
    await settle();
    assert.equal(answered, false);
  });

  it('never has more commits in flight than the store takes', async () => {
    for (const commitsInFlightMax of [1, 2, 3]) {
      const { store, submit } = aBatcher({ commitsInFlightMax });
      for (let i = 0; i < 20; i += 1) void submit(String(i));
      await settle();
      assert.equal(store.commits.length, commitsInFlightMax);
    }
  });

  it('gathers for the rest of the turn, but not many, while the store takes more', async () => {
    const { store, submit } = aBatcher({ commitsInFlightMax: 10 });
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) void submit(id);
    assert.deepEqual(
      store.commits.map(({ ids }) => ids),
      [['a'], ['b', 'c', 'd', 'e']],
    );
    await settle();
    assert.deepEqual(store.commits.at(-1)?.ids, ['f']);
    store.commits[1]?.succeed();
    await settle();
    assert.equal(store.commits.length, 3, 'nothing is handed over twice');
  });

  it('keeps a batch to its bound, and 1 switches batching off', async () => {
    const { store, submit } = aBatcher({ batchSizeMax: 1 });
    const answers = ['a', 'b', 'c'].map(submit);
    for (let i = 0; i < 3; i += 1) {
      store.commits[i]?.succeed();
      await settle();
    }
    assert.deepEqual(
      store.commits.map(({ ids }) => ids),
      [['a'], ['b'], ['c']],
    );
    assert.deepEqual((await Promise.all(answers)).map(idOf), ['a', 'b', 'c']);
  });

  it('lets those who wait join a batch whose turn has come, within its bounds, and answers each for itself', async () => {
    const { store, submit, batcher } = aBatcher({ batchSizeMax: 5 });
    const answers = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(submit);
    const [first] = store.commits;
    first?.takeMore(2);
    assert.deepEqual(first?.ids, ['a', 'b', 'c']);
    first.takeMore(100);
    assert.deepEqual(first.ids, ['a', 'b', 'c', 'd', 'e']);
    first.takeMore(100);
    assert.equal(first.ids.length, 5);
    assert.equal(batcher.queueDepth(), 7);
    first.succeed();
    await settle();
    assert.deepEqual(store.commits[1]?.ids, ['f', 'g']);
    store.commits[1].succeed();
    assert.deepEqual((await Promise.all(answers)).map(idOf), ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    assert.equal(batcher.queueDepth(), 0);
  });

  it('fails those who have joined with the batch', async () => {
    const { store, submit, batcher } = aBatcher();
    const answers = ['a', 'b', 'c'].map(submit);
    store.commits[0]?.takeMore(1);
    store.commits[0]?.fail(new Error('gone'));
    await assert.rejects(answers[0] ?? Promise.resolve(), StoreUnavailableError);
    await assert.rejects(answers[1] ?? Promise.resolve(), StoreUnavailableError);
    store.commits[1]?.succeed();
    assert.equal(idOf(await (answers[2] ?? Promise.reject(new Error('missing')))), 'c');
    assert.equal(batcher.queueDepth(), 0);
  });

  it('refuses one more than the queue may hold, and takes orders again afterwards', {
    timeout: 5_000,
  }, async () => {
    const { store, submit } = aBatcher({ queueDepthMax: 3 });
    const taken = ['in flight', 'first', 'second'].map(submit);
    await assert.rejects(submit('third'), QueueFullError);
    store.commits[0]?.succeed();
    await settle();
    const later = submit('later');
    store.commits[1]?.succeed();
    await settle();
    store.commits[2]?.succeed();
    assert.deepEqual((await Promise.all([...taken, later])).map(idOf), [
      'in flight',
      'first',
      'second',
      'later',
    ]);
  });

  it('fails a whole batch when its commit fails, with the cause, and goes on with the next', async () => {
    const { store, submit, ends } = aBatcher();
    const first = submit('a');
    const second = submit('b');
    const diskFull = new Error('database or disk is full');
    store.commits[0]?.fail(diskFull);
    await assert.rejects(
      first,
      (error) => error instanceof StoreUnavailableError && error.cause === diskFull,
    );
    store.commits[1]?.succeed();
    assert.equal(idOf(await second), 'b');
    assert.deepEqual(ends, [diskFull, null]);
  });

  it('tells nobody anything when the store answers for others than it was given', async () => {
    const short = { commitsInFlightMax: 1, commitBatch: () => Promise.resolve([]) };
    const { submit, ends, batcher } = aBatcher({ store: short });
    await assert.rejects(submit('a'), StoreUnavailableError);
    assert.match(String(ends[0]), /0 outcomes for 1 orders/);
    assert.equal(batcher.queueDepth(), 0);
  });

  it('is drained only when everything is answered', async () => {
    const { store, submit, batcher } = aBatcher();
    void submit('a');
    void submit('b');
    let drained = false;
    const draining = batcher.drained().then(() => {
      drained = true;
    });
    store.commits[0]?.succeed();
    await settle();
    assert.equal(drained, false);
    store.commits[1]?.succeed();
    await draining;
    await batcher.drained();
  });
});
