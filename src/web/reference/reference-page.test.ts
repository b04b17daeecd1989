import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish } from '../../runtime/slices.ts';
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
      parameters: [
        { name: 'id', in: 'path', required: true, schema: { type: 'string', examples: ['a b'] } },
        { name: 'Idempotency-Key', in: 'header', schema: { type: 'string' } },
      ],
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
                  zip: { type: 'string', pattern: '^[0-9]{5}$' },
                  line: { type: 'string', pattern: `^[^${'\\u0000'.repeat(10)}]*$` },
                  city: { anyOf: [{ type: 'string', description: 'City or `town`.' }, { type: 'null' }] },
                  state: { enum: 'ABCDEFGHIJKL'.split('') },
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
        responses: {
          201: { description: 'Made.' },
          409: {
            description: '`out_of_stock`: Too few. `in_progress`: Wait.',
            content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Money' } } },
          },
          503: { description: 'Busy.' },
        },
      },
    },
  },
};

test('operations, fields, limits and answers are written out, references followed', () => {
  const page = finish(renderReferencePage(openapi));
  for (const part of ['string, 1–200 characters', 'string or null', 'list of object, 1–50 items', 'Busy.']) {
    assert.ok(page.includes(part), part);
  }
  assert.ok(page.includes('<code>lines[].currency</code> <span class="tag good">required</span>'));
  assert.ok(page.includes('<code>curl</code> &amp; &lt;b&gt;care&lt;/b&gt;'));
});

test('text or null has the words of the text, long lists of values are cut', () => {
  const page = finish(renderReferencePage(openapi));
  assert.ok(page.includes('<td>City or <code>town</code>.</td>'));
  assert.ok(page.includes('one of 12: &quot;A&quot;, &quot;B&quot;, &quot;C&quot; …'));
});

test('a pattern is shown when a reader can take it in', () => {
  const page = finish(renderReferencePage(openapi));
  assert.ok(page.includes('matches ^[0-9]{5}$'));
  assert.ok(!page.includes('u0000'));
});

test('each problem code has the place its type points to, and its operation leads there', () => {
  const page = finish(renderReferencePage(openapi));
  for (const code of ['out_of_stock', 'in_progress']) {
    assert.ok(page.includes(`id="${code}"`), code);
    assert.ok(page.includes(`href="#${code}"`), code);
  }
});

test('a curl example can be pasted: path filled in, quotes quoted', () => {
  const page = finish(renderReferencePage(openapi));
  assert.ok(page.includes('/orders/a%20b'));
  assert.match(
    page,
    /Idempotency-Key: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}&#39;/,
  );
  assert.ok(page.includes('O&#39;\\&#39;&#39;Hara'));
});

test('a document with nothing in it is a page', () => {
  assert.ok(finish(renderReferencePage({ info: { title: 'T', version: '0' } })).includes('<h1>T API</h1>'));
});
