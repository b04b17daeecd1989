/**
 * Spark with Delta on lakes that services have written, in a folder and in HDFS: scripts/test-lake-spark.sh. All tests
 * share one Spark and one cluster, which take long to start.
 */
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openSession, readNewest } from '../../../src/events/lake/lake-session.ts';
import { readTable } from '../../../src/events/lake/read-table.ts';
import { writeCheckpoint } from '../../../src/events/lake/write-checkpoint.ts';
import { openFolderObjects } from '../../../src/objects/folder/folder-objects.ts';
import { place } from '../../journeys/shop-client.ts';
import { type HdfsServer, hdfsJars, startHdfs } from '../../object-stores/object-servers.ts';
import { runCli } from '../../service.ts';
import { itAnalyses, runExample } from '../analyses.contract.ts';
import { aShop, aTable, countTo, ordersOptions, writeOrders } from '../small-shop.ts';
import { openSoldShop, type SoldShop } from '../sold-shop.ts';
import { openSqlPrompt, type SqlPrompt } from '../sql-prompt.ts';

const python = process.env['LAKE_SPARK_PYTHON'] ?? '';
const skip =
  (python === '' || hdfsJars === '') &&
  'LAKE_SPARK_PYTHON or HDFS_JARS names no Spark: run scripts/test-lake-spark.sh';

describe('Spark', { skip }, () => {
  let prompt: SqlPrompt;
  let shop: SoldShop;
  let hdfs: HdfsServer;
  before(async () => {
    if (skip !== false) return;
    [shop, hdfs] = await Promise.all([openSoldShop({ LAKE_URL: 'file:./lake' }), startHdfs()]);
    // HDFS lets the lake's owner alone read it.
    prompt = openSqlPrompt({ engine: 'spark', python, env: hdfs.environment });
  });
  after(async () => {
    await prompt?.[Symbol.asyncDispose]();
    await shop?.[Symbol.asyncDispose]();
    await hdfs?.[Symbol.asyncDispose]();
  });

  const positionsIn = async (folder: string) => {
    const { rows } = await prompt.run(`SELECT position FROM delta.\`${folder}\` ORDER BY position`);
    return rows.map(([position]) => position);
  };

  it('reads the lake by the example of docs/LAKE.md', async () => {
    const { rows } = await runExample(prompt, 'Spark', join(shop.folder, 'lake'));
    const cents = rows.map(([state, orders, dollars]) => [state, orders, Math.round(Number(dollars) * 100)]);
    assert.deepEqual(cents, shop.ordersByState);
  });

  describe('on the lake of a shop that has sold', () => itAnalyses(() => ({ shop, prompt })));

  it('reads the same from HDFS', async () => {
    const LAKE_URL = hdfs.address.replace('/a/b', '/lake');
    const env = { DATABASE_URL: 'sqlite:shop.db', LAKE_URL, ...hdfs.environment };
    const { code, output } = await runCli(['lake', 'backfill'], { dir: shop.folder, env });
    assert.equal(code, 0, output);
    const there = LAKE_URL.replace(/^webhdfs:\/\/127\.0\.0\.1:\d+/, hdfs.fileSystem);
    for (const table of ['orders', 'order_lines', 'order_events', 'products', 'stock_movements']) {
      const rowsIn = async (lake: string) =>
        (await prompt.run(`SELECT * FROM delta.\`${lake}/${table}\` ORDER BY ALL`)).rows;
      const rows = await rowsIn(there);
      assert.deepEqual(rows, await rowsIn(join(shop.folder, 'lake')), table);
      assert.ok(rows.length > 0, table);
    }
  });

  it('may compact a table between the commits of the service, and each order stands once', async () => {
    const folder = join(shop.folder, 'lake/orders');
    const env = { DATABASE_URL: 'sqlite:shop.db', LAKE_URL: 'file:./lake' };
    const sellOne = async () => {
      await place(shop.service.url, { state: 'WY' });
      // The service writes it, or this command does when it is faster.
      const { code, output } = await runCli(['lake', 'backfill'], { dir: shop.folder, env });
      assert.equal(code, 0, output);
    };
    // So that today has two files at least.
    await sellOne();
    await sellOne();
    await prompt.run(`OPTIMIZE delta.\`${folder}\``);
    await sellOne();
    const positions = await positionsIn(folder);
    assert.equal(positions.length, shop.orders.length + 3);
    assert.equal(new Set(positions).size, positions.length);
    const { rows } = await prompt.run(`DESCRIBE HISTORY delta.\`${folder}\``);
    assert.ok(rows.flat().includes('OPTIMIZE'));
  });

  it('appends rows, and the table is refused in one sentence', async () => {
    const folder = join(shop.folder, 'appended');
    const files = openFolderObjects(folder);
    await aTable(files, aShop(10), 10);
    await prompt.run(
      `INSERT INTO delta.\`${folder}\` BY NAME SELECT * EXCEPT (position), position + 1000 AS position FROM delta.\`${folder}\` WHERE position = 10`,
    );
    await assert.rejects(
      readNewest(openSession(ordersOptions(files, aShop(10)))),
      /Another program has added rows to .*, in version \d+\. Name an empty place by LAKE_URL/,
    );
  });

  it('reads a table from our checkpoint alone, and we read on from Spark’s', async () => {
    const folder = join(shop.folder, 'checkpoint');
    const files = openFolderObjects(folder);
    const session = await aTable(files, aShop(30), 3);
    const { state } = await readNewest(session);
    await writeCheckpoint(files, state, Date.now());
    for (const name of readdirSync(join(folder, '_delta_log')))
      if (name.endsWith('.json') && Number(name.slice(0, 20)) < state.version)
        rmSync(join(folder, '_delta_log', name));
    assert.deepEqual(await positionsIn(folder), countTo(30));
    for (const property of ["'delta.checkpointInterval' = '1'", "'tried' = 'yes'"])
      await prompt.run(`ALTER TABLE delta.\`${folder}\` SET TBLPROPERTIES (${property})`);
    const reread = await readTable(files);
    assert.ok((reread?.checkpointVersion ?? 0) > state.version, 'Spark has written a checkpoint');
    await writeOrders(openSession(ordersOptions(files, aShop(40))), aShop(40), 5);
    assert.deepEqual(await positionsIn(folder), countTo(40));
  });
});
