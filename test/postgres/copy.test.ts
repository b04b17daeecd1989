/** `nozama copy`: a shop that is the same afterwards. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { databaseAt } from '../../src/storage/engines.ts';
import { aMovement, aProduct, aSubmission } from '../builders.ts';
import { openShop, withShop } from '../journeys/open-shop.ts';
import { get, place as placeByHttp } from '../journeys/shop-client.ts';
import { place } from '../order-store/opened-store.ts';
import { runCli } from '../service.ts';
import {
  argumentsOf,
  assertRefused,
  assertSameShop,
  copy,
  openSourceShop,
  severalPages,
  withTarget,
} from './copied-shop.ts';
import { openTestDatabase, postgresMissing } from './postgres-databases.ts';

const missing = await postgresMissing();

describe('a copied shop', { skip: missing ?? false }, () => {
  it('is the same, read by read, and goes on with the next number', async () => {
    await using source = await openSourceShop(severalPages);
    await using target = await openTestDatabase({ isEmpty: true });
    const { code, output } = await copy(source, target);
    assert.equal(code, 0, output);
    assert.match(output, /^ {2}ok {2}stock: movements - sold \+ put back = on hand/m);
    assert.match(output, /Copied 4,530 orders, 36 products and 1,504 idempotency keys/);
    assert.deepEqual(
      Buffer.from(await databaseAt(target.url).loadOrderKeySecret()),
      Buffer.from(source.secret),
    );
    await assertSameShop(source, target);
    await assertRefused(copy(source, target), /The target holds a shop already/);
  });

  it('may have nothing in it', async () => {
    await using source = await openSourceShop(0);
    await using target = await openTestDatabase();
    const empty = { ...source, url: `sqlite:${join(source.folder, 'empty.db')}` };
    assert.equal(
      (await runCli(['migrate'], { dir: source.folder, env: { DATABASE_URL: empty.url } })).code,
      0,
    );
    const { code, output } = await copy(empty, target);
    assert.equal(code, 0, output);
    assert.match(output, /There are no orders yet/);
    await withTarget(target, async (store) => {
      await store.saveProducts([aProduct()]);
      await store.moveStock([aMovement()]);
      assert.equal((await place(store, aSubmission())).number, 1001);
    });
  });

  it('opens the links to confirmations that its customers have', async () => {
    await using target = await openTestDatabase();
    const shop = await openShop();
    try {
      const { confirmation_url: link } = await placeByHttp(shop.url);
      await shop.stop();
      const ended = await runCli(argumentsOf(`sqlite:${shop.file}`, target.url), { dir: shop.folder });
      assert.equal(ended.code, 0, ended.output);
      await withShop({ settings: { DATABASE_URL: target.url } }, async (moved) => {
        const page = await get(`${moved.url}${link}`, { accept: 'text/html' });
        assert.match(page.text, /Ada Lovelace/);
        assert.equal((await placeByHttp(moved.url)).number, 1002);
        assert.equal((await moved.verify()).code, 0);
      });
    } finally {
      await shop.close();
    }
  });
});
