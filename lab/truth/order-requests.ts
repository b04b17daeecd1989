/**
 * Reads orders and sends them again, with patience: a request that gets no answer is repeated until one comes
 * or the patience is over. Reads go over one raw connection each, as there are many of them.
 */
import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { targetOf } from '../load/client-socket.ts';
import { createConnection } from '../load/connection.ts';
import { isTemporary, type Patience, requestMsMax, retryMs, triesMax } from './patience.ts';

export interface OrderAnswer {
  readonly status: number;
  readonly text: string;
  /** As in a ledger. */
  readonly digest: string;
}

export interface OrderReader {
  /** One at a time; null when the patience was over first. @param path such as `/orders/…?key=…` */
  read(path: string): Promise<OrderAnswer | null>;
  close(): void;
}

const watchMs = 100;

export function openOrderReader(url: string, patience: Patience): OrderReader {
  const { host } = new URL(url);
  /** Called when the connection has opened or closed, or has its answer. */
  let wake: ((answer: OrderAnswer | null) => void) | null = null;
  let sentAtMs: number | null = null;
  const settle = (answer: OrderAnswer | null) => {
    const waiting = wake;
    wake = null;
    sentAtMs = null;
    waiting?.(answer);
  };
  const connection = createConnection(targetOf(url), {
    opened: () => settle(null),
    answered: () => settle(answerOf(connection.parser.status(), connection.parser.body())),
    closed: () => settle(null),
  });
  const watch = setInterval(() => {
    if (sentAtMs !== null && performance.now() - sentAtMs > requestMsMax) connection.close('timeout');
    else if (patience.overBecause() !== null) settle(null);
  }, watchMs);
  /** Resolves when the connection has opened, closed, or been answered on. */
  const after = (act: () => void) =>
    new Promise<OrderAnswer | null>((resolve) => {
      wake = resolve;
      act();
    });

  async function openPatiently(): Promise<void> {
    while (!connection.isOpen() && patience.overBecause() === null) {
      await after(() => connection.open());
      if (connection.isOpen()) return;
      patience.failed();
      await sleep(retryMs);
    }
  }

  return {
    async read(path) {
      const text = `GET /api/v1${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: application/json\r\n\r\n`;
      const bytes = Buffer.from(text, 'latin1');
      for (let tries = 1; ; tries += 1) {
        if (!connection.isOpen()) await openPatiently();
        if (patience.overBecause() !== null) return null;
        const answer = await after(() => {
          sentAtMs = performance.now();
          connection.send(bytes, true);
        });
        if (answer !== null && !isTemporary(answer.status)) {
          patience.answered();
          return answer;
        }
        if (answer !== null && tries >= triesMax) return answer;
        patience.failed();
        await sleep(retryMs);
      }
    },
    close() {
      clearInterval(watch);
      connection.close('done');
    },
  };
}

export interface RepeatedAnswer extends OrderAnswer {
  /** It had been placed before, by its key. */
  readonly isReplay: boolean;
}

/** Sends an order again with its key; null when the patience was over before there was an answer. */
export async function sendAgain(
  url: string,
  { key, body }: { readonly key: string; readonly body: string },
  patience: Patience,
): Promise<RepeatedAnswer | null> {
  for (let tries = 1; patience.overBecause() === null; tries += 1) {
    try {
      const response = await fetch(`${url}/api/v1/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', 'idempotency-key': key },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(requestMsMax),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      const again = { status: response.status, text: bytes.toString() };
      const isLater = isTemporary(again.status, again.text);
      if (!isLater || tries >= triesMax) {
        if (!isLater) patience.answered();
        const isReplay = response.headers.get('idempotent-replayed') === 'true';
        return { ...answerOf(response.status, bytes), isReplay };
      }
    } catch {
      // No answer: it may have been placed, and the next try will tell.
    }
    patience.failed();
    await sleep(retryMs);
  }
  return null;
}

function answerOf(status: number, body: Buffer): OrderAnswer {
  return { status, text: body.toString(), digest: hash('sha1', body, 'hex').slice(0, 16) };
}
