/** What the bodies of an order's steps must look like. The rules themselves are the domain's. */
import { z } from 'zod';
import { lineCountMax, quantityMax } from '../../domain/order.ts';
import {
  carrierLengthMax,
  reasonLengthMax,
  trackingNumberLengthMax,
  trackingUrlLengthMax,
} from '../../domain/order-step.ts';
import { skuPattern } from '../../domain/product.ts';
import { normalizeProductText, productTextProblem } from '../../domain/product-text.ts';
import { optionalTextPattern } from '../../domain/text-pattern.ts';
import { boundedText, requiredLine } from '../catalog/product-schema.ts';

const host = String.raw`(?:[A-Za-z0-9_-]+\.)*[A-Za-z][A-Za-z0-9-]*`;
const port = '(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';
/** Neither blanks and controls, nor characters that an address never has (RFC 3986 §2). */
const inAddress = String.raw`[^\u0000- "<>\\^\u0060{|}\u007f-\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]`;

/** An https address of a host with a name: a customer is to see whose page it is. */
const trackingUrlSource = `https://${host}(?::${port})?(?:[/?#]${inAddress}*)?`;
const trackingUrlPattern = new RegExp(`^${trackingUrlSource}$`);
const charactersOfAddress = new RegExp(`^${inAddress}*$`);

/** The kinds of `invalid_tracking_url`, each with words of its own. */
function trackingUrlProblem(text: string): string | null {
  if (text.length > trackingUrlLengthMax) return 'too_long';
  if (!text.startsWith('https://')) return 'tracking_url_scheme';
  if (!charactersOfAddress.test(text)) return 'tracking_url_characters';
  return trackingUrlPattern.test(text) && URL.canParse(text) ? null : 'tracking_url_host';
}

const trackingUrl = boundedText((typed) => typed.trim(), trackingUrlProblem, trackingUrlLengthMax).meta({
  maxLength: trackingUrlLengthMax,
  pattern: `^ *${trackingUrlSource} *$`,
});

/** One line of plain text, brought into its stored form first. Blank is as good as left out. */
const optionalLine = (lengthMax: number, description: string, example: string) =>
  boundedText(
    normalizeProductText,
    (text) => (text === '' ? null : productTextProblem(text, lengthMax)),
    lengthMax,
  ).meta({ description, maxLength: lengthMax, pattern: optionalTextPattern, examples: [example] });

const reason = optionalLine(
  reasonLengthMax,
  'Why, in words. It may be seen by the customer.',
  'Ordered twice.',
);

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

/** Of steps that have nothing to say: a part of an order to be packed, for example, is not asked for in vain. */
export const noDetailsSchema = z.strictObject({}).meta({ id: 'StepWithoutDetails' });

export const cancellationSchema = z
  .strictObject({ reason: reason.nullish() })
  .meta({ id: 'OrderCancellation' });

export const shipmentRequestSchema = z
  .strictObject({
    lines: lines.nullish().meta({ description: 'All that is left, unless given.' }),
    carrier: requiredLine('Who carries it.', carrierLengthMax, 'UPS'),
    tracking_number: optionalLine(
      trackingNumberLengthMax,
      'The carrier’s number.',
      '1Z999AA10123456784',
    ).nullish(),
    tracking_url: trackingUrl
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
