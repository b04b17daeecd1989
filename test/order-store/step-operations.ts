/** The steps among the random operations, and the small pools that all of them draw from. */
import fc from 'fast-check';
import type { OrderStep, Step } from '../../src/domain/order-step.ts';
import { aStep, keyedStep, orderIdOf } from '../builders.ts';

export const skus = ['a', 'a-1', 'a1', 'b', 'mug', 'z'];
export const unknownSku = 'ghost';
export const serialMax = 120;

export const line = fc.record({
  sku: fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...skus) },
    { weight: 1, arbitrary: fc.constant(unknownSku) },
  ),
  quantity: fc.integer({ min: 1, max: 4 }),
});

const units = fc.uniqueArray(line, { minLength: 1, maxLength: 2, selector: ({ sku }) => sku });
const reason = fc.option(fc.constantFrom('too late', 'Ada: "nein"'));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ name: 'pack' }) },
  { weight: 2, arbitrary: fc.record({ name: fc.constant('cancel' as const), reason }) },
  {
    weight: 4,
    arbitrary: fc.record({
      name: fc.constant('ship' as const),
      lines: fc.option(units, { freq: 2 }),
      carrier: fc.constant('Fleet'),
      trackingNumber: fc.option(fc.constant('T-1')),
      trackingUrl: fc.constant(null),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      name: fc.constant('deliver' as const),
      shipment: fc.integer({ min: 1, max: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      name: fc.constant('return' as const),
      lines: units,
      restock: fc.boolean(),
      reason,
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ name: 'erase' }) },
);

/** Of few orders, so that one goes far. Every event id comes twice now and then. */
export const orderStep: fc.Arbitrary<OrderStep> = fc
  .record({
    serial: fc.nat({ max: serialMax }).map((serial) => serial % 12),
    eventSerial: fc.nat({ max: 5_000 }),
    step,
    expectedRevisions: fc.option(fc.constantFrom([1], [2], [1, 3]), { freq: 4 }),
    key: fc.option(fc.constantFrom('k1', 's1', 's2'), { freq: 4 }),
  })
  .map(({ serial, eventSerial, step: asked, expectedRevisions, key }) => {
    const one = aStep({
      orderId: orderIdOf(serial),
      eventId: orderIdOf(10_000 + eventSerial),
      step: asked,
      atMs: 2_000_000 - eventSerial,
      expectedRevisions,
    });
    return key === null ? one : keyedStep(key, one, 'ann');
  });
