/**
 * Loads into bqemulator, which reads our files and answers queries by SQL. BIGQUERY_PYTHON names a Python that has it:
 * scripts/test-bigquery.sh.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildBatch } from '../../src/events/tables/column-builder.ts';
import { isNull } from '../../src/events/tables/column-values.ts';
import { columnsOf } from '../../src/events/tables/lake-table.ts';
import { entriesIn, tableSources } from '../../src/events/tables/table-sources.ts';
import { Killed } from '../lake/broken-objects.ts';
import type { MemoryShop } from '../lake/memory-shop.ts';
import { type JobKeepingProxy, startJobKeepingProxy } from './job-keeping-proxy.ts';
import { aBusyShop, aClient, aClock, atEachStep, killAt, loadAll, openLoader } from './loading-shop.ts';

const python = process.env['BIGQUERY_PYTHON'] ?? '';
const skip = python === '' && 'BIGQUERY_PYTHON names no Python with bqemulator';

/** The emulator starts within this time, in milliseconds. */
const startMsMax = 60_000;

let emulator: ChildProcess;
let proxy: JobKeepingProxy;

async function startEmulator(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  emulator = spawn(python, [join(import.meta.dirname, 'emulator.py'), String(port)], { stdio: 'pipe' });
  let said = '';
  for (const stream of [emulator.stdout, emulator.stderr])
    stream?.on('data', (chunk) => {
      said = (said + chunk).slice(-4_000);
    });
  const host = `127.0.0.1:${port}`;
  const endsAtMs = performance.now() + startMsMax;
  for (;;) {
    const isUp = await fetch(`http://${host}/bigquery/v2/projects/my-project/datasets`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return host;
    if (emulator.exitCode !== null || performance.now() > endsAtMs) throw new Error(`no emulator: ${said}`);
    await sleep(100);
  }
}

before(async () => {
  if (skip === false) proxy = await startJobKeepingProxy(await startEmulator());
});
after(async () => {
  if (skip !== false) return;
  await proxy[Symbol.asyncDispose]();
  const ended = once(emulator, 'exit');
  emulator.kill('SIGKILL');
  await ended;
});

let datasets = 0;

function aDataset(): string {
  datasets += 1;
  return `shop_${datasets}`;
}

/** The rows that a query gives, as BigQuery writes them. */
async function ask(datasetId: string, query: string): Promise<readonly (readonly (string | null)[])[]> {
  const body = { query, useLegacySql: false };
  const { fields } = await aClient(proxy, datasetId).call({ method: 'POST', path: 'queries', body });
  const { errors, rows = [] } = fields as {
    errors?: object;
    rows?: readonly { readonly f: readonly { readonly v: string | null }[] }[];
  };
  assert.equal(errors, undefined, JSON.stringify(errors));
  return rows.map(({ f }) => f.map(({ v }) => v));
}

/** Everything that is in the tables, and that should be there by the shop's logs. */
async function assertSame(datasetId: string, shop: MemoryShop, sources = tableSources): Promise<void> {
  for (const { table, addRows } of sources) {
    const columns = columnsOf(table, false);
    const batch = buildBatch(columns);
    await addRows(batch, entriesIn(shop.log, { after: 0, through: 10_000 }));
    const { rowCount, columns: values } = batch.build();
    const wanted = Array.from({ length: rowCount }, (_, row) =>
      columns.map(({ name, type }) => {
        const column = values.get(name) ?? assert.fail(name);
        if (isNull(column, row)) return null;
        return type === 'boolean' ? String(column.values[row] === 1) : String(column.values[row]);
      }),
    );
    const selected = columns.map(({ name, type }) => {
      if (type === 'timestamp') return `UNIX_MICROS(${name})`;
      return type === 'date' ? `UNIX_DATE(${name})` : name;
    });
    const second = table.name === 'order_lines' ? ', line_number' : '';
    const found = await ask(
      datasetId,
      `SELECT ${selected.join(', ')} FROM \`my-project.${datasetId}.${table.name}\` ORDER BY ${table.positionColumn}${second}`,
    );
    assert.deepEqual(found, wanted, table.name);
    assert.ok(rowCount > 0, table.name);
  }
}

function aShopWithAll(orders: number): MemoryShop {
  const shop = aBusyShop(orders);
  shop.addEvent(1_002, {
    type: 'order_shipped',
    data: {
      shipment: 1,
      lines: [{ sku: 'mug', quantity: 2 }],
      carrier: 'Ü "PS"',
      trackingNumber: '1Z',
      trackingUrl: null,
    },
  });
  shop.addEvent(1_002, {
    type: 'order_returned',
    data: { lines: [{ sku: 'mug', quantity: 2 }], restock: false, reason: 'too small' },
  });
  shop.changeProduct({ sku: 'mug', name: 'Täßchen 🍵', description: `a 'b' \\ "c"\n`, priceCents: 2 ** 52 });
  shop.move({ sku: 'mug', units: -1_000_000_000_000, reason: 'theft' });
  return shop;
}

describe('loads into an emulator of BigQuery', { skip }, () => {
  it('bring every row of every table, with its types', async () => {
    const [datasetId, clock, shop] = [aDataset(), aClock(), aShopWithAll(500)];
    const loader = await openLoader(proxy, shop, { clock, datasetId });
    await loadAll(loader);
    await assertSame(datasetId, shop);
    for (let order = 0; order < 10; order += 1) shop.placeOrder();
    await loadAll(await openLoader(proxy, shop, { clock, datasetId }));
    await assertSame(datasetId, shop);
    assert.deepEqual(
      await ask(
        datasetId,
        `SELECT state, SUM(total_cents) FROM \`my-project.${datasetId}.orders\` GROUP BY state ORDER BY state`,
      ),
      await ask(
        datasetId,
        `SELECT state, SUM(line_total_cents) FROM \`my-project.${datasetId}.order_lines\` GROUP BY state ORDER BY state`,
      ),
    );
  });

  it('bring each row once when the loader is killed at any step, and when requests and answers are lost', async () => {
    let steps = 0;
    for (const how of ['before', 'after'] as const) {
      for (let step = 0, isReached = true; isReached; step += 1, steps += 1) {
        const [datasetId, clock, shop] = [aDataset(), aClock(), aShopWithAll(3)];
        const killed = await openLoader(proxy, shop, {
          clock,
          datasetId,
          tables: ['orders'],
          wrap: (client) => atEachStep(client, killAt(step, how)),
        });
        isReached = await loadAll(killed).then(
          () => false,
          (error) => error instanceof Killed || assert.fail(error),
        );
        shop.placeOrder();
        proxy.faults.push(...(['lose answer', 'lose request'] as const).slice(step % 2));
        await loadAll(await openLoader(proxy, shop, { clock, datasetId, tables: ['orders'] }));
        await assertSame(datasetId, shop, tableSources.slice(0, 1));
      }
    }
    assert.ok(steps > 10, `${steps} steps`);
  });

  it('bring each row once when two loaders work at the same time', async () => {
    const [datasetId, clock, shop] = [aDataset(), aClock(), aShopWithAll(20)];
    await Promise.all(
      [0, 1].map(async () => {
        const loader = await openLoader(proxy, shop, { clock, datasetId });
        for (let round = 0; round < 3; round += 1) {
          shop.placeOrder();
          await loadAll(loader);
        }
      }),
    );
    await loadAll(await openLoader(proxy, shop, { clock, datasetId }));
    await assertSame(datasetId, shop);
    assert.equal(new Set(proxy.jobIds).size, proxy.jobIds.length);
  });
});
