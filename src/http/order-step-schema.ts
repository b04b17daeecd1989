/** What the bodies of an order's steps must look like. The rules themselves are the domain's. */
import { z } from 'zod';
import { customerTextProblem, normalizeCustomerText } from '../domain/customer-text.ts';
import { lineCountMax, quantityMax } from '../domain/order.ts';
import {
  carrierLengthMax,
  reasonLengthMax,
  trackingNumberLengthMax,
  trackingUrlLengthMax,
} from '../domain/order-step.ts';
import { skuPattern } from '../domain/product.ts';

/** One line of plain text, brought into its stored form first. Blank is as good as left out. */
const oneLine = (lengthMax: number, description: string, example: string) =>
  z
    .string()
    .max(lengthMax)
    .check((payload) => {
      const text = normalizeCustomerText(payload.value);
      payload.value = text;
      if (text !== '' && customerTextProblem(text) === 'control_character')
        payload.issues.push({ code: 'custom', params: { code: 'control_character' }, input: text });
    })
    .meta({ description, examples: [example] });

const reason = oneLine(reasonLengthMax, 'Why, in words. It may be seen by the customer.', 'Ordered twice.');

const lines = z
  .array(
    z.strictObject({
      sku: z
        .string()
        .regex(skuPattern, 'invalid_sku')
        .meta({ description: 'Of a line of the order.', examples: ['tent-4p'] }),
      quantity: z
        .int()
        .min(1)
        .max(quantityMax)
        .meta({ description: 'Units.', examples: [1] }),
    }),
  )
  .min(1)
  .max(lineCountMax)
  .check((payload) => {
    const seen = new Set<string>();
    for (const [index, { sku }] of payload.value.entries()) {
      if (seen.has(sku))
        payload.issues.push({
          code: 'custom',
          params: { code: 'repeated_sku' },
          path: [index, 'sku'],
          input: sku,
        });
      seen.add(sku);
    }
  })
  .meta({ description: 'Units by SKU; no SKU twice.' });

export const cancellationSchema = z
  .strictObject({ reason: reason.nullish() })
  .meta({ id: 'OrderCancellation' });

export const shipmentRequestSchema = z
  .strictObject({
    lines: lines.nullish().meta({ description: 'All that is left, unless given.' }),
    carrier: oneLine(carrierLengthMax, 'Who carries it.', 'UPS').min(1),
    tracking_number: oneLine(
      trackingNumberLengthMax,
      'The carrier’s number.',
      '1Z999AA10123456784',
    ).nullish(),
    tracking_url: z
      .string()
      .max(trackingUrlLengthMax)
      .regex(/^https:\/\/[^\s"<>\\^`{|}]+$/, 'invalid_tracking_url')
      .refine((text) => URL.canParse(text), 'invalid_tracking_url')
      .nullish()
      .meta({ description: 'Where the shipment is followed: an https address.' }),
  })
  .meta({ id: 'ShipmentRequest' });

export const returnSchema = z
  .strictObject({
    lines,
    restock: z.boolean().meta({ description: 'Whether the units are in stock again.', examples: [true] }),
    reason: reason.nullish(),
  })
  .meta({ id: 'ReturnRequest' });
