/**
 * What an order request must look like: the schemas that validate it, and that `/openapi.json` is made
 * from. The rules themselves are the domain's. `sentAs` in a schema's metadata is its JSON Schema in the
 * document, where what is sent differs from what it is parsed to.
 */
import { z } from 'zod';
import {
  customerTextLengthMax,
  customerTextProblem,
  normalizeCustomerText,
} from '../domain/customer-text.ts';
import { emailLengthMax, emailProblem, optionalEmailPattern } from '../domain/email-address.ts';
import { centsMax, currency } from '../domain/money.ts';
import { lineCountMax, quantityMax } from '../domain/order.ts';
import { skuPattern } from '../domain/product.ts';
import { joinStreetAddress } from '../domain/street-address.ts';
import { mergeLines, type OrderRequest, type RequestedLine } from '../domain/submission.ts';
import { optionalTextPattern, requiredTextPattern } from '../domain/text-pattern.ts';
import { isUsState, normalizeUsState, type UsState, usStates } from '../domain/us-state.ts';
import { normalizeZipCode, zipCodePattern } from '../domain/zip-code.ts';
import { pricesShownField } from '../web/shop/prices-shown.ts';
import { repeatField } from '../web/shop/shop-page.ts';
import { type FieldMistake, mistakesOf, pointerTo } from './field-mistakes.ts';
import { idempotencyKeyPattern } from './idempotency-key.ts';

/**
 * A text of the domain's rules, brought into its stored form first. The code of a mistake is in `params`. One check
 * does both, because an order pays for each check.
 */
const checkedText = (normalize: (typed: string) => string, codeOf: (text: string) => string | null) =>
  z.string().check((payload) => {
    const text = normalize(payload.value);
    payload.value = text;
    const code = codeOf(text);
    if (code !== null) payload.issues.push({ code: 'custom', params: { code }, input: text });
  });

const requiredText = (description: string, example: string) =>
  checkedText(normalizeCustomerText, customerTextProblem).meta({
    description: `${description} Without blanks and invisible characters at its ends, in Unicode NFC.`,
    minLength: 1,
    maxLength: customerTextLengthMax,
    pattern: requiredTextPattern,
    examples: [example],
  });

/** Blank is as good as left out: forms and other people's programs send what was not filled in. */
const blankOr = (codeOf: (text: string) => string | null, meta: Record<string, unknown>) =>
  checkedText(normalizeCustomerText, (text) => (text === '' ? null : codeOf(text))).meta(meta);

function emailCode(text: string): string | null {
  const problem = emailProblem(text);
  return problem === null ? null : `email_${problem}`;
}

const customerName = requiredText('Who receives it.', 'Ada Lovelace');
const streetAddress = requiredText('Street and house number.', '12 Analytical Way');
const addressLine2 = blankOr(customerTextProblem, {
  description: 'Second line of the street address: apartment, suite or unit.',
  maxLength: customerTextLengthMax,
  pattern: optionalTextPattern,
  examples: ['Apt 4'],
});
const city = blankOr(customerTextProblem, {
  description: 'City or town.',
  maxLength: customerTextLengthMax,
  pattern: optionalTextPattern,
  examples: ['Austin'],
});
const state = checkedText(normalizeUsState, (text) => (isUsState(text) ? null : 'unknown_state')).meta({
  description:
    'A state, DC, a territory, a freely associated state or armed forces, by USPS code; in any case.',
  enum: usStates,
  examples: ['TX'],
});
const zipCode = checkedText(normalizeZipCode, (text) =>
  zipCodePattern.test(text) ? null : 'invalid_zip_code',
).meta({
  description: '5 digits or ZIP+4. Nine digits, a space or another dash become `12345-6789`.',
  pattern: zipCodePattern.source,
  examples: ['78701'],
});
const email = blankOr(emailCode, {
  description: 'Where news of the order may go. Also taken: addresses in other scripts (RFC 6531).',
  maxLength: emailLengthMax,
  pattern: optionalEmailPattern,
  examples: ['ada@example.com'],
});
const quantity = z
  .int()
  .min(1)
  .max(quantityMax)
  .meta({ description: 'Units.', examples: [2] });

const line = z.strictObject({
  sku: z
    .string()
    .regex(skuPattern, 'invalid_sku')
    .meta({ description: 'A product’s SKU, as `GET /api/v1/products` lists it.', examples: ['tent-4p'] }),
  quantity,
});

