/** Places orders and keeps a ledger of them, for tests and measurements of the check. */

import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { confirmationPathIn } from '../load/confirmation-path.ts';
import { typicalOrder } from '../load/customers.ts';
import type { LedgerEntry } from './truth.ts';

export interface Shopper {
  /** Places so many orders, some at a time; each answer goes into the ledger. */
  buy(orders: number, given?: OrderFields): Promise<void>;
  /** Sends one order with this key. @param isHeard false: as if the answer never came */
  send(key: string, given?: OrderFields, isHeard?: boolean): Promise<number>;
  /** Adds a line as it is. */
  write(entry: LedgerEntry): void;
  writeText(text: string): void;
}

export type OrderFields = Readonly<Record<string, unknown>>;

const atOnce = 8;

export function createShopper(url: string, folder: string, worker = 0): Shopper {
  const file = join(folder, `ledger-${worker}.tsv`);
  const writeText = (text: string) => appendFileSync(file, text);
  const write = ({ key, status, path, digest, body }: LedgerEntry) =>
    writeText(`${[key, status, path, digest, body].join('\t')}\n`);
  const shopper: Shopper = {
    write,
    writeText,
    async send(key, given = {}, isHeard = true) {
      const body = JSON.stringify({
        ...typicalOrder,
        customer_name: '  Zoë Müller ',
        lines: [{ sku: 'tent-4p', quantity: 1 }],
        ...given,
      });
      const response = await fetch(`${url}/api/v1/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body,
      });
      const text = await response.text();
      if (!isHeard) {
        write({ key, status: 0, path: '', digest: '', body });
      } else if (response.status === 201) {
        const digest = createHash('sha1').update(text).digest('hex').slice(0, 16);
        write({ key, status: 201, path: confirmationPathIn(text) ?? '', digest, body });
      } else {
        write({ key, status: response.status, path: '', digest: '', body });
      }
      return response.status;
    },
    async buy(orders, given = {}) {
      let left = orders;
      const one = async () => {
        for (; left > 0; ) {
          left -= 1;
          await shopper.send(randomUUID(), given);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, one));
    },
  };
  return shopper;
}
