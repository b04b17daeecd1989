/**
 * Test data that reads like sentences: a test names the fields it is about and leaves the rest to the builder.
 * Ids and times come from counters, so a run gives the same data each time.
 */
import { createHash } from 'node:crypto';
import { secretHashOf } from '../src/access/api-key.ts';
import { type OrderStep, stepFingerprintText } from '../src/domain/order-step.ts';
import type { CatalogProduct, Product } from '../src/domain/product.ts';
import type { ProductImage } from '../src/domain/product-image.ts';
import type { StockMovement } from '../src/domain/stock-movement.ts';
import {
  fingerprintText,
  type Idempotency,
  mergeLines,
  type OrderRequest,
  type Submission,
} from '../src/domain/submission.ts';
import type { NewApiKey } from '../src/storage/access-store.ts';
import type { AuditDraft } from '../src/storage/audit-log.ts';
import type { OrderStore } from '../src/storage/order-store.ts';

/** 2026-01-05T12:00:00Z, where the clock of the builders starts. */
export const testEpochMs = Date.UTC(2026, 0, 5, 12);

let submissionsBuilt = 0;

/** A UUIDv7 (RFC 9562 §5.7) that holds `atMs` and, where its random bits would be, `serial`. */
export function orderIdOf(serial: number, atMs: number = testEpochMs + serial): string {
  const time = atMs.toString(16).padStart(12, '0');
  const tail = serial.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`;
}

/** One unit of `tent-4p` to Austin, unless told otherwise; each with its own id, a second after the last. */
export function aSubmission(given: Partial<Submission> = {}): Submission {
  submissionsBuilt += 1;
  const placedAtMs = given.placedAtMs ?? testEpochMs + submissionsBuilt * 1000;
  return {
    orderId: orderIdOf(submissionsBuilt, placedAtMs),
    placedAtMs,
    customerName: 'Ada Lovelace',
    streetAddress: '12 Analytical Way',
    city: 'Austin',
    state: 'TX',
    zipCode: '78701',
    email: 'ada@example.com',
    idempotency: null,
    ...given,
    lines: mergeLines(given.lines ?? [{ sku: 'tent-4p', quantity: 1 }]),
  };
}

/** The submission with an idempotency key, and the fingerprint of its content. */
export function keyed(key: string, submission: Submission, scope = 'web'): Submission {
  return { ...submission, idempotency: { scope, key, fingerprint: fingerprintOf(submission) } };
}

export function anIdempotency(given: Partial<Idempotency> = {}): Idempotency {
  return { scope: 'web', key: 'key-1', fingerprint: 'fingerprint-1', ...given };
}

function fingerprintOf(request: OrderRequest): string {
  return createHash('sha256').update(fingerprintText(request)).digest('base64url');
}

/** The same wish handed in again by a caller who got no answer: a new id and time, all else equal. */
export function aRetryOf(submission: Submission): Submission {
  const { orderId, placedAtMs } = aSubmission();
  return { ...submission, orderId, placedAtMs };
}

/** A four-person tent at $199.99 with plenty in stock, unless told otherwise. */
export function aProduct(given: Partial<Product> = {}): Product {
  const sku = given.sku ?? 'tent-4p';
  return {
    sku,
    name: `Product ${sku}`,
    description: `What there is to say about ${sku}.`,
    category: 'Outdoors',
    priceCents: 19_999,
    imageUrl: `/images/${sku}.svg`,
    onHand: 1_000,
    active: true,
    revision: 1,
    createdAtMs: testEpochMs,
    ...given,
  };
}

/** A unit that came in, unless told otherwise. */
export function aMovement(given: Partial<StockMovement> = {}): StockMovement {
  return {
    sku: 'tent-4p',
    units: 1,
    reason: 'receipt',
    note: null,
    reference: null,
    actor: 'service',
    atMs: testEpochMs,
    ...given,
  };
}

/** One pixel in PNG, unless told otherwise. Its hash is that of its bytes. */
export function anImage(bytes: Uint8Array = onePixel): ProductImage {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { hash, mediaType: 'image/png', width: 1, height: 1, bytes };
}

const onePixel = new Uint8Array(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
);

/** A product as its seller describes it, without what the shop keeps of it. */
export function described(product: Product): CatalogProduct {
  const { onHand: _stock, revision: _revision, createdAtMs: _created, ...given } = product;
  return given;
}

let keysBuilt = 0;

/** A key that may read orders and does not expire, unless told otherwise; each with its own id, name and secret. */
export function anApiKey(given: Partial<NewApiKey> = {}): NewApiKey {
  keysBuilt += 1;
  const secret = String(keysBuilt).padStart(43, '0');
  return {
    keyId: orderIdOf(keysBuilt),
    name: `key-${keysBuilt}`,
    prefix: 'nzm_abcdefgh',
    secretHash: secretHashOf(`nzm_abcdefgh_${secret}`),
    scopes: ['orders:read'],
    createdAtMs: testEpochMs + keysBuilt,
    expiresAtMs: null,
    ...given,
  };
}

let draftsBuilt = 0;

/** What the audit log is told of a key that was made, unless told otherwise; each a second after the last. */
export function anAuditDraft(given: Partial<AuditDraft> = {}): AuditDraft {
  draftsBuilt += 1;
  return {
    atMs: testEpochMs + draftsBuilt * 1000,
    actor: 'key:erp',
    keyId: orderIdOf(1),
    action: 'api_key.create',
    subject: `api_key:${orderIdOf(draftsBuilt)}`,
    detail: { name: 'Größe “€” 🪁' },
    requestId: `request-${draftsBuilt}`,
    address: null,
    ...given,
  };
}

/** Brings products into a store the way a merchant does: into the catalogue, then into the warehouse. */
export async function stockUp(store: OrderStore, products: readonly Product[]): Promise<void> {
  await store.saveProducts(products.map(described), testEpochMs);
  await store.moveStock(
    products.filter(({ onHand }) => onHand > 0).map(({ sku, onHand }) => aMovement({ sku, units: onHand })),
  );
}

/** Packing an order, unless told otherwise; each with its own event id, a second after the last. */
export function aStep(given: Partial<OrderStep>): OrderStep {
  const { orderId: eventId, placedAtMs } = aSubmission();
  return {
    orderId: eventId,
    eventId,
    step: { name: 'pack' },
    atMs: placedAtMs,
    actor: 'key:warehouse',
    origin: { keyId: orderIdOf(2), requestId: 'request-of-step', address: null, detail: {} },
    grant: null,
    expectedRevisions: null,
    idempotency: null,
    ...given,
  };
}

/** All that is left, by a carrier. */
export const aParcel = {
  lines: null,
  carrier: 'Fleet',
  trackingNumber: 'T-1',
  trackingUrl: 'https://fleet.example/T-1',
} as const;

/** The step with an idempotency key. */
export function keyedStep(key: string, step: OrderStep, scope = 'web'): OrderStep {
  const fingerprint = createHash('sha256').update(stepFingerprintText(step)).digest('base64url');
  return { ...step, idempotency: { scope, key, fingerprint } };
}
