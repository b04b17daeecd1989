/**
 * A record of orders and their steps, kept outside of the shop: each request with its idempotency key, and the answer that
 * acknowledged it. Clerks place orders and take them through their lives, one request at a time for each order. After a
 * disaster the shop is compared with it: an acknowledged step stands in the order's timeline once, one that was not
 * answered at most once, and each request that is sent again is answered byte for byte as the first time.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, anOrder, get, type Json, jsonOf, postJson } from '../journeys/shop-client.ts';
import { eventName, stepsFor } from './allowed-steps.ts';
import { inTurns } from './outside-ledger.ts';

const requestsAtOnce = 16;
/** Of the requests that were acknowledged, those that are sent again when the shop is compared. */
const sentAgainShare = 0.1;
/** At most so many orders that were compared before are compared again. */
const olderOrdersMax = 30;
/** A clerk begins a new order so often, and else goes on with one that is on its way. */
const placingShare = 0.4;

export interface StepsLedgerOptions {
  readonly skus: readonly string[];
  readonly random: () => number;
  /** With the scopes orders:read and orders:write. */
  readonly apiKey: string;
}

export interface StepsLedger {
  /** Answers other than an acknowledgement, such as 503. */
  readonly otherAnswers: readonly Answer[];
  acknowledgedOrders(): number;
  acknowledgedSteps(): number;
  openCount(): number;
  /** Calls back once so many more steps have been acknowledged; not after {@link StepsLedger.settle}. */
  onAcknowledged(more: number, act: () => void): void;
  /** Sends one request after the other until told to stop or the service has gone. */
  workUntil(url: string, isOver: () => boolean): Promise<void>;
  /** Compares the shop with the record; requests that were left open are sent again and then are there once. */
  settle(url: string): Promise<void>;
  /** Units of each SKU that were sold, less those put back, by acknowledged requests. */
  unitsGone(): ReadonlyMap<string, number>;
}

interface Sent {
  /** Below `/api/v1/orders`. */
  readonly path: string;
  readonly body: Json;
  readonly key: string;
  /** The event that it makes, as the timeline has it. */
  readonly event: string;
  /** Null while the outcome is unknown. */
  acknowledged: { readonly status: number; readonly text: string } | null;
}

/** The first request places it, each further one is a step. The last may be open. */
interface Life {
  readonly requests: Sent[];
}

/** All that is known of the shop. */
interface Notes {
  readonly lives: Life[];
  readonly otherAnswers: Answer[];
  countdown: { left: number; readonly reached: () => void } | null;
}

const isOpen = ({ requests }: Life) => requests.at(-1)?.acknowledged === null;
const requestsOf = ({ lives }: Notes) => lives.flatMap(({ requests }) => requests);
const acknowledgedOf = (notes: Notes) => requestsOf(notes).filter((one) => one.acknowledged !== null);

export function openStepsLedger(options: StepsLedgerOptions): StepsLedger {
  const { random, apiKey } = options;
  const notes: Notes = { lives: [], otherAnswers: [], countdown: null };
  /** Those that no clerk is at, and that may have another step. */
  let idle: Life[] = [];
  let settled = 0;

  function begin(): { readonly life: Life; readonly request: Sent } {
    if (random() >= placingShare && idle.length > 0) {
      const [life] = idle.splice(Math.floor(random() * idle.length), 1);
      const request = life === undefined ? null : nextRequest(life, random);
      if (life !== undefined && request !== null) return { life, request };
    }
    const request = placingRequest(options, notes.lives.length);
    const life: Life = { requests: [] };
    notes.lives.push(life);
    return { life, request };
  }

  return {
    otherAnswers: notes.otherAnswers,
    acknowledgedOrders: () => acknowledgedOf(notes).filter(({ path }) => path === '').length,
    acknowledgedSteps: () => acknowledgedOf(notes).filter(({ path }) => path !== '').length,
    openCount: () => requestsOf(notes).length - acknowledgedOf(notes).length,
    onAcknowledged(more, act) {
      notes.countdown = { left: more, reached: act };
    },

    async workUntil(url, isOver) {
      while (!isOver()) {
        const { life, request } = begin();
        life.requests.push(request);
        try {
          const answer = await send({ url, apiKey }, request);
          if (note(notes, request, answer)) idle.push(life);
          else if (answer.status === 503) await sleep(20);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          return;
        }
      }
    },

    async settle(url) {
      notes.countdown = null;
      const isDue = (life: Life, nth: number) =>
        nth >= settled || isOpen(life) || random() < olderOrdersMax / settled;
      const due = notes.lives.filter(isDue);
      await inTurns(due, requestsAtOnce, (life) => settleLife({ url, apiKey, random, notes }, life));
      idle = notes.lives.filter((life) => !isOpen(life));
      settled = notes.lives.length;
    },

    unitsGone: () => unitsGoneIn(notes.lives),
  };
}

