/** Who may call an endpoint, as its declaration says it. */
import type { Scope } from '../../access/scope.ts';
import type { ProblemCode } from '../problem-details.ts';

export type AccessRule =
  /** Every client. An API key that is sent along is not looked at, which costs nothing. */
  | 'public'
  /** A caller whose API key has this scope. */
  | Scope
  /** A caller whose API key has all of these. */
  | { readonly all: readonly Scope[] }
  /** Every client, unless ORDERS_NEED_KEY is set: then a caller whose API key has `orders:write`. */
  | { readonly places: 'orders' }
  /**
   * Every client; the handler shows or allows more to a caller whose API key has these scopes. A key of ours that is
   * not valid is refused.
   */
  | { readonly public: true; readonly more: readonly Scope[] }
  /** The holder of the order's key (the path has `:order_id`), or a caller whose API key has the scope. */
  | { readonly holder: true; readonly or: Scope };

/** The scopes that a caller without another right needs; none for an open endpoint. */
export function neededScopes(rule: AccessRule): readonly Scope[] {
  if (rule === 'public') return [];
  if (typeof rule === 'string') return [rule];
  if ('all' in rule) return rule.all;
  if ('places' in rule) return ['orders:write'];
  return 'holder' in rule ? [rule.or] : [];
}

/** Problems that come from the rule. */
export function problemsOfRule(rule: AccessRule): readonly ProblemCode[] {
  if (rule === 'public') return [];
  if (neededScopes(rule).length === 0) return ['invalid_key', 'store_unavailable'];
  return ['key_required', 'invalid_key', 'insufficient_scope', 'store_unavailable'];
}

/** Security requirements of OpenAPI 3.1, by the schemes in {@link securitySchemes}; null for none. */
export function securityOf(rule: AccessRule): readonly Readonly<Record<string, readonly string[]>>[] | null {
  if (rule === 'public') return null;
  if (typeof rule === 'string') return [{ api_key: [rule] }];
  if ('all' in rule) return [{ api_key: rule.all }];
  if ('holder' in rule) return [{ order_key: [] }, { api_key: [rule.or] }];
  if ('places' in rule) return [{}, { api_key: ['orders:write'] }];
  return [{}, { api_key: rule.more }];
}

export const securitySchemes = {
  api_key: {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key: `Authorization: Bearer nzm_…`. `nozama keys create` makes one.',
  },
  order_key: {
    type: 'apiKey',
    in: 'header',
    name: 'Order-Key',
    description: 'The key of one order, from the `confirmation_url` of the answer that placed it.',
  },
} as const;
