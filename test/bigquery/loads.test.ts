/** Each row stands in BigQuery once, whatever is lost, refused, or done at the same time. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type BigQueryClient, connectBigQuery } from '../../src/events/bigquery/bigquery-client.ts';
import { loadIntervalMs } from '../../src/events/bigquery/load-pace.ts';
import { jobWaitMs, sendsMax } from '../../src/events/bigquery/load-rows.ts';
import { failurePauseMaxMs, quotaPauseMs } from '../../src/events/bigquery/load-session.ts';
import type { TableWriter } from '../../src/events/table-writer.ts';
import { keptToken } from '../../src/objects/bearer-token.ts';
import { Killed } from '../lake/broken-objects.ts';
import { aMemoryShop, type MemoryShop, memoryShopId } from '../lake/memory-shop.ts';
import {
  aBusyShop,
  aClock,
  atEachStep,
  killAt,
  loadAll,
  openLoader,
  type TestClock,
} from './loading-shop.ts';
import { type Fault, type ScriptedBigQuery, startBigQuery } from './scripted-bigquery.ts';

let bigQuery: ScriptedBigQuery;
let clock: TestClock;
beforeEach(async () => {
  bigQuery = await startBigQuery();
  clock = aClock();
  bigQuery.nowMs = clock.trueMs;
});
afterEach(() => bigQuery[Symbol.asyncDispose]());

function positionsIn(table: string, column = 'position'): readonly number[] {
  return (bigQuery.tables.get(table)?.rows ?? []).map((row) => Number(row[column])).sort((a, b) => a - b);
}

/** The positions of the entries of each kind in the shop. */
async function assertWhole({ log }: MemoryShop): Promise<void> {
  const all = { after: 0, through: 10_000 };
  const placed = await log.readPlacedOrders(all);
  const at = ({ position }: { readonly position: number }) => position;
  assert.deepEqual(positionsIn('orders'), placed.map(at));
  assert.deepEqual(
    positionsIn('order_lines'),
    placed.flatMap(({ position, order }) => order.lines.map(() => position)),
  );
  assert.deepEqual(positionsIn('order_events'), (await log.readOrderEvents(all)).map(at));
  assert.deepEqual(positionsIn('products'), (await log.readProductChanges(all)).map(at));
  const movements = (await log.readMovements(all)).map(({ movementId }) => movementId);
  assert.deepEqual(positionsIn('stock_movements', 'movement_id'), movements);
}

function sendFault(kind: string, ...faults: readonly Fault[]): void {
  bigQuery.faults.set(kind, [...faults]);
}

/** Of a pause that has just begun. */
const nextTry = (pauseMs: number) => `The next try is at ${new Date(clock.nowMs() + pauseMs).toISOString()}.`;

const ordersOnly = { tables: ['orders'] };

async function openOrders(shop: MemoryShop): Promise<TableWriter> {
  return openLoader(bigQuery, shop, { clock, ...ordersOnly });
}

function refusalOf(loader: TableWriter): string {
  return loader.progress()[0]?.refusal ?? '';
}

