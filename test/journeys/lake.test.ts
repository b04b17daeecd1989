/** The lake beside the service and apart from it: what happens in the shop can be read there, and its troubles are its own. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { readCommitChain } from '../../src/events/lake/commit-chain.ts';
import { lakeTables } from '../../src/events/tables/lake-tables.ts';
import { openFolderObjects } from '../../src/objects/folder/folder-objects.ts';
import { storeBelow } from '../../src/objects/store-below.ts';
import { rowsIn } from '../lake/small-shop.ts';
import { spawnCli } from '../service.ts';
import { until } from './behind-the-service.ts';
import { engineOf, type Shop, withShop } from './open-shop.ts';
import { anOrder, get, postJson, postOrder } from './shop-client.ts';

const engine = engineOf(import.meta.url);

/** A writer that stands by looks every four seconds at most. */
const untilSo = (what: string, isSo: () => Promise<boolean>) => until(isSo, what, 30_000);

const lakeSettings = { LAKE_URL: 'file:./lake', LAKE_COMMIT_SECONDS: '1' };

/** The rows of a table, each as its cells in the order of the columns. */
async function cellsOf({ folder }: Shop, name: string, columns: readonly string[]) {
  const table = lakeTables.find((one) => one.name === name) ?? assert.fail(name);
  const { rowCount, columns: values } = await rowsIn(
    storeBelow(openFolderObjects(join(folder, 'lake')), name),
    table,
  );
  return Array.from({ length: rowCount }, (_, row) =>
    columns.map((column) => {
      const value = values.get(column)?.values[row];
      return typeof value === 'bigint' ? Number(value) : value;
    }),
  );
}

async function lagOf({ url }: Shop): Promise<number> {
  const { text } = await get(`${url}/metrics`);
  return Number(/^nozama_lake_lag_seconds (\S+)$/m.exec(text)?.[1] ?? assert.fail('there is no lag'));
}

/** @returns the id of the order */
async function place(shop: Shop, given: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const answer = await postOrder(shop.url, anOrder(given));
  assert.equal(answer.status, 201, answer.text);
  return JSON.parse(answer.text).order_id;
}

const countOf = async (shop: Shop, table: string) => (await cellsOf(shop, table, [])).length;

