import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenApiDocument } from './openapi-document.ts';
import { renderReferencePage } from './reference-page.ts';

const openapi: OpenApiDocument = {
  info: { title: 'Orders', version: '1.0.0', description: 'Use `curl` & <b>care</b>.' },
  components: {
    schemas: {
      Money: { type: 'object', properties: { currency: { const: 'USD' } }, required: ['currency'] },
      Circle: { type: 'object', properties: { again: { $ref: '#/components/schemas/Circle' } } },
      Loop: { $ref: '#/components/schemas/Loop' },
    },
  },
  paths: {
    '/orders/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', examples: ['a b'] } }],
      post: {
        operationId: 'placeOrder',
        summary: 'Place',
        requestBody: {
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['name'],
                properties: {
                  name: { type: 'string', minLength: 1, maxLength: 200, examples: ["O'Hara"] },
                  city: { anyOf: [{ type: 'string' }, { type: 'null' }] },
                  lines: {
                    type: 'array',
                    minItems: 1,
                    maxItems: 50,
                    items: { $ref: '#/components/schemas/Money' },
                  },
                  circle: { $ref: '#/components/schemas/Circle' },
                  loop: { $ref: '#/components/schemas/Loop' },
                  nowhere: { $ref: '#/components/schemas/Nowhere' },
                },
              },
            },
          },
        },
        responses: { 201: { description: 'Made.' }, 503: { description: 'Busy.' } },
      },
    },
  },
};

test('operations, fields, limits and answers are written out, references followed', () => {
  const page = renderReferencePage(openapi);
  for (const part of ['string, 1–200 characters', 'string or null', 'list of object, 1–50 items', 'Busy.']) {
    assert.ok(page.includes(part), part);
  }
  assert.ok(page.includes('<code>lines[].currency</code> <span class="tag good">required</span>'));
  assert.ok(page.includes('<code>curl</code> &amp; &lt;b&gt;care&lt;/b&gt;'));
});

test('a curl example can be pasted: path filled in, quotes quoted', () => {
  const page = renderReferencePage(openapi);
  assert.ok(page.includes('/orders/a%20b'));
  assert.ok(page.includes('O&#39;\\&#39;&#39;Hara'));
});

test('a document with nothing in it is a page', () => {
  assert.ok(renderReferencePage({ info: { title: 'T', version: '0' } }).includes('<h1>T</h1>'));
});