const expectedTotal = z
  .strictObject({
    amount: z
      .int('cents')
      .min(0, 'cents')
      .max(centsMax, 'cents')
      .meta({ description: 'In cents.', examples: [39_998] }),
    currency: z.literal(currency, 'unknown_currency'),
  })
  .meta({
    description:
      'The total that was shown to the shopper. When the order comes to another, it is not placed: 409 `price_changed` tells the new total. A repeated request may expect another total: its `Idempotency-Key` gives the first answer.',
  });

export const orderRequestSchema = z
  .strictObject({
    customer_name: customerName,
    street_address: streetAddress,
    address_line_2: addressLine2.nullish(),
    city: city.nullish(),
    state,
    zip_code: zipCode,
    email: email.nullish(),
    lines: z
      .array(line)
      .min(1)
      .max(lineCountMax)
      .check((payload) => {
        for (const index of overfullLines(payload.value)) {
          const path = [index, 'quantity'];
          payload.issues.push({
            code: 'custom',
            params: { code: 'merged_quantity' },
            path,
            input: payload.value,
          });
        }
      })
      .meta({ description: 'The ordered products. Lines with the same SKU are added up.' }),
    expected_total: expectedTotal.nullish(),
    if_repeated: z
      .enum(['ask', 'place'])
      .nullish()
      .meta({
        description:
          'For pages. With `ask`, the same order that this browser has placed within 10 minutes is not placed again: 409 `order_repeated` names the earlier one. With `place` it is placed. The browser is known by a cookie, which is set with either; without this field nothing is looked at.',
        examples: ['ask'],
      }),
  })
  .meta({ id: 'OrderRequest' });

/** 1 to {@link quantityMax} in digits. Also taken: full-width digits, blanks around them. */
const quantityText = /^(?:[1-9][0-9]{0,3}|10000)$/;

/** The original contract allowed numbers in quotes, and ZIP codes as numbers without leading zeros. */
const originalQuantity = z
  .preprocess((value) => (typeof value === 'string' ? (numberOf(value) ?? value) : value), quantity)
  .meta({
    description: 'Units, as a number or in quotes.',
    sentAs: {
      anyOf: [
        { type: 'integer', minimum: 1, maximum: quantityMax },
        { type: 'string', pattern: quantityText.source },
      ],
    },
  });

/** The longest text that may be a number, in UTF-16 units. */
const numberTextLengthMax = 32;

/** Digits as they are typed, also full-width ones, with anything invisible at the ends. */
function numberOf(text: string): number | null {
  if (text.length > numberTextLengthMax) return null;
  const digits = normalizeCustomerText(text.normalize('NFKC'));
  return /^\d{1,9}$/.test(digits) ? Number(digits) : null;
}

const originalZipCode = z
  .preprocess((value) => {
    return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 99_999
      ? String(value).padStart(5, '0')
      : value;
  }, zipCode)
  .meta({
    description: 'As text, or as a number, whose leading zeros are put back.',
    sentAs: {
      anyOf: [
        { type: 'string', pattern: zipCodePattern.source },
        { type: 'integer', minimum: 0, maximum: 99_999 },
      ],
    },
  });

const originalFields = {
  product_name: checkedText(normalizeCustomerText, (text) =>
    text.isWellFormed() ? null : 'control_character',
  )
    .min(1)
    .max(1_000)
    .meta({ description: 'Exact name of the product.', examples: ['Sundown Four-Person Tent'] }),
  quantity: originalQuantity,
  customer_name: customerName,
  street_address: streetAddress,
  address_line_2: addressLine2.nullish(),
  city: city.nullish(),
  state,
  zip_code: originalZipCode,
  email: email.nullish(),
};

export const originalOrderSchema = z.strictObject(originalFields).meta({ id: 'OriginalOrderRequest' });

const { product_name: productName, ...wishFields } = originalFields;

/** Everything but the product, which a form names by its SKU, or as the original contract does. */
const wishSchema = z.object(wishFields);

/** A form may carry more than we ask for, such as the name of its button. */
const formOrderSchema = wishSchema.extend({ product_name: productName });

