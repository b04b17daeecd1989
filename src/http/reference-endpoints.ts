/** What the service says of itself: the OpenAPI document, and the same for people. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';

const revalidated = { 'cache-control': 'no-cache' };

const reference = endpoint({
  id: 'showReference',
  method: 'GET',
  path: '/docs',
  tag: 'Pages',
  summary: 'The API reference',
  scope: 'public',
  problemForm: 'page_unless_json',
  answers: { 200: { description: 'The page.', content: { 'text/html': null } } },
  handle: (deps) => ({ status: 200, headers: revalidated, page: deps.reference.page }),
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
    },
  },
  handle: (deps) => ({
    status: 200,
    headers: revalidated,
    mediaType: 'application/json' as const,
    body: deps.reference.openApi,
  }),
});

export const referenceEndpoints = [reference, openApi];
