import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customerTextProblem } from '../../src/domain/customer-text.ts';
import { zipCodePattern } from '../../src/domain/zip-code.ts';
import { createKeyWriter, type KeyKind } from './idempotency-keys.ts';
import { createOrderRequests, orderedStates } from './order-requests.ts';
import { freshRandom, seededRandom } from './random.ts';

interface OrderBody {
  readonly customer_name: string;
  readonly street_address: string;
  readonly city: string;
  readonly state: string;
  readonly zip_code: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

function readRequest(bytes: Uint8Array): { head: string; key: string; body: OrderBody } {
  const text = Buffer.from(bytes).toString();
  const split = text.indexOf('\r\n\r\n');
  const head = text.slice(0, split);
  const bodyText = text.slice(split + 4);
  assert.equal(Number(/\r\nContent-Length: (\d+)/.exec(head)?.[1]), Buffer.byteLength(bodyText));
  return {
    head,
    key: /\r\nIdempotency-Key: (\S+)/.exec(head)?.[1] ?? '',
    body: JSON.parse(bodyText) as OrderBody,
  };
}

const skus = ['tent-4p', 'mug', 'honey-jar'];
const base = { host: '127.0.0.1:5000', path: '/api/v1/orders', skus, seed: 7, keyKind: 'uuidv7' } as const;

test('every request is a valid order with a key of its own', () => {
  const requests = createOrderRequests(base);
  const keys = new Set<string>();
  for (let i = 0; i < 5_000; i += 1) {
    const { head, key, body } = readRequest(requests.next());
    assert.match(head, /^POST \/api\/v1\/orders HTTP\/1\.1\r\nHost: 127\.0\.0\.1:5000\r\n/);
    keys.add(key);
    for (const text of [body.customer_name, body.street_address, body.city]) {
      assert.equal(customerTextProblem(text), null);
    }
    assert.match(body.street_address, /^[1-9]\d{3} /);
    assert.match(body.zip_code, zipCodePattern);
    assert.equal(body.lines[0]?.quantity, 1);
  }
  assert.equal(keys.size, 5_000);
});

test('states and products are uniform', () => {
  const requests = createOrderRequests(base);
  const states = new Map<string, number>();
  const products = new Map<string, number>();
  const count = 56 * 400;
  for (let i = 0; i < count; i += 1) {
    const { body } = readRequest(requests.next());
    states.set(body.state, (states.get(body.state) ?? 0) + 1);
    const sku = body.lines[0]?.sku ?? '';
    products.set(sku, (products.get(sku) ?? 0) + 1);
  }
  assert.deepEqual(Array.from(states.keys()).sort(), Array.from(orderedStates).sort());
  // Six standard deviations of a binomial count with mean 400.
  for (const [state, seen] of states) assert.ok(Math.abs(seen - 400) < 120, `${state}: ${seen}`);
  for (const sku of skus) assert.ok(Math.abs((products.get(sku) ?? 0) - count / 3) < 500, sku);
});

test('bodies follow the seed, keys do not', () => {
  const one = createOrderRequests(base);
  const other = createOrderRequests(base);
  for (let i = 0; i < 100; i += 1) {
    const left = readRequest(one.next());
    const right = readRequest(other.next());
    assert.deepEqual(left.body, right.body);
    assert.notEqual(left.key, right.key);
  }
  const firstBodies = [8, 9].map((seed) =>
    JSON.stringify(readRequest(createOrderRequests({ ...base, seed }).next()).body),
  );
  assert.notEqual(firstBodies[0], firstBodies[1]);
});

test('a catalogue of thousands of products still gets every one of them', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => `sku-${i}`);
  const requests = createOrderRequests({ ...base, skus: many });
  const seen = new Set<string>();
  for (let i = 0; i < 2_000; i += 1) seen.add(readRequest(requests.next()).body.lines[0]?.sku ?? '');
  assert.ok(seen.size > 1_500);
});

test('keys are UUIDs of their version, in their place', () => {
  const patterns: Record<KeyKind, RegExp> = {
    uuidv7: /^-[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-$/,
    uuidv4: /^-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-$/,
  };
  for (const kind of ['uuidv7', 'uuidv4'] as const) {
    const write = createKeyWriter(kind, freshRandom(), Date.now);
    const seen = new Set<string>();
    for (let i = 0; i < 20_000; i += 1) {
      const target = Buffer.alloc(38, '-');
      write(target, 1);
      const text = target.toString();
      assert.match(text, patterns[kind]);
      seen.add(text);
    }
    assert.equal(seen.size, 20_000);
  }
});

test('a UUIDv7 begins with the time, also where it crosses 32 bits', () => {
  for (const atMs of [0x0000_0000_ffff, 0x0192_7f3e_7c00, 0x0192_ffff_ffff]) {
    const target = Buffer.alloc(36);
    createKeyWriter('uuidv7', seededRandom(1), () => atMs)(target, 0);
    assert.equal(Number.parseInt(target.toString().replaceAll('-', '').slice(0, 12), 16), atMs);
  }
});
