/** A shop whose logs are loaded into BigQuery, and the calls of its loader, which a test interrupts. */
import assert from 'node:assert/strict';
import {
  type BigQueryCall,
  type BigQueryClient,
  openBigQuery,
} from '../../src/events/bigquery/bigquery-client.ts';
import { openBigQuerySinks } from '../../src/events/bigquery/bigquery-sinks.ts';
import type { TableSink } from '../../src/events/table-sink.ts';
import { createTableWriter, type TableWriter } from '../../src/events/table-writer.ts';
import { Killed } from '../lake/broken-objects.ts';
import { aMemoryShop, type MemoryShop } from '../lake/memory-shop.ts';
import { address, type ScriptedBigQuery } from './scripted-bigquery.ts';

/** Goes on when somebody sleeps, and with nothing else. */
export interface TestClock {
  /** What the machine of the loader takes for the time. */
  readonly nowMs: () => number;
  readonly trueMs: () => number;
  readonly monotonicMs: () => number;
  /** Of the machine's clock before the true time; below 0 when it is behind. */
  aheadMs: number;
  readonly sleep: (ms: number) => Promise<void>;
}

export function aClock(): TestClock {
  const beganAtMs = Date.UTC(2026, 11, 1);
  let now = beganAtMs;
  return {
    nowMs() {
      return now + this.aheadMs;
    },
    trueMs: () => now,
    monotonicMs: () => now - beganAtMs,
    aheadMs: 0,
    async sleep(ms) {
      now += ms;
    },
  };
}

export interface LoaderOptions {
  readonly clock: TestClock;
  readonly wrap?: (client: BigQueryClient) => BigQueryClient;
  readonly datasetId?: string;
}

let ids = 0;

export function aClient(
  { host }: Pick<ScriptedBigQuery, 'host'>,
  datasetId: string = address.datasetId,
): BigQueryClient {
  return openBigQuery({ ...address, datasetId }, { BIGQUERY_EMULATOR_HOST: host });
}

export async function openSinks(
  bigQuery: Pick<ScriptedBigQuery, 'host'>,
  { log }: MemoryShop,
  { clock, wrap = (client) => client, datasetId }: LoaderOptions,
): Promise<readonly TableSink[]> {
  return openBigQuerySinks({
    client: wrap(aClient(bigQuery, datasetId)),
    location: 'EU',
    shop: log,
    nowMs: () => clock.nowMs(),
    monotonicMs: clock.monotonicMs,
    sleep: (ms) => clock.sleep(ms),
    newId: () => {
      ids += 1;
      return `load-${ids}`;
    },
  });
}

export async function openLoader(
  bigQuery: Pick<ScriptedBigQuery, 'host'>,
  shop: MemoryShop,
  options: LoaderOptions & { readonly tables?: readonly string[] },
): Promise<TableWriter> {
  const all = await openSinks(bigQuery, shop, options);
  const { tables } = options;
  const sinks = tables === undefined ? all : all.filter(({ source }) => tables.includes(source.table.name));
  const nowMs = () => options.clock.nowMs();
  return createTableWriter({ shop: shop.log, sinks, nowMs, onWritten: () => undefined });
}

/** Loads until nothing is left to do. */
export async function loadAll(loader: TableWriter): Promise<void> {
  for (let rounds = 0; rounds < 200; rounds += 1) {
    const outcome = await loader.writeNews();
    assert.deepEqual(
      loader.progress().flatMap(({ refusal }) => refusal ?? []),
      [],
    );
    if (outcome === 'done') return;
  }
  assert.fail('the loader does not come to an end');
}

/** Orders, steps, products and movements. */
export function aBusyShop(orders: number): MemoryShop {
  const shop = aMemoryShop();
  for (const sku of ['tent-4p', 'mug']) shop.changeProduct({ sku });
  shop.move({ sku: 'mug', units: 1_000 }, 5);
  for (let count = 0; count < orders; count += 1) {
    const number = shop.placeOrder();
    if (number % 3 === 0) shop.addEvent(number, { type: 'order_packed', data: {} });
  }
  return shop;
}

type Interruption = (step: number, run: () => Promise<unknown>) => Promise<unknown>;

/** Each call of the client is a step; 0 is the first. */
export function atEachStep(client: BigQueryClient, interrupt: Interruption): BigQueryClient {
  let steps = 0;
  const at = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    const step = steps;
    steps += 1;
    return (await interrupt(step, run)) as Result;
  };
  return {
    address: client.address,
    call: (asked: BigQueryCall) => at(() => client.call(asked)),
    upload: (job, file) => at(() => client.upload(job, file)),
  };
}

/** The process ends before the step, or after it: nobody hears the answer. */
export function killAt(wanted: number, how: 'before' | 'after'): Interruption {
  return async (step, run) => {
    if (step === wanted && how === 'before') throw new Killed();
    const result = await run();
    if (step === wanted) throw new Killed();
    return result;
  };
}
