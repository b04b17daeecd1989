/** The disk of the lake is full: orders go on as if there were no lake, and it catches up once there is room. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { mountSmallDisk } from '../../lab/service/small-disk.ts';
import { until } from '../journeys/behind-the-service.ts';
import { withShop } from '../journeys/open-shop.ts';
import { anOrder, get, postOrder } from '../journeys/shop-client.ts';
import { describeOnSmallDisk } from './on-small-disk.ts';
import { assertLakeWhole } from './whole-lake.ts';

const diskMegabytes = 4;
const catchUpMs = 30_000;

describeOnSmallDisk('a full disk of the lake', 'test/drills/lake-disk-full.test.ts', () => {
  it('stops no order, is told, and loses nothing', async () => {
    const disk = mountSmallDisk(diskMegabytes);
    const lake = join(disk.folder, 'lake');
    try {
      const settings = { LAKE_URL: `file:${lake}`, LAKE_COMMIT_SECONDS: '1' };
      await withShop({ settings }, async (shop) => {
        const metric = async (name: string) => {
          const { text } = await get(`${shop.url}/metrics`);
          return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
        };
        const buy = async () => assert.equal((await postOrder(shop.url, anOrder())).status, 201);
        await buy();
        await until(
          async () => (await metric('nozama_lake_rows_total\\{table="orders"\\}')) === 1,
          'the first row',
          catchUpMs,
        );
        disk.fill();
        for (let count = 0; count < 30; count += 1) await buy();
        await until(
          async () => (await metric('nozama_lake_failures_total')) >= 2,
          'the second try',
          catchUpMs,
        );
        assert.ok((await metric('nozama_lake_lag_seconds')) > 0);
        assert.match(
          shop.service.logs(),
          /The lake can't be written, and is tried again; orders go on\. [^"]* has no room left for /,
        );
        assert.equal((await get(`${shop.url}/readyz`)).status, 200);
        await buy();
        disk.empty();
        await until(async () => (await metric('nozama_lake_lag_seconds')) === 0, 'the lake', catchUpMs);
        await shop.stop();
        await assertLakeWhole(shop, lake, 'after the disk was full');
      });
    } finally {
      disk.remove();
    }
  });
});
