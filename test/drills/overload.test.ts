/** More orders than the shop can take, and a slow store: orders are refused at once, and accepted orders are kept. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { countOrders, holdWriteLock, until } from '../journeys/behind-the-service.ts';
import { type Shop, withShop } from '../journeys/open-shop.ts';
import { type Answer, anOrder, get, jsonOf, place, postOrder } from '../journeys/shop-client.ts';
import { openLedger, seededRandom } from './outside-ledger.ts';

const queueDepthMax = 5;

describe('a slow store', () => {
  it('is felt by those in the queue alone; beyond its bound orders are refused at once', async () => {
    await withShop({ settings: { QUEUE_DEPTH_MAX: String(queueDepthMax) } }, async (shop) => {
      const known = await place(shop.url);
      const lock = holdWriteLock(shop.file);
      const accepted: Promise<Answer>[] = [];
      try {
        for (let i = 0; i < queueDepthMax; i += 1)
          accepted.push(postOrder(shop.url, anOrder(), `accepted-${i}`));
        await until(async () => (await queueDepth(shop)) === queueDepthMax, 'a full queue');
        const ready = await get(`${shop.url}/readyz`);
        assert.equal(ready.status, 503);
        assert.equal(jsonOf(ready).checks.queue, 'full');

        const startedAt = performance.now();
        const refused = await Promise.all(
          Array.from({ length: 100 }, (_, i) => postOrder(shop.url, anOrder(), `refused-${i}`)),
        );
        assert.ok(performance.now() - startedAt < 2_000, 'at once');
        for (const answer of refused) {
          assert.equal(answer.status, 503, answer.text);
          assert.equal(jsonOf(answer).code, 'overloaded');
          assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
        }
        await assertReadsGoOn(shop, known.order_id);
        assert.equal(await queueDepth(shop), queueDepthMax, 'who is refused does not push anybody out');
      } finally {
        lock.release();
      }
      for (const answer of await Promise.all(accepted)) assert.equal(answer.status, 201, answer.text);
      assert.equal((await get(`${shop.url}/readyz`)).status, 200);
      const again = await postOrder(shop.url, anOrder(), 'refused-0');
      assert.equal(again.status, 201);
      assert.equal(again.headers.get('idempotent-replayed'), null, 'a refusal binds no key');
      assert.equal(countOrders(shop.file), 1 + accepted.length + 1);
      assert.equal((await shop.verify()).code, 0);
    });
  });

  it('keeps nobody waiting for the failures of those before them', async () => {
    await withShop({ settings: { COMMIT_BATCH_MAX: '1' } }, async (shop) => {
      const lock = holdWriteLock(shop.file);
      try {
        const startedAt = performance.now();
        const answers = await Promise.all(
          Array.from({ length: 8 }, (_, i) => postOrder(shop.url, anOrder(), `patient-${i}`)),
        );
        for (const { status, text } of answers) assert.equal(status, 503, text);
        // SQLite waits 5 s for a lock: one after the other they would have taken 40 s.
        assert.ok(performance.now() - startedAt < 25_000);
      } finally {
        lock.release();
      }
      await until(async () => (await get(`${shop.url}/readyz`)).status === 200, 'readiness');
      assert.equal((await postOrder(shop.url, anOrder(), 'patient-7')).status, 201);
      assert.equal(countOrders(shop.file), 1);
    });
  });

  it('that stays away is a 503 in bounded time, and is back by itself', async () => {
    await withShop({}, async (shop) => {
      const known = await place(shop.url);
      const lock = holdWriteLock(shop.file);
      try {
        const startedAt = performance.now();
        const waiting = postOrder(shop.url, anOrder(), 'patient');
        await until(
          async () => jsonOf(await get(`${shop.url}/readyz`)).checks.store === 'stalled',
          'a store that hangs is told before it fails',
        );
        const answer = await waiting;
        assert.equal(answer.status, 503);
        assert.equal(jsonOf(answer).code, 'store_unavailable');
        assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
        assert.ok(performance.now() - startedAt < 8_000);
        assert.equal((await get(`${shop.url}/readyz`)).status, 503);
        await assertReadsGoOn(shop, known.order_id);
      } finally {
        lock.release();
      }
      await until(async () => (await get(`${shop.url}/readyz`)).status === 200, 'readiness');
      assert.equal((await postOrder(shop.url, anOrder(), 'patient')).status, 201);
      assert.equal(countOrders(shop.file), 2);
    });
  });
});

describe('a frozen process', () => {
  it('thaws with everything it had accepted, and a retry meanwhile makes no second order', async () => {
    await withShop({}, async (shop) => {
      const ledger = openLedger({ skus: ['awning-mug', 'tent-4p'], random: seededRandom(9) });
      let isOver = false;
      const buying = Array.from({ length: 12 }, () => ledger.buyUntil(shop.url, () => isOver));
      for (let freezes = 0; freezes < 3; freezes += 1) {
        await sleep(120);
        shop.service.kill('SIGSTOP');
        await sleep(250);
        shop.service.kill('SIGCONT');
      }
      shop.service.kill('SIGSTOP');
      const impatient = await Promise.allSettled(
        Array.from({ length: 5 }, () => impatientOrder(shop.url, 'impatient', 200)),
      );
      assert.ok(impatient.every(({ status }) => status === 'rejected'));
      shop.service.kill('SIGCONT');
      const answer = await postOrder(shop.url, anOrder(), 'impatient');
      assert.equal(answer.status, 201);
      isOver = true;
      await Promise.all(buying);
      await ledger.settle(shop.url);
      assert.equal(ledger.openCount(), 0);
      assert.deepEqual(ledger.otherAnswers, []);
      assert.equal(countOrders(shop.file), ledger.acknowledgedCount() + 1);
      assert.equal((await shop.verify()).code, 0);
    });
  });
});

/** Gives up before the answer, as a browser's user or a proxy does. */
function impatientOrder(url: string, key: string, patienceMs: number): Promise<unknown> {
  return fetch(`${url}/api/v1/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(anOrder()),
    signal: AbortSignal.timeout(patienceMs),
  });
}

async function queueDepth(shop: Shop): Promise<number> {
  return jsonOf(await get(`${shop.url}/readyz`)).queue_depth;
}

async function assertReadsGoOn(shop: Shop, orderId: string): Promise<void> {
  for (const path of [
    '/livez',
    '/',
    '/api/v1/products',
    `/api/v1/orders/${orderId}`,
    `/orders/${orderId}`,
    '/metrics',
  ]) {
    const startedAt = performance.now();
    assert.equal((await get(`${shop.url}${path}`)).status, 200, path);
    assert.ok(performance.now() - startedAt < 1_000, path);
  }
}
