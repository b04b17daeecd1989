/**
 * What an order of the original contract must look like, as JSON and as a form: one product, by its name or, in the
 * form of the shop page, by its SKU.
 */
import { z } from 'zod';
import { normalizeCustomerText } from '../../domain/customer-text.ts';
import { quantityMax } from '../../domain/order.ts';
import { skuPattern } from '../../domain/product.ts';
import type { OrderRequest } from '../../domain/submission.ts';
import type { UsState } from '../../domain/us-state.ts';
import { zipCodePattern } from '../../domain/zip-code.ts';
import { pricesShownField } from '../../web/shop/prices-shown.ts';
import { repeatField } from '../../web/shop/shop-page.ts';
import { type FieldMistake, mistakesOf } from '../request/field-mistakes.ts';
import { idempotencyKeyPattern } from '../request/idempotency-key.ts';
import {
  addressLine2,
  checkedText,
  city,
  customerName,
  email,
  quantity,
  state,
  streetAddress,
  streetAddressOf,
  zipCode,
} from './order-schema.ts';

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
      .regex(new RegExp(`^$|${skuPattern.source}`))
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
  .meta({
    id: 'OrderForm',
    // JSON Schema says so of fields of which one is needed; parseFormOrder does it for requests.
    anyOf: [
      { required: ['sku'], properties: { sku: { pattern: skuPattern.source } } },
      { required: ['product_name'] },
    ],
  });

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
