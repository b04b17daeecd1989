import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { demoCatalog } from '../catalog/demo-catalog.ts';
import { finish } from '../runtime/slices.ts';
import { renderReferencePage } from '../web/reference/reference-page.ts';
import { endpoints } from './endpoints.ts';
import { makeOpenApiDocument } from './openapi.ts';
import { problems } from './problem-details.ts';

describe('the API reference', () => {
  const openapi = finish(makeOpenApiDocument(endpoints, '0.0.0', null));

  it('has a place for every problem, where its type points', () => {
    const page = finish(renderReferencePage(openapi));
    const missing = Object.keys(problems).filter((code) => !page.includes(` id="${code}"`));
    assert.deepEqual(missing, []);
  });

  it('says of a body whether it may be left out', () => {
    const isRequired = (path: string) => {
      const { post } = openapi.paths?.[`/api/v1/orders/{order_id}/${path}`] ?? {};
      return (post as { requestBody?: { required: boolean } }).requestBody?.required;
    };
    assert.deepEqual(['cancel', 'shipments', 'pack'].map(isRequired), [false, true, false]);
  });

  it('gives examples that the demo shop can be asked for', () => {
    const text = JSON.stringify(openapi);
    const example = demoCatalog.find(({ sku }) => sku === 'tent-4p');
    assert.ok(example !== undefined && text.includes(example.name) && text.includes(example.sku));
    assert.ok(!text.includes('"Four-Person Tent"'));
  });
});