describe('loads into BigQuery', () => {
  it('make dataset and tables, and load every row of every table once', async () => {
    const shop = aBusyShop(10);
    const loader = await openLoader(bigQuery, shop, { clock });
    await loadAll(loader);
    await assertWhole(shop);
    assert.deepEqual(bigQuery.datasets.get('shop'), { location: 'EU' });
    const { resource } = bigQuery.tables.get('orders') ?? assert.fail();
    assert.deepEqual(resource['labels'], { nozama_shop: memoryShopId, nozama_table: 'orders' });
    assert.deepEqual(resource['timePartitioning'], { type: 'DAY', field: 'placed_date' });
    const [total] = resource.schema.fields.filter(({ name }) => name === 'total_cents');
    assert.deepEqual(total, {
      name: 'total_cents',
      type: 'INTEGER',
      mode: 'NULLABLE',
      description: 'Sum of all lines. Unit: cents (USD).',
    });
    assert.ok(!resource.schema.fields.some(({ name }) => name === 'customer_name'), 'no personal data');
    shop.placeOrder();
    await loadAll(loader);
    await loadAll(await openLoader(bigQuery, shop, { clock }));
    await assertWhole(shop);
  });

  it('load each row once when the loader is killed at any step, and starts again', async () => {
    let steps = 0;
    for (const how of ['before', 'after'] as const) {
      for (let step = 0, isReached = true; isReached; step += 1, steps += 1) {
        const shop = aBusyShop(4);
        reset();
        const killed = await openLoader(bigQuery, shop, {
          clock,
          tables: ['orders', 'order_events'],
          wrap: (client) => atEachStep(client, killAt(step, how)),
        });
        isReached = await loadAll(killed).then(
          () => false,
          (error) => error instanceof Killed || assert.fail(error),
        );
        shop.placeOrder();
        shop.addEvent(1_002, { type: 'order_packed', data: {} });
        await loadAll(await openLoader(bigQuery, shop, { clock }));
        await assertWhole(shop);
      }
    }
    assert.ok(steps > 20, `${steps} steps`);
  });

  it('load each row once when another loader does all its work before any step', async () => {
    for (const runs of [0, 2]) {
      for (let step = 0, isReached = true; isReached; step += 1) {
        const shop = aBusyShop(4);
        reset();
        bigQuery.jobRuns = runs;
        isReached = false;
        const first = await openLoader(bigQuery, shop, {
          clock,
          ...ordersOnly,
          wrap: (client) =>
            atEachStep(client, async (at, run) => {
              if (at === step) {
                isReached = true;
                shop.placeOrder();
                await loadAll(await openOrders(shop));
                shop.placeOrder();
              }
              return run();
            }),
        });
        await loadAll(first);
        // The order that was placed last may have come after the round had begun.
        await loadAll(first);
        assert.deepEqual(positionsIn('orders'), await placedIn(shop), `step ${step}`);
      }
    }
  });

  it('load each row once when three loaders work at the same time', async () => {
    const shop = aBusyShop(30);
    await Promise.all(
      [0, 1, 2].map(async () => {
        const loader = await openLoader(bigQuery, shop, { clock });
        for (let round = 0; round < 5; round += 1) {
          shop.placeOrder();
          await loadAll(loader);
        }
      }),
    );
    await loadAll(await openLoader(bigQuery, shop, { clock }));
    await assertWhole(shop);
  });

  function reset(): void {
    bigQuery.tables.clear();
    bigQuery.jobs.clear();
    bigQuery.datasets.clear();
    bigQuery.jobRuns = 0;
  }

  async function placedIn({ log }: MemoryShop): Promise<readonly number[]> {
    return (await log.readPlacedOrders({ after: 0, through: 10_000 })).map(({ position }) => position);
  }
});

describe('a load whose outcome is not told', () => {
  for (const fault of ['lose answer', 'lose request'] as const) {
    it(`is asked for by the id of its job (${fault})`, async () => {
      const shop = aBusyShop(5);
      sendFault('PUT upload', fault);
      assert.equal(await (await openOrders(shop)).writeNews(), 'done');
      assert.deepEqual(positionsIn('orders'), [1, 2, 4, 5, 6]);
      const sent = bigQuery.requests.filter((kind) => kind === 'PUT upload').length;
      assert.equal(sent, fault === 'lose answer' ? 1 : 2);
    });
  }

  it('is given up when it is lost again and again, and succeeds later', async () => {
    const shop = aBusyShop(5);
    const loader = await openOrders(shop);
    sendFault('PUT upload', ...Array.from({ length: sendsMax }, () => 'lose request' as const));
    await loader.writeNews();
    assert.match(
      refusalOf(loader),
      /^BigQuery has not taken a load into my-project\.shop\.orders at 5 tries\.$/,
    );
    await loadAll(loader);
    assert.equal(positionsIn('orders').length, 5);
  });

  it('is waited for while its job runs, also by a loader that starts later', async () => {
    const shop = aBusyShop(5);
    const loader = await openOrders(shop);
    bigQuery.jobRuns = 1_000;
    const began = clock.nowMs();
    await loader.writeNews();
    assert.match(refusalOf(loader), /^A load into my-project\.shop\.orders still runs after 10 minutes\./);
    assert.ok(clock.nowMs() - began >= jobWaitMs);
    shop.placeOrder();
    const next = await openOrders(shop);
    bigQuery.jobRuns = 0;
    for (const job of bigQuery.jobs.values()) job.runs = 3;
    await loadAll(next);
    assert.deepEqual(positionsIn('orders'), [1, 2, 4, 5, 6, 8]);
  });
});

