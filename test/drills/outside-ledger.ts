/**
 * A record of the shop, kept outside of it: every order that was acknowledged, as it was acknowledged, and
 * every request that was sent and never answered. After a disaster the shop is compared with it.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, anOrder, get, type Json, postOrder } from '../journeys/shop-client.ts';

const requestsAtOnce = 16;
/** Of the orders read by their address, those that are also asked for again by their key. */
const sentAgainShare = 0.1;

export interface LedgerOptions {
  /** Orders go to these, many at a time, so that they are counted and run out. */
  readonly skus: readonly string[];
  readonly random: () => number;
}

interface Entry {
  readonly key: string;
  readonly order: Json;
  /** The body of the 201; null while the outcome is unknown. */
  acknowledged: string | null;
  /** A refusal is an answer too: then there must be no such order. */
  refused: boolean;
}

export interface OutsideLedger {
  /** Answers other than 201 and 409, such as 503. */
  readonly otherAnswers: readonly Answer[];
  acknowledgedCount(): number;
  /** The answers to those so far. */
  acknowledged(): readonly Json[];
  /**
   * Calls back once so many more orders have been acknowledged, before anybody asks for the next one; not
   * after {@link OutsideLedger.settle}.
   */
  onAcknowledged(more: number, act: () => void): void;
  openCount(): number;
  /** Sends orders one after the other until told to stop or the service has gone. */
  buyUntil(url: string, isOver: () => boolean): Promise<void>;
  /**
   * Everything acknowledged is there with the same content, nothing is there twice; what was left open is
   * sent again and then is there once. @param sample at most so many of the older orders are read
   */
  settle(url: string, sample?: number): Promise<void>;
  /** Units of each SKU in acknowledged orders. */
  unitsSold(): ReadonlyMap<string, number>;
}

export function openLedger({ skus, random }: LedgerOptions): OutsideLedger {
  const entries: Entry[] = [];
  /** Settled before; only a sample of these is looked at again. */
  let settled = 0;
  const notes: Notes = { otherAnswers: [], orderIds: new Set(), countdown: null };

  return {
    otherAnswers: notes.otherAnswers,
    acknowledgedCount: () => entries.filter(({ acknowledged }) => acknowledged !== null).length,
    acknowledged: () =>
      entries.flatMap(({ acknowledged }) => (acknowledged === null ? [] : JSON.parse(acknowledged))),
    onAcknowledged(more, act) {
      notes.countdown = { left: more, reached: act };
    },
    openCount: () => entries.filter(({ acknowledged, refused }) => acknowledged === null && !refused).length,

    async buyUntil(url, isOver) {
      while (!isOver()) {
        const order = randomOrder(skus, random, entries.length);
        const entry: Entry = { key: randomUUID(), order, acknowledged: null, refused: false };
        entries.push(entry);
        try {
          const answer = await postOrder(url, entry.order, entry.key);
          note(notes, entry, answer);
          if (answer.status === 503) await sleep(20);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          return;
        }
      }
    },

    async settle(url, sample = 50) {
      notes.countdown = null;
      const sendAgain = async (entry: Entry) =>
        note(notes, entry, await postOrder(url, entry.order, entry.key));
      const older = entries.slice(0, settled).filter(() => random() < sample / Math.max(1, settled));
      const due = [...older, ...entries.slice(settled)].filter(({ refused }) => !refused);
      await inTurns(due, requestsAtOnce, async (entry) => {
        if (entry.acknowledged === null) await sendAgain(entry);
        else await assertUnchanged(url, entry.acknowledged);
      });
      const twice = due.filter(() => random() < sentAgainShare);
      await inTurns(twice, requestsAtOnce, sendAgain);
      settled = entries.length;
    },

    unitsSold() {
      const sold = new Map<string, number>();
      for (const { acknowledged } of entries) {
        if (acknowledged === null) continue;
        for (const { sku, quantity } of JSON.parse(acknowledged).lines)
          sold.set(sku, (sold.get(sku) ?? 0) + quantity);
      }
      return sold;
    },
  };
}

function randomOrder(skus: readonly string[], random: () => number, number: number): Json {
  const pick = () => skus[Math.floor(random() * skus.length)] ?? assert.fail('no SKU');
  const lines = Array.from({ length: random() < 0.3 ? 2 : 1 }, () => ({
    sku: pick(),
    quantity: 1 + Math.floor(random() * 3),
  }));
  return anOrder({ customer_name: `Buyer ${number} ☂`, state: random() < 0.5 ? 'TX' : 'CA', lines });
}

/** Facts that the answers to all orders share. */
interface Notes {
  readonly otherAnswers: Answer[];
  readonly orderIds: Set<string>;
  countdown: { left: number; reached: () => void } | null;
}

function note(notes: Notes, entry: Entry, answer: Answer): void {
  if (answer.status === 201) {
    noteAcknowledged(notes, entry, answer.text);
  } else if (answer.status === 409) {
    assert.equal(entry.acknowledged, null);
    // Its key stays free, and it is not sent again.
    entry.refused = true;
  } else {
    notes.otherAnswers.push(answer);
  }
}

function noteAcknowledged({ orderIds, countdown }: Notes, entry: Entry, text: string): void {
  assert.ok(!entry.refused, 'an order that was refused has been placed');
  if (entry.acknowledged === null) {
    const { order_id } = JSON.parse(text);
    assert.ok(!orderIds.has(order_id), 'two requests got one order');
    orderIds.add(order_id);
  } else {
    assert.equal(text, entry.acknowledged);
  }
  entry.acknowledged = text;
  if (countdown !== null) {
    countdown.left -= 1;
    if (countdown.left === 0) countdown.reached();
  }
}

async function assertUnchanged(url: string, acknowledged: string): Promise<void> {
  const { order_id, confirmation_url } = JSON.parse(acknowledged);
  const key = new URL(confirmation_url, url).search;
  const read = await get(`${url}/api/v1/orders/${order_id}${key}`);
  assert.equal(read.text, acknowledged, 'an acknowledged order has changed or gone');
}

export async function inTurns<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** The same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