describe(`the lake of a shop on ${engine}`, () => {
  test('has orders, lines, steps, products and movements within its seconds', async () => {
    await withShop({ engine, settings: lakeSettings }, async (shop) => {
      const orderId = await place(shop, {
        state: 'TX',
        zip_code: '78701-1234',
        lines: [
          { sku: 'tent-4p', quantity: 2 },
          { sku: 'storm-lantern', quantity: 1 },
        ],
      });
      const made = ['keys', 'create', '--name', 'erp', '--scopes', 'orders:write,catalog:write'];
      const authorization = `Bearer ${(await shop.run(made)).stdout.trim()}`;
      const packed = await postJson(
        `${shop.url}/api/v1/orders/${orderId}/pack`,
        {},
        { authorization, 'if-match': '*' },
      );
      assert.equal(packed.status, 200, packed.text);
      const received = await shop.run(['stock', 'receive', 'tent-4p', '7']);
      assert.equal(received.code, 0, received.output);
      await untilSo('the step is in the lake', async () => (await countOf(shop, 'order_events')) === 1);
      await untilSo('nothing lags', async () => (await lagOf(shop)) === 0);
      assert.deepEqual(
        await cellsOf(shop, 'orders', [
          'position',
          'order_id',
          'state',
          'zip_code',
          'line_count',
          'unit_count',
          'city',
        ]),
        [[1, orderId, 'TX', '78701', 2, 3, null]],
      );
      assert.deepEqual(await cellsOf(shop, 'order_lines', ['order_id', 'line_number', 'sku', 'quantity']), [
        [orderId, 1, 'tent-4p', 2],
        [orderId, 2, 'storm-lantern', 1],
      ]);
      assert.deepEqual(
        await cellsOf(shop, 'order_events', ['position', 'order_id', 'type', 'actor', 'revision']),
        [[2, orderId, 'order_packed', 'key:erp', 2]],
      );
      const products = await cellsOf(shop, 'products', ['sku', 'revision']);
      assert.ok(products.some(([sku, revision]) => sku === 'tent-4p' && revision === 1));
      await untilSo('the movement is in the lake', async () => {
        const movements = await cellsOf(shop, 'stock_movements', ['sku', 'units', 'reason', 'actor']);
        return movements.some((movement) => isDeepStrictEqual(movement, ['tent-4p', 7, 'receipt', 'cli']));
      });
      const status = await shop.run(['lake', 'status'], lakeSettings);
      assert.equal(status.code, 0, status.output);
      assert.match(status.stdout, /^orders +[12] of 2 +nothing +\d+ +1 +[\d,]+$/m);
      assert.match(status.stdout, /^order_events +2 of 2 +nothing +/m);
      const verified = await shop.run(['lake', 'verify'], lakeSettings);
      assert.equal(verified.code, 0, verified.output);
      assert.match(verified.stdout, /^ {2}ok {2}order_lines \(2 rows, up to position [12]\)$/m);
      assert.match(verified.stdout, /^The lake agrees with the shop\.$/m);
      const vacuumed = await shop.run(['lake', 'vacuum'], lakeSettings);
      assert.match(vacuumed.stdout, /^orders: 0 files \(0 bytes\) and 0 files of its log removed$/m);
      rmSync(join(shop.folder, 'lake/order_lines'), { recursive: true });
      const damaged = await shop.run(['lake', 'verify'], lakeSettings);
      assert.deepEqual(
        [damaged.code, /^FAIL {2}order_lines/m.test(damaged.stdout)],
        [1, true],
        damaged.output,
      );
    });
  });

  test('has all that was placed without it, and what was placed until the service stopped', async () => {
    await withShop({ engine }, async (shop) => {
      for (let count = 0; count < 5; count += 1) await place(shop);
      const filled = await shop.run(['lake', 'backfill'], lakeSettings);
      assert.equal(filled.code, 0, filled.output);
      assert.match(filled.stdout, /^ {2}orders +5 rows$/m);
      assert.match(
        (await shop.run(['lake', 'backfill'], lakeSettings)).stdout,
        /^The lake has everything already\.$/m,
      );
      await shop.stop();
      await shop.start(lakeSettings);
      await place(shop);
      await untilSo('the service writes', async () =>
        shop.service.logs().includes('this process writes the lake'),
      );
      await place(shop);
      await shop.stop();
      assert.equal(await countOf(shop, 'orders'), 7);
    });
  });

  test('is written by one of several; the others stand by, and take over', async () => {
    await withShop({ engine, settings: lakeSettings }, async (shop) => {
      const DATABASE_URL = shop.postgres?.url ?? `sqlite:${shop.file}`;
      const beside = { dir: shop.folder, env: { ...lakeSettings, DATABASE_URL } };
      const others = [spawnCli(['lake', 'run'], beside), spawnCli(['lake', 'run'], beside)];
      let placed = 0;
      const buy = async () => {
        placed += 1;
        await place(shop);
      };
      try {
        const writers = [{ output: () => shop.service.logs() }, ...others];
        await untilSo('two stand by', async () => {
          await buy();
          return writers.filter(({ output }) => output().includes('stands by')).length >= 2;
        });
        await shop.kill();
        others[1]?.kill('SIGKILL');
        await shop.start({ LAKE_URL: '' });
        await buy();
        await untilSo('the one that is left writes', async () => (await countOf(shop, 'orders')) === placed);
        others[0]?.kill('SIGTERM');
        assert.equal((await others[0]?.exited)?.code, 0);
        const { breaks } = await readCommitChain(
          storeBelow(openFolderObjects(join(shop.folder, 'lake')), 'orders'),
        );
        assert.deepEqual(breaks, []);
      } finally {
        for (const { kill } of others) kill('SIGKILL');
      }
    });
  });

  test('is tried again when it can’t be written, while orders go on', async () => {
    await withShop({ engine }, async (shop) => {
      await shop.stop();
      const inTheWay = join(shop.folder, 'lake');
      writeFileSync(inTheWay, 'no folder');
      await shop.start(lakeSettings);
      await place(shop);
      await untilSo('the log tells', async () =>
        /The lake can't be written, and is tried again/.test(shop.service.logs()),
      );
      assert.equal((await get(`${shop.url}/readyz`)).status, 200);
      rmSync(inTheWay);
      await untilSo('it has caught up', async () => (await countOf(shop, 'orders')) === 1);
      await untilSo('the log tells', async () => shop.service.logs().includes('the lake is written again'));
    });
  });

  test('opens the shop without credentials, and tells that they are missing', async () => {
    const settings = { LAKE_URL: 'gs://bucket/shop', GOOGLE_APPLICATION_CREDENTIALS: '/none/key.json' };
    await withShop({ engine, settings }, async (shop) => {
      await place(shop);
      await untilSo('it is told', async () =>
        /The lake can't be written, and is tried again; orders go on\. [^"]*key\.json/.test(
          shop.service.logs(),
        ),
      );
    });
  });

  test('holds up neither orders nor the end of the service when its store never answers', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const settings = {
      LAKE_URL: 's3://bucket/shop',
      LAKE_COMMIT_SECONDS: '1',
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };
    const asked = once(silent, 'connection');
    await withShop({ engine, settings }, async (shop) => {
      await asked;
      await place(shop);
      assert.equal((await get(`${shop.url}/readyz`)).status, 200);
      await untilSo('the lag is told', async () => (await lagOf(shop)) > 6);
      assert.equal((await shop.stop()).code, 0);
    });
    silent.closeAllConnections();
    silent.close();
  });

  test('refuses a table that is somebody else’s in one sentence, and writes the others', async () => {
    await withShop({ engine }, async (shop) => {
      await shop.stop();
      mkdirSync(join(shop.folder, 'lake/products'), { recursive: true });
      writeFileSync(join(shop.folder, 'lake/products/list.csv'), 'sku\n');
      await shop.start(lakeSettings);
      await place(shop);
      await untilSo('orders are written', async () => (await countOf(shop, 'orders')) === 1);
      await untilSo('it is counted', async () =>
        /^nozama_lake_refused_tables 1$/m.test((await get(`${shop.url}/metrics`)).text),
      );
      await untilSo('it is told', async () => shop.service.logs().includes('list.csv'));
      assert.equal(shop.service.logs().split('list.csv').length, 2, 'said once');
      const status = await shop.run(['lake', 'status'], lakeSettings);
      assert.equal(status.code, 1);
      assert.match(status.stdout, /^products +refused$/m);
      assert.match(
        status.output,
        /list\.csv\) and is no Delta table\. Empty it, or name an empty place by LAKE_URL\./,
      );
      const verified = await shop.run(['lake', 'verify'], lakeSettings);
      assert.match(verified.stdout, /^FAIL {2}products\n.*list\.csv/m);
    });
  });
});

