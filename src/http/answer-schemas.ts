/** The shapes of what we answer, for `/openapi.json`; tests hold real answers against them. */
import { z } from 'zod';
import { usStates } from '../domain/us-state.ts';

const money = z.object({
  amount: z.int().min(0).meta({ description: 'In cents.' }),
  currency: z.literal('USD'),
});

const product = z.object({
  sku: z.string(),
  name: z.string(),
  description: z.string(),
  price: money,
  image_url: z.string(),
  category: z.string(),
  num_in_stock: z.int().min(0),
  active: z.boolean(),
});

const topProduct = z.object({
  rank: z.int().min(1),
  sku: z.string(),
  name: z.string(),
  image_url: z.string(),
  orders: z.int().meta({ description: 'Orders that hold it.' }),
  units: z.int().meta({ description: 'Units in those orders.' }),
});

export const answerSchemas = {
  Order: z.object({
    order_id: z.string().meta({ description: 'UUIDv7 (RFC 9562).' }),
    number: z.int().meta({ description: 'Short number for people.' }),
    status: z.enum(['placed']),
    placed_at: z.string().meta({ description: 'RFC 3339, UTC.', format: 'date-time' }),
    lines: z.array(
      z.object({
        sku: z.string(),
        name: z.string(),
        quantity: z.int(),
        unit_price: money,
        line_total: money,
      }),
    ),
    total: money,
    shipping: z
      .object({
        customer_name: z.string().optional(),
        street_address: z.string().optional(),
        city: z.string().nullable(),
        state: z.enum(usStates as readonly [string, ...string[]]),
        zip_code: z.string(),
        email: z.string().nullable().optional(),
      })
      .meta({ description: 'customer_name, street_address and email only with the order’s key.' }),
    confirmation_url: z.string(),
  }),
  Product: product,
  ProductList: z.object({ products: z.array(product), next_cursor: z.string().nullable() }),
  TopProducts: z.object({ state: z.string(), products: z.array(topProduct) }),
  OriginalOrderCreated: z.object({ message: z.string(), order_id: z.string() }),
  OriginalProduct: z.object({
    product_name: z.string(),
    price: z.number().meta({ description: 'In dollars.' }),
    description: z.string(),
    image: z.string(),
    num_in_stock: z.int(),
  }),
  Message: z.object({ message: z.string() }),
  Problem: z
    .object({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      detail: z.string(),
      instance: z.string(),
      code: z.string().meta({ description: 'Stable, for programs.' }),
      request_id: z.string(),
      errors: z
        .array(
          z.object({
            pointer: z.string().meta({ description: 'RFC 6901, into the body.' }),
            code: z.string(),
            detail: z.string(),
          }),
        )
        .optional(),
      shortages: z
        .array(z.object({ sku: z.string(), name: z.string(), requested: z.int(), available: z.int() }))
        .optional(),
    })
    .meta({ description: 'RFC 9457 problem details.' }),
} as const;