describe('a load that fails', () => {
  it('is made again under another id, after a pause that other loaders keep too', async () => {
    const shop = aBusyShop(5);
    const loader = await openOrders(shop);
    bigQuery.jobErrors.push({ reason: 'backendError', message: 'Try again.' });
    await loader.writeNews();
    const why = `BigQuery could not load into my-project.shop.orders (backendError: Try again.). ${nextTry(loadIntervalMs)}`;
    assert.equal(refusalOf(loader), why);
    const other = await openOrders(shop);
    await other.writeNews();
    assert.equal(refusalOf(other), why);
    assert.equal(bigQuery.jobs.size, 1);
    await clock.sleep(loadIntervalMs);
    await loadAll(other);
    await loadAll(loader);
    assert.deepEqual(Array.from(bigQuery.jobs.keys(), attemptOf), ['0', '1']);
    assert.deepEqual(positionsIn('orders'), [1, 2, 4, 5, 6]);
  });

  it('again and again is tried once an hour in the end', async () => {
    const shop = aBusyShop(5);
    const failures = 9;
    for (let failure = 0; failure < failures; failure += 1) {
      bigQuery.jobErrors.push({ reason: 'invalid', message: 'Broken.' });
      const loader = await openOrders(shop);
      await loader.writeNews();
      const pauseMs = Math.min(loadIntervalMs * 2 ** failure, failurePauseMaxMs);
      assert.ok(refusalOf(loader).endsWith(nextTry(pauseMs)), refusalOf(loader));
      await clock.sleep(pauseMs);
    }
    await loadAll(await openOrders(shop));
    assert.equal(bigQuery.jobs.size, failures + 1);
    assert.deepEqual(positionsIn('orders'), [1, 2, 4, 5, 6]);
  });

  it('is not made again when its rows are in the table after all', async () => {
    const shop = aBusyShop(1);
    const idle = await openOrders(shop);
    await loadAll(idle);
    for (let order = 0; order < 4; order += 1) shop.placeOrder();
    bigQuery.jobErrors.push({ reason: 'backendError', message: 'Try again.', butLoads: true });
    const failing = await openOrders(shop);
    await loadAll(failing);
    await clock.sleep(loadIntervalMs);
    await loadAll(idle);
    await loadAll(failing);
    await loadAll(await openOrders(shop));
    assert.deepEqual(positionsIn('orders'), [1, 2, 3, 4, 5]);
  });

  it('without saying so is seen in the number of its rows', async () => {
    const shop = aBusyShop(5);
    const loader = await openOrders(shop);
    bigQuery.rowsLost = 1;
    await loader.writeNews();
    assert.match(
      refusalOf(loader),
      /^The load after position 0 of my-project\.shop\.orders has 4 rows up to 6, and should have 5\. Remove the table/,
    );
  });

  for (const [reason, pauseMs] of [
    ['rateLimitExceeded', loadIntervalMs],
    ['quotaExceeded', quotaPauseMs],
  ] as const) {
    it(`because of ${reason} waits, longer each time, while other tables go on`, async () => {
      const shop = aBusyShop(5);
      const loader = await openLoader(bigQuery, shop, { clock, tables: ['orders', 'products'] });
      for (const factor of [1, 2]) {
        sendFault('POST upload', { status: 403, reason, message: 'Quota exceeded: loads.' });
        await loader.writeNews();
        const table = 'my-project.shop.orders';
        const why = `A limit of BigQuery's is reached at ${table} (${reason}: Quota exceeded: loads.).`;
        assert.equal(refusalOf(loader), `${why} ${nextTry(pauseMs * factor)}`);
        const sent = bigQuery.requests.length;
        await loader.writeNews();
        assert.equal(bigQuery.requests.slice(sent).filter((kind) => kind === 'POST upload').length, 0);
        assert.deepEqual(positionsIn('products'), [1, 2]);
        await clock.sleep(pauseMs * factor);
      }
      await loadAll(loader);
      assert.equal(positionsIn('orders').length, 5);
    });
  }
});

describe('credentials', () => {
  it('are sent with every request, and a token that is refused is fetched anew', async () => {
    const shop = aBusyShop(3);
    let tokens = 0;
    const access = keptToken(async () => {
      tokens += 1;
      return { text: `token-${tokens}`, endsAtMs: Number.POSITIVE_INFINITY };
    });
    bigQuery.authorization = 'Bearer token-1';
    const wrap = ({ address }: BigQueryClient) => connectBigQuery(address, `http://${bigQuery.host}`, access);
    const loader = await openLoader(bigQuery, shop, { clock, ...ordersOnly, wrap });
    await loadAll(loader);
    assert.equal(positionsIn('orders').length, 3);
    bigQuery.authorization = 'Bearer token-2';
    shop.placeOrder();
    await loadAll(loader);
    assert.equal(positionsIn('orders').length, 4);
    bigQuery.authorization = 'Bearer none';
    shop.placeOrder();
    await loader.writeNews();
    assert.match(refusalOf(loader), /^BigQuery refuses us .* \(401 authError: Invalid Credentials\)\. Give/);
  });
});

