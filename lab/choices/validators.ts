/** Which library validates an order: the same rules in three, on one good and one bad body. */
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import * as v from 'valibot';
import { z } from 'zod';
import { usStates } from '../../src/domain/us-state.ts';
import { compare } from './interleave.ts';

const good = {
  customer_name: ' Ada Lovelace ',
  street_address: '12 St James Square',
  city: 'Austin',
  state: 'TX',
  zip_code: '73301',
  email: 'ada@example.com',
  lines: [{ sku: 'tent-4p', quantity: 2 }],
};
const bad = { ...good, customer_name: '', state: 'ZZ', lines: [{ sku: 'tent-4p', quantity: 0 }] };
const zip = /^\d{5}(-\d{4})?$/;

const zodText = z.string().trim().normalize('NFC').min(1).max(200);
const zodOrder = z.strictObject({
  customer_name: zodText,
  street_address: zodText,
  city: zodText.optional(),
  state: z.enum(usStates as [string, ...string[]]),
  zip_code: z.string().regex(zip),
  email: z.string().max(254).optional(),
  lines: z
    .array(z.strictObject({ sku: z.string().min(1).max(64), quantity: z.int().min(1).max(10_000) }))
    .min(1)
    .max(50),
});

const valibotText = v.pipe(v.string(), v.trim(), v.normalize('NFC'), v.minLength(1), v.maxLength(200));
const valibotOrder = v.strictObject({
  customer_name: valibotText,
  street_address: valibotText,
  city: v.optional(valibotText),
  state: v.picklist(usStates),
  zip_code: v.pipe(v.string(), v.regex(zip)),
  email: v.optional(v.pipe(v.string(), v.maxLength(254))),
  lines: v.pipe(
    v.array(
      v.strictObject({
        sku: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
        quantity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)),
      }),
    ),
    v.minLength(1),
    v.maxLength(50),
  ),
});

/** TypeBox checks and does not transform: trimming and NFC would be ours to do beside it. */
const typeboxText = Type.String({ minLength: 1, maxLength: 200 });
const typeboxOrder = Compile(
  Type.Object(
    {
      customer_name: typeboxText,
      street_address: typeboxText,
      city: Type.Optional(typeboxText),
      state: Type.Union(usStates.map((state) => Type.Literal(state))),
      zip_code: Type.String({ pattern: zip.source }),
      email: Type.Optional(Type.String({ maxLength: 254 })),
      lines: Type.Array(
        Type.Object(
          {
            sku: Type.String({ minLength: 1, maxLength: 64 }),
            quantity: Type.Integer({ minimum: 1, maximum: 10_000 }),
          },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: 50 },
      ),
    },
    { additionalProperties: false },
  ),
);

for (const [title, body] of [
  ['A good order', good],
  ['A bad order, every error listed', bad],
] as const) {
  compare(title, [
    { name: 'zod', run: () => zodOrder.safeParse(body) },
    { name: 'valibot', run: () => v.safeParse(valibotOrder, body) },
    { name: 'typebox, compiled', run: () => typeboxOrder.Check(body) || typeboxOrder.Errors(body) },
  ]);
}
