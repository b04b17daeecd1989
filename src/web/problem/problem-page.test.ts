import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderProblemPage } from './problem-page.ts';

const view = {
  basePath: '',
  title: 'T',
  detail: '<b>',
  requestId: '"><i>',
  retryAfterSeconds: null,
  leadsToTracking: false,
};

test('an outage says to try again, and when', () => {
  const page = renderProblemPage({ ...view, status: 503, retryAfterSeconds: 5 });
  assert.ok(page.includes('Please try again in 5 seconds.'));
  assert.ok(page.includes('>Try again</a>'));
});

test('an order that is missing can be looked for by its number', () => {
  const page = renderProblemPage({ ...view, status: 404, leadsToTracking: true });
  assert.ok(page.includes('<a class="button primary" href="/track">Find your order</a>'));
  assert.equal(page.match(/button primary/g)?.length, 1);
  assert.ok(!renderProblemPage({ ...view, status: 404 }).includes('/track">Find'));
});

test('what is not there is not worth trying again', () => {
  assert.ok(!renderProblemPage({ ...view, status: 404 }).includes('ry again'));
});

test('every text is escaped', () => {
  const page = renderProblemPage({ ...view, status: 404 });
  assert.ok(!page.includes('<b>'));
  assert.ok(!page.includes('"><i>'));
});