interface Access {
  readonly url: string;
  readonly apiKey: string;
}

const bearer = (apiKey: string) => ({ authorization: `Bearer ${apiKey}` });

function send({ url, apiKey }: Access, { path, body, key }: Sent): Promise<Answer> {
  const headers = { ...bearer(apiKey), 'if-match': '*', 'idempotency-key': key };
  return postJson(`${url}/api/v1/orders${path}`, body, headers);
}

/** @returns whether it was acknowledged */
function note(notes: Notes, sent: Sent, { status, text, headers }: Answer): boolean {
  if (status !== 200 && status !== 201) {
    notes.otherAnswers.push({ status, text, headers });
    return false;
  }
  if (sent.acknowledged !== null) {
    assert.deepEqual({ status, text }, sent.acknowledged, 'sent again, it is answered as the first time');
    assert.equal(headers.get('idempotent-replayed'), 'true');
    return true;
  }
  sent.acknowledged = { status, text };
  const { countdown } = notes;
  if (countdown !== null && sent.path !== '') {
    countdown.left -= 1;
    if (countdown.left === 0) countdown.reached();
  }
  return true;
}

const oneOf = <Item>(items: readonly Item[], random: () => number): Item | undefined =>
  items[Math.floor(random() * items.length)];

function placingRequest({ skus, random }: StepsLedgerOptions, nth: number): Sent {
  const lines = Array.from({ length: random() < 0.3 ? 2 : 1 }, () => ({
    sku: oneOf(skus, random) ?? assert.fail('no SKU'),
    quantity: 1 + Math.floor(random() * 4),
  }));
  const body = anOrder({ customer_name: `Clerk ${nth} ☂`, state: oneOf(['TX', 'CA'], random), lines });
  return { path: '', body, key: randomUUID(), event: 'placed', acknowledged: null };
}

/** Null when the order's last request is open, or nothing is allowed any more. */
function nextRequest(life: Life, random: () => number): Sent | null {
  const last = life.requests.at(-1)?.acknowledged;
  if (last == null) return null;
  const order = JSON.parse(last.text);
  const step = oneOf(stepsFor(order, random), random);
  if (step === undefined) return null;
  const [path, event, body] = step;
  return { path: `/${order.order_id}/${path}`, body, key: randomUUID(), event, acknowledged: null };
}

interface Settling extends Access {
  readonly random: () => number;
  readonly notes: Notes;
}

async function settleLife(settling: Settling, { requests }: Life): Promise<void> {
  const { notes, random } = settling;
  const [placing] = requests;
  if (placing === undefined) return;
  const open = requests.find(({ acknowledged }) => acknowledged === null);
  const before = placing.acknowledged === null ? null : await timelineOf(settling, placing);
  const known = requests.filter((one) => one !== open).map(({ event }) => event);
  if (before !== null) {
    const isThere = open !== undefined && before.length > known.length;
    const expected = isThere ? [...known, open.event] : known;
    assert.deepEqual(before, expected, 'each acknowledged request is there once');
  }
  if (open !== undefined) {
    const answer = await send(settling, open);
    // On a server, a commit that was under way may end after the timeline was read.
    if (note(notes, open, answer) && before !== null && before.length > known.length)
      assert.equal(answer.headers.get('idempotent-replayed'), 'true');
  }
  for (const one of requests) if (random() < sentAgainShare) note(notes, one, await send(settling, one));
  if (open?.acknowledged === null) return;
  assert.deepEqual(
    await timelineOf(settling, placing),
    requests.map(({ event }) => event),
    'each request is in the timeline once',
  );
}

async function timelineOf({ url, apiKey }: Access, { acknowledged }: Sent): Promise<readonly string[]> {
  const { order_id } = JSON.parse(acknowledged?.text ?? assert.fail('not acknowledged'));
  const { events } = jsonOf(await get(`${url}/api/v1/orders/${order_id}/events`, bearer(apiKey)));
  return events.map(({ type, revision, data }: Json, index: number) => {
    assert.equal(revision, index + 1);
    return eventName(type.replace(/^com\.nozama\.order\.(\w+)\.v1$/, '$1'), data);
  });
}

function unitsGoneIn(lives: readonly Life[]): ReadonlyMap<string, number> {
  const gone = new Map<string, number>();
  const count = (lines: readonly Json[], sign: number) => {
    for (const { sku, quantity } of lines) gone.set(sku, (gone.get(sku) ?? 0) + sign * quantity);
  };
  for (const { requests } of lives) {
    for (const { path, body, event, acknowledged } of requests) {
      if (acknowledged === null) continue;
      if (path === '') count(body.lines, 1);
      if (event === 'cancelled') count(requests[0]?.body.lines, -1);
      if (path.endsWith('/returns') && body.restock) count(body.lines, -1);
    }
  }
  return gone;
}
