/** The rights that an API key can have, each with what it allows. */
export const scopes = {
  'orders:read': 'Read orders and what happened to them, without personal data.',
  'customers:read': 'See names, addresses and emails of orders that may be read.',
  'orders:write': 'Place orders where a key is needed, and take them through their life.',
  'catalog:write': 'Add and change products and their pictures.',
  'stock:write': 'Receive and adjust stock, and read its movements.',
  'events:read': 'Read the shop’s log.',
  'keys:write': 'List, make and revoke API keys.',
  'audit:read': 'Read the audit log.',
} as const;

export type Scope = keyof typeof scopes;

export const scopeNames = Object.keys(scopes) as readonly Scope[];

export function isScope(text: string): text is Scope {
  return Object.hasOwn(scopes, text);
}
