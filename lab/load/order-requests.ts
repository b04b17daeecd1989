/**
 * Requests that place orders, as ready bytes.
 *
 * Trades memory for work: for each product a number of whole requests are built beforehand, and sending
 * one means writing into fixed places of it (key, state, ZIP code, house number) and handing the same
 * bytes to the socket, which copies them. Body contents follow the seed; keys never repeat.
 */
import { usStates } from '../../src/domain/us-state.ts';
import { cities, familyNames, givenNames, streets } from './customers.ts';
import { createKeyWriter, type KeyKind, keyLength } from './idempotency-keys.ts';
import { below, freshRandom, type Random, seededRandom } from './random.ts';

export interface OrderRequestsOptions {
  /** Value of the Host header. */
  readonly host: string;
  readonly path: string;
  /** Every product is asked for equally often. */
  readonly skus: readonly string[];
  readonly seed: number;
  readonly keyKind: KeyKind;
}

export interface OrderRequests {
  /** The next request; its bytes are valid until the next call. */
  next(): Uint8Array;
}

/** All templates together take about half a kilobyte each. */
const templatesMax = 8_192;
const templatesPerSkuMax = 256;

/** Every version of the service takes orders from these, so that the figures of all versions are of the same work. */
const takenLater: readonly string[] = ['MP', 'FM', 'MH', 'PW', 'AA', 'AE', 'AP'];
export const orderedStates = usStates.filter((state) => !takenLater.includes(state));

/** Placeholders as long as their replacements, found once in the built bytes. */
const keySlot = '#'.repeat(keyLength);
const stateSlot = '@@';
const zipSlot = '%%%%%';
const houseSlot = '&&&&';

interface Template {
  readonly bytes: Buffer;
  readonly keyAt: number;
  readonly stateAt: number;
  readonly zipAt: number;
  readonly houseAt: number;
}

export function createOrderRequests(options: OrderRequestsOptions): OrderRequests {
  const { skus, seed, keyKind } = options;
  if (skus.length === 0) throw new RangeError('there is no product to order');
  const random = seededRandom(seed);
  const writeKey = createKeyWriter(keyKind, freshRandom(), Date.now);
  const stateCodes = orderedStates.map((state) => Buffer.from(state, 'latin1'));
  const perSku = Math.max(1, Math.min(templatesPerSkuMax, Math.floor(templatesMax / skus.length)));
  const templates = skus.flatMap((sku) =>
    Array.from({ length: perSku }, () => buildTemplate(options, sku, random)),
  );

  return {
    next() {
      const template = templates[below(random, templates.length)];
      const state = stateCodes[below(random, stateCodes.length)];
      if (template === undefined || state === undefined) throw new RangeError('random number out of range');
      const { bytes, keyAt, stateAt, zipAt, houseAt } = template;
      writeKey(bytes, keyAt);
      bytes[stateAt] = state[0] ?? 0;
      bytes[stateAt + 1] = state[1] ?? 0;
      const noise = random();
      writeDecimal(bytes, zipAt, 5, (noise >>> 3) % 100_000);
      // A house number does not start with a zero.
      writeDecimal(bytes, houseAt, 4, 1_000 + (noise % 9_000));
      return bytes;
    },
  };
}

function buildTemplate({ host, path }: OrderRequestsOptions, sku: string, random: Random): Template {
  const body = JSON.stringify({
    customer_name: `${pick(random, givenNames)} ${pick(random, familyNames)}`,
    street_address: `${houseSlot} ${pick(random, streets)}`,
    city: pick(random, cities),
    state: stateSlot,
    zip_code: zipSlot,
    lines: [{ sku, quantity: 1 }],
  });
  const bytes = Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nAccept: application/json\r\n` +
      `Idempotency-Key: ${keySlot}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  return {
    bytes,
    keyAt: bytes.indexOf(keySlot),
    stateAt: bytes.indexOf(stateSlot),
    zipAt: bytes.indexOf(zipSlot),
    houseAt: bytes.indexOf(houseSlot),
  };
}

function pick(random: Random, choices: readonly string[]): string {
  return choices[below(random, choices.length)] ?? '';
}

function writeDecimal(target: Uint8Array, at: number, width: number, value: number): void {
  let rest = value;
  for (let i = at + width - 1; i >= at; i -= 1) {
    target[i] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
