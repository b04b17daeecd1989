import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preferenceOf } from './accept.ts';

test('what a caller accepts decides between a page and JSON', () => {
  for (const [accept, preference] of [
    [null, 'either'],
    ['', 'either'],
    ['*/*', 'either'],
    ['text/html', 'page'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'page'],
    ['application/json', 'json'],
    ['application/json, text/plain, */*', 'either'],
    ['application/problem+json', 'json'],
    ['text/html;q=0.5, application/json', 'json'],
    ['text/html;q=0, */*', 'json'],
    ['application/*;q=0.9, text/*;q=0.8', 'json'],
    ['TEXT/HTML ; Q=1.0, application/json;q=0.9', 'page'],
    ['image/png', 'either'],
    ['text/html;q=abc, application/json;q=0.1', 'json'],
  ] as const) {
    assert.equal(preferenceOf(accept), preference, String(accept));
  }
});
