/** The reference: the OpenAPI document, and the same for people. */
import { z } from 'zod';
import { encodedReply, etagHeader, unchangedAnswer } from './encoded-reply.ts';
import { endpoint } from './endpoint.ts';

/** Kept, and asked for again each time: a new version of the program has new ones. */
const revalidated = 'no-cache';

const reference = endpoint({
  id: 'showReference',
  method: 'GET',
  path: '/docs',
  tag: 'Pages',
  summary: 'The API reference',
  scope: 'public',
  problemForm: 'page_unless_json',
  answers: {
    304: unchangedAnswer,
    200: { description: 'The page.', content: { 'text/html': null }, headers: etagHeader },
  },
  async handle(deps, { context: { request } }) {
    const { headers, bytes } = await encodedReply(await deps.reference.page(), revalidated, request.headers);
    return bytes === null ? { status: 304, headers } : { status: 200, headers, page: bytes };
  },
});

const openApi = endpoint({
  id: 'getOpenApi',
  method: 'GET',
  path: '/openapi.json',
  tag: 'Pages',
  summary: 'The OpenAPI document',
  scope: 'public',
  answers: {
    200: {
      description: 'OpenAPI 3.1.',
      content: { 'application/json': z.looseObject({ openapi: z.string(), paths: z.looseObject({}) }) },
      headers: etagHeader,
    },
    304: unchangedAnswer,
  },
  async handle(deps, { context: { request } }) {
    const { headers, bytes } = await encodedReply(
      await deps.reference.openApi(),
      revalidated,
      request.headers,
    );
    if (bytes === null) return { status: 304, headers };
    return { status: 200, headers, mediaType: 'application/json' as const, body: bytes };
  },
});

export const referenceEndpoints = [reference, openApi];