describe('the pace of loads', () => {
  it('is one a minute for a table, and a loader that starts again keeps to it', async () => {
    const shop = aBusyShop(1);
    const loads: number[] = [];
    for (let restart = 0; restart < 5; restart += 1) {
      const loader = await openOrders(shop);
      shop.placeOrder();
      await loadAll(loader);
      loads.push(bigQuery.tables.get('orders')?.lastModifiedTime ?? 0);
    }
    const gaps = loads.slice(1).map((at, index) => at - (loads[index] ?? 0));
    assert.ok(
      gaps.every((gap) => gap >= loadIntervalMs),
      `${gaps}`,
    );
  });
});

describe('a table that is not ours', () => {
  const cases: readonly (readonly [string, (resource: Record<string, unknown>) => void, RegExp])[] = [
    ['of somebody else', (table) => delete table['labels'], /a table that Nozama did not make/],
    [
      'of another shop',
      (table) => {
        table['labels'] = { nozama_shop: 'other', nozama_table: 'orders' };
      },
      /belongs to another shop \(other; this one is 3e5b5d0c/,
    ],
    [
      'with another partition',
      (table) => {
        table['timePartitioning'] = { type: 'DAY', field: 'placed_at' };
      },
      /is not partitioned by placed_date/,
    ],
    [
      'with a column of another type',
      (table) => {
        table['schema'] = { fields: [{ name: 'position', type: 'STRING' }] };
      },
      /has the column position as STRING, where INTEGER is expected/,
    ],
    [
      'with a column that needs a value',
      (table) => {
        table['schema'] = { fields: [{ name: 'theirs', type: 'STRING', mode: 'REQUIRED' }] };
      },
      /has the column theirs, which Nozama does not know and which needs a value/,
    ],
  ];
  for (const [name, change, words] of cases) {
    it(`is refused: ${name}`, async () => {
      const shop = aBusyShop(3);
      await loadAll(await openOrders(shop));
      change(bigQuery.tables.get('orders')?.resource ?? {});
      shop.placeOrder();
      const loader = await openOrders(shop);
      await loader.writeNews();
      assert.match(refusalOf(loader), words);
      assert.equal(positionsIn('orders').length, 3);
    });
  }

  it('is refused: loaded by a copy of the shop that went on by itself', async () => {
    const [shop, copy] = twoCopies(3);
    for (const one of [shop, copy]) one.placeOrder();
    await loadAll(await openOrders(copy));
    shop.placeOrder();
    const loader = await openOrders(shop);
    await loader.writeNews();
    assert.match(refusalOf(loader), /has another row at position 4 than this shop/);
    assert.equal(positionsIn('orders').length, 4);
  });

  it('is refused: loaded by a copy of the shop before any step of a loader that knows it', async () => {
    for (let step = 0, isReached = true; isReached; step += 1) {
      bigQuery.tables.clear();
      bigQuery.jobs.clear();
      isReached = false;
      const [shop, copy] = twoCopies(4);
      const ofCopy = await openOrders(copy);
      const loader = await openLoader(bigQuery, shop, {
        clock,
        ...ordersOnly,
        wrap: (client) =>
          atEachStep(client, async (at, run) => {
            if (at === step) {
              isReached = true;
              copy.placeOrder();
              await ofCopy.writeNews();
            }
            return run();
          }),
      });
      const refusals: string[] = [];
      for (let round = 0; round < 4; round += 1) {
        shop.placeOrder();
        await loader.writeNews();
        refusals.push(refusalOf(loader));
        await ofCopy.writeNews();
        refusals.push(refusalOf(ofCopy));
      }
      const rows = (bigQuery.tables.get('orders')?.rows ?? []).map((row) => String(row['order_id']));
      const own = rows.slice(4);
      const ofOne = own.every((id) => id.includes('copy')) || !own.some((id) => id.includes('copy'));
      assert.ok(ofOne, `step ${step}: ${own}`);
      if (!isReached) return;
      assert.match(refusals.join(), /has another row at position \d+ than this shop/, `step ${step}`);
    }
  });

  for (const [name, orders] of [
    ['as far as this shop goes', 1],
    ['beyond the end of this shop', 5],
  ] as const) {
    it(`is refused with one sentence, again and again: loaded by a copy ${name}`, async () => {
      const [shop, copy] = twoCopies(4);
      const loader = await openOrders(shop);
      await loadAll(loader);
      for (let order = 0; order < orders; order += 1) copy.placeOrder();
      await loadAll(await openOrders(copy));
      const position = 4 + orders;
      for (let round = 0; round < 2; round += 1) {
        shop.placeOrder();
        await loader.writeNews();
        assert.equal(
          refusalOf(loader),
          `my-project.shop.orders has another row at position ${position} than this shop: a copy of the shop has loaded it, or somebody else. Name another dataset by BIGQUERY_DATASET.`,
        );
      }
      assert.equal(positionsIn('orders').at(-1), position);
    });
  }

  it('is refused: rows were removed from it', async () => {
    const shop = aBusyShop(5);
    await loadAll(await openOrders(shop));
    const table = bigQuery.tables.get('orders') ?? assert.fail();
    table.rows = [];
    const loader = await openOrders(shop);
    await loader.writeNews();
    assert.match(
      refusalOf(loader),
      /ends at position 0, but rows up to 6 were loaded: somebody has removed them/,
    );
    // As the message says.
    bigQuery.tables.delete('orders');
    await clock.sleep(1);
    await loadAll(loader);
    assert.deepEqual(positionsIn('orders'), [1, 2, 4, 5, 6]);
  });

  it('is loaded from the beginning when it was removed, also by a loader that knew it', async () => {
    const shop = aBusyShop(5);
    const loader = await openOrders(shop);
    await loadAll(loader);
    bigQuery.tables.delete('orders');
    await clock.sleep(1);
    shop.placeOrder();
    await loadAll(loader);
    assert.deepEqual(positionsIn('orders'), [1, 2, 4, 5, 6, 8]);
    bigQuery.tables.clear();
    bigQuery.datasets.clear();
    await clock.sleep(1);
    shop.placeOrder();
    await loader.writeNews();
    assert.match(refusalOf(loader), /404 notFound: Not found: Dataset shop/, 'the next round makes it');
    await loadAll(loader);
    assert.deepEqual(positionsIn('orders'), [1, 2, 4, 5, 6, 8, 9]);
  });

  it('is refused with the roles that are missing', async () => {
    const loader = await openOrders(aBusyShop(1));
    sendFault('GET datasets', {
      status: 403,
      reason: 'accessDenied',
      message: 'Access Denied: Dataset shop.',
    });
    await loader.writeNews();
    assert.match(
      refusalOf(loader),
      /^BigQuery refuses us at my-project\.shop \(403 accessDenied: Access Denied: Dataset shop\.\)\. Give the service account the roles BigQuery Data Editor and BigQuery Job User/,
    );
  });
});

describe('a table that lacks a column', () => {
  it('gains it, and keeps the columns of others', async () => {
    const shop = aBusyShop(3);
    await loadAll(await openOrders(shop));
    const table = bigQuery.tables.get('orders') ?? assert.fail();
    const { resource } = table;
    const fields = resource.schema.fields.filter(({ name }) => name !== 'unit_count');
    resource.schema = { fields: [...fields, { name: 'theirs', type: 'STRING', mode: 'NULLABLE' }] };
    shop.placeOrder();
    await loadAll(await openOrders(shop));
    const names = table.resource.schema.fields.map(({ name }) => name);
    assert.deepEqual(names.slice(-2), ['theirs', 'unit_count']);
    assert.equal(positionsIn('orders').length, 4);
  });
});

/** Two copies of a shop that have these orders in common, and each its own from then on. */
function twoCopies(orders: number): readonly [MemoryShop, MemoryShop] {
  const first = 1_001;
  const copy = aMemoryShop((kind, count) => `${kind}-${count < first + orders ? '' : 'copy-'}${count}`);
  const shop = aMemoryShop();
  for (let order = 0; order < orders; order += 1) for (const one of [shop, copy]) one.placeOrder();
  return [shop, copy];
}

function attemptOf(jobId: string): string | undefined {
  return jobId.split('_').at(-2);
}
