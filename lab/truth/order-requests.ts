/**
 * Reads orders and sends them again, with patience: a request that gets no answer is repeated until one comes
 * or the patience is over. Reads go over one raw connection each, as there are many of them.
 */
import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection } from '../load/connection.ts';
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
  const { hostname, port, host } = new URL(url);
  /** Who waits for the connection to open, or for its answer. */
  let wake: ((answer: OrderAnswer | null) => void) | null = null;
  const settle = (answer: OrderAnswer | null) => {
    const waiting = wake;
    wake = null;
    waiting?.(answer);
  };
  const connection = openConnection(hostname.replace(/^\[|\]$/g, ''), Number(port || 80), {
    opened: () => settle(null),
    answered: ({ parser }) => settle(answerOf(parser.status(), parser.body())),
    lost: () => settle(null),
    refused: () => settle(null),
  });
  const watch = setInterval(() => {
    if (connection.busy && performance.now() - connection.sentAtMs > requestMsMax)
      connection.abort('timeout');
    else if (patience.overBecause() !== null) settle(null);
  }, watchMs);
  const next = () =>
    new Promise<OrderAnswer | null>((resolve) => {
      wake = resolve;
    });

  return {
    async read(path) {
      const text = `GET /api/v1${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: application/json\r\n\r\n`;
      const request = { kind: 0, expectedStatus: 200, keepBody: true, bytes: Buffer.from(text, 'latin1') };
      for (let tries = 1; ; tries += 1) {
        while (!connection.isOpen() && patience.overBecause() === null) {
          patience.failed();
          await next();
        }
        if (patience.overBecause() !== null) return null;
        const nowMs = performance.now();
        connection.send(request, nowMs, nowMs);
        const answer = await next();
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
      connection.close();
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
      if (!isTemporary(response.status) || tries >= triesMax) {
        if (!isTemporary(response.status)) patience.answered();
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
