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

const isOpen = ({ requests }: Life) => requests.at(-1)?.acknowledged === null;

export function openStepsLedger({ skus, random, apiKey }: StepsLedgerOptions): StepsLedger {
  const lives: Life[] = [];
  /** Those that no clerk is at, and that may have another step. */
  let idle: Life[] = [];
  let settled = 0;
  const otherAnswers: Answer[] = [];
  let countdown: { left: number; readonly reached: () => void } | null = null;
  const bearer = { authorization: `Bearer ${apiKey}` };
  const oneOf = <Item>(items: readonly Item[]): Item | undefined =>
    items[Math.floor(random() * items.length)];

  const send = (url: string, { path, body, key }: Sent): Promise<Answer> =>
    postJson(`${url}/api/v1/orders${path}`, body, { ...bearer, 'if-match': '*', 'idempotency-key': key });

  /** @returns whether it was acknowledged */
  function note(sent: Sent, { status, text, headers }: Answer): boolean {
    if (status !== 200 && status !== 201) {
      otherAnswers.push({ status, text, headers });
      return false;
    }
    if (sent.acknowledged !== null) {
      assert.deepEqual({ status, text }, sent.acknowledged, 'sent again, it is answered as the first time');
      assert.equal(headers.get('idempotent-replayed'), 'true');
      return true;
    }
    sent.acknowledged = { status, text };
    if (countdown !== null && sent.path !== '') {
      countdown.left -= 1;
      if (countdown.left === 0) countdown.reached();
    }
    return true;
  }

  function nextRequest(life: Life): Sent | null {
    const last = life.requests.at(-1)?.acknowledged;
    if (last == null) return null;
    const order = JSON.parse(last.text);
    const step = oneOf(stepsFor(order, random));
    if (step === undefined) return null;
    const [path, event, body] = step;
    return { path: `/${order.order_id}/${path}`, body, key: randomUUID(), event, acknowledged: null };
  }

  function begin(): { readonly life: Life; readonly request: Sent } {
    if (random() >= placingShare && idle.length > 0) {
      const [life] = idle.splice(Math.floor(random() * idle.length), 1);
      const request = life === undefined ? null : nextRequest(life);
      if (life !== undefined && request !== null) return { life, request };
    }
    const lines = Array.from({ length: random() < 0.3 ? 2 : 1 }, () => ({
      sku: oneOf(skus) ?? assert.fail('no SKU'),
      quantity: 1 + Math.floor(random() * 4),
    }));
    const body = anOrder({ customer_name: `Clerk ${lives.length} ☂`, state: oneOf(['TX', 'CA']), lines });
    const life: Life = { requests: [] };
    lives.push(life);
    return { life, request: { path: '', body, key: randomUUID(), event: 'placed', acknowledged: null } };
  }

  async function settleLife(url: string, { requests }: Life): Promise<void> {
    const [placing] = requests;
    if (placing === undefined) return;
    const open = requests.find(({ acknowledged }) => acknowledged === null);
    const before = placing.acknowledged === null ? null : await timelineOf(url, placing);
    const known = requests.filter((one) => one !== open).map(({ event }) => event);
    if (before !== null) {
      const isThere = open !== undefined && before.length > known.length;
      assert.deepEqual(
        before,
        isThere ? [...known, open.event] : known,
        'what was acknowledged is there once',
      );
    }
    if (open !== undefined) {
      const answer = await send(url, open);
      // On a server, a commit that was under way may end after the timeline was read.
      if (note(open, answer) && before !== null && before.length > known.length)
        assert.equal(answer.headers.get('idempotent-replayed'), 'true');
    }
    for (const one of requests) if (random() < sentAgainShare) note(one, await send(url, one));
    if (open?.acknowledged === null) return;
    assert.deepEqual(
      await timelineOf(url, placing),
      requests.map(({ event }) => event),
      'each request is in the timeline once',
    );
  }

  async function timelineOf(url: string, { acknowledged }: Sent): Promise<readonly string[]> {
    const { order_id } = JSON.parse(acknowledged?.text ?? assert.fail('not acknowledged'));
    const { events } = jsonOf(await get(`${url}/api/v1/orders/${order_id}/events`, bearer));
    return events.map(({ type, revision, data }: Json, index: number) => {
      assert.equal(revision, index + 1);
      return eventName(type.replace(/^com\.nozama\.order\.(\w+)\.v1$/, '$1'), data);
    });
  }

  const requests = () => lives.flatMap((life) => life.requests);
  const acknowledged = () => requests().filter((one) => one.acknowledged !== null);

  return {
    otherAnswers,
    acknowledgedOrders: () => acknowledged().filter(({ path }) => path === '').length,
    acknowledgedSteps: () => acknowledged().filter(({ path }) => path !== '').length,
    openCount: () => requests().length - acknowledged().length,
    onAcknowledged(more, act) {
      countdown = { left: more, reached: act };
    },

    async workUntil(url, isOver) {
      while (!isOver()) {
        const { life, request } = begin();
        life.requests.push(request);
        try {
          const answer = await send(url, request);
          if (note(request, answer)) idle.push(life);
          else if (answer.status === 503) await sleep(20);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          return;
        }
      }
    },

    async settle(url) {
      countdown = null;
      const isDue = (life: Life, nth: number) =>
        nth >= settled || isOpen(life) || random() < olderOrdersMax / settled;
      await inTurns(lives.filter(isDue), requestsAtOnce, (life) => settleLife(url, life));
      idle = lives.filter((life) => !isOpen(life));
      settled = lives.length;
    },

    unitsGone() {
      const gone = new Map<string, number>();
      const count = (lines: readonly Json[], sign: number) => {
        for (const { sku, quantity } of lines) gone.set(sku, (gone.get(sku) ?? 0) + sign * quantity);
      };
      for (const life of lives) {
        for (const { path, body, event, acknowledged: done } of life.requests) {
          if (done === null) continue;
          if (path === '') count(body.lines, 1);
          if (event === 'cancelled') count(life.requests[0]?.body.lines, -1);
          if (path.endsWith('/returns') && body.restock) count(body.lines, -1);
        }
      }
      return gone;
    },
  };
}

