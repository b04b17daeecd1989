/** What a product and a stock movement must look like in a request. The rules themselves are the domain's. */
import { z } from 'zod';
import { centsMax, currency } from '../../domain/money.ts';
import { onHandMax, skuPattern } from '../../domain/product.ts';
import {
  categoryDefault,
  descriptionProblem,
  movementTextLengthMax,
  normalizeDescription,
  normalizeProductText,
  productCategoryLengthMax,
  productDescriptionLengthMax,
  productNameLengthMax,
  productTextProblem,
} from '../../domain/product-text.ts';
import { type AdjustmentReason, adjustmentReasons } from '../../domain/stock-movement.ts';
import { linesPattern, requiredTextPattern } from '../../domain/text-pattern.ts';

/** A text of the domain's rules, brought into its stored form first; at most `lengthMax` code points. */
export const boundedText = (
  normalize: (typed: string) => string,
  problemOf: (text: string) => string | null,
  lengthMax: number,
) =>
  z.string().check((payload) => {
    const text = normalize(payload.value);
    payload.value = text;
    const code = problemOf(text);
    if (code === 'too_long')
      payload.issues.push({ code: 'too_big', origin: 'string', maximum: lengthMax, input: text });
    else if (code !== null) payload.issues.push({ code: 'custom', params: { code }, input: text });
  });

/** One line with something to see in it. */
export const requiredLine = (description: string, lengthMax: number, example: string) =>
  boundedText(normalizeProductText, (text) => productTextProblem(text, lengthMax), lengthMax).meta({
    description,
    minLength: 1,
    maxLength: lengthMax,
    pattern: requiredTextPattern,
    examples: [example],
  });

const name = requiredLine(
  'What shoppers call it. Several products may have one name.',
  productNameLengthMax,
  'Sundown Four-Person Tent',
);
const category = requiredLine('The shelf that it stands on.', productCategoryLengthMax, 'Outdoors');
const description = boundedText(normalizeDescription, descriptionProblem, productDescriptionLengthMax).meta({
  description: 'May have several lines.',
  maxLength: productDescriptionLengthMax,
  pattern: linesPattern,
  examples: ['A roomy canvas tent for four.'],
});
const price = z.strictObject({
  amount: z
    .int('cents')
    .min(0, 'cents')
    .max(centsMax, 'cents')
    .meta({ description: 'In cents.', examples: [19_999] }),
  currency: z.literal(currency, 'unknown_currency'),
});
const active = z
  .boolean()
  .meta({ description: 'Whether it can be ordered. A retired product stays in old orders.' });

export const productPutSchema = z
  .strictObject({
    name,
    price,
    description: description.optional().meta({ description: 'Empty when it is left out.' }),
    category: category.optional().meta({ description: `${categoryDefault} when it is left out.` }),
    active: active.optional().meta({ description: 'True when it is left out.' }),
  })
  .meta({ id: 'ProductRequest' });

export const productPatchSchema = z
  .strictObject({
    name: name.optional(),
    price: price.optional(),
    description: description.optional(),
    category: category.optional(),
    active: active.optional(),
  })
  .meta({ id: 'ProductChange', description: 'What is left out stays as it is.' });

/** Lines of one movement of stock. */
export const movementLinesMax = 100;

const sku = z
  .string()
  .regex(skuPattern, 'invalid_sku')
  .meta({ description: 'A product’s SKU.', examples: ['tent-4p'] });

const texts = {
  reference: requiredLine(
    'What you call it, such as the number of a delivery note. Under a reference a product is moved once: the same request again changes nothing.',
    movementTextLengthMax,
    'PO-2026-118',
  ).nullish(),
  note: requiredLine('In your own words.', movementTextLengthMax, 'Two boxes were wet.').nullish(),
};

/** The units that reasons have, in the words of JSON Schema; unitsProblem in the domain does it for requests. */
const unitsOf = (reasons: readonly AdjustmentReason[], units: Readonly<Record<string, unknown>>) => ({
  properties: {
    reason: { enum: reasons },
    lines: { items: { properties: { units } } },
  },
});

const fewer = { maximum: -1 };
const more = { minimum: 1 };

const linesOf = (units: z.ZodType<number>) =>
  z.array(z.strictObject({ sku, units })).min(1).max(movementLinesMax);

export const receiptSchema = z
  .strictObject({
    ...texts,
    lines: linesOf(
      z
        .int()
        .min(1)
        .max(onHandMax)
        .meta({ description: 'Units that came in.', examples: [24] }),
    ),
  })
  .meta({ id: 'StockReceipt' });

export const adjustmentSchema = z
  .strictObject({
    ...texts,
    reason: z.enum(adjustmentReasons).meta({
      description: '`damage` and `theft` take units away, `found` adds some, `count` does either.',
    }),
    lines: linesOf(
      z
        .int()
        .min(-onHandMax)
        .max(onHandMax)
        .meta({ description: 'Units more (or fewer: negative); not 0.', examples: [-2] }),
    ),
  })
  .meta({
    id: 'StockAdjustment',
    anyOf: [
      unitsOf(['damage', 'theft'], fewer),
      unitsOf(['found'], more),
      unitsOf(['count'], { anyOf: [fewer, more] }),
    ],
  });
