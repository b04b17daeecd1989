/** `/api/v1/api-keys`: the keys of callers. */
import { z } from 'zod';
import { keyDaysMax, keyIdPattern, keyNamePattern, makeApiKey } from '../../access/api-key.ts';
import { type Caller, mayDo } from '../../access/caller.ts';
import { type Scope, scopeNames } from '../../access/scope.ts';
import { endpoint } from '../endpoint.ts';
import type { Problem } from '../problem-details.ts';
import { jsonBody } from '../request/declared-body.ts';
import { mistake, validationProblem } from '../request/field-mistakes.ts';
import { cursorParameter, linkHeader, nextLink, nextPage, pageLimitParameter } from '../request/list-page.ts';
import { requiredText } from '../request/parameter.ts';
import { apiKeySchema, representApiKey } from './api-key-representation.ts';
import { auditOf } from './audit-draft.ts';

const listApiKeys = endpoint({
  id: 'listApiKeys',
  method: 'GET',
  path: '/api/v1/api-keys',
  tag: 'Access',
  summary: 'List API keys',
  description: 'Expired and revoked ones too. The keys themselves are not stored.',
  scope: 'keys:write',
  request: {
    query: {
      limit: pageLimitParameter,
      cursor: cursorParameter(z.string().regex(keyIdPattern)),
    },
  },
  answers: {
    200: {
      description: 'Oldest first.',
      content: {
        'application/json': z
          .object({ api_keys: z.array(apiKeySchema), next_cursor: z.string().nullable() })
          .meta({ id: 'ApiKeyList' }),
      },
      headers: linkHeader,
    },
  },
  async handle({ access, basePath, nowMs }, { query: { limit, cursor } }) {
    const found = await access.listApiKeys(cursor, limit + 1);
    const keys = found.slice(0, limit);
    const next = found.length > limit ? (keys.at(-1)?.keyId ?? null) : null;
    return {
      status: 200,
      headers: {
        'cache-control': 'no-store',
        ...nextLink(`${basePath}/api/v1/api-keys`, nextPage(limit, next)),
      },
      json: { api_keys: keys.map((key) => representApiKey(key, nowMs())), next_cursor: next },
    };
  },
});

const keyIdParameter = requiredText({
  description: 'Id of the key.',
  schema: z.string().regex(keyIdPattern),
  mustBe: 'the key_id of an API key',
  problem: 'api_key_not_found',
});

const newApiKeySchema = z
  .strictObject({
    name: z
      .string()
      .regex(keyNamePattern, 'invalid_key_name')
      .meta({
        description:
          '1 to 60 letters, digits, dots, hyphens and underscores. No two keys that are not revoked share one.',
        examples: ['erp'],
      }),
    scopes: z
      .array(z.enum(scopeNames as readonly [Scope, ...Scope[]]))
      .min(1)
      .max(scopeNames.length)
      .meta({ description: 'Those of the caller’s own key at the most.' }),
    expires_at: z.iso
      .datetime({ offset: true, error: 'invalid_time' })
      .nullish()
      .meta({
        description: `RFC 3339, at most ${keyDaysMax} days from now; without it the key does not expire. Not later than the caller’s own key expires.`,
      }),
  })
  .meta({ id: 'NewApiKey' });

const createApiKey = endpoint({
  id: 'createApiKey',
  method: 'POST',
  path: '/api/v1/api-keys',
  tag: 'Access',
  summary: 'Make an API key',
  description:
    'The answer has the key, this once. The very first key of a shop is made by `nozama keys create`.',
  scope: 'keys:write',
  request: { body: jsonBody(newApiKeySchema) },
  answers: {
    201: {
      description: 'Made.',
      content: {
        'application/json': apiKeySchema
          .extend({ key: z.string().meta({ description: 'Keep it like a password.' }) })
          .meta({ id: 'MadeApiKey' }),
      },
    },
  },
  problems: ['insufficient_scope', 'key_name_taken', 'validation_failed'],
  async handle(deps, { body, caller, context }) {
    const nowMs = deps.nowMs();
    const { name, scopes } = body;
    const lacked = scopes.filter((scope) => !mayDo(caller, scope));
    if (lacked.length > 0) return mayNotGrant(lacked);
    const expiresAtMs = body.expires_at == null ? null : Date.parse(body.expires_at);
    const tooLate = expiryProblem(expiresAtMs, caller, nowMs);
    if (tooLate !== null) return tooLate;
    const { key, stored } = makeApiKey({ name, scopes, expiresAtMs }, nowMs);
    const detail = { name, scopes: stored.scopes, expiresAtMs };
    const told = { action: 'api_key.create', subject: `api_key:${stored.keyId}`, detail };
    if ((await deps.access.createApiKey(stored, auditOf(deps, { caller, context }, told))) === 'name_taken')
      return { code: 'key_name_taken' };
    const shown = representApiKey({ ...stored, revokedAtMs: null, lastUsedAtMs: null }, nowMs);
    return { status: 201, headers: { 'cache-control': 'no-store' }, json: { ...shown, key } };
  },
});

/** Else a key could make itself a stronger one. */
function mayNotGrant(lacked: readonly Scope[]): Problem<'insufficient_scope'> {
  return {
    code: 'insufficient_scope',
    detail: `A key can grant the scopes that it has itself, and yours lacks ${lacked.join(' and ')}. Leave them out, or use a key that has them.`,
    extensions: { required_scopes: lacked },
  };
}

const dayMs = 24 * 60 * 60_000;

/** A key that expires could else make one that outlives it. */
function expiryProblem(
  expiresAtMs: number | null,
  caller: Caller,
  nowMs: number,
): Problem<'validation_failed'> | null {
  const ownMs = caller.kind === 'key' ? caller.expiresAtMs : null;
  const latestMs = Math.min(ownMs ?? Number.POSITIVE_INFINITY, nowMs + keyDaysMax * dayMs);
  const isWell = expiresAtMs === null ? ownMs === null : expiresAtMs > nowMs && expiresAtMs <= latestMs;
  if (isWell) return null;
  const words = `Please give a time after now, and not after ${new Date(latestMs).toISOString()}.`;
  return validationProblem([mistake(['expires_at'], 'out_of_range', words)]);
}

const revokeApiKey = endpoint({
  id: 'revokeApiKey',
  method: 'POST',
  path: '/api/v1/api-keys/:key_id/revoke',
  tag: 'Access',
  summary: 'Revoke an API key',
  description:
    'It is refused from now on, on every instance. Keys that it has made go on. A key that is revoked already stays as it is.',
  scope: 'keys:write',
  request: { path: { key_id: keyIdParameter } },
  answers: {
    200: { description: 'The key as it is now.', content: { 'application/json': apiKeySchema } },
  },
  problems: ['api_key_not_found'],
  async handle(deps, { path: { key_id: keyId }, caller, context }) {
    const told = { action: 'api_key.revoke', subject: `api_key:${keyId}` };
    const key = await deps.access.revokeApiKey(keyId, auditOf(deps, { caller, context }, told));
    if (key === null) return { code: 'api_key_not_found' };
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      json: representApiKey(key, deps.nowMs()),
    };
  },
});

export const apiKeysEndpoints = [listApiKeys, createApiKey, revokeApiKey];