/** Path, name in the timeline and body of each step that the order allows. */
function stepsFor(order: Json, random: () => number): readonly (readonly [string, string, Json])[] {
  if (order.status === 'cancelled' || order.status === 'returned') return [];
  const shipments: readonly Json[] = order.shipments ?? [];
  const shipped = unitsIn(shipments);
  const returned = unitsIn(order.returns ?? []);
  const left = (line: Json) => line.quantity - (shipped.get(line.sku) ?? 0);
  const back = (line: Json) => (shipped.get(line.sku) ?? 0) - (returned.get(line.sku) ?? 0);
  const some = (unitsOf: (line: Json) => number) => {
    const lines = order.lines.filter((line: Json) => unitsOf(line) > 0);
    const { sku } = lines[Math.floor(random() * lines.length)];
    const most = unitsOf(lines.find((line: Json) => line.sku === sku));
    return [{ sku, quantity: 1 + Math.floor(random() * most) }];
  };
  const steps: (readonly [string, string, Json])[] = [];
  if (order.status === 'placed') steps.push(['pack', 'packed', {}], ['pack', 'packed', {}]);
  if (order.status === 'placed' || order.status === 'packed') steps.push(['cancel', 'cancelled', {}]);
  if (
    order.status === 'packed' ||
    (order.status === 'shipped' && order.lines.some((line: Json) => left(line) > 0))
  ) {
    const body = { carrier: 'Fleet', lines: some(left) };
    steps.push(
      ['shipments', eventName('shipped', body), body],
      ['shipments', eventName('shipped', body), body],
    );
  }
  for (const { number, delivered_at } of shipments)
    if (delivered_at === null) steps.push([`shipments/${number}/deliver`, `delivered ${number}`, {}]);
  if (shipments.length > 0 && order.lines.some((line: Json) => back(line) > 0)) {
    const body = { lines: some(back), restock: random() < 0.5 };
    steps.push(['returns', eventName('returned', body), body]);
  }
  return steps;
}

function unitsIn(parts: readonly Json[]): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  for (const { lines } of parts)
    for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return units;
}

/** With its units, so that one event is not taken for another of its type. */
function eventName(type: string, data: Json): string {
  const lines = (data?.lines ?? []).map(({ sku, quantity }: Json) => `${quantity} ${sku}`).join(', ');
  if (type === 'shipped') return `shipped ${lines}`;
  if (type === 'returned') return `returned ${lines}${data.restock ? ', restocked' : ''}`;
  return type === 'delivered' ? `delivered ${data.shipment}` : type;
}
