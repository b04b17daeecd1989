/** Shoppers who send each order to two instances at the same moment, with one key, and write down the answers. */

import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { confirmationPathIn } from '../load/confirmation-path.ts';
import { typicalOrder } from '../load/customers.ts';

export interface Shopping {
  /** Waits for the answers under way. @throws one sentence when an order was placed twice, or none at all */
  end(): Promise<number>;
}

const shoppers = 4;
const pauseMs = 20;
const answerMsMax = 10_000;

interface Answer {
  /** 0 without an answer. */
  readonly status: number;
  readonly text: string;
}

export function shopAtBoth(urls: readonly [string, string], ledgerFile: string): Shopping {
  const ledger = openSync(ledgerFile, 'a');
  let isOver = false;
  let orders = 0;

  async function shop(nth: number): Promise<void> {
    const skus = await listSkus(urls[1]);
    for (let i = 0; !isOver; i += 1) {
      const key = randomUUID();
      const lines = [{ sku: skus[(nth + i) % skus.length], quantity: 1 }];
      const body = JSON.stringify({
        ...typicalOrder,
        customer_name: `Shopper ${nth}`,
        lines,
      });
      const answers = await Promise.all(urls.map((url) => order(url, key, body)));
      writeSync(ledger, ledgerLine(key, answers, body));
      const [one, other] = answers.filter(({ status }) => status === 201).map(({ text }) => text);
      if (one !== undefined && other !== undefined && one !== other) {
        throw new Error(
          `one key was given two orders by two instances: ${orderId(one)} and ${orderId(other)}`,
        );
      }
      if (answers[1]?.status === 201) orders += 1;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  const all = Promise.allSettled(Array.from({ length: shoppers }, (_, nth) => shop(nth)));
  return {
    async end() {
      isOver = true;
      const ended = await all;
      closeSync(ledger);
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
      if (orders === 0) throw new Error('the second instance has taken no order');
      return orders;
    },
  };
}

async function listSkus(url: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/api/v1/products?limit=100`, {
    signal: AbortSignal.timeout(answerMsMax),
  });
  const { products } = (await answer.json()) as { products: { sku: string; num_in_stock: number }[] };
  const inStock = products.filter(({ num_in_stock: units }) => units > 0);
  if (inStock.length === 0) throw new Error('the second instance has nothing to sell');
  return inStock.map(({ sku }) => sku);
}

async function order(url: string, key: string, body: string): Promise<Answer> {
  try {
    const answer = await fetch(`${url}/api/v1/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body,
      signal: AbortSignal.timeout(answerMsMax),
    });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return { status: 0, text: '' };
  }
}

/** In the format of truth.ts. An order that one instance acknowledged is acknowledged. */
function ledgerLine(key: string, answers: readonly Answer[], body: string): string {
  const acknowledged = answers.find(({ status }) => status === 201);
  if (acknowledged !== undefined) {
    const { text } = acknowledged;
    const path = confirmationPathIn(text) ?? '';
    const digest = createHash('sha1').update(text).digest('hex').slice(0, 16);
    return `${[key, 201, path, digest, body].join('\t')}\n`;
  }
  const isOpen = answers.some(({ status }) => status === 0);
  return `${[key, isOpen ? 0 : (answers[0]?.status ?? 0), '', '', body].join('\t')}\n`;
}

function orderId(text: string): string {
  return (JSON.parse(text) as { order_id: string }).order_id;
}
