/** Two services on one SQLite file, as while a restart overlaps: neither knows of the other, nothing goes wrong. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seedDemoCatalog } from '../../src/catalog/seed-demo-catalog.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { runCli } from '../service.ts';
import { countOrders, countRows, holdWriteLock } from './behind-the-service.ts';
import { inFolder, openShop, type Shop } from './open-shop.ts';
import { anOrder, get, inStock, jsonOf, postOrder, ranking } from './shop-client.ts';

const stock = 40;

let first: Shop;
let second: Shop;
before(async () => {
  first = await openShop({ settings: { DEMO_STOCK: String(stock) } });
  second = await openShop({ folder: first.folder });
});
after(async () => {
  await second?.close();
  await first?.close();
});

const either = (i: number) => (i % 2 === 0 ? first : second).url;

describe('a second process on the same file', () => {
  it('sells out together with the first exactly, and both tell the same', async () => {
    const answers = await Promise.all(
      Array.from({ length: 2 * stock + 20 }, (_, i) =>
        postOrder(
          either(i),
          anOrder({ state: 'KS', lines: [{ sku: 'awning-mug', quantity: 1 }] }),
          `mug-${i}`,
        ),
      ),
    );
    const placed = answers.filter(({ status }) => status === 201).map(jsonOf);
    const refused = answers.filter(({ status }) => status === 409).map(jsonOf);
    assert.equal(placed.length + refused.length, answers.length, 'nobody is turned away for another reason');
    assert.equal(placed.length, stock);
    assert.equal(new Set(placed.map(({ number }) => number)).size, stock, 'every number once');
    for (const { shortages } of refused) assert.equal(shortages[0].sku, 'awning-mug');
    for (const { url } of [first, second]) {
      assert.equal(await inStock(url, 'awning-mug'), 0);
      assert.deepEqual(await ranking(url, 'KS'), [`awning-mug ${stock} ${stock}`]);
    }
  });

  it('makes one order of one key, whichever of the two is asked', async () => {
    const orders = countOrders(first.file);
    const order = anOrder({ lines: [{ sku: 'wool-throw', quantity: 1 }] });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => postOrder(either(i), order, 'both')),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
    assert.equal(
      new Set(answers.map(({ text }) => text)).size,
      1,
      'byte for byte, so with the same key to it',
    );
    assert.equal(countOrders(first.file), orders + 1);
  });

  it('shows at once what the other has committed', async () => {
    for (let i = 0; i < 10; i += 1) {
      const order = jsonOf(
        await postOrder(either(i), anOrder({ lines: [{ sku: 'fig-candle', quantity: 1 }] })),
      );
      const seen = await get(`${either(i + 1)}${order.confirmation_url}`, { accept: 'text/html' });
      assert.equal(seen.status, 200);
      assert.match(seen.text, /Ada Lovelace/);
    }
  });

  it('goes on when the other is killed in the middle', async () => {
    const asked = Array.from({ length: 60 }, (_, i) =>
      postOrder(either(i), anOrder({ lines: [{ sku: 'desk-lamp', quantity: 1 }] }), `lamp-${i}`).catch(
        () => null,
      ),
    );
    await second.kill();
    const answers = await Promise.all(asked);
    for (const [i, answer] of answers.entries()) {
      if (i % 2 === 0) assert.ok(answer?.status === 201 || answer?.status === 409, `${answer?.status}`);
    }
    await second.start();
    // Those who got no answer ask again, at the other one.
    for (const [i, answer] of answers.entries()) {
      const retried = await postOrder(
        either(i + 1),
        anOrder({ lines: [{ sku: 'desk-lamp', quantity: 1 }] }),
        `lamp-${i}`,
      );
      if (answer?.status === 201) assert.equal(retried.text, answer.text);
    }
    assert.equal(await inStock(first.url, 'desk-lamp'), 0);
  });

  it('leaves a shop that verifies clean, also while both are up', async () => {
    const { code, output } = await first.verify();
    assert.equal(code, 0, output);
    assert.equal(countRows(first.file, 'order_log'), countOrders(first.file));
  });
});

describe('two first starts at once', () => {
  it('make one shop, seeded once', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'nozama.db');
      await runCli(['migrate'], { dir: folder, env: { DATABASE_URL: `sqlite:${file}` } });
      // Both come to find the shop empty before either can write to it.
      const lock = holdWriteLock(file);
      const opening = [0, 1].map(() => openShop({ folder, settings: { DEMO_STOCK: '7' } }));
      await sleep(1_200);
      lock.release();
      const shops = await Promise.all(opening);
      try {
        for (const { url } of shops) assert.equal(await inStock(url, 'tent-4p'), 7);
        for (const answer of await Promise.all(shops.map(({ url }) => postOrder(url, anOrder())))) {
          const { confirmation_url } = jsonOf(answer);
          for (const { url } of shops) {
            const page = await get(`${url}${confirmation_url}`, { accept: 'text/html' });
            assert.match(page.text, /Ada Lovelace/, 'both know the one secret');
          }
        }
        const verified = await shops[0]?.verify();
        assert.equal(verified?.code, 0, verified?.output);
      } finally {
        await Promise.all(shops.map((shop) => shop.close()));
      }
    });
  });
});

describe('a first start that was cut short', () => {
  it('after its first write leaves nothing that the next start does not finish', async () => {
    await inFolder(async (folder) => {
      const store = await openSqliteStore({ file: join(folder, 'nozama.db') });
      try {
        const options = { demoStock: 7, nowMs: Date.now() };
        await seedDemoCatalog(endingAfterOneWrite(store), options).catch(() => undefined);
        await seedDemoCatalog(store, options);
        assert.equal((await store.findProduct('tent-4p'))?.onHand, 7);
      } finally {
        await store.close();
      }
    });
  });
});

/** The store as a process sees it that is killed right after its first write. */
function endingAfterOneWrite(store: OrderStore): OrderStore {
  let writes = 0;
  return new Proxy(store, {
    get(target, name) {
      const member = target[name as keyof OrderStore];
      if (typeof member !== 'function' || /^(find|list|read|top)/.test(String(name))) return member;
      return (...given: readonly unknown[]) => {
        writes += 1;
        if (writes > 1) throw new Error('the process has ended');
        return Reflect.apply(member, target, given);
      };
    },
  });
}
