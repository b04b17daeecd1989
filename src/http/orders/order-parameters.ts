/** Parameters that the endpoints of orders share. */
import { z } from 'zod';
import { orderIdPattern } from '../../intake/order-ids.ts';
import { callerKeyOf, idempotencyKeyPattern } from '../request/idempotency-key.ts';
import { optionalText, requiredText } from '../request/parameter.ts';

const orderIdInAnyCase = anyCase(orderIdPattern);

export const orderIdParameter = requiredText({
  description: 'Id of the order, in any case.',
  schema: z.string().regex(orderIdInAnyCase).toLowerCase(),
  parse: (text) => (orderIdInAnyCase.test(text) ? text.toLowerCase() : undefined),
  mustBe: 'a UUID of version 7',
  problem: 'order_not_found',
});

/** RFC 9562 §4: a UUID is written in lower case and read in any. */
function anyCase({ source }: RegExp): RegExp {
  return new RegExp(source.replaceAll('a-f', 'a-fA-F').replace('[89ab]', '[89abAB]'));
}

export const idempotencyKeyParameter = optionalText({
  description: '1 to 255 visible ASCII characters, quoted or bare; a UUID is best.',
  schema: z.string().regex(idempotencyKeyPattern).transform(callerKeyOf),
  parse: (text) => (idempotencyKeyPattern.test(text) ? callerKeyOf(text) : undefined),
  mustBe: '1 to 255 visible ASCII characters, with or without double quotes, such as a UUID',
  problem: 'invalid_idempotency_key',
});

const anyText = { schema: z.string(), parse: (text: string) => text, mustBe: 'text' };

/** Every client may read an order. Its key, or an API key with these scopes, shows name, address and email too. */
export const orderReadScope = { public: true, more: ['orders:read', 'customers:read'] } as const;

/** Of the endpoints that the holder of an order may call: the access gate reads the key. */
export const holderQuery = { key: optionalText({ description: 'The order’s key.', ...anyText }) };

/** Of the endpoints that read one order. A wrong key shows what anybody may see, so that any text is valid. */
export const orderReadRequest = {
  path: { order_id: orderIdParameter },
  query: holderQuery,
  headers: { 'Order-Key': optionalText({ description: 'The same, as a header.', ...anyText }) },
};