describe('nozama lake', () => {
  test('says what is wrong with its arguments and settings', async () => {
    await withShop({ engine }, async (shop) => {
      const none = await shop.run(['lake', 'status']);
      assert.deepEqual([none.code, /needs LAKE_URL, such as file:\.\/lake/.test(none.output)], [2, true]);
      const unknown = await shop.run(['lake', 'fill'], lakeSettings);
      assert.deepEqual(
        [unknown.code, /needs run, backfill, status, verify or vacuum/.test(unknown.output)],
        [2, true],
      );
      const hours = await shop.run(['lake', 'vacuum', '--retention-hours', '1'], lakeSettings);
      assert.deepEqual([hours.code, /a whole number from 24 to 48/.test(hours.output)], [2, true]);
      const form = await shop.run(['lake', 'status'], { LAKE_URL: 'ftp://host/lake' });
      assert.deepEqual([form.code, /LAKE_URL must be a place such as/.test(form.output)], [2, true]);
      const open = { LAKE_URL: 'webhdfs://namenode.example:9870/shop', LAKE_PERSONAL_DATA: 'true' };
      const unencrypted = await shop.run(['lake', 'status'], open);
      assert.deepEqual([unencrypted.code, /needs an encrypted way/.test(unencrypted.output)], [1, true]);
    });
  });
});
