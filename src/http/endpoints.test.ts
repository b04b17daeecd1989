/** The rules of the declarations that types can't hold. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { problemsOfRule } from './access/access-rule.ts';
import { endpoints } from './endpoints.ts';
import { problems } from './problem-details.ts';

test('each endpoint has an id and an address of its own', () => {
  const ids = endpoints.map(({ id }) => id);
  assert.deepEqual(ids.toSorted(), Array.from(new Set(ids)).toSorted());
  const addresses = endpoints.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':')}`);
  assert.deepEqual(addresses.toSorted(), Array.from(new Set(addresses)).toSorted());
});

test('a path declares each of its parameters and no other, and each is required', () => {
  for (const { id, path, request } of endpoints) {
    const named = Array.from(path.matchAll(/:(\w+)/g), ([, name]) => name);
    assert.deepEqual(Object.keys(request.path ?? {}), named, id);
    for (const { isRequired } of Object.values(request.path ?? {})) assert.ok(isRequired, id);
  }
});

test('a path parameter that is not valid is a 404, as a resource that is not there; or a 400, where it would be made', () => {
  for (const { id, path, method, request } of endpoints) {
    const isMade = method === 'PUT' && path.endsWith('/:sku');
    for (const { problem } of Object.values(request.path ?? {}))
      assert.equal(problems[problem].status, isMade ? 400 : 404, id);
  }
});

const endpointFiles = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('-endpoints.ts'),
);

test('every declaration is listed', () => {
  const declared = endpointFiles.flatMap((file) => {
    const text = readFileSync(`${import.meta.dirname}/${file}`, 'utf8');
    return Array.from(text.matchAll(/^ {2}id: '(\w+)'/gm), ([, id = '']) => id);
  });
  assert.deepEqual(declared.toSorted(), endpoints.map(({ id }) => id).toSorted());
});

test('an endpoint that reads the store declares that it may be unavailable', () => {
  for (const file of endpointFiles) {
    const text = readFileSync(`${import.meta.dirname}/${file}`, 'utf8');
    for (const [declared, id = ''] of text.matchAll(/endpoint\(\{\n {2}id: '(\w+)'[\s\S]*?\n\}\);/g)) {
      if (!/\b(store|access)\.\w+\(/.test(declared)) continue;
      const { problems: codes, scope } = endpoints.find((each) => each.id === id) ?? assert.fail(id);
      assert.ok([...codes, ...problemsOfRule(scope)].includes('store_unavailable'), id);
    }
  }
});
