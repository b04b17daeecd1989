/** docs/openapi.json is the interface as it is: a change of an endpoint shows as a change of that file. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openApiSnapshot } from '../scripts/openapi-document.ts';

/** Each value that differs, with where it stands as a JSON pointer. */
function differences(committed: unknown, now: unknown, pointer = ''): readonly string[] {
  if (JSON.stringify(committed) === JSON.stringify(now)) return [];
  if (!isObject(committed) || !isObject(now)) {
    return [`${pointer}: ${JSON.stringify(committed)} is now ${JSON.stringify(now)}`];
  }
  const names = new Set([...Object.keys(committed), ...Object.keys(now)]);
  const inside = Array.from(names).flatMap((name) => {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!(name in committed)) return [`${at} is new: ${JSON.stringify(now[name])}`];
    return name in now ? differences(committed[name], now[name], at) : [`${at} is gone`];
  });
  return inside.length > 0 ? inside : [`${pointer}: another order of ${Array.from(names).join(', ')}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

test('docs/openapi.json is what the endpoints declare', () => {
  const { path, text } = openApiSnapshot();
  const committed = JSON.parse(readFileSync(join(import.meta.dirname, '..', path), 'utf8'));
  const different = differences(committed, JSON.parse(text));
  assert.equal(
    different.length,
    0,
    `${path} differs from the endpoints. If the change is meant, run make docs and commit it.\n${different.join('\n')}`,
  );
});

test('a difference is told with its place', () => {
  assert.deepEqual(
    differences(
      { paths: { '/a': { get: 1 }, '/b': {} }, tags: [1] },
      { paths: { '/a': { get: 2 }, '/c': 3 }, tags: [1, 2] },
    ),
    ['/paths/~1a/get: 1 is now 2', '/paths/~1b is gone', '/paths/~1c is new: 3', '/tags/1 is new: 2'],
  );
  assert.deepEqual(differences({ a: 1, b: 2 }, { b: 2, a: 1 }), [': another order of a, b']);
});
