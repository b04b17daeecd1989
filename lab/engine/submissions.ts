import { hash } from 'node:crypto';
import { fingerprintText, type OrderRequest, type Submission } from '../../src/domain/submission.ts';
import { usStates } from '../../src/domain/us-state.ts';
import { createOrderIds } from '../../src/intake/order-ids.ts';
import { createKeyWriter, keyLength } from '../load/idempotency-keys.ts';
import { below, freshRandom, seededRandom } from '../load/random.ts';

export interface SubmissionsOptions {
  readonly skus: readonly string[];
  readonly seed: number;
  /** When the next order is placed. */
  readonly nowMs: () => number;
}

const names = ['James Smith', 'Mary O’Connor', 'José García', 'Linda Nguyen', 'Wei Kim', 'Zoë Müller'];
const streets = ['Main St', 'Oak Avenue', 'Martin Luther King Jr Blvd', 'Elm St Apt 4B', 'County Road 12'];
const cities = ['Springfield', 'Austin', 'San José', 'Salt Lake City', 'Fairview'];

/** Submissions like those the intake makes of the generator's requests: same fields, key and fingerprint. */
export function createSubmissions({ skus, seed, nowMs }: SubmissionsOptions): () => Submission {
  const random = seededRandom(seed);
  const newOrderId = createOrderIds(nowMs);
  const writeKey = createKeyWriter('uuidv7', freshRandom(), nowMs);
  const keyBytes = Buffer.alloc(keyLength);
  const pick = <T>(choices: readonly T[]): T => {
    const choice = choices[below(random, choices.length)];
    if (choice === undefined) throw new RangeError('there is nothing to choose from');
    return choice;
  };
  return () => {
    const request: OrderRequest = {
      customerName: pick(names),
      streetAddress: `${1_000 + below(random, 9_000)} ${pick(streets)}`,
      city: pick(cities),
      state: pick(usStates),
      zipCode: String(below(random, 100_000)).padStart(5, '0'),
      email: null,
      lines: [{ sku: pick(skus), quantity: 1 }],
    };
    writeKey(keyBytes, 0);
    return {
      ...request,
      orderId: newOrderId(),
      placedAtMs: nowMs(),
      idempotency: {
        scope: 'bench',
        key: keyBytes.toString('latin1'),
        fingerprint: hash('sha256', fingerprintText(request), 'base64url'),
      },
    };
  };
}
