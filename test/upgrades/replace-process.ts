/** A shop on SQLite whose only process is replaced again and again, while shoppers come on connections of their own. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFixedPort } from '../../lab/service/fixed-port.ts';
import { anOrder, postOrder } from '../journeys/shop-client.ts';
import { type RunningService, type RuntimeName, runCli, startService } from '../service.ts';

/**
 * - `restart`: SIGTERM, and the next process once the first has ended
 * - `take over`: the next process listens on the shared port, and is ready, before the first is told to stop
 */
export type Way = 'restart' | 'take over';

export interface Replaced {
  readonly requests: number;
  /** Refused, reset, or answered with other than 200 or 201. */
  readonly failures: readonly string[];
  /** Between two answers, in milliseconds. */
  readonly longestGapMs: number;
  readonly orders: number;
}

export interface ReplaceOptions {
  readonly way: Way;
  readonly rounds: number;
  readonly runtime: RuntimeName;
}

/** A request is due so often; every fourth is an order. */
const everyMs = 4;
const betweenRoundsMs = 300;
const timeoutMs = 20_000;

/** @throws AssertionError when an order was lost or doubled, or the shop does not add up */
export async function replaceUnderLoad({ way, rounds, runtime }: ReplaceOptions): Promise<Replaced> {
  const dir = mkdtempSync(join(tmpdir(), 'nozama-replace-'));
  const env = {
    PORT: String(await findFixedPort()),
    PORT_SHARED: String(way === 'take over'),
    DEMO_STOCK: '1000000',
    LOG_FILE: '',
  };
  const start = () => startService({ dir, env, runtime, startMs: 20_000 });
  let service: RunningService = await start();
  try {
    const { url } = service;
    const shoppers = openShoppers(url);
    for (let round = 0; round < rounds; round += 1) {
      await sleep(betweenRoundsMs);
      const next = way === 'take over' ? await start() : null;
      assert.equal((await service.stop()).code, 0);
      service = next ?? (await start());
    }
    await sleep(betweenRoundsMs);
    const { orders, ...seen } = await shoppers.close();
    // An order without an answer is sent again with its key: it is placed once. Answered orders stay as they were.
    const numbers = new Set<number>();
    for (const { key, answer } of orders) {
      const again = await postOrder(url, anOrder(), key);
      assert.equal(again.status, 201);
      if (answer !== null) assert.equal(again.text, answer);
      numbers.add(JSON.parse(again.text).number);
    }
    assert.equal(numbers.size, orders.length);
    const verified = await runCli(['verify'], { dir, env, runtime });
    assert.equal(verified.code, 0, verified.output);
    assert.match(verified.output, new RegExp(`order log: every order .*\\(${orders.length} examined\\)`));
    return { ...seen, orders: orders.length };
  } finally {
    service.kill('SIGKILL');
    await service.exited;
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Sent {
  readonly key: string;
  /** Of a 201. */
  answer: string | null;
}

function openShoppers(url: string) {
  const failures: string[] = [];
  const orders: Sent[] = [];
  const underWay = new Set<Promise<void>>();
  let requests = 0;
  let lastAnswerMs = performance.now();
  let longestGapMs = 0;

  async function visit(isOrder: boolean): Promise<void> {
    const order: Sent | null = isOrder ? { key: randomUUID(), answer: null } : null;
    if (order !== null) orders.push(order);
    try {
      const { status, text } = await sendAlone(url, order?.key ?? null);
      const now = performance.now();
      longestGapMs = Math.max(longestGapMs, now - lastAnswerMs);
      lastAnswerMs = now;
      if (order !== null && status === 201) order.answer = text;
      if (status !== (order === null ? 200 : 201)) failures.push(`answered ${status}`);
    } catch (error) {
      failures.push((error as Error & { readonly code?: string }).code ?? String(error));
    }
  }

  const timer = setInterval(() => {
    const visiting = visit(requests % 4 === 0);
    requests += 1;
    underWay.add(visiting);
    visiting.finally(() => underWay.delete(visiting));
  }, everyMs);
  return {
    async close() {
      clearInterval(timer);
      await Promise.all(underWay);
      return { requests, failures, longestGapMs, orders };
    },
  };
}

/** On a connection of its own. @param key of an order; null: a look at the products */
function sendAlone(
  url: string,
  key: string | null,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      ...(key === null ? {} : { 'idempotency-key': key }),
    };
    const path = key === null ? '/api/v1/states/TX/top-products' : '/api/v1/orders';
    const outgoing = request(
      new URL(path, url),
      { agent: false, method: key === null ? 'GET' : 'POST', headers, timeout: timeoutMs },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk) => {
          text += chunk;
        });
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }));
        incoming.on('error', reject);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('timed out')));
    outgoing.on('error', reject);
    outgoing.end(key === null ? undefined : JSON.stringify(anOrder()));
  });
}
