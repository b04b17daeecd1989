/**
 * Lets a request to its endpoint, or refuses it before anything of it is parsed (RFC 6750, Bearer tokens).
 *
 * A request to a public endpoint passes without a look. Tokens that are not ours (they don't begin with `nzm_`) are left
 * alone where every client may call: a gateway in front may have its own.
 */

import { keyMark } from '../../access/api-key.ts';
import type { KeyRefusal } from '../../access/authenticate.ts';
import { anyone, type Caller, holder, mayDo } from '../../access/caller.ts';
import type { Scope } from '../../access/scope.ts';
import { queryOf } from '../../runtime/request-target.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { presentedOrderKey } from '../orders/order-key.ts';
import type { Problem } from '../problem-details.ts';
import type { RequestContext } from '../request/request-context.ts';
import { type AccessRule, neededScopes } from './access-rule.ts';

/** The caller, or the problem that refuses the request. */
export type Admit = (context: RequestContext) => Caller | Problem | Promise<Caller | Problem>;

type GateDependencies = Pick<
  HttpDependencies,
  'authenticate' | 'recallCaller' | 'orderKeys' | 'ordersNeedKey'
>;

export interface AccessGate {
  /** Lets a caller in by its key as it is now. */
  readonly admit: Admit;
  /** Lets a caller in by what was read of its key before (`RecallCaller`), else by its key as it is now. */
  readonly recallOrAdmit: Admit;
}

/** Null for an endpoint that every client may call as `anyone`. */
export function accessGate(deps: GateDependencies, rule: AccessRule): AccessGate | null {
  if (rule === 'public') return null;
  const isOpenPlacing = typeof rule === 'object' && 'places' in rule && !deps.ordersNeedKey;
  const needed = isOpenPlacing ? [] : neededScopes(rule);
  const isOpen = needed.length === 0;
  const takesHolder = typeof rule === 'object' && 'holder' in rule;

  async function admitKey(token: string): Promise<Caller | Problem> {
    const caller = await deps.authenticate(token);
    if (typeof caller === 'string') return invalidKey(caller);
    return needed.every((scope) => mayDo(caller, scope)) ? caller : insufficientScope(needed);
  }

  function recall(token: string): Caller | null {
    const caller = deps.recallCaller(token);
    return caller !== null && needed.every((scope) => mayDo(caller, scope)) ? caller : null;
  }

  const admitBy =
    (admitToken: (token: string) => Caller | Promise<Caller | Problem>): Admit =>
    (context) => {
      if (takesHolder && holdsOrder(deps, context)) return holder;
      const authorization = context.request.headers.get('authorization');
      const token = authorization === null ? null : bearerTokenOf(authorization);
      if (token === null || (isOpen && !token.startsWith(keyMark)))
        return isOpen ? anyone : keyRequired(needed, takesHolder);
      return admitToken(token);
    };

  return { admit: admitBy(admitKey), recallOrAdmit: admitBy((token) => recall(token) ?? admitKey(token)) };
}

/** Whether a request has an API key of ours, valid or not. */
export function presentsKey({ request }: RequestContext): boolean {
  const authorization = request.headers.get('authorization');
  return authorization !== null && (bearerTokenOf(authorization)?.startsWith(keyMark) ?? false);
}

/** The text after the scheme, which is written in any case (RFC 9110 §11.1); null for another scheme. */
function bearerTokenOf(authorization: string): string | null {
  return /^bearer +([^ ].*?) *$/i.exec(authorization)?.[1] ?? null;
}

function holdsOrder({ orderKeys }: GateDependencies, { request, params }: RequestContext): boolean {
  const inQuery = new URLSearchParams(queryOf(request.url)).get('key');
  const key = presentedOrderKey(inQuery, request.headers.get('order-key'), request);
  const orderId = params['order_id'];
  return key !== null && orderId !== undefined && orderKeys.isKeyOf(orderId.toLowerCase(), key);
}

function keyRequired(needed: readonly Scope[], takesHolder: boolean): Problem {
  const apiKey = `an API key with ${needed.join(' and ')} as Authorization: Bearer …`;
  return {
    code: 'key_required',
    detail: takesHolder ? `Send the order’s key as Order-Key, or ${apiKey}.` : `Send ${apiKey}.`,
    headers: challenge({}),
  };
}

const refusals: Readonly<Record<KeyRefusal, string>> = {
  malformed: 'The API key is not complete: it has nzm_, 8 characters, _ and 43 more.',
  unknown: 'The API key is not known here.',
  revoked: 'The API key was revoked. Ask for a new one.',
  expired: 'The API key has expired. Ask for a new one.',
};

function invalidKey(refusal: KeyRefusal): Problem {
  const detail = refusals[refusal];
  return {
    code: 'invalid_key',
    detail,
    headers: challenge({ error: 'invalid_token', error_description: detail }),
  };
}

/** Also for a parameter that needs more than its endpoint. */
export function insufficientScope(
  needed: readonly Scope[],
): Problem & { readonly code: 'insufficient_scope' } {
  return {
    code: 'insufficient_scope',
    detail: `The API key needs ${needed.join(' and ')}. Use a key that has it, or make one with it.`,
    extensions: { required_scopes: needed },
    headers: challenge({ error: 'insufficient_scope', scope: needed.join(' ') }),
  };
}

/** RFC 6750 §3. No value has a quote, a backslash or a character beyond ASCII. */
function challenge(parameters: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const all = Object.entries({ realm: 'nozama', ...parameters });
  return { 'www-authenticate': `Bearer ${all.map(([name, value]) => `${name}="${value}"`).join(', ')}` };
}