/** As a form sends it, in texts and with what the page adds: for the OpenAPI document, and the fields that stand once. */
export const orderFormSchema = formOrderSchema
  .extend({
    sku: z
      .string()
      .optional()
      .meta({ description: 'SKU of the product, instead of its name: several products may share one.' }),
    product_name: productName.optional().meta({
      description: 'Exact name of the product, when there is no `sku`.',
      examples: ['Sundown Four-Person Tent'],
    }),
    quantity: z
      .string()
      .regex(quantityText)
      .meta({ description: 'Units.', examples: ['2'] }),
    address_line_2: addressLine2.optional(),
    city: city.optional(),
    zip_code: zipCode,
    email: email.optional(),
    idempotency_key: z
      .string()
      .regex(new RegExp(`^$|${idempotencyKeyPattern.source}`))
      .optional()
      .meta({ description: 'As the header Idempotency-Key. Sent in both, it is the same key.' }),
    [pricesShownField]: z.string().optional().meta({
      description: 'Of the shop page: the prices that it showed. At another price the order is not placed.',
    }),
    [repeatField.name]: z
      .string()
      .optional()
      .meta({
        description: `With \`${repeatField.place}\`, an order that this browser has placed a moment ago is placed once more. Any other value is as none.`,
        examples: [repeatField.place],
      }),
  })
  .meta({ id: 'OrderForm' });

/** An order as asked for, before its product is looked up by its name. */
export type OriginalOrder = z.output<typeof formOrderSchema>;

/** An order of one product as asked for, without the product. */
type OriginalWish = z.output<typeof wishSchema>;

/** The order of a form: its product is named by SKU, or by the name when `sku` is null. */
type FormOrder =
  | (OriginalOrder & { readonly sku: null })
  | (OriginalWish & { readonly sku: string; readonly product_name?: undefined });

type Parsed<T> =
  | { readonly value: T; readonly mistakes: null }
  | { readonly value: null; readonly mistakes: readonly FieldMistake[] };

export interface ParsedOrder {
  readonly request: OrderRequest;
  /** JSON pointer to each merged line's quantity, as the caller numbered the lines. */
  readonly pointerOfLine: (mergedIndex: number) => string;
}

export function toOrderRequest(body: z.output<typeof orderRequestSchema>): ParsedOrder {
  const lines = mergeLines(body.lines);
  const request: OrderRequest = {
    customerName: body.customer_name,
    streetAddress: streetAddressOf(body),
    city: body.city || null,
    state: body.state as UsState,
    zipCode: body.zip_code,
    email: body.email || null,
    lines,
    ...(body.expected_total == null ? {} : { expectedTotalCents: body.expected_total.amount }),
  };
  const pointerOfLine = (mergedIndex: number) => {
    const sku = lines[mergedIndex]?.sku;
    return pointerTo(['lines', body.lines.findIndex((asked) => asked.sku === sku)]);
  };
  return { request, pointerOfLine };
}

/** A form has only texts; an empty one is a field that was left out. */
export function formFields(form: URLSearchParams): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const name of Object.keys(orderFormSchema.shape)) {
    const typed = form.get(name);
    if (typed !== null && typed.trim() !== '') fields[name] = typed;
  }
  return fields;
}

export function parseFormOrder(form: URLSearchParams): Parsed<FormOrder> {
  const fields = formFields(form);
  const { sku } = fields;
  if (sku === undefined) {
    const { data, error } = formOrderSchema.safeParse(fields);
    return error === undefined
      ? { value: { ...data, sku: null }, mistakes: null }
      : { value: null, mistakes: mistakesOf(error.issues, fields) };
  }
  const { data, error } = wishSchema.safeParse(fields);
  return error === undefined
    ? { value: { ...data, sku }, mistakes: null }
    : { value: null, mistakes: mistakesOf(error.issues, fields) };
}

/** What is asked for besides the product; null when it is not valid. @param fields of JSON or of a form */
export function readWish(fields: unknown): OriginalWish | null {
  return wishSchema.safeParse(fields).data ?? null;
}

export function originalOrderRequest(order: OriginalWish, sku: string): OrderRequest {
  return {
    customerName: order.customer_name,
    streetAddress: streetAddressOf(order),
    city: order.city || null,
    state: order.state as UsState,
    zipCode: order.zip_code,
    email: order.email || null,
    lines: [{ sku, quantity: order.quantity }],
  };
}

function streetAddressOf(fields: {
  readonly street_address: string;
  readonly address_line_2?: string | null | undefined;
}): string {
  return joinStreetAddress({ street: fields.street_address, secondLine: fields.address_line_2 || null });
}

/** First lines of the products of which several lines together ask for more than one line may. */
function overfullLines(lines: readonly RequestedLine[]): readonly number[] {
  if (lines.length < 2) return [];
  const merged = mergeLines(lines);
  if (merged.length === lines.length) return [];
  return merged
    .filter((line) => line.quantity > quantityMax)
    .map((line) => lines.findIndex(({ sku }) => sku === line.sku));
}
