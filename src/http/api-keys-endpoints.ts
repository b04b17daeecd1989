/** `/api/v1/api-keys`: the keys of callers. */
import { z } from 'zod';
import { keyIdPattern } from '../access/api-key.ts';
import { apiKeySchema, representApiKey } from './api-key-representation.ts';
import { endpoint } from './endpoint.ts';
import { integerParameter, optionalText } from './parameter.ts';

const pageLimitMax = 100;
const pageLimitDefault = 50;

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
      limit: integerParameter({
        description: 'How many at most.',
        min: 1,
        max: pageLimitMax,
        fallback: pageLimitDefault,
      }),
      cursor: optionalText({
        description: 'next_cursor of the page before. Opaque: its content may change.',
        schema: z.string().regex(keyIdPattern),
        mustBe: 'the next_cursor of an answer of this list',
      }),
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
      headers: { link: { description: 'rel="next" (RFC 8288).', isOptional: true } },
    },
  },
  async handle({ access, basePath, nowMs }, { query: { limit, cursor } }) {
    const found = await access.listApiKeys(cursor, limit + 1);
    const keys = found.slice(0, limit);
    const next = found.length > limit ? (keys.at(-1)?.keyId ?? null) : null;
    const link =
      next === null
        ? {}
        : { link: `<${basePath}/api/v1/api-keys?limit=${limit}&cursor=${next}>; rel="next"` };
    return {
      status: 200,
      headers: { 'cache-control': 'no-store', ...link },
      json: { api_keys: keys.map((key) => representApiKey(key, nowMs())), next_cursor: next },
    };
  },
});

export const apiKeysEndpoints = [listApiKeys];
