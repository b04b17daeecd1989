/** BigQuery beside the service and apart from it. How rows get there once is in `test/bigquery/`. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ScriptedBigQuery, startBigQuery } from '../bigquery/scripted-bigquery.ts';
import { spawnCli } from '../service.ts';
import { until } from './behind-the-service.ts';
import { engineOf, type Shop, withShop } from './open-shop.ts';
import { anOrder, get, postOrder } from './shop-client.ts';

const engine = engineOf(import.meta.url);

function settingsFor({ host }: ScriptedBigQuery): Readonly<Record<string, string>> {
  return { BIGQUERY_DATASET: 'my-project.shop', BIGQUERY_LOCATION: 'EU', BIGQUERY_EMULATOR_HOST: host };
}

async function place(shop: Shop): Promise<void> {
  const answer = await postOrder(shop.url, anOrder({}));
  assert.equal(answer.status, 201, answer.text);
}

const ordersIn = (bigQuery: ScriptedBigQuery) => bigQuery.tables.get('orders')?.rows.length ?? 0;

describe(`BigQuery of a shop on ${engine}`, () => {
  test('has what was placed, once, whether the service loads it or a program apart', async () => {
    await using bigQuery = await startBigQuery();
    const settings = settingsFor(bigQuery);
    await withShop({ engine }, async (shop) => {
      await place(shop);
      await place(shop);
      const DATABASE_URL = shop.postgres?.url ?? `sqlite:${shop.file}`;
      const loader = spawnCli(['bigquery', 'run'], { dir: shop.folder, env: { ...settings, DATABASE_URL } });
      try {
        await until(async () => ordersIn(bigQuery) === 2, 'the orders are loaded', 30_000);
        await until(async () => bigQuery.tables.get('products') !== undefined, 'so are products', 30_000);
        loader.kill('SIGTERM');
        assert.equal((await loader.exited)?.code, 0, loader.output());
      } finally {
        loader.kill('SIGKILL');
      }
      await shop.stop();
      // BigQuery tells that its last load was long ago, so that the next one need not wait.
      for (const table of bigQuery.tables.values()) table.lastModifiedTime -= 3_600_000;
      await shop.start();
      await place(shop);
      await shop.stop();
      await shop.start(settings);
      await until(async () => ordersIn(bigQuery) === 3, 'the service loads', 30_000);
      await until(
        async () => /^nozama_bigquery_lag_seconds 0$/m.test((await get(`${shop.url}/metrics`)).text),
        'nothing lags',
        30_000,
      );
      assert.equal(ordersIn(bigQuery), 3);
      assert.deepEqual(bigQuery.datasets.get('shop'), { location: 'EU' });
    });
  });

  test('that can’t be reached costs no order', async () => {
    const settings = { BIGQUERY_DATASET: 'my-project.shop', BIGQUERY_EMULATOR_HOST: '127.0.0.1:1' };
    await withShop({ engine, settings }, async (shop) => {
      await place(shop);
      await until(
        async () => /BigQuery can't be written, and is tried again/.test(shop.service.logs()),
        'the log tells',
        30_000,
      );
      assert.equal((await get(`${shop.url}/readyz`)).status, 200);
    });
  });

  test('is named by a project and a dataset', async () => {
    await withShop({ engine }, async (shop) => {
      const none = await shop.run(['bigquery', 'run']);
      assert.deepEqual([none.code, /needs BIGQUERY_DATASET/.test(none.output)], [2, true]);
      const table = await shop.run(['bigquery', 'run'], { BIGQUERY_TABLE: 'my-project.shop' });
      assert.deepEqual([table.code, /BIGQUERY_TABLE.*BIGQUERY_DATASET/.test(table.output)], [2, true]);
      const wrong = await shop.run(['bigquery', 'run'], { BIGQUERY_DATASET: 'shop' });
      assert.match(
        wrong.output,
        /BIGQUERY_DATASET must be a project and a dataset, such as my-project\.shop/,
      );
      const far = { BIGQUERY_DATASET: 'my-project.shop', BIGQUERY_EMULATOR_HOST: 'bigquery.example' };
      const listened = await shop.run(['bigquery', 'run'], far);
      assert.deepEqual([listened.code, /must be an https: address/.test(listened.output)], [1, true]);
    });
  });
});
